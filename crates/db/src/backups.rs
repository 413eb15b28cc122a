//! The list of archives in `public.backups`.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::Transaction;
use sqlx::postgres::Postgres;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::run;

/// One archive of one tenant, made, being made, or failed.
#[derive(Debug, Clone, Serialize)]
pub struct Backup {
    /// Its id.
    pub id: Uuid,
    /// The tenant.
    pub tenant_id: TenantId,
    /// `running`, `good`, `failed`, or `pruned` when its object was deleted.
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
}

struct Row {
    id: Uuid,
    tenant_id: Uuid,
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
}

impl From<Row> for Backup {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant_id: row.tenant_id.into(),
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
        }
    }
}

/// What is known of an archive when it is whole.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The version of the tenant's schema.
    pub schema_version: i32,
    /// The moment whose rows it holds.
    pub snapshot_at: Timestamp,
    /// Bytes of the object.
    pub size_bytes: i64,
    /// SHA-256 of the object.
    pub checksum: [u8; 32],
}

/// The claim on an archive that is being made: its row is held by an open transaction, so that it is seen when its maker has died.
#[derive(Debug)]
pub struct Running {
    tx: Transaction<'static, Postgres>,
    id: Uuid,
}

/// Puts a backup on the list as running, and holds it.
///
/// # Errors
/// Database errors.
pub async fn start(db: &Database, id: Uuid, tenant: TenantId, object_key: &str, now: Timestamp) -> Result<Running> {
    sqlx::query!(
        "INSERT INTO public.backups (id, tenant_id, state, object_key, created_at) VALUES ($1, $2, 'running', $3, $4)",
        id,
        tenant.uuid(),
        object_key,
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    let mut tx = db.owner.begin().await?;
    run(&mut tx, "SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    sqlx::query_scalar!("SELECT id FROM public.backups WHERE id = $1 AND state = 'running' FOR UPDATE", id)
        .fetch_one(&mut *tx)
        .await?;
    Ok(Running { tx, id })
}

impl Running {
    /// The last step: from now on the backup counts.
    ///
    /// # Errors
    /// Database errors; it does not count then.
    pub async fn good(mut self, finished: &Finished, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "UPDATE public.backups
             SET state = 'good', schema_version = $2, snapshot_at = $3, size_bytes = $4, checksum = $5, finished_at = $6
             WHERE id = $1",
            self.id,
            finished.schema_version,
            finished.snapshot_at.to_sqlx() as _,
            finished.size_bytes,
            finished.checksum.as_slice(),
            now.to_sqlx() as _,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }

    /// Notes why there is none.
    ///
    /// # Errors
    /// Database errors.
    pub async fn failed(mut self, why: &str, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "UPDATE public.backups SET state = 'failed', error = $2, finished_at = $3 WHERE id = $1",
            self.id,
            why,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }
}

/// Marks as failed what runs left that died, and gives the keys of what they may have stored.
///
/// # Errors
/// Database errors.
pub async fn abandon_dead(db: &Database, now: Timestamp) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "UPDATE public.backups SET state = 'failed', error = 'the run was cut off', finished_at = $1
         WHERE id IN (SELECT id FROM public.backups WHERE state = 'running' FOR UPDATE SKIP LOCKED) RETURNING object_key",
        now.to_sqlx() as _,
    )
    .fetch_all(&db.owner)
    .await?)
}

/// The backup of an id.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(db: &Database, id: Uuid) -> Result<Backup> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, tenant_id, state, object_key, schema_version, snapshot_at AS "snapshot_at: jiff_sqlx::Timestamp", size_bytes,
                  checksum, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  finished_at AS "finished_at: jiff_sqlx::Timestamp", verified_at AS "verified_at: jiff_sqlx::Timestamp"
           FROM public.backups WHERE id = $1"#,
        id,
    )
    .fetch_optional(&db.owner)
    .await?;
    row.map(Backup::from).ok_or_else(|| Error::not_found("backup", &id))
}

/// The newest backups first, of one tenant or of all.
///
/// # Errors
/// Database errors.
pub async fn list(db: &Database, tenant: Option<TenantId>, limit: i64) -> Result<Vec<Backup>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, tenant_id, state, object_key, schema_version, snapshot_at AS "snapshot_at: jiff_sqlx::Timestamp", size_bytes,
                  checksum, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  finished_at AS "finished_at: jiff_sqlx::Timestamp", verified_at AS "verified_at: jiff_sqlx::Timestamp"
           FROM public.backups WHERE $1::uuid IS NULL OR tenant_id = $1 ORDER BY id DESC LIMIT $2"#,
        tenant.map(TenantId::uuid),
        limit,
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(Backup::from).collect())
}

/// Notes that a backup was read through and is whole.
///
/// # Errors
/// Database errors.
pub async fn verified(db: &Database, id: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!("UPDATE public.backups SET verified_at = $2 WHERE id = $1", id, now.to_sqlx() as _)
        .execute(&db.owner)
        .await?;
    Ok(())
}
