//! Moving the documents of a tenant to another place: by one at a time, and neither while an archive of it is made nor while it is restored.

use std::pin::pin;
use std::time::Duration;

use sqlx::{Postgres, Transaction};
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use tenure_core::ids::TenantId;
use tokio::time::timeout;

use super::hold::{HOLD_ATTEMPTS, under_way_all_the_time};
use super::snapshot::{LOCK_MILLIS, is_passing};
use super::turns::{replace, wait_at_most};
use crate::connect::Database;
use crate::error::Result;
use crate::tenants::{Act, Tenant, by_id, lock, move_documents, run};

/// How long archives and restores of the tenant are waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is made sure that the turn is still there.
const PULSE: Duration = Duration::from_secs(1);

/// The turn of whoever moves the documents of a tenant. Its changes go on, until they are held.
#[derive(Debug)]
pub struct Moving {
    tx: Transaction<'static, Postgres>,
    tenant: Tenant,
}

impl Database {
    /// Takes the turn to move the documents of a tenant.
    ///
    /// # Errors
    /// `NotFound`; `Refused` when archives, restores and moves of it that are under way do not end in time; database errors.
    pub async fn begin_move(&self, tenant: TenantId) -> Result<Moving> {
        let mut tx = self.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let tenant = by_id(self, tenant).await?;
        replace(&mut tx, (tenant.id, &tenant.slug), PATIENCE).await?;
        wait_at_most(&mut tx, Duration::from_millis(LOCK_MILLIS.into())).await?;
        Ok(Moving { tx, tenant })
    }
}

impl Moving {
    /// Does something for as long as the turn is there: whoever has lost it must not go on to write where another may have moved the documents.
    ///
    /// # Errors
    /// When the connection is broken; what was being done is cut off then.
    pub async fn keep<T>(&mut self, doing: impl Future<Output = T>) -> Result<T> {
        let mut doing = pin!(doing);
        loop {
            if let Ok(done) = timeout(PULSE, &mut doing).await {
                return Ok(done);
            }
            run(&mut self.tx, "SELECT").await?;
        }
    }

    /// Lets no change of the tenant end from here on. The row of the tenant is held too, as by all who replace something of it, and before its
    /// tables.
    ///
    /// # Errors
    /// `NotFound` for a tenant that is gone; `Refused` while changes of it do not end; database errors.
    pub async fn hold_changes(&mut self) -> Result<()> {
        for _ in 0..HOLD_ATTEMPTS {
            run(&mut self.tx, "SAVEPOINT changes").await?;
            match self.try_to_hold().await {
                Ok(()) => return Ok(()),
                Err(error) if is_passing(&error) => self.let_changes_end().await?,
                Err(error) => return Err(error),
            }
        }
        Err(under_way_all_the_time())
    }

    async fn try_to_hold(&mut self) -> Result<()> {
        let schema = lock(&mut self.tx, self.tenant.id).await?.schema;
        run(&mut self.tx, &format!("LOCK TABLE \"{schema}\".audit_log IN SHARE ROW EXCLUSIVE MODE")).await
    }

    /// Lets them end; the turn goes on.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn let_changes_end(&mut self) -> Result<()> {
        run(&mut self.tx, "ROLLBACK TO SAVEPOINT changes; RELEASE SAVEPOINT changes").await
    }

    /// Says that the documents, which were read at an address, lie in another place now, under the same id, and ends the turn. Whatever has broken
    /// it meanwhile keeps that from being said. It holds for the next transaction on every server.
    ///
    /// # Errors
    /// `Conflict` when they have changed places since they were read; database errors.
    pub async fn end(mut self, between: (&DocumentAddress, &DocumentPlace), act: &Act) -> Result<()> {
        move_documents(&mut self.tx, self.tenant.id, between, act).await?;
        Ok(self.tx.commit().await?)
    }

    /// Ends the turn. Nothing was moved.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn give_up(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
