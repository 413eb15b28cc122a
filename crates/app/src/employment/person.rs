//! What all changes of an employment have in common: who may, what is refused, and what is stored and recorded.

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tenure_core::access::{Permission, Scope};
use tenure_core::employment::{Changes, Employment, Field, Operations, Position, Refusal};
use tenure_core::ids::EmployeeId;
use tenure_db::employees::{self, Known};
use tenure_db::employment::{self, Moment};

use crate::change::{Change, Record, Target};
use crate::employees::{is_visible, not_found, scopes_of};
use crate::error::{Error, FieldError, Result};

/// A person whose employment is being changed.
pub(super) struct Person {
    pub(super) id: EmployeeId,
    pub(super) known: Known,
    pub(super) stored: Employment,
    /// What the employment is to be.
    pub(super) wanted: Employment,
}

/// Loads the person, who must be visible to the actor, as the caller has read him or her, and not the actor: nobody promotes
/// themselves, picks their own manager or writes their own dates. From here on no other employment of the tenant changes.
pub(super) async fn open(change: &mut Change<'_>, target: Target<EmployeeId>) -> Result<Person> {
    let id = target.id;
    if !is_visible(&mut change.tx, &change.actor, id).await? {
        return Err(not_found(id));
    }
    let lies_in = scopes_of(&mut change.tx, &change.actor, id).await?;
    if lies_in.has(Scope::Own) {
        return Err(Error::Denied("nobody changes their own employment; somebody else has to".to_owned()));
    }
    if !change.actor.grants.allow(Permission::EmployeesWrite, lies_in) {
        return Err(Error::Denied("this needs the permission employees.write for this person".to_owned()));
    }
    employment::lock(&mut change.tx).await?;
    let known = employees::known(&mut change.tx, id).await?.ok_or_else(|| not_found(id))?;
    if known.version != target.version {
        return Err(Error::Stale("employee"));
    }
    let stored = employment::load(&mut change.tx, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Person { id, known, wanted: stored.clone(), stored })
}

/// Denies what is of the sensitive class to those who may not write it for this person.
pub(super) async fn require_sensitive(change: &mut Change<'_>, id: EmployeeId) -> Result<()> {
    let lies_in = scopes_of(&mut change.tx, &change.actor, id).await?;
    if change.actor.grants.allow(Permission::EmployeesWriteSensitive, lies_in) {
        return Ok(());
    }
    let words = "kind and reason of a termination need the permission employees.write_sensitive for this person";
    Err(Error::Denied(words.to_owned()))
}

/// A refusal in the words of the field that gave the day, where it is about the day.
pub(super) fn refused(field: &'static str) -> impl Fn(Refusal) -> Error {
    move |refusal| {
        if refusal.is_about_the_day() { Error::invalid(field, &refusal) } else { Error::Rule(refusal.to_string()) }
    }
}

/// Refuses a first day on which the person was not born yet.
pub(super) fn check_birth(birth_date: Option<Date>, hired_on: Date, field: &'static str) -> Result<()> {
    match birth_date.filter(|born| *born >= hired_on) {
        Some(born) => Err(Error::invalid(field, &format!("is not after the day of birth, {born}"))),
        None => Ok(()),
    }
}

/// Refuses what nobody can be given from that day on: what is not there or was deleted, managers who have left, and oneself.
pub(super) async fn check(change: &mut Change<'_>, person: EmployeeId, changes: &Changes, from: Date) -> Result<()> {
    let mut named = Position::default();
    changes.apply(&mut named);
    let unfit = employment::unfit(&mut change.tx, &named, from).await?;
    let hidden = match named.manager_id {
        Some(manager) => !is_visible(&mut change.tx, &change.actor, manager).await?,
        None => false,
    };
    let found = [
        (unfit.department, Field::DepartmentId, "is no department of this company"),
        (unfit.designation, Field::DesignationId, "is no designation of this company"),
        (unfit.location, Field::LocationId, "is no location of this company"),
        (unfit.manager || hidden, Field::ManagerId, "is no employee of this company"),
        (unfit.manager_left && !unfit.manager && !hidden, Field::ManagerId, "is somebody who has left by that day"),
        (named.manager_id == Some(person), Field::ManagerId, "is the employee; nobody reports to themselves"),
    ];
    let errors: Vec<FieldError> = found
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, field, message)| FieldError { field: field.to_string(), message: message.to_owned() })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Refuses what would put the person back, from today on, to where nobody can be any more: under a manager who is deleted, into a department,
/// a designation or a location that is.
pub(crate) async fn check_return(change: &mut Change<'_>, (before, after): (&Employment, &Employment)) -> Result<()> {
    for (day, position) in after.gained_since(before, change.context.today()) {
        let unfit = employment::unfit(&mut change.tx, &position, day).await?;
        let found = [
            (unfit.department, "department"),
            (unfit.designation, "designation"),
            (unfit.location, "location"),
            (unfit.manager, "manager"),
        ];
        if let Some((_, what)) = found.into_iter().find(|(wrong, _)| *wrong) {
            return Err(Error::Rule(format!(
                "the {what} of the employee from {day} on is deleted; restore that first"
            )));
        }
    }
    Ok(())
}

