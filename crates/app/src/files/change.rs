//! Changing what is known of a document, deleting it and bringing it back.

use jiff::civil::Date;
use tenure_core::access::Permission;
use tenure_core::files::{Category, State, Title, sweep_after};
use tenure_core::ids::DocumentId;

use super::Document;
use super::records;
use super::rights::Rights;
use super::stored::{DocumentBody, Moment};
use super::upload::current;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};

/// New values of a document; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What it is called.
    pub title: Option<Title>,
    /// What it is, which decides who opens it.
    pub category: Option<Category>,
    /// The last day on which it is good.
    pub expires_on: Option<Option<Date>>,
    /// So many days before that day it is due.
    pub remind_days: Option<u16>,
    /// Whether it must not be deleted.
    pub legal_hold: Option<bool>,
}

/// Changes what is known of a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied` (also for the new category, and for a legal hold without the right for the whole company), `Stale`,
/// `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DocumentId>,
    changes: Changes,
) -> Result<Document> {
    change::run(context, caller, async |change| apply(change, target, changes).await).await
}

/// Deletes a document. It can be brought back for as long as deleted ones are kept; links to it open nothing.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied`, `Stale`, `Rule` (it is under a legal hold), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<DocumentId>) -> Result<()> {
    change::run(context, caller, async |change| {
        let found = current(change, target.id).await?;
        target.check("document", found.version)?;
        if found.body.legal_hold {
            return Err(Error::Rule("the document is under a legal hold; end that first".to_owned()));
        }
        let (now, before) = (change.context.now(), found.body.clone());
        let keep_days = change.context.files()?.limits.keep_days;
        let sweep_at = Some(Moment(sweep_after(now, keep_days)));
        let wanted = DocumentBody { state: State::Deleted, deleted_at: Some(now), sweep_at, ..before.clone() };
        records::replace(change, found, wanted).await?;
        change.record(Record::of("document.deleted", target.id, Some(&before), None)).await
    })
    .await
}

/// Brings back a document that was deleted.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also when it is not deleted, or is being removed), `Denied`, `Stale`, `Unavailable`.
pub async fn restore(context: &Context, caller: Caller<'_>, target: Target<DocumentId>) -> Result<Document> {
    change::run(context, caller, async |change| {
        let found = records::document(change, target.id, State::Deleted).await?;
        let rights = Rights::of(&mut change.tx, &change.actor, found.body.owner).await?;
        if !rights.may_read(found.body.class) {
            return Err(Error::not_found("deleted document", &target.id));
        }
        rights.require_write(found.body.class)?;
        target.check("document", found.version)?;
        let before = found.body.clone();
        let wanted = DocumentBody { state: State::Current, deleted_at: None, sweep_at: None, ..before.clone() };
        let after = records::replace(change, found, wanted).await?;
        change.record(Record::of("document.restored", target.id, Some(&before), Some(&after.body))).await?;
        Ok(Document::of(after, change.context.today()))
    })
    .await
}

async fn apply(change: &mut Change<'_>, target: Target<DocumentId>, changes: Changes) -> Result<Document> {
    let found = current(change, target.id).await?;
    target.check("document", found.version)?;
    let before = found.body.clone();
    let mut wanted = before.clone();
    if let Some(category) = changes.category {
        Rights::of(&mut change.tx, &change.actor, before.owner).await?.require_write(category.class())?;
        wanted.category = category;
        wanted.class = category.class();
    }
    if changes.legal_hold.is_some_and(|hold| hold != before.legal_hold) {
        change.require(Permission::DocumentsWrite)?;
    }
    put(&mut wanted.title, changes.title);
    put_or_empty(&mut wanted.expires_on, changes.expires_on);
    put(&mut wanted.remind_days, changes.remind_days);
    put(&mut wanted.legal_hold, changes.legal_hold);
    if wanted == before {
        return Ok(Document::of(found, change.context.today()));
    }
    let after = records::replace(change, found, wanted).await?;
    change.record(Record::of("document.updated", target.id, Some(&before), Some(&after.body))).await?;
    Ok(Document::of(after, change.context.today()))
}
