//! Archives, restores and moves of one tenant take turns: a restore cannot put its schema into service while rows of the former one are read, and
//! finds that out before it does its work.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;

use crate::error::{Error, Result};
use crate::tenants::run;

/// Takes a turn to read a tenant's rows, which others may do at the same time.
pub(crate) async fn read(tx: &mut PgConnection, tenant: TenantId, patience: Duration) -> Result<()> {
    let is_free = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock_shared(hashtextextended('tenure rows of ' || $1::uuid, 0)) AS "is_free!""#,
        tenant.uuid(),
    );
    if is_free.fetch_one(&mut *tx).await? {
        return Ok(());
    }
    tracing::info!(%tenant, ?patience, "the tenant is being restored or its documents moved; its backup waits for that");
    wait_at_most(tx, patience).await?;
    let lock = sqlx::query!(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('tenure rows of ' || $1::uuid, 0))",
        tenant.uuid(),
    );
    let locked = lock.execute(&mut *tx).await.map_err(Error::from);
    locked.map_err(|error| {
        in_time(error, "the tenant is being restored or its documents moved; make its backup when that has ended")
    })?;
    wait_at_most(tx, Duration::ZERO).await
}

/// Takes a turn to replace a tenant's rows or documents, which nobody reads for an archive or replaces meanwhile.
pub(super) async fn replace(
    tx: &mut PgConnection,
    (tenant, slug): (TenantId, &Slug),
    patience: Duration,
) -> Result<()> {
    let is_free = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtextextended('tenure rows of ' || $1::uuid, 0)) AS "is_free!""#,
        tenant.uuid(),
    );
    if is_free.fetch_one(&mut *tx).await? {
        return Ok(());
    }
    tracing::info!(tenant = %slug, ?patience, "the tenant is being read for a backup, restored or moved by another; waiting for that");
    wait_at_most(tx, patience).await?;
    let lock = sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('tenure rows of ' || $1::uuid, 0))",
        tenant.uuid(),
    );
    let locked = lock.execute(&mut *tx).await.map_err(Error::from);
    let words =
        format!("{slug} is still being read for a backup, restored or moved by another; try again when that has ended");
    locked.map_err(|error| in_time(error, &words))?;
    Ok(())
}

/// Zero waits for as long as it takes.
pub(super) async fn wait_at_most(tx: &mut PgConnection, patience: Duration) -> Result<()> {
    let millis = if patience.is_zero() { 0 } else { patience.as_millis().clamp(1, 2_000_000_000) };
    run(tx, &format!("SET LOCAL lock_timeout = {millis}")).await
}

/// A wait that was not over in time, in these words.
pub(super) fn in_time(error: Error, words: &str) -> Error {
    match error.sqlstate().as_deref() {
        Some("55P03" | "40P01") => Error::Refused(words.to_owned()),
        _ => error,
    }
}
