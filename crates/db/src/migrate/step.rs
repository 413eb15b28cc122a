//! Takes one tenant from its version to another, in one transaction.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tenure_core::tenant::SchemaName;

use super::grants;
use super::ledger::{lock_version, record_down, record_up};
use super::overview::Pending;
use super::run::RunOptions;
use super::source::{Migration, MigrationSet};
use super::statements::{created_table, split};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::{Act, run};

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

/// Takes one tenant to the target, up or down, and returns the version it had. Another runner may have been faster: then nothing
/// is left to do.
pub(super) async fn migrate_tenant(
    db: &Database,
    set: &MigrationSet,
    tenant: &Pending,
    options: &RunOptions,
    act: &Act,
) -> Result<i32, Failure> {
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL search_path = \"{}\"",
        options.lock_timeout.as_millis(),
        tenant.schema
    );
    let mut tx = db.owner.begin_with(AssertSqlSafe(begin)).await.map_err(Error::from)?;
    let from = lock_version(&mut tx, tenant.id).await?;
    match options.down {
        false if from < options.target => up(&mut tx, set, tenant, from, options.target, act).await?,
        true if from > options.target => down(&mut tx, set, tenant, from, options.target, act).await?,
        _ => return Ok(from),
    }
    tx.commit().await.map_err(Error::from)?;
    Ok(from)
}

async fn up(
    tx: &mut PgConnection,
    set: &MigrationSet,
    tenant: &Pending,
    from: i32,
    to: i32,
    act: &Act,
) -> Result<(), Failure> {
    let migrations: Vec<&Migration> = set.between(from, to).collect();
    for migration in &migrations {
        apply(tx, migration, &tenant.schema).await.map_err(|error| stopped_at(migration, error))?;
    }
    Ok(record_up(tx, tenant.id, from, &migrations, act).await?)
}

async fn down(
    tx: &mut PgConnection,
    set: &MigrationSet,
    tenant: &Pending,
    from: i32,
    to: i32,
    act: &Act,
) -> Result<(), Failure> {
    let migrations: Vec<&Migration> = set.between(to, from).collect();
    for migration in migrations.into_iter().rev() {
        for statement in split(&migration.down) {
            run(tx, statement).await.map_err(|error| stopped_at(migration, error))?;
        }
    }
    Ok(record_down(tx, tenant.id, from, to, act).await?)
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
