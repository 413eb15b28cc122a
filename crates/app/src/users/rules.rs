//! Who may do what to whom, on what the database says of both.

use tenure_core::access::{BuiltInRole, Grants, check_rights, check_user};
use tenure_core::ids::{RoleId, UserId};
use tenure_db::roles::{self, Role};
use tenure_db::users::{self, User};

use crate::caller;
use crate::change::Change;
use crate::error::{Error, Result};

/// Lets the actor act upon another user who may not do more.
pub(crate) async fn check_other(change: &mut Change<'_>, user: UserId) -> Result<()> {
    super::read(&mut change.tx, user).await?;
    let rights = users::rights(&mut change.tx, user).await?;
    let grants = caller::grants(&rights.roles, &rights.granted);
    let is_oneself = change.actor.user_id() == user;
    check_user(&change.actor.grants, is_oneself, &grants).map_err(|error| Error::Denied(error.to_string()))
}

/// The roles of these keys, if the actor may give each of them.
pub(super) async fn roles_to_give(change: &mut Change<'_>, keys: &[String]) -> Result<Vec<RoleId>> {
    let found = roles::by_keys(&mut change.tx, keys).await?;
    if let Some(unknown) = keys.iter().find(|key| found.iter().all(|role| role.key != **key)) {
        return Err(Error::invalid("roles", &format!("has {unknown}, which is no role of this company")));
    }
    for role in &found {
        check_rights(&change.actor.grants, &role_grants(role)).map_err(|error| Error::Denied(error.to_string()))?;
    }
    Ok(found.into_iter().map(|role| role.id).collect())
}

/// What a role grants. Of the built-in ones the program knows it.
pub(crate) fn role_grants(role: &Role) -> Grants {
    if role.built_in {
        Grants::of([role.key.as_str()], [])
    } else {
        Grants::of([], role.grants.iter().filter_map(|grant| grant.split_once(' ')))
    }
}

/// Refuses a change of an owner after which nobody would be left who answers for the company.
pub(super) async fn keep_an_owner(change: &mut Change<'_>, before: &User) -> Result<()> {
    let was_owner = before.roles.iter().any(|role| role == BuiltInRole::Owner.key());
    if was_owner && users::active_owners(&mut change.tx).await? == 0 {
        let words = "this is the last active user with the role owner; give it to somebody else first";
        return Err(Error::Rule(words.to_owned()));
    }
    Ok(())
}
