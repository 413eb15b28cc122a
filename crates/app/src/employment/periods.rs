//! The end of an employment, and the beginning of another.

use jiff::civil::Date;
use tenure_core::employment::{Changes, End, Position};
use tenure_core::ids::EmployeeId;

use super::person::{Person, check, check_birth, check_return, open, refused, require_sensitive, store};
use crate::caller::Caller;
use crate::change::{self, Change, Target};
use crate::context::Context;
use crate::employees::{self, Visible, When};
use crate::error::Result;

/// Ends an employment with a last day, which may lie ahead or in the past. What was filed for later days is taken back.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (before the first day), `Rule` (it ends already), `Unavailable`.
pub async fn terminate(context: &Context, caller: Caller<'_>, target: Target<EmployeeId>, end: End) -> Result<Visible> {
    let says_why = end.kind.is_some() || end.reason.is_some();
    alter(context, caller, target, async |change, person| {
        if says_why {
            require_sensitive(change, person.id).await?;
        }
        person.wanted.terminate(end).map_err(refused("last_day"))?;
        Ok("employee.terminated")
    })
    .await
}

/// Lets an employment go on after all.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (no end is on record, what holds again was deleted, or managers would then
/// report to each other in a circle), `Unavailable`.
pub async fn withdraw_termination(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
) -> Result<Visible> {
    alter(context, caller, target, async |change, person| {
        person.wanted.withdraw_termination().map_err(refused("last_day"))?;
        check_return(change, (&person.stored, &person.wanted)).await?;
        Ok("employee.termination_withdrawn")
    })
    .await
}

/// Employs somebody again who has left.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (the day, or what is named is not there or has left), `Rule` (still
/// employed, or managers would report to each other in a circle), `Unavailable`.
pub async fn rehire(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
    (hired_on, position): (Date, Position),
) -> Result<Visible> {
    alter(context, caller, target, async |change, person| {
        check(change, person.id, &Changes::all(position.clone()), hired_on).await?;
        person.wanted.rehire(hired_on, position).map_err(refused("hired_on"))?;
        Ok("employee.rehired")
    })
    .await
}

/// Corrects the first day of the current employment, and the day of its first assignment with it.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (the day lies within an earlier employment, after the last day, after a
/// change that is filed, or before the birth of the person), `Unavailable`.
pub async fn correct_hire(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
    hired_on: Date,
) -> Result<Visible> {
    alter(context, caller, target, async |_, person| {
        check_birth(person.known.birth_date, hired_on, "hired_on")?;
        person.wanted.correct_hire(hired_on).map_err(refused("hired_on"))?;
        Ok("employee.hire_corrected")
    })
    .await
}

/// Makes a change of a person's employment, which `body` names, and shows the person as he or she then is.
async fn alter(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
    body: impl AsyncFnOnce(&mut Change<'_>, &mut Person) -> Result<&'static str>,
) -> Result<Visible> {
    let make = async |change: &mut Change<'_>| {
        let mut person = open(change, target).await?;
        let action = body(change, &mut person).await?;
        store(change, person, action).await?;
        employees::look(&mut change.tx, &change.actor, context.today(), (target.id, When::default())).await
    };
    change::run_shown(context, caller, make, employees::note_shown).await
}
