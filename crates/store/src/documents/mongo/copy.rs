//! What moves or removes the documents of tenants as a whole.

use std::future::IntoFuture;

use jiff::Timestamp;
use mongodb::bson::doc;
use tenure_core::ids::TenantId;

use super::super::stored::Raw;
use super::body::{date, key, to_document};
use super::tenant::TenantInMongo;
use super::{Collection, Error, Mongo};

impl Mongo {
    /// Removes the records of a tenant that is no more.
    pub(in super::super) async fn forget(&self, tenant: TenantId) -> Result<(), Error> {
        let filter = doc! { "tenant_id": tenant.to_string() };
        self.at_leisure(None, self.records().delete_many(filter).into_future()).await.map(drop)
    }

    /// For what takes longer than a request may.
    async fn at_leisure<T>(
        &self,
        collection: Option<Collection>,
        doing: impl Future<Output = Result<T, mongodb::error::Error>>,
    ) -> Result<T, Error> {
        self.prepare().await?;
        let doing = async { doing.await.map_err(super::Failure::from) };
        self.within(super::PREPARATION, doing).await.map_err(|failure| failure.into_error(collection))
    }
}

impl TenantInMongo<'_> {
    /// Removes the tenant's part of a collection.
    pub(in super::super) async fn clear(&mut self, collection: Collection) -> Result<u64, Error> {
        let filter = doc! { "tenant_id": self.home.to_string() };
        let all = self.mongo.collection(collection);
        Ok(self.mongo.at_leisure(Some(collection), all.delete_many(filter).into_future()).await?.deleted_count)
    }

    /// Removes those of the tenant's part of a collection that have expired by now.
    pub(in super::super) async fn expire(&mut self, collection: Collection, now: Timestamp) -> Result<u64, Error> {
        let filter = doc! { "tenant_id": self.home.to_string(), "expires_at": { "$lte": date(now) } };
        let all = self.mongo.collection(collection);
        Ok(self.mongo.at_leisure(Some(collection), all.delete_many(filter).into_future()).await?.deleted_count)
    }

    /// Adds documents as they are. What a program that was killed had sent may arrive after all was removed, and is replaced.
    pub(in super::super) async fn put(&mut self, collection: Collection, documents: &[Raw]) -> Result<(), Error> {
        match self.add(collection, documents).await {
            Err(Error::Taken(_)) => {}
            added => return added,
        }
        let keys: Vec<_> = documents.iter().map(|raw| key(self.home, raw.id)).collect();
        let filter = doc! { "_id": { "$in": keys } };
        let all = self.mongo.collection(collection);
        self.mongo.at_leisure(Some(collection), all.delete_many(filter).into_future()).await?;
        self.add(collection, documents).await
    }

    async fn add(&self, collection: Collection, documents: &[Raw]) -> Result<(), Error> {
        let documents: Vec<_> = documents.iter().map(|raw| to_document(self.home, raw)).collect();
        let all = self.mongo.collection(collection);
        self.mongo.at_leisure(Some(collection), all.insert_many(documents).into_future()).await.map(drop)
    }
}
