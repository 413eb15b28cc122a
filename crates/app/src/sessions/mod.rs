//! Sessions: signing in and out, and the list of where a user is signed in.

pub(crate) mod address;
pub(crate) mod attempt;
mod begin;

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::ids::{SessionId, UserId};
use tenure_db::credentials::CredentialId;
use tenure_db::sessions;

pub use tenure_db::sessions::Session;

pub use self::begin::{Begun, SignIn, Visitor, begin};
use crate::caller::{self, Caller};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::users;

/// The sessions of a user that are under way, newest first; without a user the caller's own. Whether one of them is the caller's is said
/// with each.
///
/// # Errors
/// `Unauthenticated`, `Denied` (another's, without `users.read`), `NotFound` (such a user), `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, user: Option<UserId>) -> Result<Vec<(Session, bool)>> {
    let (now, idle_since) = (context.now(), context.idle_since());
    caller::read(context, caller, async |tx, actor| {
        let user = match user.filter(|user| *user != actor.user_id()) {
            Some(other) => {
                actor.require(Permission::UsersRead)?;
                users::read(tx, other).await?.id
            }
            None => actor.user_id(),
        };
        let found = sessions::list(tx, user, now, idle_since).await?;
        let is_this = |session: &Session| actor.credential == Some(CredentialId::Session(session.id));
        Ok(found.into_iter().map(|session| (session.clone(), is_this(&session))).collect())
    })
    .await
}

/// Ends the session that the caller has come with.
///
/// # Errors
/// `Unauthenticated`, `Rule` (it is an API token), `Unavailable`.
pub async fn end_current(context: &Context, caller: Caller<'_>) -> Result<()> {
    change::run(context, caller, async |change| {
        let Some(CredentialId::Session(id)) = change.actor.credential else {
            return Err(Error::Rule(
                "this is no session but an API token, which is revoked under /api/v1/tokens".to_owned(),
            ));
        };
        finish(change, id).await
    })
    .await
}

/// Ends a session: one of the caller's own, or with `users.write` another's.
///
/// # Errors
/// `Unauthenticated`, `Denied` (a user who may do more), `NotFound` (also for another's, without `users.write`), `Unavailable`.
pub async fn end(context: &Context, caller: Caller<'_>, id: SessionId) -> Result<()> {
    change::run(context, caller, async |change| {
        let not_found = || Error::NotFound { what: "session", which: id.to_string() };
        let user = sessions::user_of(&mut change.tx, id).await?.ok_or_else(not_found)?;
        if user != change.actor.user_id() {
            change.require(Permission::UsersWrite).map_err(|_| not_found())?;
            users::check_other(change, user).await?;
        }
        finish(change, id).await
    })
    .await
}

/// Ends all sessions of a user: the caller's own, or with `users.write` another's.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for a user who may do more), `NotFound` (such a user), `Unavailable`.
pub async fn end_all(context: &Context, caller: Caller<'_>, user: UserId) -> Result<()> {
    change::run(context, caller, async |change| {
        if user != change.actor.user_id() {
            change.require(Permission::UsersWrite)?;
            users::check_other(change, user).await?;
        }
        end_all_of(change, user, None).await
    })
    .await
}

/// Ends all sessions of a user but for one that may go on, and records how many there were.
pub(crate) async fn end_all_of(change: &mut Change<'_>, user: UserId, but: Option<SessionId>) -> Result<()> {
    let ended = sessions::end_all(&mut change.tx, user, but, change.context.now()).await?;
    if ended == 0 {
        return Ok(());
    }
    let after = Some(json!({ "ended": ended }));
    change.record(Record { action: "session.ended", entity: "user", id: user.uuid(), before: None, after }).await
}

async fn finish(change: &mut Change<'_>, id: SessionId) -> Result<()> {
    sessions::end(&mut change.tx, id, change.context.now()).await?;
    change.record(Record { action: "session.ended", entity: "session", id: id.uuid(), before: None, after: None }).await
}
