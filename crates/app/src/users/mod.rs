//! Users: who signs in to a company, with which roles.

mod change;
mod rules;

use tenure_core::access::Permission;
use tenure_core::ids::{TenantId, UserId};
use tenure_db::TenantTx;
use tenure_db::users;

pub use tenure_db::users::{Content, DisplayName, Filter, PageStart, User};

pub use self::change::{Changes, Made, NewUser, change, create, delete, reset_password, resume, set_roles, suspend};
pub(crate) use self::rules::{check_other, role_grants};
use crate::caller::By;
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};

/// Which part of the list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which users.
    pub filter: Filter,
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many users a page holds at most.
    pub limit: u16,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The users, by mail address.
    pub users: Vec<User>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

/// One user.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, by: By<'_>, id: UserId) -> Result<User> {
    by.read(context, async |tx, actor| {
        actor.require(Permission::UsersRead)?;
        read(tx, id).await
    })
    .await
}

/// A page of the list.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(context: &Context, by: By<'_>, query: Query) -> Result<Page> {
    by.read(context, async |tx, actor| {
        actor.require(Permission::UsersRead)?;
        page(tx, &query).await
    })
    .await
}

/// The user of a mail address, for commands.
///
/// # Errors
/// `NotFound`; as [`tenure_db::Database::begin_read`] otherwise.
pub async fn by_email(context: &Context, tenant: TenantId, email: &str) -> Result<User> {
    let mut tx = context.db.begin_read(tenant).await?;
    let found = match users::find_by_email(&mut tx, email).await? {
        Some(id) => users::find(&mut tx, id).await?,
        None => None,
    };
    tx.commit().await?;
    found.ok_or_else(|| Error::NotFound { what: "user", which: email.to_owned() })
}

async fn page(tx: &mut TenantTx, query: &Query) -> Result<Page> {
    // One more than the page holds says whether there is a next page.
    let limit = usize::from(query.limit);
    let mut found = users::list(tx, &query.filter, query.after.as_ref(), query.limit.saturating_add(1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| PageStart { email: last.email.clone(), id: last.id });
    Ok(Page { users: found, next })
}

pub(crate) async fn read(tx: &mut TenantTx, id: UserId) -> Result<User> {
    let found = users::find(tx, id).await?;
    found.ok_or_else(|| Error::NotFound { what: "user", which: id.to_string() })
}

/// The user who is to be changed, if still as the caller has read them.
async fn read_for_change(tx: &mut TenantTx, target: Target<UserId>) -> Result<User> {
    let user = read(tx, target.id).await?;
    if user.version == target.version { Ok(user) } else { Err(Error::Stale("user")) }
}
