//! A schema that is made for the rows of an archive, filled, and put into service, all in one transaction: cut off anywhere,
//! nothing of it is left.

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Transaction};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{SchemaName, Slug};
use uuid::Uuid;

use super::access::{Closed, Place, Unknown, close_all, close_withdrawn};
use super::copy_in::CopyIn;
use super::foreign_keys::ForeignKey;
use super::kept::{keep, kept_name, set_aside, settle};
use super::leftovers;
use super::snapshot::copy_out;
use super::turns::{in_time, replace, wait_at_most};
use super::{TEXT_FORM, Table, describe, quoted, table_list};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::migrate::{MigrationSet, apply};
use crate::tenants::{
    Act, Tenant, TenantName, activate, by_id, enter_new_schema, find_or_make_role, insert_row, lock, make_role,
    make_schema, record, run, write_ledger,
};

/// How long putting it into service waits for transactions of the tenant that are still under way.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// A schema that is being filled.
#[derive(Debug)]
pub struct Loading {
    tx: Transaction<'static, Postgres>,
    set: &'static MigrationSet,
    schema: SchemaName,
    version: i32,
    purpose: Purpose,
    foreign_keys: Vec<ForeignKey>,
    /// Where its documents lie, once that was said.
    documents: Option<DocumentAddress>,
    /// The tables to fill, by name.
    pub tables: Vec<Table>,
}

#[derive(Debug)]
enum Purpose {
    /// It takes the place of the tenant's schema, which is kept under this name.
    Replace { old: Box<Tenant>, kept: String },
    /// It becomes a new tenant.
    Make(TenantId),
    /// It is put back where a tenant's schema is missing.
    BringBack {
        tenant: Box<Tenant>,
        /// Whether sessions and tokens of the archive go on, though some may have been withdrawn since.
        keeps_access: bool,
    },
    /// It is looked at and thrown away.
    Try,
}

impl Loading {
    /// Makes the schema that is to replace a tenant's. Requests go on in the old one until [`Loading::put_into_service`]. Archives of the
    /// tenant that are being made, and another restore, are waited for at first.
    ///
    /// # Errors
    /// `NotFound`; `Refused` when those have not ended in time; `Migration` for a version newer than the program; database errors.
    pub async fn replacing(
        db: &Database,
        tenant: TenantId,
        version: i32,
        act: &Act,
        patience: Duration,
    ) -> Result<Self> {
        let mut tx = begin(db).await?;
        let old = lock_alone(db, &mut tx, tenant, patience).await?;
        let (schema, kept) = (old.schema.clone(), kept_name(act.id));
        // The rename is seen by others only when all is done, and lets the new schema be made under the name that its role has.
        run(&mut tx, &format!("ALTER SCHEMA \"{schema}\" RENAME TO \"{kept}\"")).await?;
        Self::made(tx, schema, version, Purpose::Replace { old: Box::new(old), kept }).await
    }

    /// Makes a new tenant for the rows of another.
    ///
    /// # Errors
    /// `Conflict` when the slug is taken, `SchemaTaken` when another id is needed, and as [`Loading::replacing`].
    pub async fn making(
        db: &Database,
        id: TenantId,
        slug: &Slug,
        name: &TenantName,
        version: i32,
        act: &Act,
    ) -> Result<Self> {
        let schema = SchemaName::for_tenant(slug, id);
        let mut tx = begin(db).await?;
        insert_row(&mut tx, id, slug, name, &schema, act).await?;
        make_role(&mut tx, db, &schema).await?;
        Self::made(tx, schema, version, Purpose::Make(id)).await
    }

    /// Makes the schema of a tenant that has lost it: it was dropped, or the platform's tables were restored and nothing else is there yet.
    ///
    /// # Errors
    /// `SchemaTaken` when another database of the cluster uses its role, and as [`Loading::replacing`].
    pub async fn bringing_back(
        db: &Database,
        tenant: TenantId,
        version: i32,
        keeps_access: bool,
        patience: Duration,
    ) -> Result<Self> {
        let mut tx = begin(db).await?;
        let tenant = lock_alone(db, &mut tx, tenant, patience).await?;
        let schema = tenant.schema.clone();
        find_or_make_role(&mut tx, db, &schema).await?;
        Self::made(tx, schema, version, Purpose::BringBack { tenant: Box::new(tenant), keeps_access }).await
    }

