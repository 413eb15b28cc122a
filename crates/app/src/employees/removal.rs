//! Deleting an employee who is not at work, for example one entered by mistake, and bringing one back.

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::employment::{EmployeeStatus, Employment};
use tenure_core::ids::EmployeeId;
use tenure_db::employees::{self, Bonds};
use tenure_db::employment::Moment;
use tenure_db::{departments, employment, users};

use super::{Visible, When, look, note_shown, scopes_of};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::employment::{check_managers, check_return};
use crate::error::{Error, Result};

/// Deletes an employee who has left or has never begun, and whom nothing holds in the company.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also for one whom the actor may not see), `Stale`, `Rule` (the person is at work, heads a
/// department, manages somebody or may sign in), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<EmployeeId>) -> Result<()> {
    change::run(context, caller, async |change| {
        let lies_in = scopes_of(&mut change.tx, &change.actor, target.id).await?;
        if !change.actor.grants.allow(Permission::EmployeesRead, lies_in) {
            return Err(Error::not_found("employee", &target.id));
        }
        if !change.actor.grants.allow(Permission::EmployeesWrite, lies_in) {
            return Err(Error::Denied("this needs the permission employees.write for this employee".to_owned()));
        }
        remove(change, target).await
    })
    .await
}

/// Brings back an employee who was deleted, as he or she was, and shows who it is, which is recorded as reading is.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also when the employee is not deleted), `Stale`, `Rule` (the department, designation,
/// location or manager is deleted, or managers would then report to each other in a circle), `Taken` (number or work address),
/// `Unavailable`.
pub async fn restore(context: &Context, caller: Caller<'_>, target: Target<EmployeeId>) -> Result<Visible> {
    let make = async |change: &mut Change<'_>| {
        // Who was deleted has no place from which a narrower scope could be told.
        change.require(Permission::EmployeesRead)?;
        change.require(Permission::EmployeesWrite)?;
        bring_back(change, target).await?;
        look(&mut change.tx, &change.actor, context.today(), (target.id, When::default())).await
    };
    change::run_shown(context, caller, make, note_shown).await
}

async fn remove(change: &mut Change<'_>, target: Target<EmployeeId>) -> Result<()> {
    // Until this change ends nobody becomes the head of a department, somebody's manager or a user: what is asked below stays true.
    departments::lock(&mut change.tx).await?;
    employment::lock(&mut change.tx).await?;
    users::lock(&mut change.tx).await?;
    let known = employees::particulars(&mut change.tx, target.id).await?;
    let known = known.ok_or_else(|| Error::not_found("employee", &target.id))?;
    target.check("employee", known.version)?;
    if !matches!(known.status, EmployeeStatus::Pending | EmployeeStatus::Terminated) {
        return Err(Error::Rule("the employee is at work; terminate the employment first".to_owned()));
    }
    check(employees::bonds(&mut change.tx, target.id).await?)?;
    let now = change.context.now();
    if !employees::mark_deleted(&mut change.tx, (target.id, target.version), now).await? {
        return Err(Error::Stale("employee"));
    }
    change
        .record(Record {
            action: "employee.deleted",
            entity: "employee",
            id: target.id.uuid(),
            before: Some(json!(known.particulars)),
            after: None,
        })
        .await
}

fn check(bonds: Bonds) -> Result<()> {
    let words = if bonds.heads {
        "the employee heads a department; give it another head first"
    } else if bonds.manages {
        "people report to the employee, or are to; give them another manager first"
    } else if bonds.signs_in {
        "a user is this employee and may sign in; suspend or unlink the user first"
    } else {
        return Ok(());
    };
    Err(Error::Rule(words.to_owned()))
}

async fn bring_back(change: &mut Change<'_>, target: Target<EmployeeId>) -> Result<()> {
    // Whoever deletes a department, a designation or a location, or a manager, waits until it is known who comes back to it.
    employment::lock(&mut change.tx).await?;
    let gone = employees::removed(&mut change.tx, target.id).await?;
    let gone = gone.ok_or_else(|| Error::not_found("deleted employee", &target.id))?;
    target.check("employee", gone.version)?;
    if let Some(what) = employees::missing_place(&mut change.tx, target.id).await? {
        return Err(Error::Rule(format!("the {what} of the employee is deleted; restore that first")));
    }
    let moment = Moment { today: change.context.today(), now: change.context.now() };
    employees::restore(&mut change.tx, target.id, gone.deleted_at, moment.now).await?;
    let employment = employment::load(&mut change.tx, &[target.id]).await?.remove(&target.id).unwrap_or_default();
    let comes_back = (&Employment::default(), &employment);
    check_return(change, comes_back).await?;
    check_managers(change, target.id, comes_back).await?;
    // Days have passed since.
    let settled = employment::settle(&mut change.tx, &[target.id], moment, false).await?;
    let back = employees::particulars(&mut change.tx, target.id).await?;
    let mut after = json!(back.map(|known| known.particulars));
    let columns = settled.into_iter().filter_map(|row| row.after.as_object().cloned()).flatten();
    if let Some(after) = after.as_object_mut() {
        after.extend(columns);
    }
    let record = Record {
        action: "employee.restored",
        entity: "employee",
        id: target.id.uuid(),
        before: None,
        after: Some(after),
    };
    change.record(record).await
}
