//! Whether the database can serve, as far as a pool's next user would notice.

use std::time::{Duration, Instant};

use sqlx::postgres::PgPool;

use crate::connect::{Database, answering};
use crate::error::{Error, Result};
use crate::migrate::platform_behind;

/// How long one answer may take before a database counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// A database that requests are served from, and how it answered.
#[derive(Debug)]
pub struct Checked {
    /// `database`, or `replica` for the read replica.
    pub name: &'static str,
    /// What is wrong with it, if anything.
    pub outcome: Result<()>,
    /// How long the answer took, waiting for a free connection included.
    pub latency: Duration,
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// `application`, `owner` or `replica`.
    pub name: &'static str,
    /// Open connections.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: usize,
}

impl Database {
    /// Asks the database, and the replica where there is one, for what every request needs. Takes some seconds at most.
    pub async fn check(&self) -> Vec<Checked> {
        let mut checked = vec![check("database", &self.application).await];
        if let Some(replica) = &self.replica {
            checked.push(check("replica", &replica.pool).await);
        }
        checked
    }

    /// The state of each pool.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolState> {
        let pools = [
            ("application", Some(&self.application)),
            ("owner", Some(&self.owner)),
            ("replica", self.replica.as_ref().map(|replica| &replica.pool)),
        ];
        let state = |(name, pool): (_, Option<&PgPool>)| {
            pool.map(|pool| PoolState { name, open: pool.size(), idle: pool.num_idle() })
        };
        pools.into_iter().filter_map(state).collect()
    }
}

async fn check(name: &'static str, pool: &PgPool) -> Checked {
    let start = Instant::now();
    let outcome = tokio::time::timeout(PATIENCE, ask(pool)).await;
    let outcome = outcome.unwrap_or(Err(Error::Unavailable(sqlx::Error::PoolTimedOut)));
    Checked { name, outcome, latency: start.elapsed() }
}

/// Also finds a database without the platform's tables, or with older ones than requests need. With newer ones they are served: programs of two
/// versions work side by side while the newer one takes over.
async fn ask(pool: &PgPool) -> Result<()> {
    let mut connection = answering(pool).await?;
    let query = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM public.tenants) AS "any!""#);
    query.fetch_one(&mut *connection).await?;
    platform_behind(&mut connection).await?.map_or(Ok(()), Err)
}