    /// Makes a schema that is thrown away afterwards. The id gives it its name.
    ///
    /// # Errors
    /// As [`Loading::replacing`].
    pub async fn trying(db: &Database, id: Uuid, version: i32) -> Result<Self> {
        let name = format!("tenant_drill_{}", id.simple());
        let schema: SchemaName = name.parse().map_err(|_| Error::not_found("schema", &name))?;
        let mut tx = begin(db).await?;
        make_role(&mut tx, db, &schema).await?;
        Self::made(tx, schema, version, Purpose::Try).await
    }

    async fn made(
        mut tx: Transaction<'static, Postgres>,
        schema: SchemaName,
        version: i32,
        purpose: Purpose,
    ) -> Result<Self> {
        let set = MigrationSet::tenant();
        let names = set.tables_at(version);
        if version == set.latest() {
            make_schema(&mut tx, set, &schema).await?;
        } else {
            enter_new_schema(&mut tx, &schema).await?;
            for migration in set.between(0, version) {
                apply(&mut tx, migration, &schema).await?;
            }
        }
        let foreign_keys = ForeignKey::drop_all(&mut tx, &schema, &names).await?;
        // Migrations may have put first rows into tables; the archive has its own.
        run(&mut tx, &format!("TRUNCATE {}", table_list(schema.as_str(), &names))).await?;
        let tables = describe(&mut tx, schema.as_str(), &names).await?.tables;
        Ok(Self { tx, set, schema, version, purpose, foreign_keys, documents: None, tables })
    }

    /// Begins to fill a table with rows in PostgreSQL's text form.
    ///
    /// # Errors
    /// Database errors, for example when the table has no such column.
    pub async fn copy_in(&mut self, table: &Table) -> Result<CopyIn<'_>> {
        let place = table_list(self.schema.as_str(), &[&table.name]);
        let statement = format!("COPY {place} ({}) FROM STDIN", table.column_list());
        CopyIn::begin(&mut self.tx, &statement).await
    }

    /// The transaction in which it is made, whose search path leads to its tables.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The rows of a table as they are now, to compare them with what was put in.
    ///
    /// # Errors
    /// Database errors, here and in the stream.
    pub async fn copy_out(&mut self, table: &Table) -> Result<impl Stream<Item = Result<Bytes>>> {
        copy_out(&mut self.tx, self.schema.as_str(), table).await
    }

    /// Says where its documents are put. If it does not come into service, they are left over where that is outside of PostgreSQL.
    ///
    /// # Errors
    /// Database errors.
    pub async fn settle_documents(&mut self, db: &Database, address: DocumentAddress) -> Result<()> {
        let Some(tenant) = self.tenant() else { return Ok(()) };
        if !address.is_in_schema() {
            leftovers::reserve(db, &mut self.tx, &address, tenant).await?;
        }
        self.documents = Some(address);
        Ok(())
    }

    /// The tenant that it will be of; none where it is thrown away.
    const fn tenant(&self) -> Option<TenantId> {
        match &self.purpose {
            Purpose::Replace { old: tenant, .. } | Purpose::BringBack { tenant, .. } => Some(tenant.id),
            Purpose::Make(id) => Some(*id),
            Purpose::Try => None,
        }
    }

    /// Checks what refers to what, takes the schema forward to the program's version, and lets the next request find it in the
    /// place of the old one. Says what it closed of the ways in that came with the archive.
    ///
    /// # Errors
    /// `Refused` when a transaction of the tenant does not end in time; database errors. The old schema is in service then as before.
    pub async fn put_into_service(mut self, backup: Uuid, act: &Act) -> Result<Option<(Tenant, Closed)>> {
        self.complete().await?;
        let latest = self.set.latest();
        let Self { mut tx, set, schema, documents, .. } = self;
        let coming = Place::new(schema.as_str(), set, latest);
        let (id, before, closed) = match &self.purpose {
            Purpose::Try => {
                tx.rollback().await?;
                return Ok(None);
            }
            Purpose::Make(id) => {
                write_ledger(&mut tx, set, *id, latest, act).await?;
                activate(&mut tx, *id).await?;
                silence(&mut tx, *id, act).await?;
                (*id, None, close_all(&mut tx, &coming, true, act.now).await?)
            }
            Purpose::BringBack { tenant, keeps_access } => {
                rewrite_ledger(&mut tx, set, tenant.id, latest, act).await?;
                let closed =
                    if *keeps_access { Closed::default() } else { close_all(&mut tx, &coming, false, act.now).await? };
                (tenant.id, None, closed)
            }
            Purpose::Replace { old, kept } => {
                set_aside(&mut tx, set, old, kept).await?;
                keep(&mut tx, old, backup, kept, act).await?;
                rewrite_ledger(&mut tx, set, old.id, latest, act).await?;
                let leaving = Place::new(kept, set, old.schema_version);
                let closed = close_withdrawn(&mut tx, (&coming, &leaving), Unknown::Closed, act.now).await?;
                (old.id, Some(json!({ "schema_version": old.schema_version, "kept_schema": kept })), closed)
            }
        };
        if let Some(address) = &documents {
            settle(&mut tx, id, address).await?;
        }
        let after = json!({ "backup": backup, "schema_version": latest, "closed": closed });
        record(&mut tx, id, act, "restored", before, Some(after)).await?;
        let tenant = lock(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Some((tenant, closed)))
    }

    /// Keeps one table in a schema beside the tenant's, for an operator to look into, and throws the rest away. Nothing refers to
    /// anything there, and the tenant has no right on it.
    ///
    /// # Errors
    /// Database errors.
    pub async fn set_beside(mut self, table: &str, name: &str) -> Result<()> {
        let schema = self.schema.as_str();
        let names = self.set.tables_at(self.version);
        let others: Vec<&str> = names.into_iter().filter(|other| *other != table).collect();
        run(&mut self.tx, &format!("DROP TABLE {} CASCADE", table_list(schema, &others))).await?;
        let left = table_list(schema, &[table]);
        let forget =
            format!("REVOKE ALL ON {left} FROM \"{schema}\"; REVOKE ALL ON SCHEMA \"{schema}\" FROM \"{schema}\"");
        run(&mut self.tx, &format!("{forget}; DROP ROLE \"{schema}\"")).await?;
        run(&mut self.tx, &format!("ALTER SCHEMA \"{schema}\" RENAME TO {}", quoted(name))).await?;
        Ok(self.tx.commit().await?)
    }

    /// Checks what refers to what, and throws all away.
    ///
    /// # Errors
    /// When the rows do not fit together; database errors.
    pub async fn discard(mut self) -> Result<()> {
        self.complete().await?;
        Ok(self.tx.rollback().await?)
    }

    async fn complete(&mut self) -> Result<()> {
        for key in &self.foreign_keys {
            key.add(&mut self.tx).await?;
        }
        for migration in self.set.between(self.version, self.set.latest()) {
            apply(&mut self.tx, migration, &self.schema).await?;
        }
        Ok(())
    }
}

