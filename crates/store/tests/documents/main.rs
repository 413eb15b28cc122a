//! The document store, on each of its back ends.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "tests and what surrounds them fail by panicking"
)]

mod contract;
mod paging;
mod tables;

use serde::{Deserialize, Serialize};
use tenure_core::ids::TenantId;

use tenure_store::documents::{Collection, Documents, TenantDocuments};
use tenure_testkit::{TenantTx, TestInstallation};

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

/// A store and what lies below it.
struct Bench {
    installation: TestInstallation,
    documents: Documents,
}

impl Bench {
    async fn postgres() -> Self {
        Self { installation: TestInstallation::new().await, documents: Documents::in_postgres() }
    }

    async fn tenant(&self, slug: &str) -> TenantId {
        self.installation.tenant(slug).await.id
    }

    async fn begin(&self, tenant: TenantId) -> Work<'_> {
        Work { documents: &self.documents, tx: self.installation.db.begin(tenant).await.unwrap() }
    }
}

/// A change under way.
struct Work<'a> {
    documents: &'a Documents,
    tx: TenantTx,
}

impl Work<'_> {
    fn documents(&mut self) -> TenantDocuments<'_> {
        self.documents.of(self.tx.tenant(), &mut self.tx)
    }

    async fn commit(self) {
        self.tx.commit().await.unwrap();
    }

    async fn rollback(self) {
        self.tx.rollback().await.unwrap();
    }
}
