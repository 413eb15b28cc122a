//! A new employee.

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::employment::{Changes, Employment, Position};
use tenure_core::ids::EmployeeId;
use tenure_core::text::Line;
use tenure_db::employees::{self as db, NewEmployee};
use tenure_db::employment;

use super::person::{check, check_birth, save};
use crate::caller::Caller;
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::custom_fields;
use crate::employees::{self, Visible, When};
use crate::error::Result;

/// The number that the company gives to an employee.
pub type Number = Line<50>;

/// Somebody to be hired.
#[derive(Debug, Clone)]
pub struct Hire {
    /// The number; `None` for the next one of the company's sequence.
    pub number: Option<Number>,
    /// Who it is.
    pub person: NewEmployee,
    /// Where the person begins.
    pub position: Position,
}

/// Hires somebody, who is pending while the first day lies ahead.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (the day, the company's own fields, or what is named is not there or has left), `Taken` (number
/// or work address), `Rule` (the numbers are used up), `Unavailable`.
pub async fn hire(context: &Context, caller: Caller<'_>, new: Hire) -> Result<Visible> {
    let make = async |change: &mut Change<'_>| {
        change.require(Permission::EmployeesRead)?;
        change.require(Permission::EmployeesWrite)?;
        if new.person.personal.is_some() {
            change.require(Permission::EmployeesWritePersonal)?;
        }
        let id = self::make(change, new).await?;
        employees::look(&mut change.tx, &change.actor, context.today(), (id, When::default())).await
    };
    change::run_shown(context, caller, make, employees::note_shown).await
}

async fn make(change: &mut Change<'_>, new: Hire) -> Result<EmployeeId> {
    let Hire { number, person, position } = new;
    let (id, now): (EmployeeId, _) = (change.context.id(), change.context.now());
    employment::lock(&mut change.tx).await?;
    check_birth(person.personal.as_ref().and_then(|personal| personal.birth_date), person.hired_on, "birth_date")?;
    check(change, id, &Changes::all(position.clone()), person.hired_on).await?;
    custom_fields::check_new_employee(change, &person.custom).await?;
    let number = match number {
        Some(number) => number.to_string(),
        None => employment::take_number(&mut change.tx, person.hired_on.year(), now).await?,
    };
    db::insert(&mut change.tx, id, &number, &person, now).await?;
    let hired = Employment::hire(person.hired_on, position.clone());
    save(change, id, (&Employment::default(), &hired)).await?;
    let after = json!({ "employee_number": number, "person": person, "assignment": position });
    change
        .record(Record {
            action: "employee.created",
            entity: "employee",
            id: id.uuid(),
            before: None,
            after: Some(after),
        })
        .await?;
    Ok(id)
}
