//! Who may open and change a document: whoever may do so with documents of its owner, and with fields of its class.

use tenure_core::access::{Permission, Scope, ScopeSet};
use tenure_core::custom_fields::Class;
use tenure_db::{TenantTx, employees};

use super::stored::Owner;
use crate::caller::Principal;
use crate::employees::{not_found, scopes_of};
use crate::error::{Error, Result};

/// What an actor may do with the documents of an owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights<'a> {
    actor: &'a Principal,
    /// Where the person lies as the actor sees it; nothing for the company.
    lies_in: Option<ScopeSet>,
}

impl<'a> Rights<'a> {
    /// Finds out. A person whom the actor may not know of is not found.
    pub(super) async fn of(tx: &mut TenantTx, actor: &'a Principal, owner: Owner) -> Result<Self> {
        let Some(person) = owner.person() else { return Ok(Self { actor, lies_in: None }) };
        let lies_in = scopes_of(tx, actor, person).await?;
        if actor.grants.allow(Permission::EmployeesRead, lies_in) && employees::exists(tx, person).await? {
            Ok(Self { actor, lies_in: Some(lies_in) })
        } else {
            Err(not_found(person))
        }
    }

    /// Whether the documents are the actor's own.
    pub(super) fn is_own(self) -> bool {
        self.lies_in.is_some_and(|scopes| scopes.has(Scope::Own))
    }

    /// Whether the actor may open documents of a class. Those of the company that are public are for everybody in it. Sensitive ones tell of
    /// health and home too: who sees sensitive fields for the bank accounts among them, as payroll does, does not open them for that.
    pub(super) fn may_read(self, class: Class) -> bool {
        let is_for_all = self.lies_in.is_none() && class == Class::Public && self.may(Permission::OrganisationRead);
        let also_personal = class != Class::Sensitive || self.may(Permission::EmployeesReadPersonal);
        is_for_all || (self.may(Permission::DocumentsRead) && self.may(class.read()) && also_personal)
    }

    /// Whether the actor may change documents of a class, which takes to see them.
    pub(super) fn may_write(self, class: Class) -> bool {
        self.may_read(class) && self.may(Permission::DocumentsWrite) && self.may(class.write())
    }

    /// The classes of the documents that the actor may open.
    pub(super) fn readable(self) -> Vec<Class> {
        Class::ALL.iter().copied().filter(|class| self.may_read(*class)).collect()
    }

    /// Denies a change of documents of a class.
    pub(super) fn require_write(self, class: Class) -> Result<()> {
        if self.may_write(class) {
            return Ok(());
        }
        let (documents, fields) = (Permission::DocumentsWrite, class.write());
        let of_whom = if self.lies_in.is_some() { "for this employee" } else { "for the whole company" };
        Err(Error::Denied(format!("this needs the permissions {documents} and {fields} {of_whom}")))
    }

    /// Denies what takes a permission for the owner's documents as such.
    pub(super) fn require(self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        let of_whom = if self.lies_in.is_some() { "for this employee" } else { "for the whole company" };
        Err(Error::Denied(format!("this needs the permission {permission} {of_whom}")))
    }

    fn may(self, permission: Permission) -> bool {
        match self.lies_in {
            Some(scopes) => self.actor.grants.allow(permission, scopes),
            None => self.actor.grants.allow_everywhere(permission),
        }
    }
}