/// Refuses managers who would then report to each other, on whatever day the person gets one. To be called when all is saved.
pub(crate) async fn check_managers(
    change: &mut Change<'_>,
    id: EmployeeId,
    (before, after): (&Employment, &Employment),
) -> Result<()> {
    let Some(from) = after.new_manager_from(before) else { return Ok(()) };
    let today = change.context.today();
    match employment::circles(&mut change.tx, &[id], from.min(today), today).await?.first() {
        Some(closed) => Err(Error::Rule(circle(change, &closed.names))),
        None => Ok(()),
    }
}

/// Stores and records what has changed. What changes nothing makes no version.
pub(super) async fn store(change: &mut Change<'_>, person: Person, action: &'static str) -> Result<()> {
    let Person { id, stored, wanted, .. } = person;
    let operations = wanted.since(&stored);
    if operations.is_empty() {
        return Ok(());
    }
    let (before, after) = shown(&stored, &operations);
    let (row_before, row_after) = save(change, id, (&stored, &wanted)).await?;
    let merged = |row: Value, shown: Map<String, Value>| {
        let columns = row.as_object().cloned().unwrap_or_default();
        Some(Value::Object(columns.into_iter().chain(shown).collect()))
    };
    let (before, after) = (merged(row_before, before), merged(row_after, after));
    change.record(Record { action, entity: "employee", id: id.uuid(), before, after }).await
}

/// Stores what has changed, and gives the columns of the person's row that changed with it, before and after.
pub(super) async fn save(
    change: &mut Change<'_>,
    id: EmployeeId,
    (before, after): (&Employment, &Employment),
) -> Result<(Value, Value)> {
    let context = change.context;
    let moment = Moment { today: context.today(), now: context.now() };
    employment::save(&mut change.tx, &[(id, after.since(before))], moment.now, &|| context.id()).await?;
    check_managers(change, id, (before, after)).await?;
    let settled = employment::settle(&mut change.tx, &[id], moment, true).await?;
    Ok(settled.into_iter().next().map_or((Value::Null, Value::Null), |row| (row.before, row.after)))
}

/// The names are for those who may see everybody.
fn circle(change: &Change<'_>, people: &[String]) -> String {
    if change.actor.grants.allow_everywhere(Permission::EmployeesRead) {
        format!("these people would report to each other in a circle: {}", people.join(", "))
    } else {
        "the employee and some managers would report to each other in a circle".to_owned()
    }
}

/// What the operations supersede and what they add, for the audit log.
fn shown(stored: &Employment, operations: &Operations) -> (Map<String, Value>, Map<String, Value>) {
    let gone = |id| operations.rows_superseded.contains(&id);
    let rows: Vec<_> = stored.timeline().rows().iter().filter(|row| row.id.is_some_and(gone)).collect();
    let ended = |id| operations.periods_superseded.contains(&id);
    let periods: Vec<_> = stored.periods().iter().filter(|period| period.id.is_some_and(ended)).collect();
    let members = |rows: Value, periods: Value| {
        let members = [("assignments", rows), ("employment_periods", periods)];
        let some = members.into_iter().filter(|(_, list)| list.as_array().is_some_and(|list| !list.is_empty()));
        some.map(|(name, list)| (name.to_owned(), list)).collect()
    };
    (members(json!(rows), json!(periods)), members(json!(operations.rows_added), json!(operations.periods_added)))
}
