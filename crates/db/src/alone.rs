//! What only one of many servers does at a time.

use sqlx::{Postgres, Transaction};

use crate::connect::Database;
use crate::error::Result;

/// `tenure` and a number in hexadecimal digits, like those of migrations and of runs of backups.
const HOUSEKEEPING: i64 = 0x7465_6e75_7265_0003;

/// While this is kept, no other server does the same.
#[derive(Debug)]
pub struct Alone {
    _tx: Transaction<'static, Postgres>,
}

/// Takes the right to look after what all tenants have in common; `None` while another has it.
///
/// # Errors
/// When the database does not answer.
pub async fn housekeeping(db: &Database) -> Result<Option<Alone>> {
    let mut tx = db.owner.begin().await?;
    sqlx::query!("SET LOCAL idle_in_transaction_session_timeout = 0").execute(&mut *tx).await?;
    let is_free = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "is_free!""#, HOUSEKEEPING);
    Ok(is_free.fetch_one(&mut *tx).await?.then_some(Alone { _tx: tx }))
}
