//! Attempts to sign in: the account that is tried, and the failures that are counted.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::Transaction;
use sqlx::postgres::{PgConnection, Postgres};
use tenure_core::ids::UserId;
use tenure_core::sign_in::{Counter, Subject};

use crate::connect::{Database, answering};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// An account that somebody tries to sign in to.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub id: UserId,
    /// The mail address as it was entered with the user.
    pub email: String,
    /// The name to be shown.
    pub display_name: String,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// The hash of the password, where one was set.
    pub password_hash: Option<String>,
    /// Whether it was signed in to from this origin lately.
    pub is_known_there: bool,
}

/// The failures of one subject, an attempt under way included.
#[derive(Debug, Clone)]
pub struct Failures {
    /// The subject.
    pub subject: Subject,
    /// The text by which the table knows it.
    pub key: String,
    /// How many there are.
    pub failures: u32,
    /// Until when those before this one block it.
    pub blocked_until: Option<Timestamp>,
}

impl Failures {
    /// What of it decides whether its subject has to wait.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        Counter { subject: self.subject, blocked_until: self.blocked_until }
    }
}

/// A transaction that counts failures of addresses, for all companies together. What it counts is worth nothing after a crash, so nobody
/// waits for the disk.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_at_address(db: &Database) -> Result<Transaction<'static, Postgres>> {
    begin(db, "BEGIN; SET LOCAL search_path = public; SET LOCAL synchronous_commit = off").await
}

/// A transaction that counts failures at companies that are not there, as one of a company counts its own.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_nowhere(db: &Database) -> Result<Transaction<'static, Postgres>> {
    begin(db, "BEGIN; SET LOCAL search_path = public").await
}

/// PostgreSQL may have gone and come back since a connection was last used: as nothing was done on it yet, another is taken then.
async fn begin(db: &Database, sql: &'static str) -> Result<Transaction<'static, Postgres>> {
    match db.application.begin_with(sql).await.map_err(Error::from) {
        Err(Error::Unavailable(_)) => drop(answering(&db.application).await?),
        begun => return begun,
    }
    Ok(db.application.begin_with(sql).await?)
}

/// Whether an error says that the platform has not been migrated to where the application's login may count.
#[must_use]
pub fn is_behind(error: &Error) -> bool {
    matches!(error.sqlstate().as_deref(), Some("42501" | "42P01")) || matches!(error, Error::NotSetUp)
}

/// The account of a mail address, and whether it was signed in to from an origin since a moment.
///
/// # Errors
/// When the database cannot be read.
pub async fn account(tx: &mut TenantTx, email: &str, origin: &str, since: Timestamp) -> Result<Option<Account>> {
    let row = sqlx::query!(
        r#"SELECT u.id, u.email, u.display_name, u.status, u.password_hash,
                  EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id AND s.address = $2 AND s.created_at > $3) AS "known!"
           FROM users u WHERE lower(u.email) = lower($1) AND u.deleted_at IS NULL"#,
        email,
        origin,
        since.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Account {
        id: row.id.into(),
        email: row.email,
        display_name: row.display_name,
        is_active: row.status == "active",
        password_hash: row.password_hash,
        is_known_there: row.known,
    }))
}

