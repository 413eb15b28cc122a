//! API tokens: credentials of programs, which act for a user.

mod own;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_core::ids::{TenantId, TokenId};
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::tokens::{self, NewToken};

use crate::context::Context;
use crate::credential::Kind;
use crate::error::{Error, Result};

pub use self::own::{Name, NewOwn, create_own, list_of, revoke_own};
pub use crate::credential::Secret;
pub use tenure_db::tokens::Token;

/// A token to be made.
#[derive(Debug, Clone)]
pub struct Create {
    /// The tenant.
    pub tenant: TenantId,
    /// The user on whose behalf it acts, by mail address; `None` for the tenant's owner.
    pub user: Option<String>,
    /// What it is for.
    pub name: String,
    /// How long it works; `None` for ever.
    pub valid_for: Option<SignedDuration>,
}

/// A token that was made.
#[derive(Debug)]
pub struct Created {
    /// Its id, by which it is revoked.
    pub id: TokenId,
    /// The token itself, which cannot be had again.
    pub token: Secret,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token.
///
/// # Errors
/// `NotFound` for a user who is not there; `Rule` for one who is suspended; `Invalid` for a name that is empty or too long.
pub async fn create(context: &Context, actor: &Actor, input: &Create) -> Result<Created> {
    if !(1..=100).contains(&input.name.trim().chars().count()) {
        return Err(Error::invalid("name", "has 1 to 100 characters"));
    }
    let now = context.now();
    let expires_at = input.valid_for.map(|time| now.checked_add(time)).transpose();
    let expires_at = expires_at.map_err(|_| Error::invalid("expires", "is too far away"))?;
    let mut tx = context.db.begin(input.tenant).await?;
    let user = match &input.user {
        Some(email) => tokens::user_by_email(&mut tx, email).await?,
        None => tokens::owner(&mut tx).await?,
    };
    let token = Secret::new(context, Kind::Token, input.tenant);
    let new = NewToken {
        id: context.id(),
        user,
        name: input.name.trim().to_owned(),
        hash: token.hash(),
        now,
        expires_at,
        permissions: None,
        made_by: None,
    };
    tokens::insert(&mut tx, &new).await?;
    let after = json!({ "user": user, "name": new.name, "expires_at": expires_at });
    record(&mut tx, context, actor, "token.created", new.id, Some(after)).await?;
    tx.commit().await?;
    Ok(Created { id: new.id, token, expires_at })
}

/// Makes a token useless from now on.
///
/// # Errors
/// `NotFound` when the tenant has no such token in use.
pub async fn revoke(context: &Context, actor: &Actor, tenant: TenantId, token: TokenId) -> Result<()> {
    let mut tx = context.db.begin(tenant).await?;
    tokens::revoke(&mut tx, token, context.now()).await?;
    record(&mut tx, context, actor, "token.revoked", token, None).await?;
    tx.commit().await?;
    Ok(())
}

/// The tenant's tokens, newest first.
///
/// # Errors
/// When the tenant is not served.
pub async fn list(context: &Context, tenant: TenantId) -> Result<Vec<tokens::Token>> {
    let mut tx = context.db.begin_read(tenant).await?;
    let tokens = tokens::list(&mut tx, None).await?;
    tx.commit().await?;
    Ok(tokens)
}

async fn record(
    tx: &mut tenure_db::TenantTx,
    context: &Context,
    actor: &Actor,
    action: &str,
    token: TokenId,
    after: Option<serde_json::Value>,
) -> Result<()> {
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor,
        action,
        entity: "api_token",
        entity_id: Some(token.uuid()),
        before: None,
        after,
        request_id: None,
    };
    Ok(audit::record(tx, &entry).await?)
}
