//! The read replica: asked when it answers, and gone round when it does not.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgPool;
use tenure_core::ids::TenantId;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenant_tx::{Begin, TenantTx};

/// How long a request waits for a transaction on the replica before it turns to the primary.
const PATIENCE: Duration = Duration::from_secs(1);
/// For how long nobody waits again for a replica that did not answer.
const AVOIDED: Duration = Duration::from_secs(10);

/// For how long no backup waits again for a replica that was behind.
const LEFT_BEHIND: Duration = Duration::from_mins(5);
/// How often a replica is asked how far it is.
const LOOK: Duration = Duration::from_millis(50);

/// A replica's pool, and when it last failed to answer.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) pool: PgPool,
    /// How long a backup waits until it has what the primary has.
    wait: Duration,
    failed: Mutex<Option<Instant>>,
    was_behind: Mutex<Option<Instant>>,
}

impl Replica {
    pub(crate) fn new(pool: PgPool, wait: Duration) -> Self {
        Self { pool, wait, failed: Mutex::default(), was_behind: Mutex::default() }
    }

    fn is_avoided(&self) -> bool {
        is_within(&self.failed, AVOIDED)
    }

    /// Waits until it has replayed what the primary had at a position. A server that follows nobody, as one that was promoted, never has.
    async fn follow_to(&self, position: &str) -> Result<bool> {
        loop {
            let is_there = sqlx::query_scalar!(
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= $1::text::pg_lsn END",
                position,
            );
            match is_there.fetch_one(&self.pool).await? {
                Some(false) => tokio::time::sleep(LOOK).await,
                is_there => return Ok(is_there.is_some()),
            }
        }
    }

    fn note_failure(&self, error: &Error) {
        tracing::warn!(%error, "the read replica does not answer; the primary is read for a while");
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

fn is_within(since: &Mutex<Option<Instant>>, time: Duration) -> bool {
    let since = *since.lock().unwrap_or_else(PoisonError::into_inner);
    since.is_some_and(|moment| moment.elapsed() < time)
}

impl Database {
    /// The replica, once it has all that is on the primary now; nothing when there is none, or when that takes too long.
    pub(crate) async fn replica_as_of_now(&self) -> Result<Option<&Replica>> {
        let Some(replica) = self.replica.as_deref().filter(|replica| !is_within(&replica.was_behind, LEFT_BEHIND))
        else {
            return Ok(None);
        };
        // Also of what was committed and is not written out yet, with synchronous_commit off.
        let position = sqlx::query_scalar!(r#"SELECT pg_current_wal_insert_lsn()::text AS "position!""#);
        let position = position.fetch_one(&self.owner).await?;
        let cause = match tokio::time::timeout(replica.wait, replica.follow_to(&position)).await {
            Ok(Ok(true)) => return Ok(Some(replica)),
            Ok(Ok(false)) => "it follows no primary".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it is more than {:?} behind", replica.wait),
        };
        tracing::warn!(
            cause,
            "the read replica does not have what the primary has; for a while, backups read the primary"
        );
        *replica.was_behind.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(None)
    }

    /// Whether there is a replica that is expected to answer.
    #[must_use]
    pub fn has_replica(&self) -> bool {
        self.replica.as_ref().is_some_and(|replica| !replica.is_avoided())
    }

    /// Begins a read-only transaction on the read replica. What it reads may lag by a moment, so nothing that decides about access is
    /// read here. `None` when there is no replica, when it does not answer, or when it does not know the tenant yet as it is: the
    /// primary is to be read then.
    pub async fn begin_on_replica(&self, tenant: TenantId) -> Option<TenantTx> {
        let replica = self.replica.as_ref().filter(|replica| !replica.is_avoided())?;
        let beginning = TenantTx::begin(&replica.pool, &self.served, tenant, Begin::Read);
        let begun: Result<TenantTx> = match tokio::time::timeout(PATIENCE, beginning).await {
            Ok(begun) => begun,
            Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
        };
        begun
            .inspect_err(|error| {
                if matches!(error, Error::Unavailable(_)) {
                    replica.note_failure(error);
                }
            })
            .ok()
    }
}
