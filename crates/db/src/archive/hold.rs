//! Keeping the changes of a tenant from ending, while what lies in several places is read or moved as of one moment.

use sqlx::postgres::{PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use tenure_core::ids::TenantId;

use super::snapshot::{LOCK_MILLIS, is_passing, place};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::{Act, move_documents, run};

/// How often changes of a tenant are waited for.
const HOLD_ATTEMPTS: usize = 5;

/// While this is held, no change of a tenant ends.
#[derive(Debug)]
pub struct Hold {
    tx: Transaction<'static, Postgres>,
}

impl Hold {
    /// Lets them end.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn release(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }

    /// Says that the documents of the tenant, which were read at an address, lie in another place now, under the same id, and lets them end. Whatever
    /// has broken the hold meanwhile keeps it from being said. It holds for the next transaction on every server.
    ///
    /// # Errors
    /// `Conflict` when they have changed places since they were read; database errors.
    pub async fn move_documents(
        mut self,
        tenant: TenantId,
        between: (&DocumentAddress, &DocumentPlace),
        act: &Act,
    ) -> Result<()> {
        move_documents(&mut self.tx, tenant, between, act).await?;
        Ok(self.tx.commit().await?)
    }
}

impl Database {
    /// Lets no change of a tenant end until it is released, and nobody else hold them. Changes write the audit log before they end, and wait there.
    ///
    /// # Errors
    /// `NotFound` for a tenant that is not there; `Refused` while changes of it, or who else holds them, do not end; database errors.
    pub async fn hold_changes(&self, tenant: TenantId) -> Result<Hold> {
        hold(&self.owner, tenant, Holders::One).await
    }
}

/// How many may hold the changes of a tenant at a time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holders {
    /// For who changes something of it.
    One,
    /// For who only reads.
    Many,
}

impl Holders {
    const fn mode(self) -> &'static str {
        match self {
            Self::One => "SHARE ROW EXCLUSIVE",
            Self::Many => "SHARE",
        }
    }
}

/// Every change writes the audit log before it ends. Whoever waits for them keeps new ones waiting too, and so not for long at a time.
pub(super) async fn hold(pool: &PgPool, tenant: TenantId, holders: Holders) -> Result<Hold> {
    for _ in 0..HOLD_ATTEMPTS {
        let (schema, _) = place(pool, tenant).await?;
        let begin =
            format!("BEGIN; SET LOCAL lock_timeout = {LOCK_MILLIS}; SET LOCAL idle_in_transaction_session_timeout = 0");
        let mut tx = pool.begin_with(AssertSqlSafe(begin)).await?;
        match run(&mut tx, &format!("LOCK TABLE \"{schema}\".audit_log IN {} MODE", holders.mode())).await {
            Ok(()) => return Ok(Hold { tx }),
            Err(error) if is_passing(&error) => tx.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(Error::Refused(
        "changes of the tenant have been under way all the time; try again when they have ended".to_owned(),
    ))
}
