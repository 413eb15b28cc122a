//! Reading all rows of a tenant as they were at one moment.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::tenant::SchemaName;

use super::hold::{Hold, hold};
use super::platform::{PLATFORM, platform_tables};
use super::{Described, TEXT_FORM, Table, describe, table_list};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::migrate::{MigrationSet, check_platform, platform_behind};
use crate::tenants::run;

/// How long a snapshot waits for a migration at a time: meanwhile nobody gets past it to the tables. Together it waits for some minutes.
pub(super) const LOCK_MILLIS: u32 = 2000;
/// How often it is begun anew when a migration has the tables, or changes them in that moment.
const ATTEMPTS: usize = 150;

/// One moment of a tenant, held open for reading. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) tx: Transaction<'static, Postgres>,
    schema: String,
    /// Which moment, and at which version.
    pub facts: SnapshotFacts,
    /// The tables to read, by name.
    pub tables: Vec<Table>,
    without_pages: HashSet<String>,
}

/// What is known of a snapshot's moment.
#[derive(Debug, Clone)]
pub struct SnapshotFacts {
    /// The version of the tenant's schema.
    pub version: i32,
    /// The moment.
    pub at: Timestamp,
    /// The position in PostgreSQL's write-ahead log.
    pub wal_position: String,
    /// Where the tenant's documents lie; none for the platform.
    pub documents: Option<DocumentAddress>,
}

impl Database {
    /// Opens a snapshot of a tenant that is not purged, on the replica where there is one that has all that is on the primary now. Until it
    /// ends, the tenant can be used but not migrated.
    ///
    /// # Errors
    /// `NotFound` for a tenant that is not there; `Migration` for one that is newer than the program; `Refused` when it lacks a table
    /// or is being migrated all the time; database errors.
    pub async fn snapshot(&self, set: &MigrationSet, tenant: TenantId) -> Result<Snapshot> {
        if let Some(replica) = self.replica_as_of_now().await? {
            match snapshot(&replica.pool, true, set, tenant).await {
                Err(error @ Error::Unavailable(_)) => {
                    tracing::warn!(%error, "the read replica does not answer; the backup reads the primary");
                }
                taken => return taken,
            }
        }
        snapshot(&self.owner, false, set, tenant).await
    }

    /// The same for a tenant whose documents lie elsewhere, and never on a replica: until the hold is released, no change of it ends, so that
    /// a moment can be taken there which is this one.
    ///
    /// # Errors
    /// As [`Database::snapshot`]; `Refused` while changes of it do not end.
    pub async fn snapshot_and_hold(&self, set: &MigrationSet, tenant: TenantId) -> Result<(Snapshot, Hold)> {
        for _ in 0..ATTEMPTS {
            let hold = hold(&self.owner, tenant).await?;
            // Not waited for with changes held up: a migration that waits for this one would keep it from ending.
            if let Some(snapshot) = attempt(&self.owner, false, set, tenant).await? {
                return Ok((snapshot, hold));
            }
            hold.release().await?;
        }
        Err(migrated_all_the_time())
    }

    /// Opens a snapshot of the platform's own tables.
    ///
    /// # Errors
    /// `NotSetUp`; `Migration` when the platform is not at the program's version; database errors.
    pub async fn platform_snapshot(&self) -> Result<Snapshot> {
        let set = MigrationSet::platform();
        if let Some(behind) = platform_behind(&mut *self.owner.acquire().await?).await? {
            return Err(behind);
        }
        check_platform(self).await?;
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {TEXT_FORM}");
        let mut tx = self.owner.begin_with(AssertSqlSafe(begin)).await?;
        let (at, wal_position) = moment(&mut tx).await?;
        let Described { mut tables, without_pages } = describe(&mut tx, PLATFORM, &platform_tables(set)).await?;
        // What others refer to comes first, so that they can be put back in this order.
        tables.sort_by_key(|table| table.name != "tenants");
        let facts = SnapshotFacts { version: set.latest(), at, wal_position, documents: None };
        Ok(Snapshot { tx, schema: PLATFORM.to_owned(), facts, tables, without_pages })
    }
}

async fn snapshot(pool: &PgPool, is_replica: bool, set: &MigrationSet, tenant: TenantId) -> Result<Snapshot> {
    for _ in 0..ATTEMPTS {
        if let Some(snapshot) = attempt(pool, is_replica, set, tenant).await? {
            return Ok(snapshot);
        }
    }
    Err(migrated_all_the_time())
}

fn migrated_all_the_time() -> Error {
    Error::Refused("the tenant is being migrated; try again when that has ended".to_owned())
}

