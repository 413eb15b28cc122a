//! Takes one tenant from its version to another, in one transaction.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::postgres::PgConnection;
use tenure_core::ids::TenantId;
use tenure_core::tenant::SchemaName;

use super::grants;
use super::source::{Migration, MigrationSet};
use super::statements::{created_table, split};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::{Act, lock_tenant, record_audit, run};

/// Why a tenant's migration did not happen.
#[derive(Debug)]
pub(super) struct Failure {
    /// The migration at which it stopped, if it got that far.
    pub(super) at: Option<Migration>,
    pub(super) error: Error,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { at: None, error }
    }
}

impl Failure {
    /// Whether another try may succeed: a lock was not to be had, or the transaction met another.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.error.sqlstate().as_deref(), Some("55P03" | "40P01" | "40001"))
            || matches!(self.error, Error::Unavailable(_))
    }
}

/// Takes one tenant to a version, up or down, and returns the version it had.
pub(super) async fn migrate_tenant(
    db: &Database,
    set: &MigrationSet,
    tenant: TenantId,
    target: i32,
    lock_timeout: Duration,
    act: &Act,
) -> Result<i32, Failure> {
    let mut tx = db.owner.begin().await.map_err(Error::from)?;
    run(&mut tx, &format!("SET LOCAL lock_timeout = {}", lock_timeout.as_millis())).await?;
    let known = lock_tenant(&mut tx, tenant).await?;
    let from = known.schema_version;
    if from == target {
        return Ok(from);
    }
    run(&mut tx, &format!("SET LOCAL search_path = \"{}\"", known.schema)).await?;
    if from < target {
        for migration in set.between(from, target) {
            let stopped = |error| stopped_at(migration, error);
            apply(&mut tx, migration, &known.schema).await.map_err(stopped)?;
            write_ledger(&mut tx, migration, tenant, "applied", None, act.now).await.map_err(stopped)?;
        }
    } else {
        let steps: Vec<&Migration> = set.between(target, from).collect();
        for migration in steps.into_iter().rev() {
            take_back(&mut tx, migration, tenant).await.map_err(|error| stopped_at(migration, error))?;
        }
    }
    finish(&mut tx, tenant, from, target, act).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(from)
}

fn stopped_at(migration: &Migration, error: Error) -> Failure {
    Failure { at: Some(migration.clone()), error }
}

/// Applies one migration and gives the tenant's role its rights on what was made.
pub(super) async fn apply(tx: &mut PgConnection, migration: &Migration, schema: &SchemaName) -> Result<()> {
    let statements = split(&migration.up);
    for statement in &statements {
        run(tx, statement).await?;
    }
    let tables: Vec<&str> = statements.iter().filter_map(|statement| created_table(statement)).collect();
    for statement in grants(&tables, schema) {
        run(tx, &statement).await?;
    }
    Ok(())
}

async fn take_back(tx: &mut PgConnection, migration: &Migration, tenant: TenantId) -> Result<()> {
    for statement in split(&migration.down) {
        run(tx, statement).await?;
    }
    sqlx::query!(
        "DELETE FROM public.tenant_migrations WHERE tenant_id = $1 AND version = $2",
        tenant.uuid(),
        migration.version,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn finish(tx: &mut PgConnection, tenant: TenantId, from: i32, to: i32, act: &Act) -> Result<()> {
    sqlx::query!(
        "UPDATE public.tenants SET schema_version = $2, version = version + 1, updated_at = $3 WHERE id = $1",
        tenant.uuid(),
        to,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    let (before, after) = (json!({ "schema_version": from }), json!({ "schema_version": to }));
    record_audit(tx, tenant, act, "migrated", Some(before), Some(after)).await
}

/// Notes in the ledger that a migration failed, after its transaction was rolled back. A later success overwrites it.
pub(super) async fn record_failure(db: &Database, tenant: TenantId, failure: &Failure, now: Timestamp) -> Result<()> {
    let Some(migration) = &failure.at else { return Ok(()) };
    let mut connection = db.owner.acquire().await?;
    write_ledger(&mut connection, migration, tenant, "failed", Some(failure.error.to_string()), now).await
}

async fn write_ledger(
    connection: &mut PgConnection,
    migration: &Migration,
    tenant: TenantId,
    state: &str,
    error: Option<String>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.tenant_migrations AS ledger
             (tenant_id, version, name, checksum, state, error, started_at, finished_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
         ON CONFLICT (tenant_id, version) DO UPDATE
         SET name = excluded.name, checksum = excluded.checksum, state = excluded.state, error = excluded.error,
             started_at = excluded.started_at, finished_at = excluded.finished_at
         WHERE ledger.state = 'failed'",
        tenant.uuid(),
        migration.version,
        &*migration.name,
        migration.checksum,
        state,
        error,
        now.to_sqlx() as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
