//! API tokens over the API: their users make them, and administrators may revoke those of others.

use jiff::Timestamp;
use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::ids::{TokenId, UserId};
use tenure_core::text::Line;
use tenure_db::credentials::CredentialId;
use tenure_db::tokens::{self, NewToken, Token};

use super::Created;
use crate::caller::{self, Caller};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::credential::{Kind, Secret};
use crate::error::{Error, Result};
use crate::users;

/// What an API token is for.
pub type Name = Line<100>;

/// A token that somebody makes for themself.
#[derive(Debug, Clone)]
pub struct NewOwn {
    /// What it is for.
    pub name: Name,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The permissions that it is confined to; `None` for all that its user has.
    pub permissions: Option<Vec<Permission>>,
}

/// The tokens of a user, newest first; without a user the caller's own.
///
/// # Errors
/// `Unauthenticated`, `Denied` (another's, without `users.read`), `NotFound` (such a user), `Unavailable`.
pub async fn list_of(context: &Context, caller: Caller<'_>, user: Option<UserId>) -> Result<Vec<Token>> {
    caller::read(context, caller, async |tx, actor| {
        let user = user.unwrap_or(actor.user_id());
        if user != actor.user_id() {
            actor.require(Permission::UsersRead)?;
            users::read(tx, user).await?;
        }
        Ok(tokens::list(tx, Some(user)).await?)
    })
    .await
}

/// Makes a token for the caller. One that is made by a token is confined to no more than that, does not outlive it, and is revoked with it.
///
/// # Errors
/// `Unauthenticated`, `Denied` (permissions that the caller does not have, a longer life than that of the token by which it is made),
/// `Invalid` (a time that has passed), `Unavailable`.
pub async fn create_own(context: &Context, caller: Caller<'_>, new: NewOwn) -> Result<Created> {
    change::run_unkept(context, caller, async |change| make(change, new).await).await
}

/// Revokes a token: one of the caller's own, or with `users.write` another's.
///
/// # Errors
/// `Unauthenticated`, `Denied` (a user who may do more), `NotFound` (also for another's, without `users.write`), `Unavailable`.
pub async fn revoke_own(context: &Context, caller: Caller<'_>, id: TokenId) -> Result<()> {
    change::run(context, caller, async |change| {
        let not_found = || Error::NotFound { what: "token in use", which: id.to_string() };
        let user = tokens::user_of(&mut change.tx, id).await?.ok_or_else(not_found)?;
        if user != change.actor.user_id() {
            change.require(Permission::UsersWrite).map_err(|_| not_found())?;
            users::check_other(change, user).await?;
        }
        tokens::revoke(&mut change.tx, id, change.context.now()).await?;
        let action = "token.revoked";
        change.record(Record { action, entity: "api_token", id: id.uuid(), before: None, after: None }).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: NewOwn) -> Result<Created> {
    let now = change.context.now();
    if new.expires_at.is_some_and(|moment| moment <= now) {
        return Err(Error::invalid("expires_at", "has passed already"));
    }
    let permissions = confinement(change, new.permissions)?;
    let made_by = match change.actor.credential {
        Some(CredentialId::Token(maker)) => Some(maker),
        _ => None,
    };
    let expires_at = end(change, made_by, new.expires_at).await?;
    let token = Secret::new(change.context, Kind::Token, change.tx.tenant());
    let stored = NewToken {
        id: change.context.id(),
        user: change.actor.user_id(),
        name: new.name.to_string(),
        hash: token.hash(),
        now,
        expires_at,
        permissions,
        made_by,
    };
    tokens::insert(&mut change.tx, &stored).await?;
    let after = json!({
        "user": stored.user, "name": stored.name, "expires_at": stored.expires_at, "permissions": stored.permissions,
    });
    let (action, id) = ("token.created", stored.id.uuid());
    change.record(Record { action, entity: "api_token", id, before: None, after: Some(after) }).await?;
    Ok(Created { id: stored.id, token, expires_at: stored.expires_at })
}

/// When a new token stops working: no later than the token by which it is made. A session may make one that outlives it.
async fn end(change: &mut Change<'_>, maker: Option<TokenId>, wanted: Option<Timestamp>) -> Result<Option<Timestamp>> {
    let Some(maker) = maker else { return Ok(wanted) };
    let Some(last) = tokens::expiry(&mut change.tx, maker).await? else { return Ok(wanted) };
    match wanted {
        Some(moment) if moment > last => Err(Error::Denied(format!(
            "a token cannot work for longer than the one by which it is made, which works until {last}"
        ))),
        wanted => Ok(wanted.or(Some(last))),
    }
}

/// The permissions that a new token is confined to, in the words of the table.
fn confinement(change: &Change<'_>, wanted: Option<Vec<Permission>>) -> Result<Option<Vec<String>>> {
    let has = |permission: &Permission| !change.actor.grants.scopes(*permission).is_empty();
    if let Some(beyond) = wanted.iter().flatten().find(|permission| !has(permission)) {
        return Err(Error::Denied(format!(
            "a token cannot have the permission {beyond}, which its maker does not have"
        )));
    }
    let permissions = wanted.or_else(|| change.actor.confined_to.clone());
    Ok(permissions.map(|list| list.iter().map(Permission::to_string).collect()))
}
