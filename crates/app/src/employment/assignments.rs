//! Filing what changes from a day on, correcting it and taking it back.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::employment::{Changes, Correction, Row};
use tenure_core::ids::{EmployeeId, JobAssignmentId};
use tenure_db::employment::{self as db, Assignment};

use super::person::{Person, check, check_return, open, refused, store};
use crate::caller::Caller;
use crate::change::{self, Change, Target};
use crate::context::Context;
use crate::error::{Error, Result};

const DAY: &str = "effective_from";

/// A change of where somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// The first day on which it holds.
    pub effective_from: Date,
    /// What changes.
    pub changes: Changes,
    /// Why, in words.
    pub reason: Option<String>,
}

/// An assignment as it now stands, and the employee's version with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// The assignment.
    pub assignment: Assignment,
    /// The version of the employee.
    pub version: i32,
}

/// Files a change that holds from a day on, which may lie ahead or in the past. Later assignments that merely took a field over take
/// the new value too, up to the first that changed the field itself.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (the day, or what is named is not there or has left), `Rule` (managers
/// would report to each other in a circle), `Unavailable`.
pub async fn file(context: &Context, caller: Caller<'_>, target: Target<EmployeeId>, filing: Filing) -> Result<Filed> {
    change::run(context, caller, async |change| {
        let mut person = open(change, target).await?;
        let Filing { effective_from, changes, reason } = filing;
        check(change, person.id, &changes, effective_from).await?;
        person.wanted.file(effective_from, changes, reason.as_deref()).map_err(refused(DAY))?;
        store(change, person, "assignment.filed").await?;
        filed(change, target.id, effective_from).await
    })
    .await
}

/// Corrects an assignment that was wrong. What was known before can still be asked for.
///
/// # Errors
/// As [`file`]; also `NotFound` for an assignment that is not the person's, and `Rule` for the first one of an employment that would
/// move, and when what holds again meanwhile was deleted.
pub async fn correct(
    context: &Context,
    caller: Caller<'_>,
    (target, assignment): (Target<EmployeeId>, JobAssignmentId),
    correction: Correction,
) -> Result<Filed> {
    change::run(context, caller, async |change| {
        let mut person = open(change, target).await?;
        let row = row(&person, assignment)?;
        let from = correction.from.unwrap_or(row.from);
        check(change, person.id, &correction.changes, from).await?;
        person.wanted.correct(&row, correction).map_err(refused(DAY))?;
        check_return(change, (&person.stored, &person.wanted)).await?;
        store(change, person, "assignment.corrected").await?;
        filed(change, target.id, from).await
    })
    .await
}

/// Takes an assignment back, one that lies ahead or one that was wrong, and gives the employee's version then.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (an employment begins with it, what holds again was deleted, or managers
/// would then report to each other in a circle), `Unavailable`.
pub async fn take_back(
    context: &Context,
    caller: Caller<'_>,
    (target, assignment): (Target<EmployeeId>, JobAssignmentId),
) -> Result<i32> {
    change::run(context, caller, async |change| {
        let mut person = open(change, target).await?;
        let row = row(&person, assignment)?;
        person.wanted.take_back(&row).map_err(refused(DAY))?;
        check_return(change, (&person.stored, &person.wanted)).await?;
        store(change, person, "assignment.taken_back").await?;
        version(change, target.id).await
    })
    .await
}

fn row(person: &Person, id: JobAssignmentId) -> Result<Row> {
    let row = person.wanted.timeline().row(id).cloned();
    row.ok_or_else(|| Error::NotFound { what: "assignment", which: id.to_string() })
}

async fn filed(change: &mut Change<'_>, person: EmployeeId, on: Date) -> Result<Filed> {
    let all = db::assignments(&mut change.tx, person, None).await?;
    let assignment = all.into_iter().rfind(|assignment| assignment.effective_from <= on);
    let assignment = assignment.ok_or_else(|| Error::NotFound { what: "assignment", which: on.to_string() })?;
    Ok(Filed { assignment, version: version(change, person).await? })
}

async fn version(change: &mut Change<'_>, person: EmployeeId) -> Result<i32> {
    let known = tenure_db::employees::known(&mut change.tx, person).await?;
    Ok(known.ok_or_else(|| crate::employees::not_found(person))?.version)
}
