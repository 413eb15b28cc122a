//! The platform's own tables, and the settings of the database that isolation rests on.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, raw_sql};

use super::source::{Migration, MigrationSet};
use super::statements::split;
use crate::connect::Database;
use crate::error::{Error, Result};

/// Two programs that set up one database follow each other by this lock ("tenure" in ASCII).
const SETUP_LOCK: i64 = 0x7465_6e75_7265;

/// Rights of the application's login on the platform's tables: it reads tenants, their features, archives and who operates, and writes none
/// of them. What operators ask for it notes, and others do it; but flags it changes itself, as they decide what is shown and open nothing.
/// It counts who fails to sign in, and the queue of mail is its own.
pub(crate) const APPLICATION_RIGHTS: &[(&[&str], &[&str])] = &[
    (&["SELECT"], &["tenants", "tenant_features", "tenant_migrations", "platform_migrations"]),
    (&["SELECT"], &["operators", "backups"]),
    (&["SELECT", "INSERT"], &["operations"]),
    (&["SELECT", "INSERT", "UPDATE", "DELETE"], &["sign_in_failures", "feature_flags", "mail_queue", "mail_plans"]),
    (&["SELECT", "INSERT", "UPDATE"], &["platform_stamps"]),
    (&["INSERT"], &["platform_audit"]),
];

/// Applies what is missing of the platform's migrations, all in one transaction, and returns what was applied.
///
/// # Errors
/// `Migration` when an applied one was changed or the database is newer than the program; `Refused` when the owner's login may
/// not set up this database.
pub async fn migrate_platform(db: &Database, set: &MigrationSet, now: Timestamp) -> Result<Vec<Migration>> {
    let mut tx = db.owner.begin().await?;
    prepare_ledger(&mut tx).await?;
    let applied = applied(&mut tx).await?;
    check(set, &applied)?;
    let from = applied.last().map_or(0, |(version, _)| *version);
    let missing: Vec<Migration> = set.between(from, set.latest()).cloned().collect();
    for migration in &missing {
        for statement in split(&migration.up) {
            raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
        record(&mut tx, migration, now).await?;
    }
    if !missing.is_empty() {
        secure_database(&mut tx, db).await?;
    }
    tx.commit().await?;
    Ok(missing)
}

/// Takes platform migrations back, newest first, until the given version is the last one.
///
/// # Errors
/// `Refused` while there are tenants.
pub async fn platform_down(db: &Database, set: &MigrationSet, to: i32) -> Result<Vec<i32>> {
    let mut tx = db.owner.begin().await?;
    prepare_ledger(&mut tx).await?;
    let applied = applied(&mut tx).await?;
    check(set, &applied)?;
    let mut undone = Vec::new();
    for (version, _) in applied.into_iter().rev().filter(|(version, _)| *version > to) {
        // Tenants stand on all of the platform: on its tables, and on its extensions.
        refuse_if_tenants_exist(&mut tx).await?;
        let migration = set.get(version).ok_or_else(|| Error::not_found("platform migration", &version))?;
        for statement in split(&migration.down) {
            raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
        sqlx::query("DELETE FROM public.platform_migrations WHERE version = $1")
            .bind(version)
            .execute(&mut *tx)
            .await?;
        undone.push(version);
    }
    tx.commit().await?;
    Ok(undone)
}

/// The version of the platform's tables; 0 before they are made.
///
/// # Errors
/// When the database cannot be read.
pub async fn platform_version(db: &Database) -> Result<i32> {
    match version(&mut *db.owner.acquire().await?).await {
        Err(Error::NotSetUp) => Ok(0),
        other => other,
    }
}

async fn version(connection: &mut PgConnection) -> Result<i32> {
    let version = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM public.platform_migrations");
    Ok(version.fetch_one(connection).await?)
}

/// What to say when the platform's tables are older than this program.
pub(crate) async fn platform_behind(connection: &mut PgConnection) -> Result<Option<Error>> {
    let (found, latest) = (version(connection).await?, MigrationSet::platform().latest());
    Ok((found < latest).then_some(Error::PlatformBehind { found, latest }))
}

/// Whether the platform's applied migrations are those of this program.
///
/// # Errors
/// `Migration` when one was changed or the database is newer than the program.
pub(crate) async fn check_platform(db: &Database) -> Result<()> {
    check(MigrationSet::platform(), &applied(&mut *db.owner.acquire().await?).await?)
}

async fn refuse_if_tenants_exist(tx: &mut PgConnection) -> Result<()> {
    let tenants: i64 =
        sqlx::query_scalar("SELECT count(*) FROM public.tenants WHERE status <> 'purged'").fetch_one(tx).await?;
    if tenants == 0 {
        return Ok(());
    }
    Err(Error::Refused(format!("there are {tenants} tenants; purge them before the platform's tables are dropped")))
}

async fn prepare_ledger(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SETUP_LOCK).execute(&mut *tx).await?;
    let create = "CREATE TABLE IF NOT EXISTS public.platform_migrations (
        version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL)";
    raw_sql(create).execute(tx).await.map_err(|error| match Error::from(error) {
        error if error.sqlstate().as_deref() == Some("42501") => Error::Refused(
            "the owner's login may not create tables in schema public; make it the owner of the database".to_owned(),
        ),
        error => error,
    })?;
    Ok(())
}

