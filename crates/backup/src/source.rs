//! What an archive is made of: one moment of a tenant's schema, and of its documents where they lie elsewhere.
//!
//! Documents are in archives as the rows of the tables in which PostgreSQL would have them, so that an archive is the same wherever they
//! lie, and is restored to wherever they are to lie.

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::{DocumentHome, TenantId};
use tenure_db::Database;
use tenure_db::archive::{DocumentRow, Loading, Snapshot, Table};
use tenure_db::migrate::MigrationSet;
use tenure_store::documents::{Collection, Documents, Stored, TenantDocuments, Work};
use uuid::Uuid;

use crate::Result;

/// One moment of a tenant, or of the platform's tables.
pub(crate) struct Source<'a> {
    pub(crate) snapshot: Snapshot,
    documents: &'a Documents,
    /// The same moment of documents that lie elsewhere.
    apart: Option<Work>,
}

impl<'a> Source<'a> {
    pub(crate) async fn of_tenant(db: &Database, documents: &'a Documents, tenant: TenantId) -> Result<Self> {
        let set = MigrationSet::tenant();
        if !documents.may_be_apart() {
            let snapshot = db.snapshot(set, tenant).await?;
            // Refuses a tenant whose documents lie where this program does not look: it would archive none of them.
            documents.moment(&address_of(&snapshot)).await?;
            return Ok(Self { snapshot, documents, apart: None });
        }
        let (mut snapshot, hold) = db.snapshot_and_hold(set, tenant).await?;
        let apart = documents.moment(&address_of(&snapshot)).await?;
        hold.release().await?;
        if apart.is_some() {
            // First, for MongoDB keeps their moment for minutes and PostgreSQL keeps its own for as long as it takes.
            snapshot.tables.sort_by_key(|table| collection_of(table).is_none());
        }
        Ok(Self { snapshot, documents, apart })
    }

    pub(crate) const fn of_platform(snapshot: Snapshot, documents: &'a Documents) -> Self {
        Self { snapshot, documents, apart: None }
    }

    /// Reads the rows of a table in PostgreSQL's text form, whole rows at a time, for as long as they are taken.
    pub(crate) async fn read(
        &mut self,
        table: &Table,
        mut take: impl AsyncFnMut(Bytes) -> Result<bool>,
    ) -> Result<bool> {
        if let (Some(collection), Some(_)) = (collection_of(table), &self.apart) {
            return self.read_apart(table, collection, take).await;
        }
        // Most tables of most tenants are empty, and asking each of them is what a small archive would take longest for.
        if self.snapshot.is_empty(&table.name) {
            return Ok(true);
        }
        let mut rows = std::pin::pin!(self.snapshot.copy_out(table).await?);
        while let Some(row) = rows.next().await {
            if !take(row?).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn read_apart(
        &mut self,
        table: &Table,
        collection: Collection,
        mut take: impl AsyncFnMut(Bytes) -> Result<bool>,
    ) -> Result<bool> {
        let mut after = None;
        loop {
            let page = self.documents().walk::<Map<String, Value>>(collection, after).await?;
            let rows: Vec<DocumentRow> = page.into_iter().map(row).collect();
            let Some(last) = rows.last() else { return Ok(true) };
            after = Some(last.id);
            if !take(self.snapshot.text_of(table, &rows).await?.into()).await? {
                return Ok(false);
            }
        }
    }

    /// Whether there is surely none of a collection, as there is none in an older schema.
    pub(crate) fn has_none_of(&self, collection: Collection) -> bool {
        let mut tables = self.snapshot.tables.iter();
        tables.all(|table| table.name != collection.name())
            || self.apart.is_none() && self.snapshot.is_empty(collection.name())
    }

    /// The documents of that moment.
    pub(crate) fn documents(&mut self) -> TenantDocuments<'_> {
        let address = address_of(&self.snapshot);
        match &mut self.apart {
            Some(moment) => self.documents.within(&address, self.snapshot.connection(), moment),
            None => self.documents.of(&address, self.snapshot.connection()),
        }
    }

    pub(crate) async fn end(self) -> Result<()> {
        Ok(self.snapshot.end().await?)
    }
}

/// Where the documents lie. The platform's tables have none, and nobody asks for them.
fn address_of(snapshot: &Snapshot) -> DocumentAddress {
    snapshot.facts.documents.clone().unwrap_or_else(|| DocumentAddress::new(None, Uuid::nil()))
}

/// The collection that a table stands for, if it is one of documents.
fn collection_of(table: &Table) -> Option<Collection> {
    Collection::ALL.into_iter().find(|collection| collection.name() == table.name)
}

fn row(document: Stored<Map<String, Value>>) -> DocumentRow {
    let Stored { id, version, created_at, updated_at, expires_at, body, .. } = document;
    DocumentRow { id, version, created_at, updated_at, expires_at, body }
}

/// Puts the documents that came with the rows where they are to lie. They count once the schema is in service.
pub(crate) async fn put_apart(
    db: &Database,
    documents: &Documents,
    loading: &mut Loading,
    home: DocumentHome,
) -> Result<()> {
    let address = DocumentAddress { place: Some(documents.place().clone()), home };
    let apart = documents.apart(&address)?;
    documents.prepare().await?;
    loading.settle_documents(db, address).await?;
    let Some(mut apart) = apart else { return Ok(()) };
    let (schema, within) = (Documents::in_postgres(), DocumentAddress::in_schema(home));
    // An older schema has none.
    let there = |collection: &Collection| loading.tables.iter().any(|table| table.name == collection.name());
    for collection in Collection::ALL.into_iter().filter(there).collect::<Vec<_>>() {
        let mut loaded = schema.of(&within, loading.connection());
        apart.copy_from(&mut loaded, collection, &|_| ()).await?;
        loaded.clear(collection).await?;
    }
    Ok(())
}
