//! The document store, on each of its back ends.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "tests and what surrounds them fail by panicking"
)]

mod away;
mod contract;
mod mongo;
mod offered;
mod paging;
mod tables;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tenure_core::ids::TenantId;

use tenure_store::documents::{Collection, Documents, Patience, Record, TenantDocuments, Watch, Work};
use tenure_testkit::{MongoDatabase, NOW, TenantTx, TestInstallation, new_id};

/// A collection that has an index of two fields.
const FLAGS: Collection = Collection::FeatureFlags;

/// A document of the tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Flag {
    kind: String,
    key: String,
    value: serde_json::Value,
}

impl Flag {
    fn new(key: &str) -> Self {
        Self { kind: "flag".to_owned(), key: key.to_owned(), value: serde_json::Value::Null }
    }
}

/// However busy the machine is.
const PATIENT: Patience = Patience {
    connect: Duration::from_secs(30),
    answer: Duration::from_secs(30),
    avoided: Duration::ZERO,
    connections: 5,
};

/// A store and what lies below it.
struct Bench {
    installation: TestInstallation,
    documents: Documents,
    database: Option<MongoDatabase>,
}

impl Bench {
    async fn postgres() -> Self {
        Self { installation: TestInstallation::new().await, documents: Documents::in_postgres(), database: None }
    }

    async fn mongo() -> Self {
        let database = MongoDatabase::new();
        let documents = Documents::open(database.url(), PATIENT).unwrap();
        Self { installation: TestInstallation::new().await, documents, database: Some(database) }
    }

    /// The same, and somebody is told of what is sent.
    async fn watched_mongo(watch: Watch) -> Self {
        let database = MongoDatabase::new();
        let documents = Documents::open_watched(database.url(), PATIENT, watch).unwrap();
        Self { installation: TestInstallation::new().await, documents, database: Some(database) }
    }

    async fn tenant(&self, slug: &str) -> TenantId {
        self.installation.tenant(slug).await.id
    }

    async fn begin(&self, tenant: TenantId) -> Change<'_> {
        let tx = self.installation.db.begin(tenant).await.unwrap();
        Change { documents: &self.documents, tx, work: Work::default() }
    }
}

/// A change under way.
struct Change<'a> {
    documents: &'a Documents,
    tx: TenantTx,
    work: Work,
}

impl Change<'_> {
    fn documents(&mut self) -> TenantDocuments<'_> {
        self.documents.within(&self.tx.documents_at().clone(), &mut self.tx, &mut self.work)
    }

    async fn commit(self) {
        let record = Record { id: new_id(), tenant: self.tx.tenant(), created_at: NOW, entries: "[]".to_owned() };
        self.documents.commit(self.tx.documents_at(), self.work, &record).await.unwrap();
        self.tx.commit().await.unwrap();
        self.documents.settle(record.id).await.unwrap();
    }

    async fn rollback(self) {
        self.documents.undo(self.tx.documents_at(), self.work).await;
        self.tx.rollback().await.unwrap();
    }
}
