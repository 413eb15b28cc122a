//! The platform's own tables, put back into a database that has no tenants.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::ids::TenantId;

use super::copy_in::CopyIn;
use super::{TEXT_FORM, Table, table_list};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::migrate::MigrationSet;
use crate::platform_flags;
use crate::tenants::run;

/// Where the platform's tables are.
pub(super) const PLATFORM: &str = "public";

/// The platform's tables without their schema. The ledger of its migrations is not among them: it tells of the database that it is in.
pub(super) fn platform_tables(set: &MigrationSet) -> Vec<&str> {
    set.tables_at(set.latest()).into_iter().filter_map(|table| table.strip_prefix("public.")).collect()
}

/// The platform's tables while they are filled, in one transaction.
#[derive(Debug)]
pub struct PlatformLoading {
    tx: Transaction<'static, Postgres>,
}

impl PlatformLoading {
    /// Empties them to fill them.
    ///
    /// # Errors
    /// `Refused` when there are tenants; database errors.
    pub async fn begin(db: &Database) -> Result<Self> {
        let mut tx = db.owner.begin_with(AssertSqlSafe(format!("BEGIN; {TEXT_FORM}"))).await?;
        let tables = table_list(PLATFORM, &platform_tables(MigrationSet::platform()));
        run(&mut tx, &format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")).await?;
        if has_tenants(&mut tx).await? {
            return Err(Error::Refused("the platform has tenants; only one without any is restored".to_owned()));
        }
        run(&mut tx, &format!("TRUNCATE {tables}")).await?;
        Ok(Self { tx })
    }

    /// Begins to fill a table.
    ///
    /// # Errors
    /// Database errors.
    pub async fn copy_in(&mut self, table: &Table) -> Result<CopyIn<'_>> {
        let place = table_list(PLATFORM, &[&table.name]);
        let statement = format!("COPY {place} ({}) FROM STDIN", table.column_list());
        CopyIn::begin(&mut self.tx, &statement).await
    }

    /// Keeps it all. What was under way when the archive was made is not under way here, and schemas that restores had kept are not
    /// there. What mail was to be sent then may have been sent since. Nobody knows which of the operators' tokens were revoked since: all are,
    /// unless access is to go on. The flags are others than a moment ago.
    ///
    /// # Errors
    /// Database errors.
    pub async fn keep(mut self, keeps_access: bool, now: Timestamp) -> Result<()> {
        if !keeps_access {
            sqlx::query!(
                "UPDATE public.operators SET revoked_at = greatest($1, created_at) WHERE revoked_at IS NULL",
                now.to_sqlx() as _,
            )
            .execute(&mut *self.tx)
            .await?;
        }
        sqlx::query!("DELETE FROM public.backups WHERE state = 'running'").execute(&mut *self.tx).await?;
        sqlx::query!("DELETE FROM public.backup_runs WHERE ended_at IS NULL").execute(&mut *self.tx).await?;
        sqlx::query!("DELETE FROM public.mail_queue").execute(&mut *self.tx).await?;
        sqlx::query!("DELETE FROM public.mail_plans").execute(&mut *self.tx).await?;
        sqlx::query!("DELETE FROM public.restores").execute(&mut *self.tx).await?;
        platform_flags::renew_stamp(&mut self.tx).await?;
        Ok(self.tx.commit().await?)
    }
}

async fn has_tenants(tx: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM public.tenants) AS "exists!""#).fetch_one(tx).await?)
}

/// The tenants that should have a schema and have none, with their slugs.
///
/// # Errors
/// Database errors.
pub async fn tenants_without_schema(db: &Database) -> Result<Vec<(TenantId, String)>> {
    let rows = sqlx::query!(
        "SELECT id, slug FROM public.tenants
         WHERE status NOT IN ('purged', 'provisioning') AND to_regnamespace(quote_ident(schema_name)) IS NULL
         ORDER BY slug, id"
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.slug)).collect())
}

/// Whether a tenant's schema is there, as it should be.
///
/// # Errors
/// `NotFound`; database errors.
pub async fn has_schema(db: &Database, tenant: TenantId) -> Result<bool> {
    let has = sqlx::query_scalar!(
        r#"SELECT to_regnamespace(quote_ident(schema_name)) IS NOT NULL AS "has!" FROM public.tenants WHERE id = $1 AND status <> 'purged'"#,
        tenant.uuid(),
    );
    has.fetch_optional(&db.owner).await?.ok_or_else(|| Error::not_found("tenant", &tenant))
}
