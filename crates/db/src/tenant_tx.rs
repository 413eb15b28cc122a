//! The one way to a tenant's data.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::{AssertSqlSafe, Row as _, raw_sql};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::stamps::Area;
use tenure_core::tenant::{SchemaName, TenantStatus};
use uuid::Uuid;

use crate::audit::chain;
use crate::connect::{Database, answering};
use crate::error::{Error, Result};
use crate::migrate::MigrationSet;
use crate::own_plan::OwnPlan;
use crate::platform_flags::Known;
use crate::served::Served;
use crate::stamps;

/// The oldest schema version whose tables the queries of this crate can work with. Raise it when a query begins to need what a
/// later migration makes; until then a new program serves tenants that have not been migrated yet.
pub const OLDEST_SERVED: i32 = 12;

/// The schema versions that this program serves.
#[must_use]
pub fn served_versions() -> RangeInclusive<i32> {
    OLDEST_SERVED..=MigrationSet::tenant().latest()
}

/// A transaction in one tenant's schema, under that tenant's role.
///
/// It ends by [`TenantTx::commit`] or [`TenantTx::rollback`]. One that is dropped (an error, a cancelled request, a panic) takes its
/// connection with it, so that nothing of it can reach whoever comes next.
#[derive(Debug)]
pub struct TenantTx {
    connection: PoolConnection<Postgres>,
    served: Arc<Served>,
    backend: i32,
    tenant: TenantId,
    schema: SchemaName,
    version: i32,
    documents: DocumentAddress,
    known: Arc<Known>,
    /// What this transaction has written into the audit log.
    entries: Vec<Uuid>,
    /// The areas that it has changed.
    changed: BTreeSet<Area>,
    recycle: bool,
    ended: bool,
}

/// Where a transaction was.
#[derive(Debug)]
pub(crate) struct Mark {
    entries: usize,
    changed: BTreeSet<Area>,
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
    /// this program does not know, `Unavailable` when there is no connection to be had.
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

    /// The tenant whose data this is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version of the tenant's schema, for what an older one does not have.
    pub(crate) fn version(&self) -> i32 {
        self.version
    }

    /// What the platform said of the tenant as this transaction began.
    #[must_use]
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known)
    }

    /// Where the tenant's documents lie.
    #[must_use]
    pub const fn documents_at(&self) -> &DocumentAddress {
        &self.documents
    }

    /// Sends a statement on the platform's tables, as the application's login and in this transaction.
    pub(crate) async fn as_platform(&mut self, statement: &str) -> Result<()> {
        let sql = format!("SET LOCAL ROLE NONE; {statement}; SET LOCAL ROLE \"{}\"", self.schema);
        raw_sql(AssertSqlSafe(sql)).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Whether the documents still lie there. A restore may have changed schema and documents, or they may have been moved, after this
    /// transaction asked for them and before it wrote into the audit log; from here on neither happens before it ends.
    ///
    /// # Errors
    /// Database errors.
    pub async fn is_at_home(&mut self) -> Result<bool> {
        let (address, schema) = (address_of(self.tenant), &self.schema);
        // The first statement waits for whoever holds the tenant's changes, as writing into the log would.
        let sql = format!(
            "LOCK TABLE audit_log IN ROW EXCLUSIVE MODE; SET LOCAL ROLE NONE; {address}; SET LOCAL ROLE \"{schema}\""
        );
        let row = raw_sql(AssertSqlSafe(sql)).fetch_optional(&mut *self.connection).await?;
        Ok(row.as_ref().map(to_address).transpose()?.is_some_and(|now| now == self.documents))
    }

    /// For the statements that nearly every request sends: PostgreSQL keeps their plans for this tenant.
    pub(crate) fn with_own_plan(&mut self) -> OwnPlan<'_> {
        OwnPlan { connection: &mut self.connection, tenant: self.tenant }
    }

    /// Notes entries of the audit log about one kind of act, which the commit adds to its chain. The stamps of what the act changes are
    /// renewed with it.
    pub(crate) fn seal_at_commit(&mut self, action: &str, entries: impl IntoIterator<Item = Uuid>) {
        self.entries.extend(entries);
        self.changed.extend(Area::changed_by(action));
    }

    /// Marks where the transaction is, so that what follows can be undone by itself. There is one mark at a time.
    pub(crate) async fn mark(&mut self) -> Result<Mark> {
        raw_sql("SAVEPOINT mark").execute(&mut *self.connection).await?;
        Ok(Mark { entries: self.entries.len(), changed: self.changed.clone() })
    }

    /// Undoes what was done since a mark.
    pub(crate) async fn undo_to(&mut self, mark: Mark) -> Result<()> {
        raw_sql("ROLLBACK TO SAVEPOINT mark; RELEASE SAVEPOINT mark").execute(&mut *self.connection).await?;
        self.entries.truncate(mark.entries);
        self.changed = mark.changed;
        Ok(())
    }

    /// Keeps what was done. What was written into the audit log is sealed in its chain; those who commit at the same time follow each
    /// other from here on, and those who wrote nothing into it do not wait.
    ///
    /// # Errors
    /// When PostgreSQL cannot commit, also because an earlier statement failed; nothing is kept then.
    pub async fn commit(mut self) -> Result<()> {
        self.seal_and_commit().await.map_err(|error| match error.sqlstate().as_deref() {
            Some("25P02") => {
                Error::Refused("the transaction was rolled back because a statement in it failed".to_owned())
            }
            _ => error,
        })
    }

    async fn seal_and_commit(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        chain::seal(self, &entries).await?;
        // After the head of the chain is held: so writers of one tenant take the stamps in one order too.
        if let Some(last) = entries.last() {
            let changed = std::mem::take(&mut self.changed);
            stamps::renew(self, &changed, *last).await?;
        }
        // To a bare COMMIT after a failed statement PostgreSQL answers ROLLBACK and no error. An empty SELECT before it, in the
        // same message, fails there.
        self.end("SELECT; COMMIT").await
    }

    /// Undoes what was done, and gives the connection back.
    ///
    /// # Errors
    /// When the connection is broken; PostgreSQL then undoes it by itself.
    pub async fn rollback(mut self) -> Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, statement: &'static str) -> Result<()> {
        raw_sql(statement).execute(&mut *self.connection).await?;
        self.ended = true;
        Ok(())
    }
}

impl Deref for TenantTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for TenantTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for TenantTx {
    fn drop(&mut self) {
        if !self.ended || self.recycle {
            self.served.forget(self.backend);
            self.connection.close_on_drop();
        }
    }
}

/// The question where the documents of a tenant lie.
fn address_of(tenant: TenantId) -> String {
    format!("SELECT document_place, coalesce(document_home, id) FROM public.tenants WHERE id = '{tenant}'")
}

fn to_address(row: &PgRow) -> Result<DocumentAddress> {
    Ok(DocumentAddress::new(row.try_get(0)?, row.try_get::<Uuid, _>(1)?))
}

/// Takes a connection and asks it for the tenant. PostgreSQL may have gone and come back since the connection was last used:
/// as nothing was done on it yet, another is taken then.
async fn enter(pool: &PgPool, tenant: TenantId, begin: Begin) -> Result<(PoolConnection<Postgres>, Place)> {
    let mut connection = pool.acquire().await?;
    match find_tenant(&mut connection, tenant, begin).await {
        Err(Error::Unavailable(_)) => connection.close_on_drop(),
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
