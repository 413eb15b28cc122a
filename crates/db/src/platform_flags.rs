//! The feature flags of the platform, and what their rules know of a tenant.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tenure_core::flags::{Flag, Key};
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::platform_audit;
use crate::tenants::Act;

/// A flag as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFlag {
    /// The flag.
    pub flag: Flag,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What the platform says of a tenant, as the statement has seen it that lets a request in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Its short name.
    pub slug: String,
    /// Its plan: the feature `plan`, or else what stands in its row.
    pub plan: String,
    /// The stamp of the platform's flags; without one, what they are is not known.
    pub flags: Option<Uuid>,
}

/// All flags of the platform, by key, and the stamp that they have: one statement sees both. A flag that a later version of the program has
/// written in another form is an error: to leave it out would switch off what it is for.
///
/// # Errors
/// `Refused` for such a flag; when the database cannot be read.
pub async fn all(db: &Database) -> Result<(Option<Uuid>, Vec<StoredFlag>)> {
    let rows = sqlx::query!(
        r#"SELECT s.stamp, f.version AS "version?", f.flag AS "flag?", f.created_at AS "created_at?: jiff_sqlx::Timestamp",
                  f.updated_at AS "updated_at?: jiff_sqlx::Timestamp"
           FROM (SELECT (SELECT stamp FROM public.platform_stamps WHERE area = 'flags') AS stamp) s
                LEFT JOIN public.feature_flags f ON true ORDER BY f.key COLLATE "C""#
    )
    .fetch_all(&db.application)
    .await?;
    let stamp = rows.first().and_then(|row| row.stamp);
    let stored = rows.into_iter().filter_map(|row| {
        let (flag, version, created_at, updated_at) = (row.flag?, row.version?, row.created_at?, row.updated_at?);
        Some((flag, version, created_at.to_jiff(), updated_at.to_jiff()))
    });
    let stored = stored.map(|(flag, version, created_at, updated_at)| {
        Ok(StoredFlag { flag: read(flag)?, version, created_at, updated_at })
    });
    Ok((stamp, stored.collect::<Result<_>>()?))
}

/// Makes a flag, puts another in its place, or takes it away, and gives it as it is then. What is `wanted` is made of the one that is there
/// and of all; `None` is none. Nothing is written when the flag is like this already.
///
/// # Errors
/// What `wanted` refuses; `Refused` for a flag of another form; when the database cannot be written.
pub async fn change<E: From<Error>>(
    db: &Database,
    key: &Key,
    act: &Act,
    wanted: impl FnOnce(Option<&StoredFlag>, &[StoredFlag]) -> std::result::Result<Option<Flag>, E>,
) -> std::result::Result<Option<StoredFlag>, E> {
    let mut tx = db.application.begin().await.map_err(Error::from)?;
    let all = lock(&mut tx).await?;
    let before = all.iter().find(|stored| stored.flag.key == *key);
    let after = match wanted(before, &all)? {
        Some(flag) if before.is_some_and(|before| before.flag == flag) => return Ok(before.cloned()),
        Some(flag) => Some(write(&mut tx, flag, act.now).await?),
        None => {
            remove(&mut tx, key).await?;
            None
        }
    };
    record(&mut tx, key, act, (before, after.as_ref())).await?;
    renew_stamp(&mut tx).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(after)
}

/// Makes that what was read of the flags is not used any more: for what was changed past the program.
///
/// # Errors
/// When the database cannot be written.
pub async fn flush(db: &Database, act: &Act) -> Result<()> {
    let mut tx = db.application.begin().await?;
    platform_audit::record(&mut tx, act, "cache.flushed", "flags", (None, None)).await?;
    renew_stamp(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Gives the platform's flags a new stamp, in the transaction that changes them.
pub(crate) async fn renew_stamp(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.platform_stamps (area, stamp) VALUES ('flags', gen_random_uuid())
         ON CONFLICT (area) DO UPDATE SET stamp = EXCLUDED.stamp"
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Locks the flags against other changes, so that two changes that are each right do not together make a circle, and reads them.
async fn lock(tx: &mut PgConnection) -> Result<Vec<StoredFlag>> {
    sqlx::query!("LOCK TABLE public.feature_flags IN SHARE ROW EXCLUSIVE MODE").execute(&mut *tx).await?;
    let rows = sqlx::query!(
        r#"SELECT version, flag, created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.feature_flags ORDER BY key COLLATE "C""#
    )
    .fetch_all(tx)
    .await?;
    let stored = rows.into_iter().map(|row| {
        let (created_at, updated_at) = (row.created_at.to_jiff(), row.updated_at.to_jiff());
        Ok(StoredFlag { flag: read(row.flag)?, version: row.version, created_at, updated_at })
    });
    stored.collect()
}

async fn write(tx: &mut PgConnection, flag: Flag, now: Timestamp) -> Result<StoredFlag> {
    let row = sqlx::query!(
        r#"INSERT INTO public.feature_flags AS f (key, version, flag, created_at, updated_at) VALUES ($1, 1, $2, $3, $3)
           ON CONFLICT (key) DO UPDATE SET version = f.version + 1, flag = EXCLUDED.flag,
                                           updated_at = greatest(EXCLUDED.updated_at, f.created_at)
           RETURNING version, created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        flag.key.as_str(),
        json!(flag),
        now.to_sqlx() as _,
    )
    .fetch_one(tx)
    .await?;
    let (created_at, updated_at) = (row.created_at.to_jiff(), row.updated_at.to_jiff());
    Ok(StoredFlag { flag, version: row.version, created_at, updated_at })
}

async fn remove(tx: &mut PgConnection, key: &Key) -> Result<()> {
    let done = sqlx::query!("DELETE FROM public.feature_flags WHERE key = $1", key.as_str()).execute(tx).await?;
    if done.rows_affected() == 0 { Err(Error::not_found("flag", key)) } else { Ok(()) }
}

async fn record(
    tx: &mut PgConnection,
    key: &Key,
    act: &Act,
    (before, after): (Option<&StoredFlag>, Option<&StoredFlag>),
) -> Result<()> {
    let action = match (before, after) {
        (None, _) => "flag.created",
        (Some(_), Some(_)) => "flag.updated",
        (Some(_), None) => "flag.deleted",
    };
    let shown = |stored: Option<&StoredFlag>| stored.map(|stored| json!(stored.flag));
    platform_audit::record(tx, act, action, key.as_str(), (shown(before), shown(after))).await
}

fn read(flag: Value) -> Result<Flag> {
    let name = flag.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let words =
        |error| Error::Refused(format!("the platform's flag {name} has a form that this version cannot read: {error}"));
    serde_json::from_value(flag).map_err(words)
}
