//! What a restore does not bring back: ways into a tenant that were withdrawn since the archive was made.
//!
//! Rows come from the archive. Who is let in is decided by the schema that was in service until then: a session or token that did not work
//! there does not work afterwards, passwords stay those of that moment, and a user who was kept out there is kept out.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::{quoted, table_list};
use crate::error::Result;
use crate::migrate::MigrationSet;

/// What was closed of the ways in that came with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Closed {
    /// Sessions that were ended.
    pub sessions: u64,
    /// API tokens that were revoked.
    pub tokens: u64,
    /// Users who were suspended, because they were suspended or deleted.
    pub users: u64,
}

/// A schema, and the tables that it has at its version.
pub(super) struct Place<'a> {
    name: &'a str,
    tables: Vec<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn new(name: &'a str, set: &'a MigrationSet, version: i32) -> Self {
        Self { name, tables: set.tables_at(version) }
    }

    fn table(&self, name: &str) -> Option<String> {
        self.tables.contains(&name).then(|| table_list(self.name, &[name]))
    }
}

/// What is to become of a session or token that the schema in service has never heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It does not work: whoever withdrew it may have deleted all that was known of it.
    Closed,
    /// It works: it was made in the schema that comes back, after what replaced that.
    Open,
}

/// Closes in a schema that comes into service what was withdrawn in the one that leaves it.
pub(super) async fn close_withdrawn(
    tx: &mut PgConnection,
    (coming, leaving): (&Place<'_>, &Place<'_>),
    unknown: Unknown,
    now: Timestamp,
) -> Result<Closed> {
    let mut closed = Closed::default();
    if let Some(sessions) = coming.table("sessions") {
        let withdrawn = withdrawn(leaving, ("sessions", "ended_at"), unknown);
        let renewed = format!(
            "EXISTS (SELECT FROM {} n JOIN {} o ON o.id = n.id WHERE n.id = c.user_id AND o.password_changed_at IS DISTINCT FROM n.password_changed_at)
             AND NOT EXISTS ({})",
            users(coming),
            users(leaving),
            works(leaving, ("sessions", "ended_at")),
        );
        let end =
            format!("UPDATE {sessions} c SET ended_at = $1 WHERE ended_at IS NULL AND ({withdrawn} OR {renewed})");
        closed.sessions = at(tx, end, now).await?;
    }
    if let Some(tokens) = coming.table("api_tokens") {
        let withdrawn = withdrawn(leaving, ("api_tokens", "revoked_at"), unknown);
        let revoke = format!("UPDATE {tokens} c SET revoked_at = $1 WHERE revoked_at IS NULL AND {withdrawn}");
        closed.tokens = at(tx, revoke, now).await?;
    }
    if let Some(resets) = coming.table("password_resets") {
        let works = works(leaving, ("password_resets", "used_at"));
        let delete = format!("DELETE FROM {resets} c WHERE used_at IS NULL AND NOT EXISTS ({works})");
        sent(tx, delete).await?;
    }
    closed.users = keep_users_out(tx, coming, leaving, now).await?;
    if let Some((failures, before)) = coming.table("sign_in_failures").zip(leaving.table("sign_in_failures")) {
        let columns = "subject, failures, last_failed_at, blocked_until";
        let copy = format!("INSERT INTO {failures} ({columns}) SELECT {columns} FROM {before}");
        sent(tx, format!("DELETE FROM {failures}")).await?;
        sent(tx, copy).await?;
    }
    renew_stamps(tx, coming).await?;
    Ok(closed)
}

/// Closes all ways in that came with a schema. With `passwords`, also those: nothing that opens another tenant opens this one.
pub(super) async fn close_all(
    tx: &mut PgConnection,
    coming: &Place<'_>,
    passwords: bool,
    now: Timestamp,
) -> Result<Closed> {
    let mut closed = Closed::default();
    if let Some(sessions) = coming.table("sessions") {
        closed.sessions = at(tx, format!("UPDATE {sessions} SET ended_at = $1 WHERE ended_at IS NULL"), now).await?;
    }
    if let Some(tokens) = coming.table("api_tokens") {
        closed.tokens = at(tx, format!("UPDATE {tokens} SET revoked_at = $1 WHERE revoked_at IS NULL"), now).await?;
    }
    if let Some(resets) = coming.table("password_resets") {
        sent(tx, format!("DELETE FROM {resets}")).await?;
    }
    if passwords {
        let forget = format!(
            "UPDATE {} SET password_hash = NULL, password_changed_at = NULL WHERE password_hash IS NOT NULL",
            users(coming)
        );
        sent(tx, forget).await?;
    }
    renew_stamps(tx, coming).await?;
    Ok(closed)
}

/// Whether a row `c` was withdrawn, as a condition.
fn withdrawn(leaving: &Place<'_>, what: (&str, &str), unknown: Unknown) -> String {
    match (unknown, leaving.table(what.0)) {
        (Unknown::Closed, _) => format!("NOT EXISTS ({})", works(leaving, what)),
        (Unknown::Open, Some(table)) => {
            format!("EXISTS (SELECT FROM {table} o WHERE o.id = c.id AND o.{} IS NOT NULL)", what.1)
        }
        (Unknown::Open, None) => "false".to_owned(),
    }
}

/// The row of the schema in service that is `c` and still works, as a query.
fn works(leaving: &Place<'_>, (table, ended): (&str, &str)) -> String {
    match leaving.table(table) {
        Some(table) => {
            format!("SELECT FROM {table} o WHERE o.id = c.id AND o.token_hash = c.token_hash AND o.{ended} IS NULL")
        }
        // A schema that is older than such credentials lets nobody in by one.
        None => "SELECT WHERE false".to_owned(),
    }
}

async fn keep_users_out(tx: &mut PgConnection, coming: &Place<'_>, leaving: &Place<'_>, now: Timestamp) -> Result<u64> {
    let (users, before) = (users(coming), users(leaving));
    let passwords = format!(
        "UPDATE {users} n SET password_hash = o.password_hash, password_changed_at = o.password_changed_at FROM {before} o
         WHERE o.id = n.id AND (n.password_hash, n.password_changed_at) IS DISTINCT FROM (o.password_hash, o.password_changed_at)"
    );
    sent(tx, passwords).await?;
    let suspend = format!(
        "UPDATE {users} n SET status = 'suspended', version = n.version + 1, updated_at = greatest(n.updated_at, $1) FROM {before} o
         WHERE o.id = n.id AND n.status = 'active' AND n.deleted_at IS NULL AND (o.status <> 'active' OR o.deleted_at IS NOT NULL)"
    );
    at(tx, suspend, now).await
}

fn users(place: &Place<'_>) -> String {
    format!("{}.users", quoted(place.name))
}

/// What is cached of one schema is not taken for what is in the other.
async fn renew_stamps(tx: &mut PgConnection, coming: &Place<'_>) -> Result<()> {
    if let Some(stamps) = coming.table("cache_stamps") {
        sent(tx, format!("UPDATE {stamps} SET stamp = gen_random_uuid()")).await?;
    }
    Ok(())
}

async fn at(tx: &mut PgConnection, sql: String, now: Timestamp) -> Result<u64> {
    Ok(sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(now.to_sqlx()).execute(tx).await?.rows_affected())
}

async fn sent(tx: &mut PgConnection, sql: String) -> Result<u64> {
    Ok(sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(tx).await?.rows_affected())
}
