//! The list of archives in `public.backups`, and of the runs that make and check many of them.

mod prune;
mod running;
mod runs;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};

pub use prune::{CopiesHeld, Kept, Undeleted, deleted, good_by_tenant, hold_copies, left_by_failed, prune, undeleted};
pub use running::{Finished, Reserved, Running, abandon_dead, adopt, reserve};
pub use runs::{Run, RunKind, begin_run, last_starts, tenants_to_check};

/// One archive of one tenant or of the platform, made, being made, or failed.
#[derive(Debug, Clone, Serialize)]
pub struct Backup {
    /// Its id.
    pub id: Uuid,
    /// The tenant; none for the platform's own tables.
    pub tenant_id: Option<TenantId>,
    /// `running`, `good`, `failed`, `damaged` when a check found that it is not what was written, or `pruned` when its object was deleted.
    pub state: String,
    /// Where the object is, below the configured URL.
    pub object_key: String,
    /// The version of the tenant's schema.
    pub schema_version: Option<i32>,
    /// The moment whose rows it holds.
    pub snapshot_at: Option<Timestamp>,
    /// Bytes of the object.
    pub size_bytes: Option<i64>,
    /// SHA-256 of the object, in hex.
    pub checksum: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When it was last read through and found whole.
    pub verified_at: Option<Timestamp>,
    /// The last moment at which the tenant was found to be still as in this archive.
    pub unchanged_until: Option<Timestamp>,
    /// How many versions of documents it names; none where there are none.
    pub files: Option<i64>,
    /// How many of them could not be read when it was made.
    pub files_lost: Option<i64>,
    /// When a check found it damaged; none when a later one found it whole.
    pub damaged_at: Option<Timestamp>,
    /// What was wrong with it.
    pub damage: Option<String>,
}

impl Backup {
    /// Whether it was made and is kept, be it whole or not.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self.state.as_str(), "good" | "damaged")
    }
}

struct Row {
    id: Uuid,
    tenant_id: Option<Uuid>,
    state: String,
    object_key: String,
    schema_version: Option<i32>,
    snapshot_at: Option<jiff_sqlx::Timestamp>,
    size_bytes: Option<i64>,
    checksum: Option<Vec<u8>>,
    error: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    finished_at: Option<jiff_sqlx::Timestamp>,
    verified_at: Option<jiff_sqlx::Timestamp>,
    unchanged_until: Option<jiff_sqlx::Timestamp>,
    files: Option<i64>,
    files_lost: Option<i64>,
    damaged_at: Option<jiff_sqlx::Timestamp>,
    damage: Option<String>,
}

impl From<Row> for Backup {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant_id: row.tenant_id.map(TenantId::from),
            state: row.state,
            object_key: row.object_key,
            schema_version: row.schema_version,
            snapshot_at: row.snapshot_at.map(jiff_sqlx::Timestamp::to_jiff),
            size_bytes: row.size_bytes,
            checksum: row.checksum.map(hex::encode),
            error: row.error,
            created_at: row.created_at.to_jiff(),
            finished_at: row.finished_at.map(jiff_sqlx::Timestamp::to_jiff),
            verified_at: row.verified_at.map(jiff_sqlx::Timestamp::to_jiff),
            unchanged_until: row.unchanged_until.map(jiff_sqlx::Timestamp::to_jiff),
            files: row.files,
            files_lost: row.files_lost,
            damaged_at: row.damaged_at.map(jiff_sqlx::Timestamp::to_jiff),
            damage: row.damage,
        }
    }
}

/// The backup of an id.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(db: &Database, id: Uuid) -> Result<Backup> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, tenant_id, CASE WHEN state = 'good' AND damaged_at IS NOT NULL THEN 'damaged' ELSE state END AS "state!", object_key, schema_version, snapshot_at AS "snapshot_at: jiff_sqlx::Timestamp", size_bytes,
                  checksum, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  finished_at AS "finished_at: jiff_sqlx::Timestamp", verified_at AS "verified_at: jiff_sqlx::Timestamp",
                  unchanged_until AS "unchanged_until: jiff_sqlx::Timestamp", files, files_lost,
                  damaged_at AS "damaged_at: jiff_sqlx::Timestamp", damage
           FROM public.backups WHERE id = $1"#,
        id,
    )
    .fetch_optional(&db.application)
    .await?;
    row.map(Backup::from).ok_or_else(|| Error::not_found("backup", &id))
}

