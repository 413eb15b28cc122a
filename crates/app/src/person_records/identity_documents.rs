//! The identity documents of an employee.

use jiff::civil::Date;
use tenure_core::custom_fields::Class;
use tenure_core::ids::{EmployeeId, IdentityDocumentId};
use tenure_core::person_records::{DocumentKind, DocumentNumber};
use tenure_core::place::CountryCode;
use tenure_db::person_records::identity_documents;
use uuid::Uuid;

pub use tenure_db::person_records::identity_documents::{Content, IdentityDocument};

use super::Kind;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};

const DOCUMENTS: Kind =
    Kind { name: "identity document", reading: "employee.identity_documents_read", class: Class::Sensitive };

/// New values of a document; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What it is.
    pub kind: Option<DocumentKind>,
    /// Its number.
    pub number: Option<DocumentNumber>,
    /// The country that gave it.
    pub country_code: Option<Option<CountryCode>>,
    /// The day on which it was given.
    pub issued_on: Option<Option<Date>>,
    /// The last day on which it is good.
    pub expires_on: Option<Option<Date>>,
}

/// All identity documents of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, person: EmployeeId) -> Result<Vec<IdentityDocument>> {
    change::run(context, caller, async |change| {
        DOCUMENTS.open(change, person).await?;
        Ok(identity_documents::list(&mut change.tx, person).await?)
    })
    .await
}

/// One identity document of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn get(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    id: IdentityDocumentId,
) -> Result<IdentityDocument> {
    change::run(context, caller, async |change| {
        DOCUMENTS.open(change, person).await?;
        DOCUMENTS.pick(identity_documents::list(&mut change.tx, person).await?, id, |row| row.id.uuid())
    })
    .await
}

/// Makes a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Invalid`, `Rule` (too many), `Unavailable`.
pub async fn create(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    new: Content,
) -> Result<IdentityDocument> {
    let find = async |change: &mut Change<'_>, id| find(change, person, id).await;
    let make = async |change: &mut Change<'_>| {
        let made = make(change, person, new).await?;
        DOCUMENTS.note_shown(change, person).await.map(|()| made)
    };
    change::run_by_version(context, caller, make, key, find).await
}

/// Changes a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Invalid`, `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<IdentityDocumentId>,
    changes: Changes,
) -> Result<IdentityDocument> {
    let find = async |change: &mut Change<'_>, id| find(change, person, id).await;
    let make = async |change: &mut Change<'_>| {
        let made = apply(change, person, target, changes).await?;
        DOCUMENTS.note_shown(change, person).await.map(|()| made)
    };
    change::run_by_version(context, caller, make, key, find).await
}

/// Deletes a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Unavailable`.
pub async fn delete(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<IdentityDocumentId>,
) -> Result<()> {
    change::run(context, caller, async |change| remove(change, person, target).await).await
}

async fn make(change: &mut Change<'_>, person: EmployeeId, new: Content) -> Result<IdentityDocument> {
    DOCUMENTS.open_for_change(change, person).await?;
    check(new.issued_on, new.expires_on)?;
    let present = identity_documents::list(&mut change.tx, person).await?;
    DOCUMENTS.check_room(present.len())?;
    let (id, now) = (change.context.id(), change.context.now());
    let made = identity_documents::insert(&mut change.tx, id, person, &new, now).await?;
    change.record(record("identity_document.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(
    change: &mut Change<'_>,
    person: EmployeeId,
    target: Target<IdentityDocumentId>,
    changes: Changes,
) -> Result<IdentityDocument> {
    DOCUMENTS.open_for_change(change, person).await?;
    let present = identity_documents::list(&mut change.tx, person).await?;
    let before = DOCUMENTS.pick_for_change(present, target, key)?;
    let mut wanted = before.clone();
    put(&mut wanted.kind, changes.kind);
    put(&mut wanted.number, changes.number);
    put_or_empty(&mut wanted.country_code, changes.country_code);
    put_or_empty(&mut wanted.issued_on, changes.issued_on);
    put_or_empty(&mut wanted.expires_on, changes.expires_on);
    check(wanted.issued_on, wanted.expires_on)?;
    if wanted == before {
        return Ok(wanted);
    }
    let after = identity_documents::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(record("identity_document.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, person: EmployeeId, target: Target<IdentityDocumentId>) -> Result<()> {
    DOCUMENTS.open_for_change(change, person).await?;
    let present = identity_documents::list(&mut change.tx, person).await?;
    let before = DOCUMENTS.pick_for_change(present, target, key)?;
    identity_documents::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(record("identity_document.deleted", target.id, Some(&before), None)).await
}

/// What is shown again to whoever has made it under a key. First answers are not kept with whole numbers in them.
async fn find(change: &mut Change<'_>, person: EmployeeId, id: Uuid) -> Result<Option<IdentityDocument>> {
    DOCUMENTS.open_for_change(change, person).await?;
    DOCUMENTS.note_shown(change, person).await?;
    Ok(identity_documents::list(&mut change.tx, person).await?.into_iter().find(|row| row.id.uuid() == id))
}

fn key(row: &IdentityDocument) -> (Uuid, i32) {
    (row.id.uuid(), row.version)
}

/// The part of a document in a change. The audit log does not keep whole numbers.
fn record(
    action: &'static str,
    id: IdentityDocumentId,
    before: Option<&IdentityDocument>,
    after: Option<&IdentityDocument>,
) -> Record {
    Record::of(action, id, before.map(IdentityDocument::masked).as_ref(), after.map(IdentityDocument::masked).as_ref())
}

fn check(issued_on: Option<Date>, expires_on: Option<Date>) -> Result<()> {
    match issued_on.zip(expires_on) {
        Some((issued, expires)) if expires < issued => Err(Error::invalid("expires_on", "is before issued_on")),
        _ => Ok(()),
    }
}
