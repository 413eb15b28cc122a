//! The documents of one tenant: no call leads out of it.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_core::document_address::DocumentPlace;
use uuid::Uuid;

use super::collection::Collection;
use super::error::Error;
use super::find::{self, Find, Found, Place};
use super::mongo::TenantInMongo;
use super::postgres::Postgres;
use super::stored::{self, Stored};

/// The documents of one tenant. What is changed is kept when the change under way is.
#[derive(Debug)]
pub struct TenantDocuments<'a> {
    /// The name alone where the program was not told of the place.
    pub(super) place: Result<TenantPlace<'a>, DocumentPlace>,
}

#[derive(Debug)]
pub(super) enum TenantPlace<'a> {
    Postgres(Postgres<'a>),
    Mongo(TenantInMongo<'a>),
}

impl<'a> TenantDocuments<'a> {
    pub(super) fn place(&mut self) -> Result<&mut TenantPlace<'a>, Error> {
        self.place.as_mut().map_err(|name| Error::Elsewhere(name.clone()))
    }

    /// Adds a document. It is removed some time after `expires_at`.
    ///
    /// # Errors
    /// `Taken`, `Unstorable`, and those of the back end.
    pub async fn insert<T: Serialize>(
        &mut self,
        collection: Collection,
        id: Uuid,
        body: T,
        now: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<Stored<T>, Error> {
        let stored = Stored::new(id, body, now, expires_at);
        let raw = [stored.to_raw(collection)?];
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.insert(collection, &raw).await?,
            TenantPlace::Mongo(mongo) => mongo.insert(collection, &raw).await?,
        }
        Ok(stored)
    }

    /// Adds several documents in one go; some thousands at most.
    ///
    /// # Errors
    /// As [`TenantDocuments::insert`]; none of them is added then.
    pub async fn insert_each<T: Serialize>(
        &mut self,
        collection: Collection,
        documents: Vec<(Uuid, T)>,
        now: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<Vec<Stored<T>>, Error> {
        let stored = documents.into_iter().map(|(id, body)| Stored::new(id, body, now, expires_at));
        let stored: Vec<_> = stored.collect();
        let raw: Vec<_> = stored.iter().map(|stored| stored.to_raw(collection)).collect::<Result<_, _>>()?;
        if !raw.is_empty() {
            match self.place()? {
                TenantPlace::Postgres(postgres) => postgres.insert(collection, &raw).await?,
                TenantPlace::Mongo(mongo) => mongo.insert(collection, &raw).await?,
            }
        }
        Ok(stored)
    }

    /// A document, if it is there.
    ///
    /// # Errors
    /// `Unreadable`, and those of the back end.
    pub async fn get<T: Serialize + DeserializeOwned>(
        &mut self,
        collection: Collection,
        id: Uuid,
    ) -> Result<Option<Stored<T>>, Error> {
        Ok(self.get_each(collection, &[id]).await?.pop())
    }

    /// Those of several documents that are there, in the order of their ids.
    ///
    /// # Errors
    /// As [`TenantDocuments::get`].
    pub async fn get_each<T: Serialize + DeserializeOwned>(
        &mut self,
        collection: Collection,
        ids: &[Uuid],
    ) -> Result<Vec<Stored<T>>, Error> {
        let found = match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.get(collection, ids).await?,
            TenantPlace::Mongo(mongo) => mongo.get(collection, ids).await?,
        };
        found.into_iter().map(|raw| Stored::of(collection, raw)).collect()
    }

    /// Writes a document that was read and changed. Of what was read, `body` and `expires_at` may differ; the version tells whether it
    /// still lies there as it was read. The document then shows what was written.
    ///
    /// # Errors
    /// `Stale`, `Unstorable`, and those of the back end.
    pub async fn replace<T: Serialize>(
        &mut self,
        collection: Collection,
        document: &mut Stored<T>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let read = document.version;
        document.version = read.saturating_add(1);
        document.updated_at = stored::in_millis(now).max(document.created_at);
        let raw = document.to_raw(collection)?;
        document.expires_at = raw.expires_at;
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.replace(collection, &raw, read).await,
            TenantPlace::Mongo(mongo) => mongo.replace(collection, &raw, read).await,
        }
    }

    /// A page of those documents that a search finds.
    ///
    /// # Errors
    /// `Unindexed`, `Unreadable`, and those of the back end.
    pub async fn find<T: Serialize + DeserializeOwned>(
        &mut self,
        collection: Collection,
        find: &Find<'_>,
    ) -> Result<Found<T>, Error> {
        find.check(collection)?;
        let found = match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.find(collection, find).await?,
            TenantPlace::Mongo(mongo) => mongo.find(collection, find).await?,
        };
        let read = found.into_iter().map(|raw| {
            let place = Place { value: find.by.map_or("", |by| raw.text(by)).to_owned(), id: raw.id };
            Ok((Stored::of(collection, raw)?, place))
        });
        Ok(find.cut(read.collect::<Result<_, Error>>()?))
    }

    /// How many documents have these values in these fields.
    ///
    /// # Errors
    /// `Unindexed`, and those of the back end.
    pub async fn count(&mut self, collection: Collection, equal: &[(&'static str, &str)]) -> Result<u64, Error> {
        find::check_count(collection, equal)?;
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.count(collection, equal).await,
            TenantPlace::Mongo(mongo) => mongo.count(collection, equal).await,
        }
    }

    /// Removes a document in the version that was read.
    ///
    /// # Errors
    /// `Stale`, and those of the back end.
    pub async fn delete(&mut self, collection: Collection, id: Uuid, version: i32) -> Result<(), Error> {
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.delete(collection, id, version).await,
            TenantPlace::Mongo(mongo) => mongo.delete(collection, id, version).await,
        }
    }

    /// Removes those of several documents that are there, in whatever version: they belong to another one that the change has read.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn delete_each(&mut self, collection: Collection, ids: &[Uuid]) -> Result<(), Error> {
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.delete_each(collection, ids).await,
            TenantPlace::Mongo(mongo) => mongo.delete_each(collection, ids).await,
        }
    }

    /// How the back end would carry out a search, in its own words: for tests and for those who look for the cause of slowness.
    ///
    /// # Errors
    /// As [`TenantDocuments::find`].
    pub async fn explain(&mut self, collection: Collection, find: &Find<'_>) -> Result<String, Error> {
        find.check(collection)?;
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.explain(collection, find).await,
            TenantPlace::Mongo(mongo) => mongo.explain(collection, find).await,
        }
    }
}
