//! Merging a department into another.

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::ids::DepartmentId;
use tenure_core::organisation::{Side, head_after_merge};
use tenure_db::departments::{self, Department};
use tenure_db::employment::{self, Moment};
use uuid::Uuid;

use super::change::save;
use super::read_for_change;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::employment::due;
use crate::error::{Error, Result};

/// Moves the people, as of today, and the sub-departments of one department into another, gives the other its head unless it has one, deletes the
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
    employment::lock(&mut change.tx).await?;
    departments::mark_deleted(&mut change.tx, from.id, now).await?;
    let mut merged = Record::of("department.merged", from.id, Some(from), None);
    merged.after = Some(json!({ "merged_into": into }));
    change.record(merged).await?;
    move_people(change, from.id, into).await?;
    let below = departments::merge(&mut change.tx, from.id, into, now).await?;
    let below: Vec<Uuid> = below.into_iter().map(DepartmentId::uuid).collect();
    let shown = |department: DepartmentId| Some(json!({ "parent_id": department }));
    let (before, after) = (shown(from.id), shown(into));
    let moved = Record { action: "department.moved", entity: "department", id: from.id.uuid(), before, after };
    change.record_each(&below, moved).await
}

/// Files for everybody in the department that they move as of today, and changes what is filed for later.
async fn move_people(change: &mut Change<'_>, from: DepartmentId, into: DepartmentId) -> Result<()> {
    let moment = Moment { today: change.context.today(), now: change.context.now() };
    let people = employment::in_department(&mut change.tx, from, moment.today).await?;
    let employments = employment::load(&mut change.tx, &people).await?;
    let moved = employments.into_iter().map(|(id, before)| {
        let mut after = before.clone();
        after.leave_department(from, into, moment.today);
        (id, after.since(&before))
    });
    let (moved, context): (Vec<_>, _) = (moved.collect(), change.context);
    employment::save(&mut change.tx, &moved, moment.now, &|| context.id()).await?;
    let settled = employment::settle(&mut change.tx, &people, moment, true).await?;
    let entries: Vec<_> = settled.into_iter().map(|row| due::entry(context, row)).collect();
    let updated = Record { action: "employee.updated", entity: "employee", id: from.uuid(), before: None, after: None };
    change.record_rows(&entries, updated).await
}
