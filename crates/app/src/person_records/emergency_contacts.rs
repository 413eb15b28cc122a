//! The emergency contacts of an employee.

use tenure_core::contact::Email;
use tenure_core::custom_fields::Class;
use tenure_core::ids::{EmergencyContactId, EmployeeId};
use tenure_db::person_records::emergency_contacts;
use uuid::Uuid;

pub use tenure_db::person_records::emergency_contacts::{Content, EmergencyContact, Name, Phone, Relationship};

use super::Kind;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};

const CONTACTS: Kind =
    Kind { name: "emergency contact", reading: "employee.emergency_contacts_read", class: Class::Personal };

/// New values of a contact; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Who is called.
    pub name: Option<Name>,
    /// What the contact is to the employee.
    pub relationship: Option<Option<Relationship>>,
    /// Telephone.
    pub phone: Option<Option<Phone>>,
    /// Mail address.
    pub email: Option<Option<Email>>,
    /// In which order they are called.
    pub position: Option<i32>,
}

/// All emergency contacts of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, person: EmployeeId) -> Result<Vec<EmergencyContact>> {
    change::run(context, caller, async |change| {
        CONTACTS.open(change, person).await?;
        Ok(emergency_contacts::list(&mut change.tx, person).await?)
    })
    .await
}

/// One emergency contact of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn get(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    id: EmergencyContactId,
) -> Result<EmergencyContact> {
    change::run(context, caller, async |change| {
        CONTACTS.open(change, person).await?;
        CONTACTS.pick(emergency_contacts::list(&mut change.tx, person).await?, id, |row| row.id.uuid())
    })
    .await
}

/// Makes a contact.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Invalid`, `Rule` (too many), `Unavailable`.
pub async fn create(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    new: Content,
) -> Result<EmergencyContact> {
    let make = async |change: &mut Change<'_>| make(change, person, new).await;
    let note = async |change: &mut Change<'_>, _: &EmergencyContact| CONTACTS.note_shown(change, person).await;
    change::run_shown(context, caller, make, note).await
}

/// Changes a contact.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Invalid`, `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<EmergencyContactId>,
    changes: Changes,
) -> Result<EmergencyContact> {
    let make = async |change: &mut Change<'_>| apply(change, person, target, changes).await;
    let note = async |change: &mut Change<'_>, _: &EmergencyContact| CONTACTS.note_shown(change, person).await;
    change::run_shown(context, caller, make, note).await
}

/// Deletes a contact.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Unavailable`.
pub async fn delete(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<EmergencyContactId>,
) -> Result<()> {
    change::run(context, caller, async |change| remove(change, person, target).await).await
}

async fn make(change: &mut Change<'_>, person: EmployeeId, new: Content) -> Result<EmergencyContact> {
    CONTACTS.open_for_change(change, person).await?;
    check(new.phone.is_some(), new.email.is_some())?;
    let present = emergency_contacts::list(&mut change.tx, person).await?;
    CONTACTS.check_room(present.len())?;
    let (id, now) = (change.context.id(), change.context.now());
    let made = emergency_contacts::insert(&mut change.tx, id, person, &new, now).await?;
    change.record(Record::of("emergency_contact.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(
    change: &mut Change<'_>,
    person: EmployeeId,
    target: Target<EmergencyContactId>,
    changes: Changes,
) -> Result<EmergencyContact> {
    CONTACTS.open_for_change(change, person).await?;
    let present = emergency_contacts::list(&mut change.tx, person).await?;
    let before = CONTACTS.pick_for_change(present, target, key)?;
    let mut wanted = before.clone();
    put(&mut wanted.name, changes.name);
    put_or_empty(&mut wanted.relationship, changes.relationship);
    put_or_empty(&mut wanted.phone, changes.phone);
    put_or_empty(&mut wanted.email, changes.email);
    put(&mut wanted.position, changes.position);
    check(wanted.phone.is_some(), wanted.email.is_some())?;
    if wanted == before {
        return Ok(wanted);
    }
    let after = emergency_contacts::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(Record::of("emergency_contact.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, person: EmployeeId, target: Target<EmergencyContactId>) -> Result<()> {
    CONTACTS.open_for_change(change, person).await?;
    let present = emergency_contacts::list(&mut change.tx, person).await?;
    let before = CONTACTS.pick_for_change(present, target, key)?;
    emergency_contacts::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("emergency_contact.deleted", target.id, Some(&before), None)).await
}

fn key(row: &EmergencyContact) -> (Uuid, i32) {
    (row.id.uuid(), row.version)
}

fn check(phone: bool, email: bool) -> Result<()> {
    if phone || email {
        Ok(())
    } else {
        Err(Error::invalid("phone", "is missing, and so is email; one of them is needed"))
    }
}
