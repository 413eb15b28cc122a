//! Templates: made and changed as drafts, published once, and from then on followed by new versions.

use tenure_core::access::Permission;
use tenure_core::appraisal::Template as Content;
use tenure_store::documents::id_of;
use uuid::Uuid;

use super::document::{self, Row, Template, insert, read, save};
use super::{Ask, Name, invalid, rule};
use crate::Page;
use crate::caller::{self, Caller};
use crate::change::{self, Change, Target, put};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::error::Result;

const WHAT: &str = "appraisal template";

/// New values of a draft; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TemplateChanges {
    /// The name.
    pub name: Option<Name>,
    /// What it asks.
    pub content: Option<Content>,
}

/// One version of a template.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn template(context: &Context, caller: Caller<'_>, id: Uuid) -> Result<Row<Template>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::AppraisalsRead)?;
        Ok(read(&mut documents::of(context, tx), WHAT, id).await?.into_row())
    })
    .await
}

/// A page of the templates, all versions of them, by name.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn templates(context: &Context, caller: Caller<'_>, ask: Ask) -> Result<Page<Row<Template>>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::AppraisalsRead)?;
        let after = document::place(ask.after);
        let find = Find {
            equal: &[("kind", "template")],
            by: Some("name"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        document::page(&mut documents::of(context, tx), &find).await
    })
    .await
}

/// Makes a template, as a draft.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (each place of the content that cannot be), `Unavailable`.
pub async fn create_template(
    context: &Context,
    caller: Caller<'_>,
    name: Name,
    content: Content,
) -> Result<Row<Template>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        invalid(content.faults(), "")?;
        let id: Uuid = change.context.id();
        let made = Template { name: name.into(), family_id: id, number: 1, published: false, content };
        insert(change, id, made, "appraisal_template.created").await
    })
    .await
}

/// Changes a draft.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (it is published), `Invalid`, `Unavailable`.
pub async fn change_template(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    changes: TemplateChanges,
) -> Result<Row<Template>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        alter(change, target, "appraisal_template.updated", |wanted| {
            put(&mut wanted.name, changes.name);
            put(&mut wanted.content, changes.content);
        })
        .await
    })
    .await
}

/// Publishes a draft: it can be used, and never changes again.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (it is published already), `Unavailable`.
pub async fn publish(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<Row<Template>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        alter(change, target, "appraisal_template.published", |wanted| wanted.published = true).await
    })
    .await
}

/// Begins the next version of a template as a draft, with what this one asks. Each version is followed once.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (it is a draft itself), `Conflict` (there is a next version already),
/// `Unavailable`.
pub async fn new_version(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<Row<Template>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        let before = load(change, target).await?.body;
        if !before.published {
            return Err(rule("this version is a draft; change it, or publish it first"));
        }
        let number = before.number.saturating_add(1);
        let id = id_of(&["appraisal_template", &before.family_id.to_string(), &number.to_string()]);
        let next = Template { number, published: false, ..before };
        insert(change, id, next, "appraisal_template.created").await
    })
    .await
}

async fn load(change: &mut Change<'_>, target: Target<Uuid>) -> Result<document::Loaded<Template>> {
    let loaded = read::<Template>(&mut change.documents(), WHAT, target.id).await?;
    target.check(WHAT, loaded.stored.version)?;
    Ok(loaded)
}

async fn alter(
    change: &mut Change<'_>,
    target: Target<Uuid>,
    action: &'static str,
    alter: impl FnOnce(&mut Template),
) -> Result<Row<Template>> {
    let loaded = load(change, target).await?;
    if loaded.body.published {
        return Err(rule("a published version does not change; make a new version of it"));
    }
    let mut wanted = loaded.body.clone();
    alter(&mut wanted);
    invalid(wanted.content.faults(), "")?;
    save(change, loaded, wanted, action).await
}
