//! Keeping the changes of a tenant from ending, while what lies in several places is read as of one moment.

use sqlx::postgres::{PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::ids::TenantId;

use super::snapshot::{LOCK_MILLIS, is_passing, place};
use crate::error::{Error, Result};
use crate::tenants::run;

/// How often changes of a tenant are waited for. Whoever waits for them keeps new ones waiting too, and so not for long at a time.
pub(super) const HOLD_ATTEMPTS: usize = 5;

/// While this is held, no change of a tenant ends. Several may hold them, to read.
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
}

/// Every change writes the audit log before it ends, and waits there.
pub(super) async fn hold(pool: &PgPool, tenant: TenantId) -> Result<Hold> {
    for _ in 0..HOLD_ATTEMPTS {
        let (schema, _) = place(pool, tenant).await?;
        let begin =
            format!("BEGIN; SET LOCAL lock_timeout = {LOCK_MILLIS}; SET LOCAL idle_in_transaction_session_timeout = 0");
        let mut tx = pool.begin_with(AssertSqlSafe(begin)).await?;
        match run(&mut tx, &format!("LOCK TABLE \"{schema}\".audit_log IN SHARE MODE")).await {
            Ok(()) => return Ok(Hold { tx }),
            Err(error) if is_passing(&error) => tx.rollback().await?,
            Err(error) => return Err(error),
        }
    }
    Err(under_way_all_the_time())
}

pub(super) fn under_way_all_the_time() -> Error {
    Error::Refused("changes of the tenant have been under way all the time; try again when they have ended".to_owned())
}
