//! What is kept for a time only, and removed when the time is over.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Until when what is to be removed was of use.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    /// First answers that were given before.
    pub answered: Timestamp,
    /// Counts of who last failed to sign in before.
    pub failed: Timestamp,
    /// Sessions, and tokens for a new password, that would have expired before, had they not ended otherwise.
    pub expired: Timestamp,
}

/// Removes at most so many rows of each kind and gives how many there were of the kind that had most. What somebody uses is left.
///
/// # Errors
/// When the database refuses it.
pub async fn remove(tx: &mut TenantTx, until: Until, most: i64) -> Result<u64> {
    let Until { answered, failed, expired } = until;
    let (answered, failed, expired) = (answered.to_sqlx(), failed.to_sqlx(), expired.to_sqlx());
    let statements = [
        sqlx::query!(
            "DELETE FROM first_answers f USING (
                 SELECT user_id, key FROM first_answers WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) old
             WHERE f.user_id = old.user_id AND f.key = old.key",
            answered as _,
            most,
        ),
        sqlx::query!(
            "DELETE FROM sign_in_failures WHERE subject IN (
                 SELECT subject FROM sign_in_failures WHERE last_failed_at < $1 ORDER BY last_failed_at LIMIT $2
                 FOR UPDATE SKIP LOCKED)",
            failed as _,
            most,
        ),
        sqlx::query!(
            "DELETE FROM password_resets WHERE id IN (
                 SELECT id FROM password_resets WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            expired as _,
            most,
        ),
        sqlx::query!(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            expired as _,
            most,
        ),
    ];
    let mut removed = 0;
    for statement in statements {
        removed = removed.max(statement.execute(&mut **tx).await?.rows_affected());
    }
    Ok(removed)
}
