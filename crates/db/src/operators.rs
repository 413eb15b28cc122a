//! Who operates the platform over HTTP.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::platform_audit;
use crate::tenants::Act;

/// An operator that is about to be stored. The secret is not in it, only its hash.
#[derive(Debug, Clone)]
pub struct NewOperator {
    /// The id.
    pub id: Uuid,
    /// A name that no other operator has, for the audit trails.
    pub name: String,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// When the secret stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// An operator as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct Operator {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the secret stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Stores an operator, with its row of the platform's audit trail.
///
/// # Errors
/// `Taken` when another that was not revoked has the name.
pub async fn insert(db: &Database, new: &NewOperator, act: &Act) -> Result<()> {
    let mut tx = db.owner.begin().await?;
    sqlx::query!(
        "INSERT INTO public.operators (id, name, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        new.id,
        new.name,
        new.hash.as_slice(),
        act.now.to_sqlx() as _,
        new.expires_at.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut *tx)
    .await
    .map_err(|error| Error::taken(error, &[("operators_name_key", "name", "is the name of another operator")]))?;
    let after = json!({ "name": new.name, "expires_at": new.expires_at });
    platform_audit::record(&mut tx, act, "operator.created", &new.name, (None, Some(after))).await?;
    Ok(tx.commit().await?)
}

/// All operators, the newest first, those that were revoked too.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Database) -> Result<Vec<Operator>> {
    let rows = sqlx::query!(
        r#"SELECT id, name, created_at AS "created_at: jiff_sqlx::Timestamp", expires_at AS "expires_at: jiff_sqlx::Timestamp",
                  revoked_at AS "revoked_at: jiff_sqlx::Timestamp"
           FROM public.operators ORDER BY id DESC LIMIT 1000"#
    )
    .fetch_all(&db.application)
    .await?;
    let operators = rows.into_iter().map(|row| Operator {
        id: row.id,
        name: row.name,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(operators.collect())
}

/// The name of the operator whose secret has a hash, if it is still good.
///
/// # Errors
/// When the database cannot be read.
pub async fn name_by_hash(db: &Database, hash: &[u8; 32], now: Timestamp) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "SELECT name FROM public.operators
         WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        hash.as_slice(),
        now.to_sqlx() as _,
    );
    Ok(name.fetch_optional(&db.application).await?)
}

/// Makes an operator's secret useless from now on.
///
/// # Errors
/// `NotFound` when no operator that is not revoked has the name.
pub async fn revoke(db: &Database, name: &str, act: &Act) -> Result<()> {
    let mut tx = db.owner.begin().await?;
    let done = sqlx::query!(
        "UPDATE public.operators SET revoked_at = $2 WHERE lower(name) = lower($1) AND revoked_at IS NULL",
        name,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found("operator", &name));
    }
    platform_audit::record(&mut tx, act, "operator.revoked", name, (None, None)).await?;
    Ok(tx.commit().await?)
}
