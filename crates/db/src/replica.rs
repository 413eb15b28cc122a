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

/// A replica's pool, and when it last failed to answer.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) pool: PgPool,
    failed: Mutex<Option<Instant>>,
}

impl Replica {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, failed: Mutex::default() }
    }

    fn is_avoided(&self) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|moment| moment.elapsed() < AVOIDED)
    }

    fn note_failure(&self, error: &Error) {
        tracing::warn!(%error, "the read replica does not answer; the primary is read for a while");
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl Database {
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
