//! The audit trail of tenants as a whole, in `public.tenant_audit`. It outlives the tenant.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use super::Act;
use crate::connect::Database;
use crate::error::Result;

/// What was done to a tenant.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEntry {
    /// The id of the entry; entries sort by it.
    pub id: Uuid,
    /// What was done, for example `created` or `feature_set`.
    pub action: String,
    /// Who did it.
    pub actor: String,
    /// The state before, where there was one.
    pub before: Option<Value>,
    /// The state after, where there is one.
    pub after: Option<Value>,
    /// The request it was part of, if any.
    pub request_id: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Writes an entry in the transaction that does what it records.
pub(crate) async fn record(
    connection: &mut PgConnection,
    tenant: TenantId,
    act: &Act,
    action: &str,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.tenant_audit (id, tenant_id, action, actor, before, after, request_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        act.id,
        tenant.uuid(),
        action,
        act.actor,
        before,
        after,
        act.request_id,
        act.now.to_sqlx() as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest entries of a tenant, newest first; `before` continues below the last one seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn audit_trail(db: &Database, tenant: TenantId, before: Option<Uuid>, limit: i64) -> Result<Vec<AuditEntry>> {
    let rows = sqlx::query!(
        r#"SELECT id, action, actor, before, after, request_id, created_at AS "created_at: jiff_sqlx::Timestamp"
           FROM public.tenant_audit WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        tenant.uuid(),
        before,
        limit,
    )
    .fetch_all(&db.owner)
    .await?;
    let entries = rows.into_iter().map(|row| AuditEntry {
        id: row.id,
        action: row.action,
        actor: row.actor,
        before: row.before,
        after: row.after,
        request_id: row.request_id,
        created_at: row.created_at.to_jiff(),
    });
    Ok(entries.collect())
}
