//! API tokens in a tenant's schema: made, listed, revoked. [`crate::credentials`] looks them up.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use tenure_core::ids::{TokenId, UserId};

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// From this version of the schema on a token knows by which other it was made.
const KNOWS_MAKER: i32 = 13;

/// A token that is about to be stored. Its secret is not in it, only the secret's hash.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// The user on whose behalf it acts.
    pub user: UserId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of its secret part.
    pub hash: [u8; 32],
    /// When it is made.
    pub now: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The permissions that it is confined to; `None` for all that its user has.
    pub permissions: Option<Vec<String>>,
    /// The token by which it is made, with which it is revoked.
    pub made_by: Option<TokenId>,
}

/// A token as it is listed; neither its secret nor its hash is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The mail address of its user.
    pub user: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// The permissions that it is confined to; `None` for all that its user has.
    pub permissions: Option<Vec<String>>,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The user of a mail address, who must be active.
///
/// # Errors
/// `NotFound` when there is none; `Refused` when the user is suspended.
pub async fn user_by_email(tx: &mut TenantTx, email: &str) -> Result<UserId> {
    let row = sqlx::query!("SELECT id, status FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL", email)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| Error::not_found("user", &email))?;
    if row.status != "active" {
        return Err(Error::Refused(format!("the user {email} is {}", row.status)));
    }
    Ok(row.id.into())
}

/// The tenant's owner: of the users with the role `owner`, the one who was made first.
///
/// # Errors
/// `NotFound` when no active user has the role.
pub async fn owner(tx: &mut TenantTx) -> Result<UserId> {
    let id = sqlx::query_scalar!(
        "SELECT u.id FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
         WHERE r.key = 'owner' AND r.deleted_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL ORDER BY u.id LIMIT 1"
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::not_found("active user with the role", "owner"))?;
    Ok(id.into())
}

/// Stores a token.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(tx: &mut TenantTx, token: &NewToken) -> Result<()> {
    sqlx::query!(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at, expires_at, permissions)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id.uuid(),
        token.user.uuid(),
        token.name,
        token.hash.as_slice(),
        token.now.to_sqlx() as _,
        token.expires_at.map(ToSqlx::to_sqlx) as _,
        token.permissions.as_deref(),
    )
    .execute(&mut **tx)
    .await?;
    if let Some(maker) = token.made_by.filter(|_| tx.version() >= KNOWS_MAKER) {
        let made = sqlx::query!("UPDATE api_tokens SET made_by = $2 WHERE id = $1", token.id.uuid(), maker.uuid());
        made.execute(&mut **tx).await?;
    }
    Ok(())
}

/// The tokens of a user or of the whole tenant, newest first, at most 1,000.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, user: Option<UserId>) -> Result<Vec<Token>> {
    let rows = sqlx::query!(
        r#"SELECT t.id, u.email, t.name, t.created_at AS "created_at: jiff_sqlx::Timestamp",
                  t.expires_at AS "expires_at: jiff_sqlx::Timestamp", t.revoked_at AS "revoked_at: jiff_sqlx::Timestamp",
                  t.last_used_at AS "last_used_at: jiff_sqlx::Timestamp", t.permissions
           FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE $1::uuid IS NULL OR t.user_id = $1
           ORDER BY t.id DESC LIMIT 1000"#,
        user.map(UserId::uuid),
    )
    .fetch_all(&mut **tx)
    .await?;
    let tokens = rows.into_iter().map(|row| Token {
        id: row.id.into(),
        user: row.email,
        name: row.name,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        permissions: row.permissions,
        last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
        revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(tokens.collect())
}

/// Whose token it is, if it was not revoked.
///
/// # Errors
/// When the database cannot be read.
pub async fn user_of(tx: &mut TenantTx, token: TokenId) -> Result<Option<UserId>> {
    let user = sqlx::query_scalar!("SELECT user_id FROM api_tokens WHERE id = $1 AND revoked_at IS NULL", token.uuid());
    Ok(user.fetch_optional(&mut **tx).await?.map(UserId::from))
}

/// When a token stops working; `None` for never.
///
/// # Errors
/// When the database cannot be read.
pub async fn expiry(tx: &mut TenantTx, token: TokenId) -> Result<Option<Timestamp>> {
    let expiry = sqlx::query_scalar!(
        r#"SELECT expires_at AS "expires_at: jiff_sqlx::Timestamp" FROM api_tokens WHERE id = $1"#,
        token.uuid(),
    );
    Ok(expiry.fetch_optional(&mut **tx).await?.flatten().map(jiff_sqlx::Timestamp::to_jiff))
}

/// Makes a token useless from now on, and those that were made by it.
///
/// # Errors
/// `NotFound` when there is none that is still good.
pub async fn revoke(tx: &mut TenantTx, token: TokenId, now: Timestamp) -> Result<()> {
    let done = sqlx::query!(
        "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        token.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found("token in use", &token));
    }
    if tx.version() >= KNOWS_MAKER {
        revoke_made_by(tx, token, now).await?;
    }
    Ok(())
}

async fn revoke_made_by(tx: &mut TenantTx, token: TokenId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "WITH RECURSIVE made AS (
             SELECT id FROM api_tokens WHERE made_by = $1
             UNION
             SELECT t.id FROM api_tokens t JOIN made ON t.made_by = made.id
         )
         UPDATE api_tokens t SET revoked_at = $2 FROM made WHERE t.id = made.id AND t.revoked_at IS NULL",
        token.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes all tokens of a user useless from now on.
///
/// # Errors
/// When the database refuses it.
pub async fn revoke_all(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE api_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        user.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
