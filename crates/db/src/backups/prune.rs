//! Archives that are no longer kept. One leaves the list of the good before its object is deleted, so that what is listed as good is
//! there, whatever happens in between.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, Transaction};
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::Result;

/// A good archive.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// The tenant; none for the platform's own tables.
    pub tenant_id: Option<TenantId>,
    /// Where its object is.
    pub object_key: String,
    /// Bytes of the object.
    pub size_bytes: u64,
    /// The moment whose rows it holds.
    pub from: Timestamp,
    /// The last moment at which they were still the same.
    pub until: Timestamp,
    /// Whether it was read through and found whole.
    pub is_verified: bool,
    /// Whether it was found damaged.
    pub is_damaged: bool,
}

/// All good archives, those of one tenant together and the newest first.
///
/// # Errors
/// Database errors.
pub async fn good_by_tenant(db: &Database) -> Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"SELECT id, tenant_id, object_key, size_bytes AS "size_bytes!", snapshot_at AS "snapshot_at!: jiff_sqlx::Timestamp",
                  coalesce(unchanged_until, snapshot_at) AS "until!: jiff_sqlx::Timestamp", verified_at IS NOT NULL AS "is_verified!",
                  damaged_at IS NOT NULL AS "is_damaged!"
           FROM public.backups WHERE state = 'good' ORDER BY tenant_id, id DESC"#
    )
    .fetch_all(&db.owner)
    .await?;
    let kept = rows.into_iter().map(|row| Kept {
        id: row.id,
        tenant_id: row.tenant_id.map(TenantId::from),
        object_key: row.object_key,
        size_bytes: u64::try_from(row.size_bytes).unwrap_or(0),
        from: row.snapshot_at.to_jiff(),
        until: row.until.to_jiff(),
        is_verified: row.is_verified,
        is_damaged: row.is_damaged,
    });
    Ok(kept.collect())
}

/// Takes archives off the list of the good.
///
/// # Errors
/// Database errors.
pub async fn prune(db: &Database, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("UPDATE public.backups SET state = 'pruned' WHERE id = ANY ($1) AND state = 'good'", ids)
        .execute(&db.owner)
        .await?;
    Ok(())
}

/// An archive that was taken off the list of the good, or was never on it.
#[derive(Debug, Clone)]
pub struct Undeleted {
    /// Its id.
    pub id: Uuid,
    /// The tenant; none for the platform's own tables.
    pub tenant_id: Option<TenantId>,
    /// Where its object is.
    pub object_key: String,
}

/// Pruned archives whose object may still be there, those of one tenant together.
///
/// # Errors
/// Database errors.
pub async fn undeleted(db: &Database) -> Result<Vec<Undeleted>> {
    given_up(db, "pruned").await
}

/// Failed archives of which something may be left in the store.
///
/// # Errors
/// Database errors.
pub async fn left_by_failed(db: &Database) -> Result<Vec<Undeleted>> {
    given_up(db, "failed").await
}

/// Both states are named, so that the index serves whichever is asked for.
async fn given_up(db: &Database, state: &str) -> Result<Vec<Undeleted>> {
    let rows = sqlx::query!(
        "SELECT id, tenant_id, object_key FROM public.backups
         WHERE state = $1 AND state IN ('pruned', 'failed') AND deleted_at IS NULL ORDER BY tenant_id, id",
        state,
    )
    .fetch_all(&db.owner)
    .await?;
    let undeleted = rows.into_iter().map(|row| Undeleted {
        id: row.id,
        tenant_id: row.tenant_id.map(TenantId::from),
        object_key: row.object_key,
    });
    Ok(undeleted.collect())
}

/// While this is kept, no archive of a tenant is made.
#[derive(Debug)]
pub struct CopiesHeld {
    _tx: Transaction<'static, Postgres>,
}

/// Keeps archives of a tenant from being made, so that the copies of its files can be looked through; `None` while one is being made.
///
/// # Errors
/// Database errors.
pub async fn hold_copies(db: &Database, tenant: TenantId) -> Result<Option<CopiesHeld>> {
    let mut tx = db.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    let is_free = sqlx::query_scalar!(
        r#"SELECT pg_try_advisory_xact_lock(hashtextextended('tenure copies of files ' || $1::uuid, 0)) AS "is_free!""#,
        tenant.uuid(),
    );
    Ok(is_free.fetch_one(&mut *tx).await?.then_some(CopiesHeld { _tx: tx }))
}

/// Notes that the object of an archive that is not kept is gone.
///
/// # Errors
/// Database errors.
pub async fn deleted(db: &Database, id: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.backups SET deleted_at = $2 WHERE id = $1 AND state IN ('pruned', 'failed')",
        id,
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}