/// Counts a failure of each subject and gives what they were blocked by before. Others who count one of them wait until this transaction
/// ends. What last failed before `forget` counts no more.
///
/// # Errors
/// When the database refuses it.
pub async fn count(
    tx: &mut PgConnection,
    subjects: &[(Subject, String)],
    now: Timestamp,
    forget: Timestamp,
) -> Result<Vec<Failures>> {
    let keys: Vec<String> = subjects.iter().map(|(_, key)| key.clone()).collect();
    // In one order, so that two that share subjects wait for each other and not in a ring.
    let rows = sqlx::query!(
        r#"INSERT INTO sign_in_failures AS f (subject, failures, last_failed_at)
           SELECT subject, 1, $2 FROM unnest($1::text[]) AS given (subject) ORDER BY subject
           ON CONFLICT (subject) DO UPDATE SET
               failures = CASE WHEN f.last_failed_at < $3 THEN 1 ELSE least(f.failures, 1000000) + 1 END,
               last_failed_at = greatest(f.last_failed_at, $2)
           RETURNING subject, failures, blocked_until AS "blocked_until: jiff_sqlx::Timestamp""#,
        &keys,
        now.to_sqlx() as _,
        forget.to_sqlx() as _,
    )
    .fetch_all(tx)
    .await?;
    let counted = rows.into_iter().filter_map(|row| {
        let (subject, key) = subjects.iter().find(|(_, key)| *key == row.subject)?;
        Some(Failures {
            subject: *subject,
            key: key.clone(),
            failures: u32::try_from(row.failures).unwrap_or_default(),
            blocked_until: row.blocked_until.map(jiff_sqlx::Timestamp::to_jiff),
        })
    });
    Ok(counted.collect())
}

/// Writes until when subjects are blocked from now on.
///
/// # Errors
/// When the database refuses it.
pub async fn block(tx: &mut PgConnection, blocked: &[(String, Timestamp)]) -> Result<()> {
    let keys: Vec<String> = blocked.iter().map(|(key, _)| key.clone()).collect();
    let until: Vec<String> = blocked.iter().map(|(_, until)| until.to_string()).collect();
    sqlx::query!(
        "UPDATE sign_in_failures AS f SET blocked_until = given.until::timestamptz
         FROM unnest($1::text[], $2::text[]) AS given (subject, until) WHERE f.subject = given.subject",
        &keys,
        &until,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back the failures that an attempt was counted as before it turned out well. A block that it caused is lifted unless others failed
/// meanwhile.
///
/// # Errors
/// When the database refuses it.
pub async fn take_back(tx: &mut PgConnection, counted: &[Failures]) -> Result<()> {
    let keys: Vec<String> = counted.iter().map(|one| one.key.clone()).collect();
    let failures: Vec<i32> = counted.iter().map(|one| i32::try_from(one.failures).unwrap_or(i32::MAX)).collect();
    // Locked in the order in which they are counted.
    sqlx::query!(
        "WITH locked AS (
             SELECT f.subject, given.failures AS counted FROM sign_in_failures f
             JOIN unnest($1::text[], $2::integer[]) AS given (subject, failures) ON given.subject = f.subject
             ORDER BY f.subject FOR UPDATE OF f),
         gone AS (DELETE FROM sign_in_failures f USING locked l WHERE f.subject = l.subject AND f.failures = 1)
         UPDATE sign_in_failures f SET failures = f.failures - 1,
             blocked_until = CASE WHEN f.failures = l.counted THEN NULL ELSE f.blocked_until END
         FROM locked l WHERE f.subject = l.subject AND f.failures > 1",
        &keys,
        &failures,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes the count of a subject as it is.
///
/// # Errors
/// When the database refuses it.
pub async fn touch(tx: &mut PgConnection, key: &str) -> Result<()> {
    let touch = sqlx::query!("UPDATE sign_in_failures SET failures = failures WHERE subject = $1", key);
    touch.execute(tx).await?;
    Ok(())
}

/// Forgets all failures of one subject.
///
/// # Errors
/// When the database refuses it.
pub async fn forget(tx: &mut TenantTx, key: &str) -> Result<()> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE subject = $1", key).execute(&mut **tx).await?;
    Ok(())
}

/// Deletes some of the counts whose last failure was before a moment. Those that somebody is counting are left.
///
/// # Errors
/// When the database refuses it.
pub async fn sweep(tx: &mut PgConnection, before: Timestamp) -> Result<()> {
    sqlx::query!(
        "DELETE FROM sign_in_failures WHERE subject IN
             (SELECT subject FROM sign_in_failures WHERE last_failed_at < $1 ORDER BY last_failed_at LIMIT 100 FOR UPDATE SKIP LOCKED)",
        before.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
