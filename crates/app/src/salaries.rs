//! What people earn from a day on. Nobody sets their own pay, and a manager does not see that of the people below.

use jiff::civil::Date;
use tenure_core::access::{Permission, Scope, ScopeSet};
use tenure_core::employment::PayPeriod;
use tenure_core::ids::{EmployeeId, SalaryAssignmentId};
use tenure_core::money::{Currency, PaidAmount};
use tenure_db::TenantTx;
use tenure_db::salaries;

pub use tenure_db::salaries::{Content, Reason, Salary};

use crate::caller::{self, Caller, Principal};
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::employees;
use crate::error::{Error, Result};

/// What was wrong about a salary; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// The first day on which it holds.
    pub effective_from: Option<Date>,
    /// What is paid for one period.
    pub base: Option<PaidAmount>,
    /// The currency.
    pub currency: Option<Currency>,
    /// The period that is paid for.
    pub pay_period: Option<PayPeriod>,
    /// Why it was set.
    pub reason: Option<Option<Reason>>,
}

/// The salaries of an employee, the latest first. Reading those of somebody else is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also for one whom the actor may not see), `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, employee: EmployeeId) -> Result<Vec<Salary>> {
    let (mut tx, actor) = caller::enter(context, caller).await?;
    let outcome = read(context, &mut tx, (&actor, caller.request_id), employee).await;
    caller::conclude(tx, outcome).await
}

/// Files a salary, for a day in the past or ahead, and shows it, which is recorded as reading is.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Taken` (another one holds from that day), `Unavailable`.
pub async fn file(context: &Context, caller: Caller<'_>, employee: EmployeeId, new: Content) -> Result<Salary> {
    let make = async |change: &mut Change<'_>| {
        authorise(&mut change.tx, &change.actor, employee, Permission::PayWrite).await?;
        let (id, now) = (change.context.id(), change.context.now());
        let filed = salaries::insert(&mut change.tx, (id, employee), &new, now).await?;
        change.record(Record::of("salary.filed", filed.id, None, Some(&filed))).await?;
        Ok(filed)
    };
    run_shown(context, caller, employee, make).await
}

/// Corrects a salary: another one takes its place, and it is kept that it was once known so. It is shown, which is recorded as reading
/// is.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Taken` (another one holds from that day), `Unavailable`.
pub async fn correct(
    context: &Context,
    caller: Caller<'_>,
    (employee, target): (EmployeeId, Target<SalaryAssignmentId>),
    correction: Correction,
) -> Result<Salary> {
    let make = async |change: &mut Change<'_>| {
        // The answer shows the whole salary.
        authorise(&mut change.tx, &change.actor, employee, Permission::PayRead).await?;
        let before = take_away(change, employee, target).await?;
        let wanted = corrected(&before, correction);
        let (id, now) = (change.context.id(), change.context.now());
        let after = salaries::insert(&mut change.tx, (id, employee), &wanted, now).await?;
        change.record(Record::of("salary.corrected", before.id, Some(&before), Some(&after))).await?;
        Ok(after)
    };
    run_shown(context, caller, employee, make).await
}

/// Takes a salary back: the one before it holds on.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Unavailable`.
pub async fn take_back(
    context: &Context,
    caller: Caller<'_>,
    (employee, target): (EmployeeId, Target<SalaryAssignmentId>),
) -> Result<()> {
    change::run(context, caller, async |change| {
        let before = take_away(change, employee, target).await?;
        change.record(Record::of("salary.taken_back", before.id, Some(&before), None)).await
    })
    .await
}

/// Makes a change whose answer shows what somebody earns.
async fn run_shown(
    context: &Context,
    caller: Caller<'_>,
    employee: EmployeeId,
    make: impl AsyncFnOnce(&mut Change<'_>) -> Result<Salary>,
) -> Result<Salary> {
    let note = async |change: &mut Change<'_>, _: &Salary| employees::note_classes(change, employee, &["pay"]).await;
    change::run_shown(context, caller, make, note).await
}

async fn read(
    context: &Context,
    tx: &mut TenantTx,
    (actor, request_id): (&Principal, &str),
    employee: EmployeeId,
) -> Result<Vec<Salary>> {
    let lies_in = authorise(tx, actor, employee, Permission::PayRead).await?;
    if !lies_in.has(Scope::Own) {
        employees::record_classes(context, tx, (actor, request_id), employee, &["pay"]).await?;
    }
    Ok(salaries::list(tx, employee).await?)
}

/// Lets pass who has a permission for an employee's pay. One whom the actor may not see is not there.
async fn authorise(
    tx: &mut TenantTx,
    actor: &Principal,
    employee: EmployeeId,
    permission: Permission,
) -> Result<ScopeSet> {
    let lies_in = employees::scopes_of(tx, actor, employee).await?;
    let seen = actor.grants.allow(Permission::EmployeesRead, lies_in);
    if !seen || !tenure_db::employees::exists(tx, employee).await? {
        return Err(Error::not_found("employee", &employee));
    }
    if !actor.grants.allow(permission, lies_in) {
        let own = if lies_in.has(Scope::Own) { "; nobody sets their own pay" } else { "" };
        let own = if permission == Permission::PayWrite { own } else { "" };
        return Err(Error::Denied(format!("this needs the permission {permission} for this employee{own}")));
    }
    Ok(lies_in)
}

async fn take_away(
    change: &mut Change<'_>,
    employee: EmployeeId,
    target: Target<SalaryAssignmentId>,
) -> Result<Salary> {
    authorise(&mut change.tx, &change.actor, employee, Permission::PayWrite).await?;
    let found = salaries::find(&mut change.tx, employee, target.id).await?;
    let salary = found.ok_or_else(|| Error::not_found("salary", &target.id))?;
    target.check("salary", salary.version)?;
    if salaries::mark_deleted(&mut change.tx, &salary, change.context.now()).await? {
        Ok(salary)
    } else {
        Err(Error::Stale("salary"))
    }
}

fn corrected(before: &Salary, correction: Correction) -> Content {
    let mut content = Content {
        effective_from: before.effective_from,
        base: before.base,
        currency: before.currency,
        pay_period: before.pay_period,
        reason: before.reason.clone(),
    };
    put(&mut content.effective_from, correction.effective_from);
    put(&mut content.base, correction.base.map(PaidAmount::decimal));
    put(&mut content.currency, correction.currency);
    put(&mut content.pay_period, correction.pay_period);
    put_or_empty(&mut content.reason, correction.reason);
    content
}
