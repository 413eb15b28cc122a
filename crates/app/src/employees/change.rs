//! Changing what of an employee holds without a day: names, number, contact, and what concerns the person alone.

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tenure_core::access::Permission;
use tenure_core::contact::Email;
use tenure_core::employment::{Gender, MaritalStatus};
use tenure_core::ids::EmployeeId;
use tenure_core::place::CountryCode;
use tenure_core::text::Line;
use tenure_db::employees::{self, KnownParticulars, Particulars};

use super::{Visible, When, look, note_shown, scopes_of};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};

/// New values of an employee; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// With `employees.write`.
    pub work: WorkChanges,
    /// With `employees.write_personal`.
    pub personal: PersonalChanges,
}

/// New values of what colleagues know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkChanges {
    /// The number that the company gave.
    pub employee_number: Option<Line<50>>,
    /// The first name; empty for people who have one name only.
    pub first_name: Option<Option<Line<100>>>,
    /// Further first names.
    pub middle_name: Option<Option<Line<100>>>,
    /// The family name.
    pub last_name: Option<Line<100>>,
    /// What the person wants to be called.
    pub preferred_name: Option<Option<Line<100>>>,
    /// Mail address at work.
    pub work_email: Option<Option<Email>>,
    /// Telephone at work.
    pub work_phone: Option<Option<Line<50>>>,
}

/// New values of what concerns the person alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonalChanges {
    /// Private mail address.
    pub personal_email: Option<Option<Email>>,
    /// Private telephone.
    pub personal_phone: Option<Option<Line<50>>>,
    /// The day of birth.
    pub birth_date: Option<Option<Date>>,
    /// As the person states it.
    pub gender: Option<Option<Gender>>,
    /// Marital status.
    pub marital_status: Option<Option<MaritalStatus>>,
    /// Citizenship in words.
    pub citizenship: Option<Option<Line<100>>>,
    /// Street and number.
    pub address: Option<Option<Line<500>>>,
    /// City.
    pub city: Option<Option<Line<100>>>,
    /// State, province or region.
    pub region: Option<Option<Line<100>>>,
    /// Postal code.
    pub postal_code: Option<Option<Line<20>>>,
    /// The country.
    pub country_code: Option<Option<CountryCode>>,
}

/// Changes an employee, and shows who it then is, which is recorded as reading is. Those who lack a permission for a part that is to
/// change, change nothing.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also for one whom the actor may not see), `Stale`, `Invalid` (born after being hired),
/// `Taken` (number or work address), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
    changes: Changes,
) -> Result<Visible> {
    let make = async |change: &mut Change<'_>| {
        authorise(change, target.id, &changes).await?;
        apply(change, target, changes).await?;
        look(&mut change.tx, &change.actor, context.today(), (target.id, When::default())).await
    };
    change::run_shown(context, caller, make, note_shown).await
}

async fn authorise(change: &mut Change<'_>, id: EmployeeId, changes: &Changes) -> Result<()> {
    let lies_in = scopes_of(&mut change.tx, &change.actor, id).await?;
    let may = |permission| change.actor.grants.allow(permission, lies_in);
    if !may(Permission::EmployeesRead) {
        return Err(Error::not_found("employee", &id));
    }
    let (work, personal) = (changes.work != WorkChanges::default(), changes.personal != PersonalChanges::default());
    let missing = if work && !may(Permission::EmployeesWrite) {
        Permission::EmployeesWrite
    } else if (personal || !work) && !may(Permission::EmployeesWritePersonal) {
        Permission::EmployeesWritePersonal
    } else {
        return Ok(());
    };
    Err(Error::Denied(format!("this change needs the permission {missing} for this employee")))
}

async fn apply(change: &mut Change<'_>, target: Target<EmployeeId>, changes: Changes) -> Result<()> {
    let known = employees::particulars(&mut change.tx, target.id).await?;
    let known = known.ok_or_else(|| Error::not_found("employee", &target.id))?;
    target.check("employee", known.version)?;
    let wanted = changed(known.particulars.clone(), changes);
    if wanted == known.particulars {
        return Ok(());
    }
    check_birth(&known, &wanted)?;
    let now = change.context.now();
    if !employees::save_particulars(&mut change.tx, (target.id, target.version), &wanted, now).await? {
        return Err(Error::Stale("employee"));
    }
    let (before, after) = differences(&json!(known.particulars), &json!(wanted));
    change
        .record(Record {
            action: "employee.updated",
            entity: "employee",
            id: target.id.uuid(),
            before: Some(before),
            after: Some(after),
        })
        .await
}

fn changed(mut value: Particulars, changes: Changes) -> Particulars {
    let Changes { work, personal } = changes;
    put(&mut value.employee_number, work.employee_number);
    put(&mut value.first_name, work.first_name.map(|name| name.map(String::from).unwrap_or_default()));
    put_or_empty(&mut value.middle_name, work.middle_name);
    put(&mut value.last_name, work.last_name);
    put_or_empty(&mut value.preferred_name, work.preferred_name);
    put_or_empty(&mut value.work_email, work.work_email);
    put_or_empty(&mut value.work_phone, work.work_phone);
    put_or_empty(&mut value.personal_email, personal.personal_email);
    put_or_empty(&mut value.personal_phone, personal.personal_phone);
    put_or_empty(&mut value.birth_date, personal.birth_date);
    put_or_empty(&mut value.gender, personal.gender);
    put_or_empty(&mut value.marital_status, personal.marital_status);
    put_or_empty(&mut value.citizenship, personal.citizenship);
    put_or_empty(&mut value.address, personal.address);
    put_or_empty(&mut value.city, personal.city);
    put_or_empty(&mut value.region, personal.region);
    put_or_empty(&mut value.postal_code, personal.postal_code);
    put_or_empty(&mut value.country_code, personal.country_code);
    value
}

fn check_birth(known: &KnownParticulars, wanted: &Particulars) -> Result<()> {
    match wanted.birth_date {
        Some(born) if born >= known.hired_on => {
            Err(Error::invalid("birth_date", "is not before the first day of employment"))
        }
        _ => Ok(()),
    }
}

/// The members in which two objects differ, as they are in the one and in the other.
fn differences(before: &Value, after: &Value) -> (Value, Value) {
    let differing = |one: &Value, other: &Value| -> Map<String, Value> {
        let members = one.as_object().into_iter().flatten();
        let differing = members.filter(|(name, value)| other.get(name.as_str()) != Some(*value));
        differing.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    (differing(before, after).into(), differing(after, before).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_the_changed_members_on_both_sides() {
        let (before, after) = (json!({ "a": 1, "b": null, "c": "x" }), json!({ "a": 1, "b": "y", "c": null }));
        let expected = (json!({ "b": null, "c": "x" }), json!({ "b": "y", "c": null }));
        assert_eq!(differences(&before, &after), expected);
    }
}
