//! How a transaction of a tenant begins.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{AssertSqlSafe, raw_sql};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{SchemaName, TenantStatus};

use super::{TenantTx, address_of, to_address};
use crate::connect::{Database, answering};
use crate::error::{Error, Result};
use crate::migrate::{MigrationSet, platform_behind};
use crate::platform_flags::Known;
use crate::served::Served;

/// The oldest schema version whose tables the queries of this crate can work with. Raise it when a query begins to need what a
/// later migration makes; until then a new program serves tenants that have not been migrated yet.
pub const OLDEST_SERVED: i32 = 12;

/// The schema versions that this program serves.
#[must_use]
pub fn served_versions() -> RangeInclusive<i32> {
    OLDEST_SERVED..=MigrationSet::tenant().latest()
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    Change,
    /// For what the platform itself changes in a tenant, also one that is at rest.
    Upkeep,
    Read,
    /// For reading a tenant as it is at one moment, also one that is at rest.
    Snapshot,
}

impl Begin {
    const fn sql(self) -> &'static str {
        match self {
            Self::Change | Self::Upkeep => "BEGIN",
            Self::Read => "BEGIN READ ONLY",
            Self::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// A snapshot is taken by the first query, before that waits for its tables: if it waited for a restore, it would find the restored tables
    /// and, as of before, no rows in them. So one table is held before the first query, and with it the schema that it is in. Where the
    /// documents of that schema lie is asked then: a restore changes both.
    fn hold(self, tenant: TenantId, schema: &SchemaName) -> String {
        match self {
            Self::Snapshot => format!(
                "; LOCK TABLE audit_log IN ACCESS SHARE MODE; SET LOCAL ROLE NONE; \
                 {}; SET LOCAL ROLE \"{schema}\"",
                address_of(tenant)
            ),
            Self::Change | Self::Upkeep | Self::Read => String::new(),
        }
    }
}

impl Database {
    /// Begins a transaction in a tenant's schema.
    ///
    /// # Errors
    /// `NotFound` for an unknown or purged tenant, `NotServed` for one that is not active, `SchemaVersion` for a schema that
    /// this program does not know, `PlatformBehind` for tables of the platform that lack what it asks for, `Unavailable` when there is no connection to be had.
    pub async fn begin(&self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx::begin(&self.application, &self.served, tenant, Begin::Change).await
    }

    /// Begins a transaction for what the platform itself changes in a tenant, which may be suspended or archived.
    ///
    /// # Errors
    /// As [`Database::begin`], but `NotServed` for one that is not complete alone.
    pub async fn begin_upkeep(&self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx::begin(&self.application, &self.served, tenant, Begin::Upkeep).await
    }

    /// Begins a read-only transaction.
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn begin_read(&self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx::begin(&self.application, &self.served, tenant, Begin::Read).await
    }

    /// Begins a read-only transaction in which all statements see the tenant's data as they are now. For those who examine a tenant: it
    /// may be suspended or archived.
    ///
    /// # Errors
    /// As [`Database::begin`], but `NotServed` for one that is not complete alone.
    pub async fn begin_snapshot(&self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx::begin(&self.application, &self.served, tenant, Begin::Snapshot).await
    }
}

impl TenantTx {
    pub(crate) async fn begin(pool: &PgPool, served: &Arc<Served>, tenant: TenantId, begin: Begin) -> Result<Self> {
        let (connection, place) = enter(pool, tenant, begin).await?;
        let mut tx = Self {
            recycle: served.note(place.backend, tenant),
            connection,
            served: Arc::clone(served),
            backend: place.backend,
            tenant,
            schema: place.schema,
            version: place.version,
            documents: place.documents,
            known: place.known,
            entries: Vec::new(),
            changed: BTreeSet::new(),
            ended: false,
        };
        // Role first, then path, as the first statements: the order that poolers and Citus carry to every node.
        let schema = &tx.schema;
        let (sql, hold) = (begin.sql(), begin.hold(tenant, schema));
        let enter = format!("{sql}; SET LOCAL ROLE \"{schema}\"; SET LOCAL search_path = \"{schema}\"{hold}");
        if let Some(row) = raw_sql(AssertSqlSafe(enter)).fetch_optional(&mut *tx.connection).await? {
            tx.documents = to_address(&row)?;
        }
        Ok(tx)
    }
}

/// Takes a connection and asks it for the tenant. PostgreSQL may have gone and come back since the connection was last used:
/// as nothing was done on it yet, another is taken then.
async fn enter(pool: &PgPool, tenant: TenantId, begin: Begin) -> Result<(PoolConnection<Postgres>, Place)> {
    let mut connection = pool.acquire().await?;
    match find_tenant(&mut connection, tenant, begin).await {
        Err(Error::Unavailable(_)) => connection.close_on_drop(),
        // The platform's tables of an older program lack what is asked for.
        Err(error @ Error::Sql(_)) => {
            return Err(platform_behind(&mut connection).await.ok().flatten().unwrap_or(error));
        }
        found => return Ok((connection, found?)),
    }
    let mut connection = answering(pool).await?;
    let place = find_tenant(&mut connection, tenant, begin).await?;
    Ok((connection, place))
}

struct Place {
    schema: SchemaName,
    version: i32,
    documents: DocumentAddress,
    backend: i32,
    known: Arc<Known>,
}

/// What feature flags depend on of the platform comes along: the plan itself, and the stamp of the platform's flags.
async fn find_tenant(connection: &mut PgConnection, tenant: TenantId, begin: Begin) -> Result<Place> {
    let row = sqlx::query!(
        r#"SELECT t.schema_name, t.status, t.schema_version, t.document_place, coalesce(t.document_home, t.id) AS "home!", pg_backend_pid() AS "backend!",
                  t.slug, coalesce((SELECT value #>> '{}' FROM public.tenant_features WHERE tenant_id = t.id AND key = 'plan'), t.plan) AS "plan!",
                  (SELECT stamp FROM public.platform_stamps WHERE area = 'flags') AS flags
           FROM public.tenants t WHERE t.id = $1"#,
        tenant.uuid(),
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &tenant))?;
    match row.status.parse().unwrap_or(TenantStatus::Provisioning) {
        TenantStatus::Active => {}
        TenantStatus::Suspended | TenantStatus::Archived if matches!(begin, Begin::Snapshot | Begin::Upkeep) => {}
        TenantStatus::Purged => return Err(Error::not_found("tenant", &tenant)),
        status => return Err(Error::NotServed(status)),
    }
    let versions = served_versions();
    if !versions.contains(&row.schema_version) {
        let (oldest, newest) = versions.into_inner();
        return Err(Error::SchemaVersion { found: row.schema_version, oldest, newest });
    }
    let schema = row.schema_name.parse().map_err(|_| Error::not_found("tenant", &tenant))?;
    let known = Arc::new(Known { slug: row.slug, plan: row.plan, flags: row.flags });
    let documents = DocumentAddress::new(row.document_place, row.home);
    Ok(Place { schema, version: row.schema_version, documents, backend: row.backend, known })
}
