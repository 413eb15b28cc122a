//! Inviting, changing, suspending and deleting a user, and giving roles.

use serde_json::json;
use tenure_core::access::{Permission, UserStatus};
use tenure_core::contact::Email;
use tenure_core::ids::{EmployeeId, UserId};
use tenure_db::tokens;
use tenure_db::users::{self, Content, DisplayName, User};

use super::rules::{check_other, keep_an_owner, roles_to_give};
use super::{read, read_for_change};
use crate::caller::By;
use crate::change::{Change, Record, Target};
use crate::context::Context;
use crate::employees;
use crate::error::{Error, Result};
use crate::passwords::{self, ResetToken};
use crate::sessions;

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The mail address, name and employee.
    pub content: Content,
    /// The keys of the roles.
    pub roles: Vec<String>,
}

/// A user who was made, and the token by which the first password is chosen.
#[derive(Debug)]
pub struct Made {
    /// The user.
    pub user: User,
    /// The token, to be passed on.
    pub reset: ResetToken,
}

/// New values of a user; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The mail address.
    pub email: Option<Email>,
    /// The name to be shown.
    pub display_name: Option<DisplayName>,
    /// The employee that the user is.
    pub employee_id: Option<Option<EmployeeId>>,
}

/// Makes a user with roles.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for roles that grant more than the actor has), `Invalid` (unknown role or employee), `Taken` (mail
/// address or employee), `Unavailable`.
pub async fn create(context: &Context, by: By<'_>, new: NewUser) -> Result<Made> {
    by.change_unkept(context, async |change| {
        change.require(Permission::UsersWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes a user's mail address, name or employee. Of oneself, the employee stays: with it would change what counts as one's own.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for a user who may do more), `NotFound`, `Stale`, `Invalid` (unknown employee), `Taken` (mail address or
/// employee), `Unavailable`.
pub async fn change(context: &Context, by: By<'_>, target: Target<UserId>, changes: Changes) -> Result<User> {
    by.change(context, async |change| {
        change.require(Permission::UsersWrite)?;
        apply(change, target, changes).await
    })
    .await
}

/// Keeps a user out, from now on, and ends the user's sessions.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for oneself and a user who may do more), `NotFound`, `Stale`, `Rule` (the last owner), `Unavailable`.
pub async fn suspend(context: &Context, by: By<'_>, target: Target<UserId>) -> Result<User> {
    by.change(context, async |change| {
        change.require(Permission::UsersWrite)?;
        let user = set_status(change, target, UserStatus::Suspended, "user.suspended").await?;
        sessions::end_all_of(change, target.id, None).await?;
        Ok(user)
    })
    .await
}

/// Lets a suspended user in again.
///
/// # Errors
/// As [`suspend`]; also `Rule` when the user's employee is deleted.
pub async fn resume(context: &Context, by: By<'_>, target: Target<UserId>) -> Result<User> {
    by.change(context, async |change| {
        change.require(Permission::UsersWrite)?;
        set_status(change, target, UserStatus::Active, "user.resumed").await
    })
    .await
}

/// Deletes a user, whose sessions end and whose tokens are revoked.
///
/// # Errors
/// As [`suspend`].
pub async fn delete(context: &Context, by: By<'_>, target: Target<UserId>) -> Result<()> {
    by.change(context, async |change| {
        change.require(Permission::UsersWrite)?;
        remove(change, target).await
    })
    .await
}

/// Gives a user these roles in place of those that there are.
///
/// # Errors
/// `Unauthenticated`, `Denied` (oneself, a user who may do more, roles that grant more than the actor has), `NotFound`, `Stale`, `Invalid`
/// (unknown role), `Rule` (the last owner), `Unavailable`.
pub async fn set_roles(context: &Context, by: By<'_>, target: Target<UserId>, roles: Vec<String>) -> Result<User> {
    by.change(context, async |change| {
        change.require(Permission::UsersWrite)?;
        give(change, target, &roles).await
    })
    .await
}

/// Makes a token by which a user chooses a password. Earlier ones are useless then; the password stays until one is chosen.
///
/// # Errors
/// `Unauthenticated`, `Denied` (oneself, a user who may do more), `NotFound`, `Rule` (the user is suspended), `Unavailable`.
pub async fn reset_password(context: &Context, by: By<'_>, id: UserId) -> Result<ResetToken> {
    by.change_unkept(context, async |change| {
        change.require(Permission::UsersWrite)?;
        check_other(change, id).await?;
        if read(&mut change.tx, id).await?.status == UserStatus::Suspended {
            return Err(Error::Rule("the user is suspended; resume the user first".to_owned()));
        }
        passwords::make_reset(change, id).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &NewUser) -> Result<Made> {
    users::lock(&mut change.tx).await?;
    let roles = roles_to_give(change, &new.roles).await?;
    check_employee(change, new.content.employee_id).await?;
    let (id, now) = (change.context.id(), change.context.now());
    users::insert(&mut change.tx, id, &new.content, now).await?;
    users::set_roles(&mut change.tx, id, &roles, now).await?;
    let user = read(&mut change.tx, id).await?;
    change.record(record("user.created", id, None, Some(&user))).await?;
    let reset = passwords::make_reset(change, id).await?;
    Ok(Made { user, reset })
}

async fn apply(change: &mut Change<'_>, target: Target<UserId>, changes: Changes) -> Result<User> {
    users::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let mut wanted = before.clone();
    if let Some(email) = changes.email {
        wanted.email = email.to_string();
    }
    if let Some(name) = changes.display_name {
        wanted.display_name = name.to_string();
    }
    if let Some(employee) = changes.employee_id {
        check_employee(change, employee).await?;
        wanted.employee_id = employee;
    }
    // One's own name may be put right; what counts as one's own record may not.
    if change.actor.user_id() != target.id || wanted.employee_id != before.employee_id {
        check_other(change, target.id).await?;
    }
    save(change, "user.updated", &before, &wanted).await
}

async fn set_status(
    change: &mut Change<'_>,
    target: Target<UserId>,
    status: UserStatus,
    action: &'static str,
) -> Result<User> {
    users::lock(&mut change.tx).await?;
    check_other(change, target.id).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    if let (UserStatus::Active, Some(employee)) = (status, before.employee_id)
        && !tenure_db::employees::exists(&mut change.tx, employee).await?
    {
        return Err(Error::Rule(
            "the user's employee is deleted; restore the employee, or unlink the user first".to_owned(),
        ));
    }
    let wanted = User { status, ..before.clone() };
    let after = save(change, action, &before, &wanted).await?;
    keep_an_owner(change, &before).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, target: Target<UserId>) -> Result<()> {
    users::lock(&mut change.tx).await?;
    check_other(change, target.id).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let now = change.context.now();
    users::mark_deleted(&mut change.tx, target.id, now).await?;
    keep_an_owner(change, &before).await?;
    change.record(record("user.deleted", target.id, Some(&before), None)).await?;
    tokens::revoke_all(&mut change.tx, target.id, now).await?;
    sessions::end_all_of(change, target.id, None).await
}

async fn give(change: &mut Change<'_>, target: Target<UserId>, keys: &[String]) -> Result<User> {
    users::lock(&mut change.tx).await?;
    check_other(change, target.id).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let roles = roles_to_give(change, keys).await?;
    users::set_roles(&mut change.tx, target.id, &roles, change.context.now()).await?;
    let wanted = read(&mut change.tx, target.id).await?;
    let after = save(change, "user.roles_changed", &before, &wanted).await?;
    keep_an_owner(change, &before).await?;
    Ok(after)
}

/// Writes a user and what it was before; one that stays as it is keeps its version.
async fn save(change: &mut Change<'_>, action: &'static str, before: &User, wanted: &User) -> Result<User> {
    if wanted == before {
        return Ok(before.clone());
    }
    users::update(&mut change.tx, wanted, change.context.now()).await?;
    let after = read(&mut change.tx, wanted.id).await?;
    change.record(record(action, after.id, Some(before), Some(&after))).await?;
    Ok(after)
}

fn record(action: &'static str, id: UserId, before: Option<&User>, after: Option<&User>) -> Record {
    let shown = |user: &User| json!(user);
    Record { action, entity: "user", id: id.uuid(), before: before.map(shown), after: after.map(shown) }
}

async fn check_employee(change: &mut Change<'_>, employee: Option<EmployeeId>) -> Result<()> {
    let Some(employee) = employee else { return Ok(()) };
    if employees::is_visible(&mut change.tx, &change.actor, employee).await? {
        Ok(())
    } else {
        Err(Error::invalid("employee_id", "is no employee of this company"))
    }
}
