//! Archives that are being made.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::Transaction;
use sqlx::postgres::Postgres;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::Result;

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
    /// What it says of its content, to compare with later.
    pub content: Option<Vec<u8>>,
    /// How many files it names, and how many of them could not be read; none where the tenant has none.
    pub files: Option<(u64, u64)>,
}

/// The claim on an archive that is being made: an open transaction holds a lock of its id, so that it is seen when its maker has died.
#[derive(Debug)]
pub struct Running {
    tx: Transaction<'static, Postgres>,
    id: Uuid,
}

/// Puts a backup on the list as running, and holds it.
///
/// # Errors
/// Database errors.
pub async fn start(
    db: &Database,
    id: Uuid,
    tenant: Option<TenantId>,
    object_key: &str,
    now: Timestamp,
) -> Result<Running> {
    let mut tx = db.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    // Held before there is a row, which others would take for one that nobody holds.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('tenure backup ' || $1::uuid, 0))", id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO public.backups (id, tenant_id, state, object_key, created_at) VALUES ($1, $2, 'running', $3, $4)",
        id,
        tenant.map(TenantId::uuid),
        object_key,
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    if let Some(tenant) = tenant {
        // Others may make archives of it too; whoever looks through the copies of its files waits for all of them.
        sqlx::query!(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended('tenure copies of files ' || $1::uuid, 0))",
            tenant.uuid(),
        )
        .execute(&mut *tx)
        .await?;
    }
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
             SET state = 'good', schema_version = $2, snapshot_at = $3, size_bytes = $4, checksum = $5, finished_at = $6,
                 content = $7, files = $8, files_lost = $9
             WHERE id = $1",
            self.id,
            finished.schema_version,
            finished.snapshot_at.to_sqlx() as _,
            finished.size_bytes,
            finished.checksum.as_slice(),
            now.to_sqlx() as _,
            finished.content,
            number(finished.files.map(|(files, _)| files)),
            number(finished.files.map(|(_, lost)| lost)),
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

fn number(count: Option<u64>) -> Option<i64> {
    count.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// Marks as failed what runs left that died, and gives the keys of what they may have stored.
///
/// # Errors
/// Database errors.
pub async fn abandon_dead(db: &Database, now: Timestamp) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "UPDATE public.backups SET state = 'failed', error = 'the run was cut off', finished_at = $1
         WHERE state = 'running' AND id IN (
             WITH running AS MATERIALIZED (SELECT id FROM public.backups WHERE state = 'running')
             SELECT id FROM running WHERE pg_try_advisory_xact_lock(hashtextextended('tenure backup ' || id, 0)))
         RETURNING object_key",
        now.to_sqlx() as _,
    )
    .fetch_all(&db.owner)
    .await?)
}
