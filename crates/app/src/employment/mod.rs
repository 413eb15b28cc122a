//! Employment over time: hiring, filing what changes from a day on, correcting it, ending an employment and beginning another; and
//! what was known of all that when.

mod assignments;
pub(crate) mod due;
mod hire;
mod numbers;
mod periods;
mod person;

use jiff::Timestamp;
use tenure_core::access::{Permission, Scope};
use tenure_core::ids::EmployeeId;
use tenure_db::TenantTx;
use tenure_db::employment as db;

pub use tenure_db::employees::{NewEmployee, NewPersonalFields};
pub use tenure_db::employment::{Assignment, PeriodRow, Sequence};

pub use self::assignments::{Filed, Filing, correct, file, take_back};
pub use self::hire::{Hire, Number, hire};
pub use self::numbers::{put_sequence, sequence};
pub use self::periods::{correct_hire, rehire, terminate, withdraw_termination};
pub(crate) use self::person::{check_managers, check_return};
use crate::caller::{self, Caller, Principal};
use crate::context::Context;
use crate::employees::{is_visible, not_found, scopes_of};
use crate::error::Result;

/// Somebody's assignments by their days, as they are known now or were at a time.
///
/// # Errors
/// `Unauthenticated`, `Denied` (the tenant is not served), `NotFound` (also for one whom the actor may not see), `Unavailable`.
pub async fn assignments(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    known_at: Option<Timestamp>,
) -> Result<Vec<Assignment>> {
    caller::read(context, caller, async |tx, actor| {
        check_visible(tx, actor, person).await?;
        Ok(db::assignments(tx, person, known_at).await?)
    })
    .await
}

/// The times that somebody was employed, and whether the actor may see why they ended; where not, that is left out.
///
/// # Errors
/// `Unauthenticated`, `Denied` (the tenant is not served), `NotFound` (also for one whom the actor may not see), `Unavailable`.
pub async fn periods(context: &Context, caller: Caller<'_>, person: EmployeeId) -> Result<(Vec<PeriodRow>, bool)> {
    let (mut tx, actor) = caller::enter(context, caller).await?;
    let outcome = read_periods(context, &mut tx, (&actor, caller.request_id), person).await;
    caller::conclude(tx, outcome).await
}

async fn read_periods(
    context: &Context,
    tx: &mut TenantTx,
    (actor, request_id): (&Principal, &str),
    person: EmployeeId,
) -> Result<(Vec<PeriodRow>, bool)> {
    check_visible(tx, actor, person).await?;
    let lies_in = scopes_of(tx, actor, person).await?;
    let with_reasons = actor.grants.allow(Permission::EmployeesReadSensitive, lies_in);
    let mut periods = db::periods(tx, person).await?;
    if !with_reasons {
        for period in &mut periods {
            (period.termination_kind, period.termination_reason) = (None, None);
        }
    } else if !lies_in.has(Scope::Own) {
        crate::employees::record_classes(context, tx, (actor, request_id), person, &["sensitive"]).await?;
    }
    Ok((periods, with_reasons))
}

async fn check_visible(tx: &mut TenantTx, actor: &Principal, person: EmployeeId) -> Result<()> {
    if is_visible(tx, actor, person).await? { Ok(()) } else { Err(not_found(person)) }
}
