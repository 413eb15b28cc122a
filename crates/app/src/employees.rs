//! Employees as their company sees them: one, or a page of the list, with the fields that the actor may see.

mod change;
mod export;
mod list;
mod removal;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tenure_core::access::{Permission, Scope, ScopeSet};
use tenure_core::ids::EmployeeId;
use tenure_db::TenantTx;
use tenure_db::audit::{self, Entry};
use tenure_db::employees::{self, AsOf, Employee, Wanted};

pub use tenure_db::employees::{
    Department, DepartmentFilter, Designation, Filter, Location, Manager, PageStart, Pay, PersonalFields, Place,
    SensitiveFields, Sort, SortBy, WorkFields,
};

pub use self::change::{Changes, PersonalChanges, WorkChanges, change};
pub use self::export::{MOST_ROWS, export};
pub use self::list::{Page, Query, list};
pub use self::removal::{delete, restore};

use crate::caller::{self, Caller, Principal};
use crate::change::{Change, Record};
use crate::context::Context;
use crate::custom_fields;
use crate::error::{Error, Result};

/// That more of somebody than the work fields was read, in the audit log.
const READ: &str = "employee.read";

/// An employee with those classes of fields that the actor may see; the others are `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visible {
    /// Always there: who may not see these does not find the employee.
    pub work: WorkFields,
    /// With `employees.read_personal`.
    pub personal: Option<PersonalFields>,
    /// With `employees.read_sensitive`.
    pub sensitive: Option<SensitiveFields>,
    /// With `pay.read`.
    pub pay: Option<CurrentPay>,
    /// The company's own fields, those of the classes that are there.
    pub custom: Map<String, Value>,
}

/// What somebody earns today, if anything is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentPay {
    /// `None` says that nothing is.
    pub pay: Option<Pay>,
}

/// As of when somebody is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct When {
    /// The day; `None` for today.
    pub as_of: Option<Date>,
    /// When it was known; `None` for now.
    pub known_at: Option<Timestamp>,
}

/// One employee. Reading more of somebody else than work fields is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `Denied` (the tenant is not served), `NotFound` (also for one whom the actor may not see), `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: EmployeeId, when: When) -> Result<Visible> {
    let (mut tx, actor) = caller::enter(context, caller).await?;
    let outcome = read(context, &mut tx, &actor, caller.request_id, (id, when)).await;
    caller::conclude(tx, outcome).await
}

async fn read(
    context: &Context,
    tx: &mut TenantTx,
    actor: &Principal,
    request_id: &str,
    (id, when): (EmployeeId, When),
) -> Result<Visible> {
    let visible = look(tx, actor, context.today(), (id, when)).await?;
    let classes = classes_shown(&visible);
    if actor.employee != Some(id) && !classes.is_empty() {
        record_classes(context, tx, (actor, request_id), id, &classes).await?;
    }
    Ok(visible)
}

/// What the actor may see of an employee. Whoever gives it away records it.
pub(crate) async fn look(
    tx: &mut TenantTx,
    actor: &Principal,
    today: Date,
    (id, when): (EmployeeId, When),
) -> Result<Visible> {
    let lies_in = scopes_of(tx, actor, id).await?;
    let may = |permission| actor.grants.allow(permission, lies_in);
    if !may(Permission::EmployeesRead) {
        return Err(not_found(id));
    }
    let pay = may(Permission::PayRead);
    let employee = if when == When::default() {
        employees::find(tx, id, Wanted { pay, on: today }).await?
    } else {
        let as_of = AsOf { on: when.as_of.unwrap_or(today), known_at: when.known_at, today };
        employees::find_as_of(tx, id, pay, as_of).await?
    };
    let mut employee = employee.ok_or_else(|| not_found(id))?;
    employee.custom = custom_fields::visible(tx, employee.custom, may).await?;
    Ok(redact(employee, may))
}

pub(crate) fn not_found(id: EmployeeId) -> Error {
    Error::NotFound { what: "employee", which: id.to_string() }
}

/// Whether there is such an employee and the actor may know of it.
pub(crate) async fn is_visible(tx: &mut TenantTx, actor: &Principal, id: EmployeeId) -> Result<bool> {
    let lies_in = scopes_of(tx, actor, id).await?;
    Ok(actor.grants.allow(Permission::EmployeesRead, lies_in) && employees::exists(tx, id).await?)
}

/// The scopes in which a person lies as the actor sees it; those that cannot matter are not looked up.
pub(crate) async fn scopes_of(tx: &mut TenantTx, actor: &Principal, person: EmployeeId) -> Result<ScopeSet> {
    let mut scopes = ScopeSet::EMPTY.with(Scope::All);
    let Some(own) = actor.employee else { return Ok(scopes) };
    if own == person {
        scopes = scopes.with(Scope::Own);
    }
    if actor.grants.depend_on(Scope::Reports) && employees::reports_to(tx, person, own).await? {
        scopes = scopes.with(Scope::Reports);
    }
    if actor.grants.depend_on(Scope::Department) && employees::in_department_of(tx, person, own).await? {
        scopes = scopes.with(Scope::Department);
    }
    Ok(scopes)
}

fn redact(employee: Employee, may: impl Fn(Permission) -> bool) -> Visible {
    Visible {
        work: employee.work,
        personal: may(Permission::EmployeesReadPersonal).then_some(employee.personal),
        sensitive: may(Permission::EmployeesReadSensitive).then_some(employee.sensitive),
        pay: may(Permission::PayRead).then_some(CurrentPay { pay: employee.pay }),
        custom: employee.custom,
    }
}

/// The classes of fields of somebody that are shown and not for everybody who sees the person.
fn classes_shown(seen: &Visible) -> Vec<&'static str> {
    let classes =
        [("personal", seen.personal.is_some()), ("sensitive", seen.sensitive.is_some()), ("pay", seen.pay.is_some())];
    classes.into_iter().filter_map(|(class, shown)| shown.then_some(class)).collect()
}

/// Records what the answer to a change shows of somebody else: whoever changes something of a person reads the rest.
pub(crate) async fn note_shown(change: &mut Change<'_>, shown: &Visible) -> Result<()> {
    note_classes(change, shown.work.id, &classes_shown(shown)).await
}

/// The same for some classes of fields. Names the classes, not what they held.
pub(crate) async fn note_classes(change: &mut Change<'_>, person: EmployeeId, classes: &[&str]) -> Result<()> {
    if classes.is_empty() || change.actor.employee == Some(person) {
        return Ok(());
    }
    let after = Some(json!({ "fields": classes }));
    change.record(Record { action: READ, entity: "employee", id: person.uuid(), before: None, after }).await
}

/// Records which classes of somebody's fields were read. Names the classes, not what they held.
pub(crate) async fn record_classes(
    context: &Context,
    tx: &mut TenantTx,
    (actor, request_id): (&Principal, &str),
    person: EmployeeId,
    classes: &[&str],
) -> Result<()> {
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor: &actor.user,
        action: READ,
        entity: "employee",
        entity_id: Some(person.uuid()),
        before: None,
        after: Some(json!({ "fields": classes })),
        request_id: Some(request_id),
    };
    Ok(audit::record(tx, &entry).await?)
}
