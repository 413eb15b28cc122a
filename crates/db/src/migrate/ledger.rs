//! The central ledger of tenants' migrations: written in the transaction that changes the tenant's schema, in one statement with
//! the tenant's version and its audit row.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::postgres::PgConnection;
use tenure_core::ids::TenantId;

use super::source::Migration;
use super::step::Failure;
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::Act;

/// The version of a tenant's schema; its row is held until the transaction ends, so that two runners follow each other.
pub(super) async fn lock_version(tx: &mut PgConnection, tenant: TenantId) -> Result<i32> {
    sqlx::query_scalar!(
        "SELECT schema_version FROM public.tenants WHERE id = $1 AND status <> 'purged' FOR NO KEY UPDATE",
        tenant.uuid(),
    )
    .fetch_optional(tx)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &tenant))
}

/// Records that migrations were applied, the last of which is the version that the tenant then has.
pub(super) async fn record_up(
    tx: &mut PgConnection,
    tenant: TenantId,
    from: i32,
    migrations: &[&Migration],
    act: &Act,
) -> Result<()> {
    let to = migrations.last().map_or(from, |migration| migration.version);
    let versions: Vec<i32> = migrations.iter().map(|migration| migration.version).collect();
    let names: Vec<String> = migrations.iter().map(|migration| migration.name.to_string()).collect();
    let checksums: Vec<String> = migrations.iter().map(|migration| migration.checksum.clone()).collect();
    sqlx::query!(
        "WITH moved AS (
             UPDATE public.tenants SET schema_version = $2, version = version + 1, updated_at = $3 WHERE id = $1
         ), entries AS (
             INSERT INTO public.tenant_migrations (tenant_id, version, name, checksum, state, started_at, finished_at)
             SELECT $1, version, name, checksum, 'applied', $3, clock_timestamp()
             FROM unnest($4::int[], $5::text[], $6::text[]) AS applied (version, name, checksum)
             ON CONFLICT (tenant_id, version) DO UPDATE
             SET name = excluded.name, checksum = excluded.checksum, state = 'applied', error = NULL,
                 started_at = excluded.started_at, finished_at = excluded.finished_at
         )
         INSERT INTO public.tenant_audit (id, tenant_id, action, actor, before, after, request_id, created_at)
         VALUES ($7, $1, 'migrated', $8, $9, $10, $11, $3)",
        tenant.uuid(),
        to,
        act.now.to_sqlx() as _,
        &versions,
        &names,
        &checksums,
        act.id,
        act.actor,
        json!({ "schema_version": from }),
        json!({ "schema_version": to }),
        act.request_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Records that all migrations above a version were taken back.
pub(super) async fn record_down(tx: &mut PgConnection, tenant: TenantId, from: i32, to: i32, act: &Act) -> Result<()> {
    sqlx::query!(
        "WITH moved AS (
             UPDATE public.tenants SET schema_version = $2, version = version + 1, updated_at = $3 WHERE id = $1
         ), entries AS (
             DELETE FROM public.tenant_migrations WHERE tenant_id = $1 AND version > $2
         )
         INSERT INTO public.tenant_audit (id, tenant_id, action, actor, before, after, request_id, created_at)
         VALUES ($4, $1, 'migrated', $5, $6, $7, $8, $3)",
        tenant.uuid(),
        to,
        act.now.to_sqlx() as _,
        act.id,
        act.actor,
        json!({ "schema_version": from }),
        json!({ "schema_version": to }),
        act.request_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that a migration failed, after its transaction was rolled back. A later success overwrites it.
pub(super) async fn record_failure(db: &Database, tenant: TenantId, failure: &Failure, now: Timestamp) -> Result<()> {
    let Some(migration) = &failure.at else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO public.tenant_migrations AS ledger
             (tenant_id, version, name, checksum, state, error, started_at, finished_at)
         VALUES ($1, $2, $3, $4, 'failed', $5, $6, clock_timestamp())
         ON CONFLICT (tenant_id, version) DO UPDATE
         SET name = excluded.name, checksum = excluded.checksum, error = excluded.error,
             started_at = excluded.started_at, finished_at = excluded.finished_at
         WHERE ledger.state = 'failed'",
        tenant.uuid(),
        migration.version,
        &*migration.name,
        migration.checksum,
        failure.error.to_string(),
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}