async fn applied(tx: &mut PgConnection) -> Result<Vec<(i32, String)>> {
    let rows = sqlx::query_as("SELECT version, checksum FROM public.platform_migrations ORDER BY version");
    Ok(rows.fetch_all(tx).await?)
}

fn check(set: &MigrationSet, applied: &[(i32, String)]) -> Result<()> {
    for (version, checksum) in applied {
        match set.get(*version) {
            None => {
                return Err(Error::Migration(format!(
                    "the platform's tables are at version {version} and this program knows {}; use a newer tenure",
                    set.latest()
                )));
            }
            Some(known) if known.checksum != *checksum => {
                return Err(Error::Migration(format!(
                    "platform migration {version:04}_{} was changed after it was applied; restore its text and add a new migration",
                    known.name
                )));
            }
            Some(_) => {}
        }
    }
    // They are applied in order, so one that is not on record before others that are was lost from it.
    match (1..).zip(applied).find(|(expected, (version, _))| expected != version) {
        None => Ok(()),
        Some((lost, _)) => Err(Error::Migration(format!(
            "public.platform_migrations has lost the row of migration {lost:04}, which later ones stand on; put it back from a backup"
        ))),
    }
}

async fn record(tx: &mut PgConnection, migration: &Migration, now: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO public.platform_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)")
        .bind(migration.version)
        .bind(&*migration.name)
        .bind(&migration.checksum)
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// An empty search path makes SQL without a tenant fail instead of reading somebody's rows; without rights for PUBLIC a tenant's
/// role sees its own schema and nothing else.
async fn secure_database(tx: &mut PgConnection, db: &Database) -> Result<()> {
    let name: String = sqlx::query_scalar("SELECT quote_ident(current_database())").fetch_one(&mut *tx).await?;
    let mut statements = vec![
        format!("ALTER DATABASE {name} SET search_path = ''"),
        format!("ALTER DATABASE {name} SET timezone = 'UTC'"),
        format!("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC"),
        "REVOKE ALL ON SCHEMA public FROM PUBLIC".to_owned(),
    ];
    if !db.has_single_login() {
        let login = format!("\"{}\"", db.application_login().replace('"', "\"\""));
        statements.push(format!("GRANT CONNECT ON DATABASE {name} TO {login}"));
        statements.push(format!("GRANT USAGE ON SCHEMA public TO {login}"));
        statements.extend(APPLICATION_RIGHTS.iter().map(|(rights, tables)| {
            format!("GRANT {} ON public.{} TO {login}", rights.join(", "), tables.join(", public."))
        }));
    }
    for statement in statements {
        raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await.map_err(|error| match Error::from(error) {
            error if error.sqlstate().as_deref() == Some("42501") => {
                Error::Refused("the owner's login must own the database to set its search_path and rights".to_owned())
            }
            error => error,
        })?;
    }
    Ok(())
}