/// The newest backups first, of one tenant or of all, from before an id on.
///
/// # Errors
/// Database errors.
pub async fn list(db: &Database, tenant: Option<TenantId>, before: Option<Uuid>, limit: u16) -> Result<Vec<Backup>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, tenant_id, CASE WHEN state = 'good' AND damaged_at IS NOT NULL THEN 'damaged' ELSE state END AS "state!", object_key, schema_version, snapshot_at AS "snapshot_at: jiff_sqlx::Timestamp", size_bytes,
                  checksum, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  finished_at AS "finished_at: jiff_sqlx::Timestamp", verified_at AS "verified_at: jiff_sqlx::Timestamp",
                  unchanged_until AS "unchanged_until: jiff_sqlx::Timestamp", files, files_lost,
                  damaged_at AS "damaged_at: jiff_sqlx::Timestamp", damage
           FROM public.backups WHERE ($1::uuid IS NULL OR tenant_id = $1) AND ($2::uuid IS NULL OR id < $2)
           ORDER BY id DESC LIMIT $3"#,
        tenant.map(TenantId::uuid),
        before,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
    Ok(rows.into_iter().map(Backup::from).collect())
}

/// Notes that a backup was read through and is whole.
///
/// # Errors
/// Database errors.
pub async fn verified(db: &Database, id: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.backups SET verified_at = $2, damaged_at = NULL, damage = NULL WHERE id = $1",
        id,
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}

/// Notes that a backup is not what was written, and why: from now on it stands for nothing.
///
/// # Errors
/// Database errors.
pub async fn damaged(db: &Database, id: Uuid, why: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.backups SET damaged_at = $2, damage = $3, verified_at = NULL WHERE id = $1 AND state = 'good'",
        id,
        now.to_sqlx() as _,
        why,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}

/// The newest archive that was made, of a tenant or of the platform, and what it says of its content; of one that is damaged nothing.
///
/// # Errors
/// Database errors.
pub async fn newest_good(db: &Database, tenant: Option<TenantId>) -> Result<Option<(Uuid, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"SELECT id, CASE WHEN damaged_at IS NULL THEN coalesce(content, '') ELSE '' END AS "content!" FROM public.backups
           WHERE (tenant_id = $1 OR $1 IS NULL AND tenant_id IS NULL) AND state = 'good' ORDER BY id DESC LIMIT 1"#,
        tenant.map(TenantId::uuid),
    )
    .fetch_optional(&db.owner)
    .await?;
    Ok(row.map(|row| (row.id, row.content)))
}

/// Whether the newest archive of a tenant was found damaged.
///
/// # Errors
/// Database errors.
pub async fn newest_is_damaged(db: &Database, tenant: TenantId) -> Result<bool> {
    let is_damaged = sqlx::query_scalar!(
        r#"SELECT damaged_at IS NOT NULL AS "is_damaged!" FROM public.backups
           WHERE tenant_id = $1 AND state = 'good' ORDER BY id DESC LIMIT 1"#,
        tenant.uuid(),
    );
    Ok(is_damaged.fetch_optional(&db.owner).await?.unwrap_or_default())
}

/// The archives of a tenant from which it can be restored, the newest first, those that were found damaged last.
///
/// # Errors
/// Database errors.
pub async fn to_restore_from(db: &Database, tenant: TenantId) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM public.backups WHERE tenant_id = $1 AND state = 'good' ORDER BY damaged_at IS NOT NULL, id DESC",
        tenant.uuid(),
    )
    .fetch_all(&db.owner)
    .await?)
}

/// The ids of all archives of a tenant that the list has, whatever became of them.
///
/// # Errors
/// Database errors.
pub async fn known(db: &Database, tenant: TenantId) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!("SELECT id FROM public.backups WHERE tenant_id = $1", tenant.uuid());
    Ok(ids.fetch_all(&db.owner).await?)
}

/// Notes that at a moment the rows were still those of an archive.
///
/// # Errors
/// Database errors.
pub async fn unchanged(db: &Database, id: Uuid, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.backups SET unchanged_until = $2 WHERE id = $1 AND state = 'good' AND snapshot_at <= $2",
        id,
        at.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}
