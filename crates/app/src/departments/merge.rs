//! Merging a department into another.

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::ids::{DepartmentId, EmployeeId};
use tenure_core::organisation::{Side, head_after_merge};
use tenure_db::departments::{self, Department};
use uuid::Uuid;

use super::change::save;
use super::read_for_change;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// Moves the people and sub-departments of one department into another, gives the other its head unless it has one, deletes the
/// first, and returns the other.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (unknown target), `Rule` (the target is the same or lies below),
/// `Taken` (both have a sub-department of one name), `Unavailable`.
pub async fn merge(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DepartmentId>,
    into: DepartmentId,
) -> Result<Department> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        apply(change, target, into).await
    })
    .await
}

async fn apply(change: &mut Change<'_>, target: Target<DepartmentId>, into: DepartmentId) -> Result<Department> {
    departments::lock(&mut change.tx).await?;
    let from = read_for_change(&mut change.tx, target).await?;
    let unknown = || Error::invalid("into_id", "is no department of this company");
    let into = departments::find(&mut change.tx, into).await?.ok_or_else(unknown)?;
    let above = departments::above(&mut change.tx, into.id).await?;
    let side = |department: &Department| Side { id: department.id, head: department.head_id };
    let head = head_after_merge(side(&from), side(&into), &above).map_err(|error| Error::Rule(error.to_string()))?;
    empty(change, &from, into.id).await?;
    let wanted = Department { head_id: head, ..into.clone() };
    save(change, "department.updated", &into, wanted).await
}

/// Moves everything out of a department that goes. It goes first: a sub-department may take its name beside it.
async fn empty(change: &mut Change<'_>, from: &Department, into: DepartmentId) -> Result<()> {
    let now = change.context.now();
    departments::mark_deleted(&mut change.tx, from.id, now).await?;
    let moved = departments::merge(&mut change.tx, from.id, into, now).await?;
    let mut merged = Record::of("department.merged", from.id, Some(from), None);
    merged.after = Some(json!({ "merged_into": into }));
    change.record(merged).await?;
    let people: Vec<Uuid> = moved.people.into_iter().map(EmployeeId::uuid).collect();
    let people_moved = moves("employee.updated", "employee", "department_id", (from.id, into));
    change.record_each(&people, people_moved).await?;
    let below: Vec<Uuid> = moved.departments.into_iter().map(DepartmentId::uuid).collect();
    let departments_moved = moves("department.moved", "department", "parent_id", (from.id, into));
    change.record_each(&below, departments_moved).await
}

/// The record of rows that went from one department to another.
fn moves(
    action: &'static str,
    entity: &'static str,
    column: &str,
    (from, into): (DepartmentId, DepartmentId),
) -> Record {
    let shown = |department: DepartmentId| Some(json!({ column: department }));
    Record { action, entity, id: from.uuid(), before: shown(from), after: shown(into) }
}
