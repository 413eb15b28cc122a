//! What a caller may know of themself, whatever their roles.

use tenure_core::access::{Permission, Scope};
use tenure_db::users::User;

use crate::caller::{self, Caller};
use crate::context::Context;
use crate::error::Result;
use crate::users;

/// A caller, and what the credential that came with the request is good for.
#[derive(Debug, Clone)]
pub struct Me {
    /// The user.
    pub user: User,
    /// Each permission with its scopes.
    pub permissions: Vec<(Permission, Vec<Scope>)>,
}

/// The caller.
///
/// # Errors
/// `Unauthenticated`, `Denied` (the tenant is not served), `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>) -> Result<Me> {
    caller::read(context, caller, async |tx, actor| {
        let user = users::read(tx, actor.user_id()).await?;
        Ok(Me { user, permissions: actor.grants.by_permission().collect() })
    })
    .await
}
