//! Examines everything that Tenure needs of PostgreSQL, and says what is wrong in words that name the mend.

mod platform_rights;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use sqlx::{ConnectOptions, Connection};

use crate::connect::Database;
use crate::error::{Error, Result};
use crate::migrate::{MigrationSet, check_platform, overview, platform_version, verify};
use crate::tenants::{Page, Tenant, list};

/// The versions of PostgreSQL that Tenure is made for, as `server_version_num` without its last four digits.
const VERSIONS: std::ops::RangeInclusive<i32> = 15..=18;
/// In PostgreSQL 15 whether a login inherits is a property of the login, from 16 on of each membership.
const MEMBERSHIP_INHERITS: i32 = 16;
const SLOW_ANSWER: Duration = Duration::from_millis(50);
const CLOCKS_APART: Duration = Duration::from_secs(1);

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but should be looked at.
    Warning,
    /// It does not work, or is not safe.
    Failed,
}

/// One thing that was examined.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was examined, for example `application: rights`.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was found and, unless it is fine, what to do.
    pub detail: String,
}

impl Check {
    /// A finding.
    pub fn new(name: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.into(), state, detail: detail.into() }
    }
}

/// Examines the database: each login by a connection of its own, migrations, and the drift of so many tenants.
pub async fn examine(db: &Database, set: &MigrationSet, now: impl Fn() -> Timestamp, drift_of: u32) -> Vec<Check> {
    let mut checks = Vec::new();
    let logins = [
        ("application", Some(&db.application)),
        ("owner", Some(&db.owner)),
        ("replica", db.replica.as_ref().map(|replica| &replica.pool)),
    ];
    for (login, pool) in logins {
        if let Some(pool) = pool {
            checks.extend(examine_login(login, pool, db, &now).await);
        }
    }
    if checks.iter().any(|check| check.name.ends_with("reachable") && check.state == State::Failed) {
        return checks;
    }
    checks.push(settled("migrations", migrations(db, set).await));
    checks.push(settled("platform: rights", platform_rights::examine(db).await));
    checks.push(settled("drift", drift(db, set, drift_of).await));
    checks.push(settled("disk", disk(db).await));
    checks.push(settled("WAL archiving", wal_archiving(db).await));
    checks
}

fn settled(name: &str, result: Result<(State, String)>) -> Check {
    match result {
        Ok((state, detail)) => Check::new(name, state, detail),
        Err(error) => Check::new(name, State::Failed, error.to_string()),
    }
}

async fn examine_login(login: &str, pool: &PgPool, db: &Database, now: &impl Fn() -> Timestamp) -> Vec<Check> {
    let limit = pool.options().get_acquire_timeout();
    let mut connection = match connect(&pool.connect_options(), limit).await {
        Ok(connection) => connection,
        Err(error) => return vec![Check::new(format!("{login}: reachable"), State::Failed, error.to_string())],
    };
    let mut checks = Vec::new();
    let mut add = |what: &str, result| checks.push(settled(&format!("{login}: {what}"), result));
    add("reachable", latency(&mut connection).await);
    add("version", version(&mut connection).await);
    add("tls", tls(&mut connection).await);
    add("clock", clock(&mut connection, now).await);
    if login == "owner" {
        add("rights", owner_rights(&mut connection).await);
    } else {
        add("rights", application_rights(&mut connection, db).await);
        add("search path", search_path(&mut connection).await);
    }
    // The findings are in; how the connection ends changes none of them.
    let _ = connection.close().await;
    checks
}

