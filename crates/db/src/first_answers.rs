//! What requests with an `Idempotency-Key` were answered with, so that the same request again does nothing.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use tenure_core::ids::UserId;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A request under the key that its sender has given it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who asks; keys of two users have nothing to do with each other.
    pub user: UserId,
    /// The key.
    pub key: &'a str,
    /// SHA-256 of what is asked.
    pub fingerprint: &'a [u8; 32],
    /// When.
    pub now: Timestamp,
    /// Answers that are older than this are forgotten.
    pub kept_since: Timestamp,
}

/// What is known of a request's key.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nothing: the request is to be done, and [`keep`] to be called.
    First,
    /// The same was asked before and got this answer.
    Answered(Value),
    /// Something else was asked under the key.
    Reused,
}

/// Claims a key. Who claims one that another transaction has claimed waits for its end.
///
/// # Errors
/// When the database refuses it.
pub async fn claim(tx: &mut TenantTx, asked: &Asked<'_>) -> Result<Claim> {
    let claimed = sqlx::query!(
        "INSERT INTO first_answers (user_id, key, fingerprint, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, key) DO UPDATE
             SET fingerprint = excluded.fingerprint, answer = NULL, created_at = excluded.created_at
             WHERE first_answers.created_at < $5",
        asked.user.uuid(),
        asked.key,
        asked.fingerprint.as_slice(),
        asked.now.to_sqlx() as _,
        asked.kept_since.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::First);
    }
    let first = sqlx::query!(
        r#"SELECT fingerprint = $3 AS "same!", answer FROM first_answers WHERE user_id = $1 AND key = $2"#,
        asked.user.uuid(),
        asked.key,
        asked.fingerprint.as_slice(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(if first.same { Claim::Answered(first.answer.unwrap_or_default()) } else { Claim::Reused })
}

/// Keeps the answer to a request whose key was claimed in this transaction, and removes some that are too old. Those that another
/// transaction is removing are left to it.
///
/// # Errors
/// When the database refuses it.
pub async fn keep(tx: &mut TenantTx, asked: &Asked<'_>, answer: &impl Serialize) -> Result<()> {
    sqlx::query!(
        "WITH old AS (
             SELECT user_id, key FROM first_answers WHERE created_at < $4 ORDER BY created_at LIMIT 20 FOR UPDATE SKIP LOCKED
         ), swept AS (
             DELETE FROM first_answers f USING old WHERE f.user_id = old.user_id AND f.key = old.key
         )
         UPDATE first_answers SET answer = $3 WHERE user_id = $1 AND key = $2",
        asked.user.uuid(),
        asked.key,
        Json(answer) as _,
        asked.kept_since.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