/// A copy has the people of the tenant that it was made of. They are not written to twice, unless an operator wants it so.
async fn silence(tx: &mut PgConnection, copy: TenantId, act: &Act) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.tenant_features (tenant_id, key, value, updated_at) VALUES ($1, 'mail', 'false', $2)",
        copy.uuid(),
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn rewrite_ledger(
    tx: &mut PgConnection,
    set: &MigrationSet,
    tenant: TenantId,
    version: i32,
    act: &Act,
) -> Result<()> {
    sqlx::query!("DELETE FROM public.tenant_migrations WHERE tenant_id = $1", tenant.uuid()).execute(&mut *tx).await?;
    write_ledger(tx, set, tenant, version, act).await
}

async fn begin(db: &Database) -> Result<Transaction<'static, Postgres>> {
    let timeout = LOCK_TIMEOUT.as_millis();
    Ok(db.owner.begin_with(AssertSqlSafe(format!("BEGIN; {TEXT_FORM}; SET LOCAL lock_timeout = {timeout}"))).await?)
}

/// Holds a tenant's row, once nobody reads its rows for an archive or replaces them.
async fn lock_alone(db: &Database, tx: &mut PgConnection, tenant: TenantId, patience: Duration) -> Result<Tenant> {
    let slug = by_id(db, tenant).await?.slug;
    replace(tx, (tenant, &slug), patience).await?;
    wait_at_most(tx, LOCK_TIMEOUT).await?;
    let words = format!("{slug} is being migrated or changed by another; try again when that has ended");
    lock(tx, tenant).await.map_err(|error| in_time(error, &words))
}
