//! The ledger, read.

use jiff::Timestamp;
use serde::Serialize;
use tenure_core::ids::TenantId;

use crate::connect::Database;
use crate::error::Result;

/// A migration of a tenant, applied or failed.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// The tenant's slug.
    pub slug: String,
    /// The migration's number.
    pub version: i32,
    /// The migration's name.
    pub name: String,
    /// `applied` or `failed`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// When the run that applied it came to this tenant, or when it failed.
    pub recorded_at: Timestamp,
}

/// The newest entries of the ledger, of one tenant or of all.
///
/// # Errors
/// `NotSetUp` before the first `migrate up`.
pub async fn history(db: &Database, tenant: Option<TenantId>, limit: i64) -> Result<Vec<HistoryEntry>> {
    let rows = sqlx::query!(
        r#"SELECT t.slug, m.version, m.name, m.state, m.error, m.recorded_at AS "recorded_at: jiff_sqlx::Timestamp"
           FROM public.tenant_migrations m JOIN public.tenants t ON t.id = m.tenant_id
           WHERE $1::uuid IS NULL OR m.tenant_id = $1
           ORDER BY m.recorded_at DESC, t.slug, m.version DESC LIMIT $2"#,
        tenant.map(TenantId::uuid),
        limit,
    )
    .fetch_all(&db.owner)
    .await?;
    let entries = rows.into_iter().map(|row| HistoryEntry {
        slug: row.slug,
        version: row.version,
        name: row.name,
        state: row.state,
        error: row.error,
        recorded_at: row.recorded_at.to_jiff(),
    });
    Ok(entries.collect())
}