async fn connect(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection> {
    let connecting = tokio::time::timeout(limit, options.connect()).await;
    connecting.map_err(|_| Error::Unavailable(sqlx::Error::PoolTimedOut))?.map_err(Error::Unavailable)
}

async fn latency(connection: &mut PgConnection) -> Result<(State, String)> {
    let start = Instant::now();
    connection.ping().await?;
    let took = start.elapsed();
    let state = if took > SLOW_ANSWER { State::Warning } else { State::Ok };
    Ok((state, format!("answers in {:.1} ms", took.as_secs_f64() * 1_000.0)))
}

async fn version(connection: &mut PgConnection) -> Result<(State, String)> {
    let major = major_version(connection).await?;
    let state = if VERSIONS.contains(&major) { State::Ok } else { State::Failed };
    Ok((state, format!("PostgreSQL {major}; Tenure is made for {} to {}", VERSIONS.start(), VERSIONS.end())))
}

async fn major_version(connection: &mut PgConnection) -> Result<i32> {
    let number = sqlx::query_scalar!(r#"SELECT current_setting('server_version_num')::int AS "number!""#);
    Ok(number.fetch_one(connection).await? / 10_000)
}

async fn tls(connection: &mut PgConnection) -> Result<(State, String)> {
    let row = sqlx::query!(
        r#"SELECT coalesce(ssl, false) AS "encrypted!", version AS protocol, inet_server_addr() IS NULL AS "socket!",
                  coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', false) AS "loopback!"
           FROM pg_stat_ssl WHERE pid = pg_backend_pid()"#
    )
    .fetch_one(connection)
    .await?;
    Ok(match (row.encrypted, row.socket, row.loopback) {
        (true, ..) => (State::Ok, format!("encrypted ({})", row.protocol.unwrap_or_default())),
        (false, true, _) => (State::Ok, "a socket on this machine".to_owned()),
        (false, false, true) => (State::Ok, "loopback, not encrypted".to_owned()),
        (false, false, false) => (State::Warning, "not encrypted; add sslmode=verify-full to the URL".to_owned()),
    })
}

async fn clock(connection: &mut PgConnection, now: &impl Fn() -> Timestamp) -> Result<(State, String)> {
    let before = now();
    let theirs = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!: jiff_sqlx::Timestamp""#)
        .fetch_one(connection)
        .await?;
    let ours = now();
    let theirs = theirs.to_jiff();
    let nearest = theirs.clamp(before, ours);
    let apart = theirs.duration_since(nearest).unsigned_abs();
    let state = if apart > CLOCKS_APART { State::Warning } else { State::Ok };
    Ok((state, format!("{:.1} s from this machine's", apart.as_secs_f64())))
}

async fn application_rights(connection: &mut PgConnection, db: &Database) -> Result<(State, String)> {
    let major = major_version(connection).await?;
    let role = sqlx::query!(
        r#"SELECT rolsuper AS "superuser!", rolbypassrls AS "bypass!", rolinherit AS "inherits!" FROM pg_roles WHERE rolname = current_user"#
    )
    .fetch_one(connection)
    .await?;
    Ok(if role.superuser || role.bypass {
        (
            State::Failed,
            "the login is a superuser or bypasses row security, so nothing keeps tenants apart; use another".to_owned(),
        )
    } else if role.inherits && major < MEMBERSHIP_INHERITS && !db.has_single_login() {
        (State::Failed, "the login inherits all tenants' rights; ALTER ROLE … NOINHERIT".to_owned())
    } else if db.has_single_login() {
        (State::Warning, "it also owns the tenants' tables; set database.owner_url to a login of its own".to_owned())
    } else {
        (State::Ok, "may switch to tenants' roles and inherits nothing".to_owned())
    })
}

async fn owner_rights(connection: &mut PgConnection) -> Result<(State, String)> {
    let role = sqlx::query!(
        r#"SELECT r.rolsuper AS "superuser!", r.rolcreaterole AS "creates_roles!",
                  pg_has_role(d.datdba, 'USAGE') AS "owns!"
           FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()"#
    )
    .fetch_one(connection)
    .await?;
    Ok(match (role.superuser, role.creates_roles, role.owns) {
        (true, ..) => (State::Warning, "a superuser; CREATEROLE and owning the database are enough".to_owned()),
        (false, true, true) => (State::Ok, "owns the database and makes roles".to_owned()),
        (false, false, _) => (State::Failed, "cannot make tenants' roles; ALTER ROLE … CREATEROLE".to_owned()),
        (false, true, false) => (State::Failed, "does not own the database; ALTER DATABASE … OWNER TO it".to_owned()),
    })
}

async fn search_path(connection: &mut PgConnection) -> Result<(State, String)> {
    let path = sqlx::query_scalar!(r#"SELECT current_setting('search_path') AS "path!""#).fetch_one(connection).await?;
    Ok(if path.trim_matches('"').is_empty() {
        (State::Ok, "empty, so SQL without a tenant fails".to_owned())
    } else {
        (State::Failed, format!("{path}; ALTER DATABASE … SET search_path = '', and no other setting for the login"))
    })
}

async fn migrations(db: &Database, set: &MigrationSet) -> Result<(State, String)> {
    let (platform, platform_latest) = (platform_version(db).await?, MigrationSet::platform().latest());
    check_platform(db).await?;
    let behind = overview(db, set).await?.pending.len();
    Ok(if platform < platform_latest || behind > 0 {
        let detail =
            format!("platform at {platform} of {platform_latest}, {behind} tenants behind; run `tenure migrate up`");
        (State::Warning, detail)
    } else {
        (State::Ok, format!("platform at {platform}, every tenant at {}", set.latest()))
    })
}

async fn drift(db: &Database, set: &MigrationSet, most: u32) -> Result<(State, String)> {
    let tenants: Vec<Tenant> = list(db, None, &Page { after: None, limit: most }).await?;
    let report = verify(db, set, &tenants).await?;
    let drifted: Vec<&str> =
        report.iter().filter(|tenant| !tenant.drift.is_empty()).map(|tenant| tenant.slug.as_str()).collect();
    Ok(if drifted.is_empty() {
        (State::Ok, format!("none in {} tenants compared", report.len()))
    } else {
        (State::Failed, format!("in {}; `tenure migrate verify` lists it", drifted.join(", ")))
    })
}

async fn disk(db: &Database) -> Result<(State, String)> {
    let bytes =
        sqlx::query_scalar!(r#"SELECT pg_database_size(current_database()) AS "bytes!""#).fetch_one(&db.owner).await?;
    Ok((State::Ok, format!("the database holds {} MiB", bytes >> 20)))
}

/// Whether PostgreSQL hands its write-ahead log to a tool that restores any point in time. That it does not is a choice.
async fn wal_archiving(db: &Database) -> Result<(State, String)> {
    let row = sqlx::query!(
        r#"SELECT current_setting('archive_mode') AS "mode!", archived_count AS "archived!", last_archived_wal AS last_wal,
                  coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) AS "is_failing!",
                  last_failed_wal, failed_count AS "failed!",
                  extract(epoch FROM now() - last_archived_time)::bigint AS age
           FROM pg_stat_archiver"#
    )
    .fetch_one(&db.owner)
    .await?;
    let last = (row.last_wal.unwrap_or_default(), row.age.unwrap_or_default());
    let failed = row.is_failing.then(|| (row.last_failed_wal.unwrap_or_default(), row.failed));
    Ok(judge_archiving(row.mode != "off", row.archived, &last, failed.as_ref()))
}

fn judge_archiving(
    is_on: bool,
    archived: i64,
    (last, age): &(String, i64),
    failed: Option<&(String, i64)>,
) -> (State, String) {
    match failed {
        _ if !is_on => (State::Ok, "off; Tenure's archives hold single moments, see docs/backup.md".to_owned()),
        Some((segment, times)) => {
            (State::Failed, format!("{segment} could not be archived, {times} failures; see PostgreSQL's log"))
        }
        None if archived == 0 => (State::Warning, "on, but nothing was archived yet; see archive_command".to_owned()),
        None => (State::Ok, format!("{archived} segments, the last, {last}, {age} s ago")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archiving_is_off_works_or_is_failing() {
        let last = ("000000010000000000000007".to_owned(), 12);
        let state = |is_on, archived, failed| judge_archiving(is_on, archived, &last, failed).0;
        let failed = ("000000010000000000000008".to_owned(), 3);
        assert_eq!(state(false, 0, None), State::Ok);
        assert_eq!(state(true, 0, None), State::Warning);
        assert_eq!(state(true, 7, None), State::Ok);
        assert_eq!(state(true, 7, Some(&failed)), State::Failed);
        assert!(judge_archiving(true, 7, &last, Some(&failed)).1.contains("0008 could not be archived"));
    }
}
