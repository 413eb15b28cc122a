//! Hashes of passwords, and the tokens by which a forgotten one is replaced.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::UserId;
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A token that is about to be stored, by the hash of its secret.
#[derive(Debug, Clone)]
pub struct NewReset {
    /// Its id.
    pub id: Uuid,
    /// Whose password it replaces.
    pub user: UserId,
    /// SHA-256 of its secret part.
    pub hash: [u8; 32],
    /// Now.
    pub now: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A token that works.
#[derive(Debug, Clone)]
pub struct Reset {
    /// Its id.
    pub id: Uuid,
    /// Whose password it replaces.
    pub user: UserId,
    /// The user's mail address.
    pub email: String,
}

/// The hash of a user's password as it is now, in a row that stays as it is until this transaction ends; nothing when the user is not
/// active.
///
/// # Errors
/// When the database cannot be read.
pub async fn lock_hash(tx: &mut TenantTx, user: UserId) -> Result<Option<String>> {
    let hash = sqlx::query_scalar!(
        "SELECT password_hash FROM users WHERE id = $1 AND status = 'active' AND deleted_at IS NULL FOR UPDATE",
        user.uuid(),
    );
    Ok(hash.fetch_optional(&mut **tx).await?.flatten())
}

/// Writes the hash of a new password.
///
/// # Errors
/// When the database refuses it.
pub async fn set(tx: &mut TenantTx, user: UserId, hash: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1",
        user.uuid(),
        hash,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes another hash of the password that a user has.
///
/// # Errors
/// When the database refuses it.
pub async fn rehash(tx: &mut TenantTx, user: UserId, hash: &str) -> Result<()> {
    sqlx::query!("UPDATE users SET password_hash = $2 WHERE id = $1", user.uuid(), hash).execute(&mut **tx).await?;
    Ok(())
}

/// Stores a token and makes the user's earlier ones useless.
///
/// # Errors
/// When the database refuses it.
pub async fn insert_reset(tx: &mut TenantTx, reset: &NewReset) -> Result<()> {
    sqlx::query!("DELETE FROM password_resets WHERE user_id = $1", reset.user.uuid()).execute(&mut **tx).await?;
    sqlx::query!(
        "INSERT INTO password_resets (id, user_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        reset.id,
        reset.user.uuid(),
        reset.hash.as_slice(),
        reset.now.to_sqlx() as _,
        reset.expires_at.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The token of a hash, if it works: not used, not too old, of an active user.
///
/// # Errors
/// When the database cannot be read.
pub async fn reset(tx: &mut TenantTx, hash: &[u8; 32], now: Timestamp) -> Result<Option<Reset>> {
    let row = sqlx::query!(
        "SELECT r.id, u.id AS user_id, u.email FROM password_resets r JOIN users u ON u.id = r.user_id
         WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2 AND u.status = 'active' AND u.deleted_at IS NULL",
        hash.as_slice(),
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Reset { id: row.id, user: row.user_id.into(), email: row.email }))
}

/// Marks a token as used. Of two who use it at once, one is told that it did.
///
/// # Errors
/// When the database refuses it.
pub async fn use_reset(tx: &mut TenantTx, id: Uuid, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE password_resets SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
        id,
        now.to_sqlx() as _,
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}
