//! Making, changing, moving and deleting a department.

use serde_json::{Map, Value};
use tenure_core::access::Permission;
use tenure_core::custom_fields::Entity;
use tenure_core::ids::{DepartmentId, EmployeeId};
use tenure_core::organisation;
use tenure_db::TenantTx;
use tenure_db::departments::{self, Code, Content, Department, Name};
use tenure_db::employment;

use super::{read_deleted, read_for_change};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::custom_fields;
use crate::employees;
use crate::error::{Error, Result};

/// New values of a department; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The name.
    pub name: Option<Name>,
    /// The company's short word for it.
    pub code: Option<Option<Code>>,
    /// Where accounting books what it costs.
    pub cost_centre: Option<Option<Code>>,
    /// The employee who heads it.
    pub head_id: Option<Option<EmployeeId>>,
    /// The company's own fields, all of them.
    pub custom: Option<Map<String, Value>>,
}

/// Makes a department.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (unknown parent or head, own fields), `Taken` (name or code), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: Content) -> Result<Department> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes what a department is called, who heads it and where its costs go.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (unknown head, own fields), `Taken` (name or code), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DepartmentId>,
    changes: Changes,
) -> Result<Department> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        apply(change, target, changes).await
    })
    .await
}

/// Moves a department, with everything below it, under another one or to the top.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (unknown parent), `Rule` (it would lie below itself), `Taken` (the new
/// parent has one of the name), `Unavailable`.
pub async fn relocate(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DepartmentId>,
    parent: Option<DepartmentId>,
) -> Result<Department> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        place(change, target, parent).await
    })
    .await
}

/// Deletes a department that nobody and nothing is in.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (people or departments are in it), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<DepartmentId>) -> Result<()> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        remove(change, target).await
    })
    .await
}

/// Brings back a department that was deleted, in its old place.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also when it is not deleted), `Stale`, `Rule` (the department above it is deleted), `Taken`
/// (name or code), `Unavailable`.
pub async fn restore(context: &Context, caller: Caller<'_>, target: Target<DepartmentId>) -> Result<Department> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        bring_back(change, target).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &Content) -> Result<Department> {
    departments::lock(&mut change.tx).await?;
    check_head(change, new.head_id).await?;
    above(&mut change.tx, new.parent_id).await?;
    custom_fields::check(change, Entity::Department, None, &new.custom).await?;
    let (id, now) = (change.context.id(), change.context.now());
    let made = departments::insert(&mut change.tx, id, new, now).await?;
    change.record(Record::of("department.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(change: &mut Change<'_>, target: Target<DepartmentId>, changes: Changes) -> Result<Department> {
    departments::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let mut wanted = before.clone();
    if let Some(head) = changes.head_id {
        check_head(change, head).await?;
    }
    put_or_empty(&mut wanted.head_id, changes.head_id);
    put(&mut wanted.name, changes.name);
    put_or_empty(&mut wanted.code, changes.code);
    put_or_empty(&mut wanted.cost_centre, changes.cost_centre);
    if let Some(custom) = &changes.custom {
        custom_fields::check(change, Entity::Department, before.custom.as_object(), custom).await?;
    }
    put(&mut wanted.custom, changes.custom);
    save(change, "department.updated", &before, wanted).await
}

async fn place(
    change: &mut Change<'_>,
    target: Target<DepartmentId>,
    parent: Option<DepartmentId>,
) -> Result<Department> {
    departments::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let above = above(&mut change.tx, parent).await?;
    organisation::check_move(target.id, &above).map_err(|error| Error::Rule(error.to_string()))?;
    let wanted = Department { parent_id: parent, ..before.clone() };
    save(change, "department.moved", &before, wanted).await
}

async fn remove(change: &mut Change<'_>, target: Target<DepartmentId>) -> Result<()> {
    departments::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    employment::lock(&mut change.tx).await?;
    if departments::is_in_use(&mut change.tx, target.id).await? {
        let words = "people or departments are in this department, or people are to come; move them out first, or merge it into another";
        return Err(Error::Rule(words.to_owned()));
    }
    departments::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("department.deleted", target.id, Some(&before), None)).await
}

async fn bring_back(change: &mut Change<'_>, target: Target<DepartmentId>) -> Result<Department> {
    departments::lock(&mut change.tx).await?;
    let before = read_deleted(&mut change.tx, target).await?;
    if let Some(parent) = before.parent_id
        && departments::find(&mut change.tx, parent).await?.is_none()
    {
        return Err(Error::Rule("the department above this one is deleted; restore that one first".to_owned()));
    }
    let after = departments::restore(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("department.restored", target.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

/// Writes a department and what it was before; one that stays as it is keeps its version.
pub(super) async fn save(
    change: &mut Change<'_>,
    action: &'static str,
    before: &Department,
    wanted: Department,
) -> Result<Department> {
    if wanted == *before {
        return Ok(wanted);
    }
    let after = departments::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(Record::of(action, after.id, Some(before), Some(&after))).await?;
    Ok(after)
}

/// A parent and the departments above it; nothing for the top.
async fn above(tx: &mut TenantTx, parent: Option<DepartmentId>) -> Result<Vec<DepartmentId>> {
    let Some(parent) = parent else { return Ok(Vec::new()) };
    let above = departments::above(tx, parent).await?;
    if above.is_empty() { Err(Error::invalid("parent_id", "is no department of this company")) } else { Ok(above) }
}

async fn check_head(change: &mut Change<'_>, head: Option<EmployeeId>) -> Result<()> {
    let Some(head) = head else { return Ok(()) };
    if employees::is_visible(&mut change.tx, &change.actor, head).await? {
        Ok(())
    } else {
        Err(Error::invalid("head_id", "is no employee of this company"))
    }
}