/// Nothing when a migration has the tables or has changed them in that moment.
async fn attempt(pool: &PgPool, is_replica: bool, set: &MigrationSet, tenant: TenantId) -> Result<Option<Snapshot>> {
    let (schema, version) = place(pool, tenant).await?;
    if version > set.latest() {
        let text = format!("the tenant is at version {version}, which is newer than this program; use a newer tenure");
        return Err(Error::Migration(text));
    }
    let mut tx = begin(pool, &schema, is_replica).await?;
    let names = set.tables_at(version);
    // Before the first query, which takes the snapshot: what it shows must not be of another version than the tables are, nor of a moment
    // before a restore whose tables these are.
    let lock = format!("LOCK TABLE {} IN ACCESS SHARE MODE", table_list(schema.as_str(), &names));
    if let Err(error) = run(&mut tx, &lock).await {
        tx.rollback().await?;
        // A migration that has ended meanwhile may have dropped one of them.
        return if is_passing(&error) || place(pool, tenant).await?.1 != version { Ok(None) } else { Err(error) };
    }
    let facts = facts(&mut tx, tenant, &schema, is_replica).await?;
    if facts.version != version {
        tx.rollback().await?;
        return Ok(None);
    }
    let Described { tables, without_pages } = describe(&mut tx, schema.as_str(), &names).await?;
    Ok(Some(Snapshot { tx, schema: schema.to_string(), facts, tables, without_pages }))
}

/// Whether locks were not to be had in time, or crossed those of another; on a replica, what it replays comes first.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(error.sqlstate().as_deref(), Some("55P03" | "40P01" | "40001"))
}

async fn moment(tx: &mut PgConnection) -> Result<(Timestamp, String)> {
    let row = sqlx::query!(
        r#"SELECT statement_timestamp() AS "at!: jiff_sqlx::Timestamp", pg_current_wal_lsn()::text AS "wal_position!""#
    )
    .fetch_one(tx)
    .await?;
    Ok((row.at.to_jiff(), row.wal_position))
}

pub(super) async fn place(pool: &PgPool, tenant: TenantId) -> Result<(SchemaName, i32)> {
    let row = sqlx::query!(
        "SELECT schema_name, schema_version FROM public.tenants WHERE id = $1 AND status <> 'purged'",
        tenant.uuid(),
    )
    .fetch_optional(pool)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &tenant))?;
    Ok((row.schema_name.parse().map_err(|_| Error::not_found("tenant", &tenant))?, row.schema_version))
}

/// The replica is reached by the application's login, which has no rights of its own on the tenant's tables.
async fn begin(pool: &PgPool, schema: &SchemaName, is_replica: bool) -> Result<Transaction<'static, Postgres>> {
    let role = if is_replica { format!("; SET LOCAL ROLE \"{schema}\"") } else { String::new() };
    let begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {TEXT_FORM}; SET LOCAL lock_timeout = {LOCK_MILLIS}{role}; SET LOCAL search_path = \"{schema}\""
    );
    Ok(pool.begin_with(AssertSqlSafe(begin)).await?)
}

async fn facts(
    tx: &mut PgConnection,
    tenant: TenantId,
    schema: &SchemaName,
    is_replica: bool,
) -> Result<SnapshotFacts> {
    if is_replica {
        run(tx, "SET LOCAL ROLE NONE").await?;
    }
    let row = sqlx::query!(
        r#"SELECT schema_version, document_place, coalesce(document_home, id) AS "home!", statement_timestamp() AS "at!: jiff_sqlx::Timestamp",
                  (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS "wal_position!"
           FROM public.tenants WHERE id = $1"#,
        tenant.uuid(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_replica {
        run(tx, &format!("SET LOCAL ROLE \"{schema}\"")).await?;
    }
    let (at, documents) = (row.at.to_jiff(), Some(DocumentAddress::new(row.document_place, row.home)));
    Ok(SnapshotFacts { version: row.schema_version, at, wal_position: row.wal_position, documents })
}

impl Snapshot {
    /// The rows of a table in PostgreSQL's text form, one to a piece.
    ///
    /// # Errors
    /// Database errors, here and in the stream.
    pub async fn copy_out(&mut self, table: &Table) -> Result<impl Stream<Item = Result<Bytes>>> {
        copy_out(&mut self.tx, &self.schema, table).await
    }

    /// Whether a table is known to have no row, which nobody needs to ask for then.
    #[must_use]
    pub fn is_empty(&self, table: &str) -> bool {
        self.without_pages.contains(table)
    }

    /// The transaction in which its rows are read.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Ends it.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn end(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}

pub(super) async fn copy_out<'c>(
    tx: &'c mut PgConnection,
    schema: &str,
    table: &Table,
) -> Result<impl Stream<Item = Result<Bytes>> + use<'c>> {
    let source = table_list(schema, &[&table.name]);
    let statement = format!("COPY {source} ({}) TO STDOUT", table.column_list());
    Ok(tx.copy_out_raw(&statement).await?.map(|piece| Ok(piece?)))
}
