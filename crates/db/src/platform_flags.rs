//! The feature flags of the platform, and what their rules know of each tenant.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tenure_core::flags::{Flag, Key};
use tenure_core::ids::TenantId;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::platform_audit;
use crate::tenants::Act;

/// A flag as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFlag {
    /// The flag.
    pub flag: Flag,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What rules know of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its short name.
    pub slug: String,
    /// Its plan: the feature `plan`, or else what stands in its row.
    pub plan: String,
}

/// All flags of the platform, by key. One that a later version of the program has written in another form is an error: to leave it out
/// would switch off what it is for.
///
/// # Errors
/// `Refused` for such a flag; when the database cannot be read.
pub async fn all(db: &Database) -> Result<Vec<StoredFlag>> {
    let rows = sqlx::query!(
        r#"SELECT version, flag, created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.feature_flags ORDER BY key COLLATE "C""#
    )
    .fetch_all(&db.application)
    .await?;
    let stored = rows.into_iter().map(|row| {
        Ok(StoredFlag {
            flag: read(row.flag)?,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
    });
    stored.collect()
}

/// What rules know of each tenant that is served.
///
/// # Errors
/// When the database cannot be read.
pub async fn tenants(db: &Database) -> Result<HashMap<TenantId, Known>> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.slug, coalesce(f.value #>> '{}', t.plan) AS "plan!"
           FROM public.tenants t LEFT JOIN public.tenant_features f ON f.tenant_id = t.id AND f.key = 'plan'
           WHERE t.status = 'active'"#
    )
    .fetch_all(&db.application)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), Known { slug: row.slug, plan: row.plan })).collect())
}

/// Makes a flag or puts another in its place; false when it was like this already, and then nothing is written. `wanted` is made of what
/// is there.
///
/// # Errors
/// What `wanted` refuses; `Refused` for a flag of another form; when the database cannot be written.
pub async fn set<E: From<Error>>(
    db: &Database,
    key: &Key,
    act: &Act,
    wanted: impl FnOnce(Option<Flag>, Vec<Flag>) -> std::result::Result<Flag, E>,
) -> std::result::Result<bool, E> {
    let mut tx = db.owner.begin().await.map_err(Error::from)?;
    let others = lock(&mut tx).await?;
    let before = others.iter().find(|flag| flag.key == *key).cloned();
    let flag = wanted(before.clone(), others)?;
    if before.as_ref() == Some(&flag) {
        return Ok(false);
    }
    write(&mut tx, &flag, act).await?;
    let action = if before.is_some() { "flag.updated" } else { "flag.created" };
    platform_audit::record(&mut tx, act, action, key.as_str(), (before.map(|flag| json!(flag)), Some(json!(flag))))
        .await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(true)
}

/// Takes a flag away.
///
/// # Errors
/// `NotFound`; `Refused` when another flag needs it; when the database cannot be written.
pub async fn delete(db: &Database, key: &Key, act: &Act) -> Result<()> {
    let mut tx = db.owner.begin().await?;
    let all = lock(&mut tx).await?;
    let before = all.iter().find(|flag| flag.key == *key).ok_or_else(|| Error::not_found("flag", &key))?;
    let needing = all.iter().find(|flag| flag.prerequisites.iter().any(|one| one.flag == *key));
    if let Some(needing) = needing {
        return Err(Error::Refused(format!("the flag {} needs this one", needing.key)));
    }
    sqlx::query!("DELETE FROM public.feature_flags WHERE key = $1", key.as_str()).execute(&mut *tx).await?;
    platform_audit::record(&mut tx, act, "flag.deleted", key.as_str(), (Some(json!(before)), None)).await?;
    Ok(tx.commit().await?)
}

/// Locks the flags against other changes, so that two changes that are each right do not together make a circle, and reads them.
async fn lock(tx: &mut PgConnection) -> Result<Vec<Flag>> {
    sqlx::query!("LOCK TABLE public.feature_flags IN SHARE ROW EXCLUSIVE MODE").execute(&mut *tx).await?;
    let flags =
        sqlx::query_scalar!(r#"SELECT flag FROM public.feature_flags ORDER BY key COLLATE "C""#).fetch_all(tx).await?;
    flags.into_iter().map(read).collect()
}

async fn write(tx: &mut PgConnection, flag: &Flag, act: &Act) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.feature_flags AS f (key, version, flag, created_at, updated_at) VALUES ($1, 1, $2, $3, $3)
         ON CONFLICT (key) DO UPDATE SET version = f.version + 1, flag = EXCLUDED.flag,
                                         updated_at = greatest(EXCLUDED.updated_at, f.created_at)",
        flag.key.as_str(),
        json!(flag),
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn read(flag: Value) -> Result<Flag> {
    let name = flag.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let words =
        |error| Error::Refused(format!("the platform's flag {name} has a form that this version cannot read: {error}"));
    serde_json::from_value(flag).map_err(words)
}
