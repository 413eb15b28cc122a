//! A one-column migration over many tenants, against the raw statements at the same parallelism.

use std::time::{Duration, Instant};

use tenure_db::migrate::{self, MigrationSet, RunOptions};
use tenure_db::tenants::Tenant;
use tokio::task::JoinSet;

use crate::Result;
use crate::bed::{Bed, send};
use crate::report::{Report, median};

const TENANTS: usize = 500;
const PARALLELISM: usize = 4;
/// Even, so that either side is first equally often.
const ROUNDS: usize = 16;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let tenants: Vec<Tenant> = bed.tenants("t", TENANTS).await?.into_iter().map(|(tenant, _)| tenant).collect();
    let mut set = MigrationSet::tenant().clone();
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        set = set.with_next(
            format!("round_{round}"),
            format!("ALTER TABLE employees ADD COLUMN ours_{round} text"),
            format!("ALTER TABLE employees DROP COLUMN ours_{round}"),
        );
        // Whoever comes second finds the tenants' catalogue pages in memory and logged whole: they take turns at it.
        if round % 2 == 0 {
            ours.push(by_tenure(bed, &set).await?);
            raw.push(by_raw_statements(bed, &tenants, round).await?);
        } else {
            raw.push(by_raw_statements(bed, &tenants, round).await?);
            ours.push(by_tenure(bed, &set).await?);
        }
    }
    report.at_most("migrate/one-column-over-500", median(ours) / median(raw), 1.5);
    let (mut nothing, mut query) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        nothing.push(by_tenure(bed, &set).await?);
        query.push(one_query(bed).await?);
    }
    report.at_most("migrate/nothing-to-do-against-its-query", median(nothing) / median(query), 2.0);
    Ok(())
}

async fn by_tenure(bed: &Bed, set: &MigrationSet) -> Result<Duration> {
    let options = RunOptions {
        target: set.latest(),
        down: false,
        only: Vec::new(),
        canary: 0,
        parallelism: PARALLELISM,
        lock_timeout: Duration::from_secs(2),
        retries: 0,
    };
    let act = || bed.context.act(&tenure_db::audit::Actor::System);
    let start = Instant::now();
    let report = migrate::run(&bed.context.db, set, &options, &act, &|_, _| ()).await?;
    let took = start.elapsed();
    if report.failed.is_empty() { Ok(took) } else { Err(format!("{:?}", report.failed).into()) }
}

async fn by_raw_statements(bed: &Bed, tenants: &[Tenant], round: usize) -> Result<Duration> {
    let mut workers = JoinSet::new();
    let mut connections = Vec::new();
    for _ in 0..PARALLELISM {
        connections.push(bed.raw_owner().await?);
    }
    let start = Instant::now();
    for (worker, mut connection) in connections.into_iter().enumerate() {
        let schemas: Vec<String> =
            tenants.iter().skip(worker).step_by(PARALLELISM).map(|tenant| tenant.schema.to_string()).collect();
        workers.spawn(async move {
            for schema in schemas {
                let add = format!("ALTER TABLE employees ADD COLUMN raw_{round} text");
                let path = format!("SET LOCAL search_path = {schema}");
                send(&mut connection, &["BEGIN".to_owned(), path, add, "COMMIT".to_owned()]).await?;
            }
            Result::Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(start.elapsed())
}

/// The time of reading all tenants' versions and the ledger.
async fn one_query(bed: &Bed) -> Result<Duration> {
    let start = Instant::now();
    sqlx::query(
        "SELECT (SELECT count(*) FROM public.tenants WHERE schema_version < 0),
                (SELECT jsonb_agg(a) FROM (SELECT version, checksum, count(*) FROM public.tenant_migrations
                 WHERE state = 'applied' GROUP BY version, checksum) a)",
    )
    .fetch_one(bed.context.db.owner_pool())
    .await?;
    Ok(start.elapsed())
}
