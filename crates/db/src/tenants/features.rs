//! Features of a tenant: named values that the platform sets, for example `payroll = true` or `employees.limit = 500`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::{Value, json};
use tenure_core::ids::TenantId;
use thiserror::Error;

use super::{Act, audit};
use crate::connect::Database;
use crate::error::{Error, Result};

/// The name of a feature: a letter, then up to 62 of `a–z 0–9 _ . -`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FeatureKey(String);

/// A text that cannot name a feature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} cannot name a feature; use a letter and then up to 62 of a–z, 0–9, _, . and -")]
pub struct FeatureKeyError(String);

impl FromStr for FeatureKey {
    type Err = FeatureKeyError;

    fn from_str(text: &str) -> Result<Self, FeatureKeyError> {
        let form = text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '.' | '-'));
        if form && text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FeatureKeyError(text.to_owned()))
        }
    }
}

impl fmt::Display for FeatureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A feature with its value.
#[derive(Debug, Clone, Serialize)]
pub struct Feature {
    /// Its name.
    pub key: String,
    /// Its value: any JSON.
    pub value: Value,
    /// When it was last set.
    pub updated_at: Timestamp,
}

/// The features of a tenant, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn features(db: &Database, tenant: TenantId) -> Result<Vec<Feature>> {
    let rows = sqlx::query!(
        r#"SELECT key, value, updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenant_features WHERE tenant_id = $1 ORDER BY key"#,
        tenant.uuid(),
    )
    .fetch_all(&db.application)
    .await?;
    let feature =
        rows.into_iter().map(|row| Feature { key: row.key, value: row.value, updated_at: row.updated_at.to_jiff() });
    Ok(feature.collect())
}

/// Whether a tenant's people are written to: unless the feature `mail` is `false`, as it is of a copy that was made from an archive.
///
/// # Errors
/// When the database cannot be read.
pub async fn sends_mail(db: &Database, tenant: TenantId) -> Result<bool> {
    let is_silent = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM public.tenant_features WHERE tenant_id = $1 AND key = 'mail' AND value = 'false') AS "is_silent!""#,
        tenant.uuid(),
    );
    Ok(!is_silent.fetch_one(&db.application).await?)
}

/// Gives a feature a value; false when it had that value already, and then nothing is written.
///
/// # Errors
/// When the database cannot be written.
pub async fn set_feature(db: &Database, tenant: TenantId, key: &FeatureKey, value: &Value, act: &Act) -> Result<bool> {
    let mut tx = db.owner.begin().await?;
    let old = lock_feature(&mut tx, tenant, key).await?;
    if old.as_ref() == Some(value) {
        return Ok(false);
    }
    sqlx::query!(
        "INSERT INTO public.tenant_features (tenant_id, key, value, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        tenant.uuid(),
        key.0,
        value,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    let before = old.map(|old| json!({ "key": key, "value": old }));
    audit::record(&mut tx, tenant, act, "feature_set", before, Some(json!({ "key": key, "value": value }))).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes a feature away.
///
/// # Errors
/// `NotFound` when the tenant does not have it.
pub async fn unset_feature(db: &Database, tenant: TenantId, key: &FeatureKey, act: &Act) -> Result<()> {
    let mut tx = db.owner.begin().await?;
    let old = lock_feature(&mut tx, tenant, key).await?.ok_or_else(|| Error::not_found("feature", &key))?;
    sqlx::query!("DELETE FROM public.tenant_features WHERE tenant_id = $1 AND key = $2", tenant.uuid(), key.0)
        .execute(&mut *tx)
        .await?;
    audit::record(&mut tx, tenant, act, "feature_unset", Some(json!({ "key": key, "value": old })), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Locks the tenant's row, so that two changes of its features follow each other, and reads the present value.
async fn lock_feature(tx: &mut sqlx::PgConnection, tenant: TenantId, key: &FeatureKey) -> Result<Option<Value>> {
    sqlx::query!("SELECT id FROM public.tenants WHERE id = $1 AND status <> 'purged' FOR NO KEY UPDATE", tenant.uuid())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| Error::not_found("tenant", &tenant))?;
    let value = sqlx::query_scalar!(
        "SELECT value FROM public.tenant_features WHERE tenant_id = $1 AND key = $2",
        tenant.uuid(),
        key.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(value)
}
