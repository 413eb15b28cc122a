//! Archives that are being made.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::Postgres;
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::archive::turns;
use crate::connect::Database;
use crate::error::Result;
use crate::tenants::run;

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

/// The claim on an archive that is to be made, which is not on the list yet. Until its rows are read, the tenant is not restored.
#[derive(Debug)]
pub struct Reserved {
    tx: Transaction<'static, Postgres>,
    id: Uuid,
    tenant: Option<TenantId>,
}

/// The claim on an archive that is being made: an open transaction holds a lock of its id, so that it is seen when its maker has died.
#[derive(Debug)]
pub struct Running {
    tx: Transaction<'static, Postgres>,
    id: Uuid,
    tenant: Option<TenantId>,
}

/// Claims an archive of this id. A restore of the tenant that is under way is waited for.
///
/// # Errors
/// `Refused` when that has not ended in time; database errors.
pub async fn reserve(db: &Database, id: Uuid, tenant: Option<TenantId>, patience: Duration) -> Result<Reserved> {
    // Held before there is a row, which others would take for one that nobody holds.
    let mut begin = format!(
        "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;
         SELECT pg_advisory_xact_lock(hashtextextended('tenure backup {id}', 0))"
    );
    if let Some(tenant) = tenant {
        // Others may make archives of it too; whoever looks through the copies of its files waits for all of them.
        let share = "; SELECT pg_advisory_xact_lock_shared(hashtextextended('tenure copies of files ";
        begin.extend([share, &tenant.to_string(), "', 0)); SAVEPOINT reading"]);
    }
    let mut tx = db.owner.begin_with(AssertSqlSafe(begin)).await?;
    if let Some(tenant) = tenant {
        turns::read(&mut tx, tenant, patience).await?;
    }
    Ok(Reserved { tx, id, tenant })
}

impl Reserved {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// Puts it on the list as running.
    ///
    /// # Errors
    /// Database errors.
    pub async fn start(self, db: &Database, object_key: &str, now: Timestamp) -> Result<Running> {
        let Self { tx, id, tenant } = self;
        sqlx::query!(
            "INSERT INTO public.backups (id, tenant_id, state, object_key, created_at) VALUES ($1, $2, 'running', $3, $4)",
            id,
            tenant.map(TenantId::uuid),
            object_key,
            now.to_sqlx() as _,
        )
        .execute(&db.owner)
        .await?;
        Ok(Running { tx, id, tenant })
    }

    /// Gives it up: none is to be made.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn release(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}

impl Running {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// The rows are read: the tenant may be restored while the rest is made.
    ///
    /// # Errors
    /// Database errors.
    pub async fn rows_are_read(&mut self) -> Result<()> {
        if self.tenant.is_some() { run(&mut self.tx, "ROLLBACK TO SAVEPOINT reading").await } else { Ok(()) }
    }

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

    /// Notes why there is none, and whether nothing is left of it in the store.
    ///
    /// # Errors
    /// Database errors.
    pub async fn failed(mut self, why: &str, is_deleted: bool, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "UPDATE public.backups SET state = 'failed', error = $2, finished_at = $3, deleted_at = CASE WHEN $4 THEN $3::timestamptz END
             WHERE id = $1",
            self.id,
            why,
            now.to_sqlx() as _,
            is_deleted,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }
}

fn number(count: Option<u64>) -> Option<i64> {
    count.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// Marks as failed what runs left that died, and says how many there were.
///
/// # Errors
/// Database errors.
pub async fn abandon_dead(db: &Database, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "UPDATE public.backups SET state = 'failed', error = 'the run was cut off', finished_at = $1
         WHERE state = 'running' AND id IN (
             WITH running AS MATERIALIZED (SELECT id FROM public.backups WHERE state = 'running')
             SELECT id FROM running WHERE pg_try_advisory_xact_lock(hashtextextended('tenure backup ' || id, 0)))",
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(done.rows_affected())
}

/// Puts an archive on the list that was found in the store, whole: it was made after the list was, which came from an archive itself.
///
/// # Errors
/// Database errors.
pub async fn adopt(
    db: &Database,
    (id, tenant): (Uuid, TenantId),
    object_key: &str,
    found: &Finished,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.backups (id, tenant_id, state, object_key, schema_version, snapshot_at, size_bytes, checksum, created_at,
                                     finished_at, verified_at, files, files_lost)
         VALUES ($1, $2, 'good', $3, $4, $5, $6, $7, $5, $8, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
        id,
        tenant.uuid(),
        object_key,
        found.schema_version,
        found.snapshot_at.to_sqlx() as _,
        found.size_bytes,
        found.checksum.as_slice(),
        now.to_sqlx() as _,
        number(found.files.map(|(files, _)| files)),
        number(found.files.map(|(_, lost)| lost)),
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}
