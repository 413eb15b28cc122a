//! Rows by PostgreSQL's COPY, from a program that has them.

use sqlx::postgres::{PgConnection, PgCopyIn};

use crate::error::Result;

/// Rows on their way into a table.
#[expect(missing_debug_implementations, reason = "sqlx's has none")]
pub struct CopyIn<'c>(PgCopyIn<&'c mut PgConnection>);

impl<'c> CopyIn<'c> {
    pub(super) async fn begin(tx: &'c mut PgConnection, statement: &str) -> Result<Self> {
        Ok(Self(PgConnection::copy_in_raw(tx, statement).await?))
    }

    /// Sends some rows.
    ///
    /// # Errors
    /// Database errors.
    pub async fn send(&mut self, rows: &[u8]) -> Result<()> {
        self.0.send(rows).await?;
        Ok(())
    }

    /// Ends it, and says how many rows came in.
    ///
    /// # Errors
    /// Database errors, for example when a row breaks a rule of the table.
    pub async fn finish(self) -> Result<u64> {
        Ok(self.0.finish().await?)
    }
}
