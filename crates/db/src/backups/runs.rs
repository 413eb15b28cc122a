//! Runs over many tenants: one at a time in the whole installation, and taken up again where one was cut off.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::Transaction;
use sqlx::postgres::Postgres;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::run;

/// Who works on many tenants' archives holds this lock ("archives" in ASCII).
const RUN_LOCK: i64 = 0x6172_6368_6976_6573;
/// A run that was cut off longer ago is not taken up again: what it made is old.
const TAKEN_UP_WITHIN: SignedDuration = SignedDuration::from_hours(20);

pub use tenure_core::backups::RunKind;

/// A run under way. It holds the lock, which is free again when it ends or its process dies.
#[derive(Debug)]
pub struct Run {
    tx: Transaction<'static, Postgres>,
    id: Uuid,
    /// When it began, or the one that it takes up: what was made since need not be made again.
    pub since: Timestamp,
    /// Whether it takes up one that was cut off.
    pub is_taken_up: bool,
}

/// Begins a run.
///
/// # Errors
/// `Refused` while another is under way anywhere; database errors.
pub async fn begin_run(db: &Database, kind: RunKind, id: Uuid, now: Timestamp) -> Result<Run> {
    let mut tx = db.owner.begin().await?;
    run(&mut tx, "SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    let is_free = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "is_free!""#, RUN_LOCK);
    if !is_free.fetch_one(&mut *tx).await? {
        return Err(Error::Refused("another run over the archives of many tenants is under way".to_owned()));
    }
    let cut_off = take_up(db, kind, now).await?;
    let (id, since) = cut_off.unwrap_or((id, now));
    if cut_off.is_none() {
        insert(db, kind, id, now).await?;
    }
    Ok(Run { tx, id, since, is_taken_up: cut_off.is_some() })
}

/// The last run of a kind where it was cut off and is not old. Older ones end here, with nothing done.
async fn take_up(db: &Database, kind: RunKind, now: Timestamp) -> Result<Option<(Uuid, Timestamp)>> {
    let oldest = now.checked_sub(TAKEN_UP_WITHIN).unwrap_or(Timestamp::MIN);
    sqlx::query!(
        "UPDATE public.backup_runs SET ended_at = $1, done = 0, failed = 0 WHERE ended_at IS NULL AND started_at < $2",
        now.to_sqlx() as _,
        oldest.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    let row = sqlx::query!(
        r#"SELECT id, started_at AS "started_at: jiff_sqlx::Timestamp" FROM public.backup_runs
           WHERE kind = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1"#,
        kind.as_str(),
    )
    .fetch_optional(&db.owner)
    .await?;
    Ok(row.map(|row| (row.id, row.started_at.to_jiff())))
}

async fn insert(db: &Database, kind: RunKind, id: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.backup_runs (id, kind, started_at) VALUES ($1, $2, $3)",
        id,
        kind.as_str(),
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}

impl Run {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// Leaves it as one that was cut off, which the next takes up, and lets others begin.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn put_off(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }

    /// Ends it with its counts, and lets others begin.
    ///
    /// # Errors
    /// Database errors.
    pub async fn end(mut self, done: usize, failed: usize, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "UPDATE public.backup_runs SET ended_at = $2, done = $3, failed = $4 WHERE id = $1",
            self.id,
            now.to_sqlx() as _,
            i32::try_from(done).unwrap_or(i32::MAX),
            i32::try_from(failed).unwrap_or(i32::MAX),
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }
}

/// When the last run of each kind began that ended.
///
/// # Errors
/// Database errors.
pub async fn last_starts(db: &Database) -> Result<Vec<(RunKind, Timestamp)>> {
    let rows = sqlx::query!(
        r#"SELECT kind, max(started_at) AS "started_at!: jiff_sqlx::Timestamp" FROM public.backup_runs
           WHERE ended_at IS NOT NULL GROUP BY kind"#
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.kind.parse().ok()?, row.started_at.to_jiff()))).collect())
}

/// The newest good archive of every tenant that has one that was not found damaged, and is not purged.
///
/// # Errors
/// Database errors.
pub async fn tenants_to_check(db: &Database) -> Result<Vec<(TenantId, Uuid)>> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (b.tenant_id) b.tenant_id AS "tenant_id!", b.id
           FROM public.backups b JOIN public.tenants t ON t.id = b.tenant_id
           WHERE b.state = 'good' AND b.damaged_at IS NULL AND t.status <> 'purged' ORDER BY b.tenant_id, b.id DESC"#
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant_id.into(), row.id)).collect())
}
