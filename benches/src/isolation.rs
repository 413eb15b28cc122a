//! The memory of PostgreSQL's backends over many tenants, with and without replacing connections.

use std::fs;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use tenure_core::ids::TenantId;
use tenure_db::Database;

use crate::Result;
use crate::bed::Bed;
use crate::report::Report;

const TENANTS: usize = 500;
/// The default of `database.tenants_per_connection`.
const BOUND: usize = 200;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let tenants: Vec<TenantId> = bed.tenants("t", TENANTS).await?.into_iter().map(|(tenant, _)| tenant.id).collect();
    let unbounded = largest(bed, &tenants, usize::MAX).await?;
    let bounded = largest(bed, &tenants, BOUND).await?;
    eprintln!("a backend after {TENANTS} tenants: {unbounded:.0} MB; replaced after {BOUND}: {bounded:.0} MB");
    report.at_most("isolation/backend-memory-of-500-tenants", bounded / unbounded, 0.6);
    Ok(())
}

/// The most private memory, in MB, that a backend of a pool of one had while all tenants were served.
async fn largest(bed: &Bed, tenants: &[TenantId], bound: usize) -> Result<f64> {
    let mut settings = bed.settings.clone();
    settings.max_connections = 1;
    settings.tenants_per_connection = bound;
    let db = Database::new(&settings);
    let tables = tables(bed.context.db.owner_pool(), tenants).await?;
    let mut most = 0.0_f64;
    for tenant in tenants {
        let mut tx = db.begin(*tenant).await?;
        for table in &tables {
            sqlx::query(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
                .persistent(false)
                .execute(&mut *tx)
                .await?;
        }
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        most = most.max(private_memory(backend)?);
    }
    db.close().await;
    Ok(most)
}

async fn tables(owner: &PgPool, tenants: &[TenantId]) -> Result<Vec<String>> {
    let first = tenants.first().ok_or("no tenants")?;
    let tables = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  JOIN public.tenants t ON t.schema_name = n.nspname WHERE t.id = $1 AND c.relkind = 'r'";
    Ok(sqlx::query_scalar(tables).bind(first.uuid()).fetch_all(owner).await?)
}

/// `RssAnon` of a process: what is its own, without PostgreSQL's shared memory.
fn private_memory(pid: i32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).ok_or("no RssAnon")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_000.0)
}
