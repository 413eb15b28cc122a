//! Migrates many tenants at once, bounded, resumable, each for itself.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::join_all;
use rand::RngExt;
use serde::Serialize;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;

use super::ledger::record_failure;
use super::overview::{Direction, Overview, Pending, towards};
use super::queue::Queue;
use super::source::MigrationSet;
use super::step::{Failure, migrate_tenant};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::Act;

const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// How a run is made.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The version to reach.
    pub target: i32,
    /// Whether tenants above the target are taken back to it, instead of those below being brought up.
    pub down: bool,
    /// Only these tenants; empty for all.
    pub only: Vec<TenantId>,
    /// So many tenants first; if one of them fails, no other is touched.
    pub canary: usize,
    /// How many tenants at once.
    pub parallelism: usize,
    /// How long a statement waits for a lock that a tenant's own query holds, before it lets that query's followers pass and
    /// tries again later.
    pub lock_timeout: Duration,
    /// How often a tenant is tried again after a lock was not to be had.
    pub retries: u32,
}

impl RunOptions {
    /// Whether a tenant at this version has nothing to do.
    pub(super) fn is_reached(&self, version: i32) -> bool {
        if self.down { version <= self.target } else { version >= self.target }
    }
}

/// What became of one tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The tenant.
    pub id: TenantId,
    /// Its slug.
    pub slug: Slug,
    /// The version it had.
    pub from: i32,
    /// The version it has now.
    pub to: i32,
    /// Why it failed; `None` when it did not.
    pub error: Option<String>,
}

/// What became of all tenants of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Tenants that are at the target now.
    pub migrated: Vec<Outcome>,
    /// Tenants that failed and are as they were.
    pub failed: Vec<Outcome>,
    /// Tenants that were not touched because a canary failed.
    pub not_started: Vec<Slug>,
}

/// Migrates tenants to a version; `on_done` hears of each as it ends.
///
/// # Errors
/// Before anything is touched: `Migration` for a changed checksum or a database newer than the program, `NotSetUp`, `Unavailable`.
/// What happens to a tenant afterwards stands in the report.
pub async fn run(
    db: &Database,
    set: &MigrationSet,
    options: &RunOptions,
    act: &(dyn Fn() -> Act + Sync),
    on_done: &(dyn Fn(&Outcome, usize) + Sync),
) -> Result<Report> {
    let direction = if options.down { Direction::Down } else { Direction::Up };
    let Overview { mut pending, .. } = towards(db, set, options.target, direction).await?;
    if !options.only.is_empty() {
        pending.retain(|tenant| options.only.contains(&tenant.id));
    }
    let total = pending.len();
    let mut report = Report::default();
    let run = Run { db, set, options, act, on_done, total };
    let canaries = pending.drain(..options.canary.min(total)).collect();
    run.batch(canaries, &mut report).await;
    if report.failed.is_empty() {
        run.batch(pending, &mut report).await;
    } else {
        report.not_started = pending.into_iter().map(|tenant| tenant.slug).collect();
    }
    Ok(report)
}

struct Run<'a> {
    db: &'a Database,
    set: &'a MigrationSet,
    options: &'a RunOptions,
    act: &'a (dyn Fn() -> Act + Sync),
    on_done: &'a (dyn Fn(&Outcome, usize) + Sync),
    total: usize,
}

impl Run<'_> {
    async fn batch(&self, tenants: Vec<Pending>, report: &mut Report) {
        let workers = self.options.parallelism.clamp(1, tenants.len().max(1));
        let queue = Queue::new(tenants.into_iter().map(|tenant| (tenant, 0)));
        let outcomes = Mutex::new(Vec::new());
        join_all((0..workers).map(|_| self.work(&queue, &outcomes))).await;
        let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (migrated, failed): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|outcome| outcome.error.is_none());
        report.migrated.extend(migrated);
        report.failed.extend(failed);
    }

    async fn work(&self, queue: &Queue<(Pending, u32)>, outcomes: &Mutex<Vec<Outcome>>) {
        // Held from tenant to tenant: the pool asks a connection that comes back whether it still lives, once for each.
        let mut held = None;
        while let Some(((tenant, attempt), delay)) = queue.take() {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            match self.attempt(&mut held, &tenant).await {
                Err(failure) if failure.is_passing() && attempt < self.options.retries => {
                    queue.put_back((tenant, attempt + 1), backoff(attempt));
                }
                result => {
                    let outcome = self.outcome(tenant, result).await;
                    (self.on_done)(&outcome, self.total);
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            }
        }
    }

    async fn attempt(&self, held: &mut Option<Held>, tenant: &Pending) -> Result<i32, Failure> {
        let Held { mut connection, tenants } = match held.take() {
            Some(held) => held,
            None => Held { connection: self.db.owner.acquire().await.map_err(Error::from)?, tenants: 0 },
        };
        let result = migrate_tenant(&mut connection, self.set, tenant, self.options, &(self.act)()).await;
        let tenants = tenants + 1;
        if tenants >= self.db.served.bound() {
            connection.close_on_drop();
        } else if result.is_ok() {
            // After a failure the pool looks at the connection before anybody uses it again.
            *held = Some(Held { connection, tenants });
        }
        result
    }

    async fn outcome(&self, tenant: Pending, result: Result<i32, Failure>) -> Outcome {
        let Pending { id, slug, version, .. } = tenant;
        match result {
            Ok(from) => Outcome { id, slug, from, to: self.options.target, error: None },
            Err(failure) => {
                let error = explain(&failure);
                if let Err(unrecorded) = record_failure(self.db, id, &failure, (self.act)().now).await {
                    tracing::warn!(tenant = %slug, error = %unrecorded, "the failure could not be written to the ledger");
                }
                Outcome { id, slug, from: version, to: version, error: Some(error) }
            }
        }
    }
}

/// A worker's connection, and how many tenants it has migrated: its backend keeps something of each.
struct Held {
    connection: PoolConnection<Postgres>,
    tenants: usize,
}

fn explain(failure: &Failure) -> String {
    let cause = match failure.error.sqlstate().as_deref() {
        Some("55P03") => "a query of this tenant holds a lock; run it again when that query has ended".to_owned(),
        _ => failure.error.to_string(),
    };
    match &failure.at {
        Some(migration) => format!("{:04}_{}: {cause}", migration.version, migration.name),
        None => cause,
    }
}

/// Twice as long each time, with a random part so that tenants do not come back together.
fn backoff(attempt: u32) -> Duration {
    let longest = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_BACKOFF);
    longest.mul_f64(rand::rng().random_range(0.5..1.0))
}
