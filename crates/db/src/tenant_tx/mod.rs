//! The one way to a tenant's data.

mod begin;

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::{AssertSqlSafe, Row as _, raw_sql};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::stamps::Area;
use tenure_core::tenant::SchemaName;
use uuid::Uuid;

use crate::audit::chain;
use crate::error::{Error, Result};
use crate::own_plan::OwnPlan;
use crate::platform_flags::Known;
use crate::served::Served;
use crate::stamps;

pub(crate) use begin::Begin;
pub use begin::{OLDEST_SERVED, served_versions};

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

impl TenantTx {
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

    /// Lets nothing end this that takes long elsewhere between two statements, and waits for nobody's lock for long: for who moves much at a time.
    ///
    /// # Errors
    /// Database errors.
    pub async fn take_time(&mut self) -> Result<()> {
        let sql = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '2s'";
        raw_sql(sql).execute(&mut *self.connection).await?;
        Ok(())
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
