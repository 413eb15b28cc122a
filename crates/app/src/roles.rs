//! Roles: those that every company has, and its own.

use tenure_core::access::{Grants, Permission, Scope, check_rights};
use tenure_core::ids::RoleId;
use tenure_db::TenantTx;
use tenure_db::{roles, users};

pub use tenure_db::roles::{Role, RoleDescription, RoleName};

use crate::caller::{self, Caller};
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::users::role_grants;

/// A permission in a scope.
pub type GrantWords = (Permission, Scope);

/// A role of the company's own.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// The word that stands for it: a to z, digits and underscores.
    pub key: String,
    /// Its name for people.
    pub name: RoleName,
    /// What it is for.
    pub description: Option<RoleDescription>,
    /// What it grants.
    pub grants: Vec<GrantWords>,
}

/// New values of a role; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Its name for people.
    pub name: Option<RoleName>,
    /// What it is for.
    pub description: Option<Option<RoleDescription>>,
    /// What it grants, all of it.
    pub grants: Option<Vec<GrantWords>>,
}

/// All roles, each with what it grants.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>) -> Result<Vec<Role>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::UsersRead)?;
        Ok(roles::list(tx).await?.into_iter().map(spelled_out).collect())
    })
    .await
}

/// One role.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: RoleId) -> Result<Role> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::UsersRead)?;
        read(tx, id).await
    })
    .await
}

/// Makes a role of the company's own.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for what the actor does not have), `Invalid` (the key), `Taken` (key or name), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: NewRole) -> Result<Role> {
    change::run(context, caller, async |change| {
        change.require(Permission::UsersWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes a role of the company's own. Those who have it may do what it grants from their next request on.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for what the actor does not have), `NotFound`, `Stale`, `Rule` (a built-in role), `Taken` (the name),
/// `Unavailable`.
pub async fn change(context: &Context, caller: Caller<'_>, target: Target<RoleId>, changes: Changes) -> Result<Role> {
    change::run(context, caller, async |change| {
        change.require(Permission::UsersWrite)?;
        apply(change, target, &changes).await
    })
    .await
}

/// Deletes a role of the company's own that nobody has.
///
/// # Errors
/// `Unauthenticated`, `Denied` (it grants what the actor does not have), `NotFound`, `Stale`, `Rule` (a built-in role, or somebody has it),
/// `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<RoleId>) -> Result<()> {
    change::run(context, caller, async |change| {
        change.require(Permission::UsersWrite)?;
        remove(change, target).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &NewRole) -> Result<Role> {
    users::lock(&mut change.tx).await?;
    if !is_key(&new.key) {
        return Err(Error::invalid("key", "has 2 to 63 of a to z, digits and underscores, a letter first"));
    }
    check_given(change, &new.grants)?;
    let now = change.context.now();
    let role = Role {
        id: change.context.id(),
        key: new.key.clone(),
        name: new.name.to_string(),
        description: new.description.as_ref().map(ToString::to_string),
        built_in: false,
        grants: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    roles::write(&mut change.tx, &role, now).await?;
    set_grants(change, role.id, &new.grants).await?;
    let made = read(&mut change.tx, role.id).await?;
    change.record(Record::of("role.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(change: &mut Change<'_>, target: Target<RoleId>, changes: &Changes) -> Result<Role> {
    users::lock(&mut change.tx).await?;
    let before = read_own(change, target).await?;
    let mut wanted = before.clone();
    put(&mut wanted.name, changes.name.as_ref().map(ToString::to_string));
    let description = changes.description.as_ref().map(|text| text.as_ref().map(ToString::to_string));
    put_or_empty(&mut wanted.description, description);
    if let Some(grants) = &changes.grants {
        check_given(change, grants)?;
        set_grants(change, target.id, grants).await?;
        wanted.grants = read(&mut change.tx, target.id).await?.grants;
    }
    if wanted == before {
        return Ok(before);
    }
    roles::write(&mut change.tx, &wanted, change.context.now()).await?;
    let after = read(&mut change.tx, target.id).await?;
    change.record(Record::of("role.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, target: Target<RoleId>) -> Result<()> {
    users::lock(&mut change.tx).await?;
    let before = read_own(change, target).await?;
    if roles::is_in_use(&mut change.tx, target.id).await? {
        return Err(Error::Rule("users have this role; take it from them first".to_owned()));
    }
    roles::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("role.deleted", target.id, Some(&before), None)).await
}

async fn read(tx: &mut TenantTx, id: RoleId) -> Result<Role> {
    let found = roles::find(tx, id).await?.map(spelled_out);
    found.ok_or_else(|| Error::NotFound { what: "role", which: id.to_string() })
}

/// A role that is to be changed: the company's own, still as the caller has read it, and granting nothing that the actor does not have.
async fn read_own(change: &mut Change<'_>, target: Target<RoleId>) -> Result<Role> {
    let role = read(&mut change.tx, target.id).await?;
    target.check("role", role.version)?;
    if role.built_in {
        return Err(Error::Rule("this role is the same in every company; make one of your own beside it".to_owned()));
    }
    check_rights(&change.actor.grants, &role_grants(&role)).map_err(|error| Error::Denied(error.to_string()))?;
    Ok(role)
}

fn check_given(change: &Change<'_>, grants: &[GrantWords]) -> Result<()> {
    let words = grants.iter().map(|(permission, scope)| (permission.key(), scope.key()));
    check_rights(&change.actor.grants, &Grants::of([], words)).map_err(|error| Error::Denied(error.to_string()))
}

async fn set_grants(change: &mut Change<'_>, role: RoleId, grants: &[GrantWords]) -> Result<()> {
    let words: Vec<_> = grants.iter().map(|(permission, scope)| (permission.key(), scope.key())).collect();
    Ok(roles::set_grants(&mut change.tx, role, &words, change.context.now()).await?)
}

/// A role with what it grants; of built-in roles the program knows it, not the table.
fn spelled_out(mut role: Role) -> Role {
    if role.built_in {
        let grants = role_grants(&role);
        let words = |(permission, scopes): (Permission, Vec<Scope>)| {
            scopes.into_iter().map(move |scope| format!("{permission} {scope}")).collect::<Vec<_>>()
        };
        role.grants = grants.by_permission().flat_map(words).collect();
    }
    role
}

fn is_key(text: &str) -> bool {
    let mut bytes = text.bytes();
    (2..=63).contains(&text.len())
        && bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
