//! What is kept of a person beside the employee's own row: emergency contacts, bank accounts and identity documents.
//!
//! The three are alike: who may see or change them follows from the class of fields that they belong to, and a person has few enough to
//! read all at once. That those of others were read is recorded, so reading them is a change too: of the audit log.

pub mod bank_accounts;
pub mod emergency_contacts;
pub mod identity_documents;

use tenure_core::access::{Permission, ScopeSet};
use tenure_core::custom_fields::Class;
use tenure_core::ids::EmployeeId;
use tenure_db::{employees, person_records};
use uuid::Uuid;

use crate::change::{Change, Record, Target};
use crate::employees::scopes_of;
use crate::error::{Error, Result};

/// How many records of a kind a person may have.
const MAX_RECORDS: usize = 50;

/// A kind of records.
struct Kind {
    /// What one is called.
    name: &'static str,
    /// What reading them is called in the audit log.
    reading: &'static str,
    /// The class of fields that they belong to.
    class: Class,
}

impl Kind {
    /// Lets the actor see a person's records of this kind. That those of others were read, the audit log keeps.
    async fn open(&self, change: &mut Change<'_>, person: EmployeeId) -> Result<()> {
        let lies_in = lies_in(change, person).await?;
        if !employees::exists(&mut change.tx, person).await? {
            return Err(not_found(person));
        }
        require(change, self.class.read(), lies_in)?;
        self.note_shown(change, person).await
    }

    /// Records that records of this kind are shown, if they are somebody else's. The answer to a change shows one too.
    async fn note_shown(&self, change: &mut Change<'_>, person: EmployeeId) -> Result<()> {
        if change.actor.employee == Some(person) {
            return Ok(());
        }
        let reading = Record { action: self.reading, entity: "employee", id: person.uuid(), before: None, after: None };
        change.record(reading).await
    }

    /// Lets the actor change a person's records of this kind. Until the change ends, nobody else does.
    async fn open_for_change(&self, change: &mut Change<'_>, person: EmployeeId) -> Result<()> {
        let lies_in = lies_in(change, person).await?;
        if !person_records::hold(&mut change.tx, person).await? {
            return Err(not_found(person));
        }
        // The answer to a change shows the whole record.
        require(change, self.class.read(), lies_in)?;
        require(change, self.class.write(), lies_in)
    }

    /// Refuses one more record than a person may have.
    fn check_room(&self, present: usize) -> Result<()> {
        if present < MAX_RECORDS {
            Ok(())
        } else {
            Err(Error::Rule(format!(
                "one person has at most {MAX_RECORDS} of these; delete an old {} first",
                self.name
            )))
        }
    }

    /// The record of an id.
    fn pick<T>(&self, records: Vec<T>, id: impl Into<Uuid>, id_of: impl Fn(&T) -> Uuid) -> Result<T> {
        let id = id.into();
        records.into_iter().find(|record| id_of(record) == id).ok_or_else(|| Error::not_found(self.name, &id))
    }

    /// The record that is to be changed, if it still is as the caller has read it.
    fn pick_for_change<T, Id: Into<Uuid>>(
        &self,
        records: Vec<T>,
        target: Target<Id>,
        key_of: impl Fn(&T) -> (Uuid, i32),
    ) -> Result<T> {
        let version = target.version;
        let record = self.pick(records, target.id, |record| key_of(record).0)?;
        if key_of(&record).1 == version { Ok(record) } else { Err(Error::Stale(self.name)) }
    }
}

/// The scopes in which a person lies whom the actor may know of.
async fn lies_in(change: &mut Change<'_>, person: EmployeeId) -> Result<ScopeSet> {
    let lies_in = scopes_of(&mut change.tx, &change.actor, person).await?;
    let visible = change.actor.grants.allow(Permission::EmployeesRead, lies_in);
    if visible { Ok(lies_in) } else { Err(not_found(person)) }
}

fn require(change: &Change<'_>, permission: Permission, lies_in: ScopeSet) -> Result<()> {
    if change.actor.grants.allow(permission, lies_in) {
        Ok(())
    } else {
        Err(Error::Denied(format!("this needs the permission {permission} for this employee")))
    }
}

fn not_found(person: EmployeeId) -> Error {
    Error::not_found("employee", &person)
}
