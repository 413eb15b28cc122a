//! Takes one tenant from its version to another, in one transaction.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tenure_core::tenant::SchemaName;

use super::grants;
use super::ledger::{Move, claim, forget_above, version};
use super::overview::Pending;
use super::run::RunOptions;
use super::source::{Migration, MigrationSet};
use super::statements::{created_table, split};
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
    connection: &mut PgConnection,
    set: &MigrationSet,
    tenant: &Pending,
    options: &RunOptions,
    act: &Act,
) -> Result<i32, Failure> {
    // The statement on the ledger is the same for every tenant: one plan serves them all.
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL plan_cache_mode = force_generic_plan",
        options.lock_timeout.as_millis()
    );
    let mut tx = connection.begin_with(AssertSqlSafe(begin)).await.map_err(Error::from)?;
    let mut from = tenant.version;
    while !options.is_reached(from) {
        let steps = steps(set, from, options);
        let applied: &[&Migration] = if options.down { &[] } else { &steps };
        let claimed = Move { from, to: options.target, applied };
        if claim(&mut tx, tenant.id, &tenant.schema, &claimed, act).await? {
            if options.down {
                forget_above(&mut tx, tenant.id, options.target).await?;
            }
            for step in steps {
                let result = if options.down {
                    take_back(&mut tx, step).await
                } else {
                    apply(&mut tx, step, &tenant.schema).await
                };
                result.map_err(|error| Failure { at: Some(step.clone()), error })?;
            }
            tx.commit().await.map_err(Error::from)?;
            return Ok(from);
        }
        from = version(&mut tx, tenant.id).await?;
    }
    Ok(from)
}

/// The migrations between a version and the target, in the order in which they are applied or taken back.
fn steps<'a>(set: &'a MigrationSet, from: i32, options: &RunOptions) -> Vec<&'a Migration> {
    if !options.down {
        return set.between(from, options.target).collect();
    }
    let mut steps: Vec<&Migration> = set.between(options.target, from).collect();
    steps.reverse();
    steps
}

async fn take_back(tx: &mut PgConnection, migration: &Migration) -> Result<()> {
    for statement in split(&migration.down) {
        run(tx, statement).await?;
    }
    Ok(())
}

/// Applies one migration and gives the tenant's role its rights on what was made.
pub(crate) async fn apply(tx: &mut PgConnection, migration: &Migration, schema: &SchemaName) -> Result<()> {
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
