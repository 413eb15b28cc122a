//! Making, changing and deleting a designation.

use serde_json::{Map, Value};
use tenure_core::access::Permission;
use tenure_core::custom_fields::Entity;
use tenure_core::ids::DesignationId;
use tenure_db::designations::{self, Code, Content, Description, Designation, Grade, Title};
use tenure_db::employment;

use super::{read_deleted, read_for_change};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::custom_fields;
use crate::error::{Error, Result};

/// New values of a designation; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What the job is called.
    pub title: Option<Title>,
    /// The company's short word for it.
    pub code: Option<Option<Code>>,
    /// The company's word for the rank.
    pub grade: Option<Option<Grade>>,
    /// What the job is about.
    pub description: Option<Option<Description>>,
    /// The company's own fields, all of them.
    pub custom: Option<Map<String, Value>>,
}

/// Makes a designation.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (own fields), `Taken` (title or code), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: Content) -> Result<Designation> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes a designation.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (own fields), `Taken` (title or code), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DesignationId>,
    changes: Changes,
) -> Result<Designation> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        apply(change, target, changes).await
    })
    .await
}

/// Deletes a designation that nobody has.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (somebody has it), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<DesignationId>) -> Result<()> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        remove(change, target).await
    })
    .await
}

/// Brings back a designation that was deleted.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also when it is not deleted), `Stale`, `Taken` (title or code), `Unavailable`.
pub async fn restore(context: &Context, caller: Caller<'_>, target: Target<DesignationId>) -> Result<Designation> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        bring_back(change, target).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &Content) -> Result<Designation> {
    custom_fields::check(change, Entity::Designation, None, &new.custom).await?;
    let (id, now) = (change.context.id(), change.context.now());
    let made = designations::insert(&mut change.tx, id, new, now).await?;
    change.record(Record::of("designation.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(change: &mut Change<'_>, target: Target<DesignationId>, changes: Changes) -> Result<Designation> {
    designations::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let mut wanted = before.clone();
    put(&mut wanted.title, changes.title);
    put_or_empty(&mut wanted.code, changes.code);
    put_or_empty(&mut wanted.grade, changes.grade);
    put_or_empty(&mut wanted.description, changes.description);
    if let Some(custom) = &changes.custom {
        custom_fields::check(change, Entity::Designation, before.custom.as_object(), custom).await?;
    }
    put(&mut wanted.custom, changes.custom);
    if wanted == before {
        return Ok(wanted);
    }
    let after = designations::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(Record::of("designation.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, target: Target<DesignationId>) -> Result<()> {
    designations::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    employment::lock(&mut change.tx).await?;
    if designations::is_in_use(&mut change.tx, target.id).await? {
        return Err(Error::Rule("people have this designation, or are to have it; give them another first".to_owned()));
    }
    designations::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("designation.deleted", target.id, Some(&before), None)).await
}

async fn bring_back(change: &mut Change<'_>, target: Target<DesignationId>) -> Result<Designation> {
    designations::lock(&mut change.tx).await?;
    let before = read_deleted(&mut change.tx, target).await?;
    let after = designations::restore(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("designation.restored", target.id, Some(&before), Some(&after))).await?;
    Ok(after)
}
