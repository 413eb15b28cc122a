//! The central ledger of tenants' migrations: written in the transaction that changes the tenant's schema, in one statement with
//! the tenant's version and its audit row.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgConnection;
use tenure_core::ids::TenantId;
use tenure_core::tenant::SchemaName;

use super::source::Migration;
use super::step::Failure;
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::Act;

/// A move of a tenant's schema from one version to another.
pub(super) struct Move<'a> {
    pub(super) from: i32,
    pub(super) to: i32,
    /// The migrations that it applies; none on the way down.
    pub(super) applied: &'a [&'a Migration],
}

/// Claims a tenant for a move between two versions, records it and enters the tenant's schema; false when the tenant is not at the
/// first of them (any more).
///
/// It comes before the statements of the migration: the update of the row makes a second runner wait, and on the path that the
/// connection has outside tenants PostgreSQL keeps the plan of this statement from one tenant to the next. That it sets the path of
/// the transaction as well saves a wait for the server with each tenant.
pub(super) async fn claim(
    tx: &mut PgConnection,
    tenant: TenantId,
    schema: &SchemaName,
    step: &Move<'_>,
    act: &Act,
) -> Result<bool> {
    let versions: Vec<i32> = step.applied.iter().map(|migration| migration.version).collect();
    let names: Vec<String> = step.applied.iter().map(|migration| migration.name.to_string()).collect();
    let checksums: Vec<String> = step.applied.iter().map(|migration| migration.checksum.clone()).collect();
    let entered = sqlx::query_scalar!(
        r#"WITH moved AS (
             UPDATE public.tenants SET schema_version = $3, version = version + 1, updated_at = $4
             WHERE id = $1 AND schema_version = $2 AND status <> 'purged' RETURNING id
         ), applied AS (
             INSERT INTO public.tenant_migrations (tenant_id, version, name, checksum, state, recorded_at)
             SELECT moved.id, a.version, a.name, a.checksum, 'applied', $4
             FROM moved, unnest($5::int[], $6::text[], $7::text[]) AS a (version, name, checksum)
             ON CONFLICT (tenant_id, version) DO UPDATE
             SET name = excluded.name, checksum = excluded.checksum, state = 'applied', error = NULL,
                 recorded_at = excluded.recorded_at
         ), recorded AS (
             INSERT INTO public.tenant_audit (id, tenant_id, action, actor, before, after, request_id, created_at)
             SELECT $8, moved.id, 'migrated', $9, jsonb_build_object('schema_version', $2), jsonb_build_object('schema_version', $3), $10, $4
             FROM moved
         )
         SELECT set_config('search_path', quote_ident($11), true) AS "path!" FROM moved"#,
        tenant.uuid(),
        step.from,
        step.to,
        act.now.to_sqlx() as _,
        &versions,
        &names,
        &checksums,
        act.id,
        act.actor,
        act.request_id,
        schema.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(entered.is_some())
}

/// Takes the migrations above a version out of a tenant's ledger. The way up has no need of it, and goes over many more tenants.
pub(super) async fn forget_above(tx: &mut PgConnection, tenant: TenantId, version: i32) -> Result<()> {
    sqlx::query!("DELETE FROM public.tenant_migrations WHERE tenant_id = $1 AND version > $2", tenant.uuid(), version)
        .execute(tx)
        .await?;
    Ok(())
}

/// The version of a tenant's schema.
pub(super) async fn version(tx: &mut PgConnection, tenant: TenantId) -> Result<i32> {
    sqlx::query_scalar!(
        "SELECT schema_version FROM public.tenants WHERE id = $1 AND status <> 'purged'",
        tenant.uuid(),
    )
    .fetch_optional(tx)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &tenant))
}

/// Notes that a migration failed, after its transaction was rolled back. A later success overwrites it.
pub(super) async fn record_failure(db: &Database, tenant: TenantId, failure: &Failure, now: Timestamp) -> Result<()> {
    let Some(migration) = &failure.at else { return Ok(()) };
    sqlx::query!(
        "INSERT INTO public.tenant_migrations AS ledger
             (tenant_id, version, name, checksum, state, error, recorded_at)
         VALUES ($1, $2, $3, $4, 'failed', $5, $6)
         ON CONFLICT (tenant_id, version) DO UPDATE
         SET name = excluded.name, checksum = excluded.checksum, error = excluded.error, recorded_at = excluded.recorded_at
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
