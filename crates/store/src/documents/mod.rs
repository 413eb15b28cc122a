//! Documents: bodies of JSON that are found by some of their fields, in the tenant's own schema or in MongoDB.
//!
//! A store is bound to one tenant before anything is done with it, so that no call can leave the tenant. Both back ends keep, find and
//! put in order alike; `docs/documents.md` says how.

mod collection;
mod copy;
mod find;
mod mongo;
mod postgres;
mod stored;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tenure_core::ids::{DocumentHome, TenantId};
use thiserror::Error;
use uuid::Uuid;

pub use self::collection::Collection;
pub use self::copy::Digest;
pub use self::find::{Find, Found, Place};
pub use self::mongo::Patience;
use self::mongo::{Mongo, TenantInMongo};
use self::postgres::Postgres;
pub use self::stored::Stored;
pub use self::work::{Record, Work};

/// Why something could not be done with documents.
#[derive(Debug, Error)]
pub enum Error {
    /// The document that is to be inserted is there already.
    #[error("there is a document of this name in {0} already")]
    Taken(Collection),
    /// The document has been changed or removed since it was read.
    #[error("the document in {0} has been changed since it was read")]
    Stale(Collection),
    /// A body that cannot be kept.
    #[error("the document cannot be kept in {collection}: {words}")]
    Unstorable {
        /// Where.
        collection: Collection,
        /// Why.
        words: String,
    },
    /// A body that is not of the form that the program expects.
    #[error("the document {id} in {collection} cannot be read")]
    Unreadable {
        /// Where.
        collection: Collection,
        /// Which one.
        id: Uuid,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A search for which there is no index: a fault of the program.
    #[error("no index of {collection} finds by {fields:?}")]
    Unindexed {
        /// Where.
        collection: Collection,
        /// The fields of the search.
        fields: Vec<&'static str>,
    },
    /// A change outside of one: a fault of the program.
    #[error("documents are only read here")]
    ReadOnly,
    /// The URL names no store of documents.
    #[error("the URL of the documents cannot be used: {0}")]
    Place(&'static str),
    /// MongoDB does not answer.
    #[error("MongoDB is not available: {0}")]
    Away(String),
    /// MongoDB is no replica set, or a server without transactions.
    #[error("MongoDB has no transactions here, which changes of documents need: it must be a replica set")]
    WithoutTransactions,
    /// MongoDB refused something.
    #[error("MongoDB: {0}")]
    Mongo(#[source] Box<mongodb::error::Error>),
    /// PostgreSQL refused a statement, or is away.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

/// The document store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Documents {
    backend: Backend,
}

#[derive(Debug, Clone)]
enum Backend {
    Postgres,
    Mongo(Arc<Mongo>),
}

impl Documents {
    /// The store in each tenant's own schema.
    #[must_use]
    pub fn in_postgres() -> Self {
        Self { backend: Backend::Postgres }
    }

    /// The store that a URL names: `postgres:` for each tenant's own schema, or `mongodb://…/database`. Does not connect yet.
    ///
    /// # Errors
    /// `Place` for another URL; the message does not repeat it.
    pub fn open(url: &str, patience: Patience) -> Result<Self, Error> {
        if url == "postgres:" {
            return Ok(Self::in_postgres());
        }
        Ok(Self { backend: Backend::Mongo(Arc::new(Mongo::open(url, patience)?)) })
    }

    /// Whether a URL can be opened, without opening it.
    ///
    /// # Errors
    /// As [`Documents::open`].
    pub fn check_url(url: &str) -> Result<(), Error> {
        if url == "postgres:" { Ok(()) } else { Mongo::options(url).map(drop) }
    }

    /// Whether documents lie elsewhere than in the tenants' schemas.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        matches!(self.backend, Backend::Mongo(_))
    }

    /// The documents of one tenant, whose transaction this is, for reading. In PostgreSQL what is changed is kept with the transaction;
    /// elsewhere nothing can be changed.
    #[must_use]
    pub fn of<'a>(&'a self, home: DocumentHome, tx: &'a mut PgConnection) -> TenantDocuments<'a> {
        let place = match &self.backend {
            Backend::Postgres => TenantPlace::Postgres(Postgres { tx }),
            Backend::Mongo(mongo) => TenantPlace::Mongo(TenantInMongo { mongo, home, work: None }),
        };
        TenantDocuments { place }
    }

    /// The documents of one tenant in a change. What is changed is kept when `tx` is committed, after [`Documents::commit`].
    #[must_use]
    pub fn within<'a>(
        &'a self,
        home: DocumentHome,
        tx: &'a mut PgConnection,
        work: &'a mut Work,
    ) -> TenantDocuments<'a> {
        let place = match &self.backend {
            Backend::Postgres => TenantPlace::Postgres(Postgres { tx }),
            Backend::Mongo(mongo) => TenantPlace::Mongo(TenantInMongo { mongo, home, work: Some(work) }),
        };
        TenantDocuments { place }
    }

    /// Keeps what a change has written outside PostgreSQL, together with the record of its audit entries.
    ///
    /// # Errors
    /// Those of the back end. After `Away` the change may have been kept or not; if it was, its record is there.
    pub async fn commit(&self, work: Work, record: &Record) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) => mongo.commit(work, record).await,
        }
    }

    /// Undoes what a change has written outside PostgreSQL. What is dropped is undone too, only later.
    pub async fn undo(&self, work: Work) {
        if let Backend::Mongo(mongo) = &self.backend {
            mongo.undo(work).await;
        }
    }

    /// Removes the record of a change whose entries are in the audit log.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn settle(&self, record: Uuid) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) => mongo.settle(record).await,
        }
    }

    /// Records of changes before a moment whose entries may not be in the audit log, the oldest first.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn pending(&self, before: Timestamp, limit: u32) -> Result<Vec<Record>, Error> {
        match &self.backend {
            Backend::Postgres => Ok(Vec::new()),
            Backend::Mongo(mongo) => mongo.pending(before, limit).await,
        }
    }

    /// How long MongoDB took to answer; `None` where documents lie in PostgreSQL.
    ///
    /// # Errors
    /// Why it did not answer.
    pub async fn check(&self) -> Result<Option<Duration>, Error> {
        let Backend::Mongo(mongo) = &self.backend else { return Ok(None) };
        let begun = Instant::now();
        mongo.ping().await?;
        Ok(Some(begun.elapsed()))
    }

    /// Makes what MongoDB needs: collections and indexes. Otherwise the first use does it.
    ///
    /// # Errors
    /// `WithoutTransactions`, and those of the back end.
    pub async fn prepare(&self) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) if mongo.prepare().await? => Ok(()),
            Backend::Mongo(_) => Err(Error::WithoutTransactions),
        }
    }

    /// In what MongoDB's indexes differ from those that are declared, one line each.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn differences(&self) -> Result<Vec<String>, Error> {
        match &self.backend {
            Backend::Postgres => Ok(Vec::new()),
            Backend::Mongo(mongo) => mongo.differences().await,
        }
    }

    /// Removes documents outside PostgreSQL that no schema needs any more.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn remove(&self, home: DocumentHome) -> Result<u64, Error> {
        let Backend::Mongo(mongo) = &self.backend else { return Ok(0) };
        let mut documents = TenantInMongo { mongo, home, work: None };
        let mut removed = 0;
        for collection in Collection::ALL {
            removed += documents.clear(collection).await?;
        }
        Ok(removed)
    }

    /// Removes the records of changes of a tenant that is no more.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn forget(&self, tenant: TenantId) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) => mongo.forget(tenant).await,
        }
    }

    /// The documents of a home outside PostgreSQL, for what moves them as a whole; `None` where they lie in the schemas.
    #[must_use]
    pub fn apart(&self, home: DocumentHome) -> Option<TenantDocuments<'_>> {
        let Backend::Mongo(mongo) = &self.backend else { return None };
        Some(TenantDocuments { place: TenantPlace::Mongo(TenantInMongo { mongo, home, work: None }) })
    }

    /// Begins to read as everything outside PostgreSQL is now: what is read within this shows one moment, for some minutes.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn moment(&self) -> Result<Work, Error> {
        match &self.backend {
            Backend::Postgres => Ok(Work::default()),
            Backend::Mongo(mongo) => mongo.moment().await,
        }
    }
}

/// The documents of one tenant. What is changed is kept when the change under way is.
#[derive(Debug)]
pub struct TenantDocuments<'a> {
    place: TenantPlace<'a>,
}

#[derive(Debug)]
enum TenantPlace<'a> {
    Postgres(Postgres<'a>),
    Mongo(TenantInMongo<'a>),
}

impl TenantDocuments<'_> {
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
        match &mut self.place {
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
            match &mut self.place {
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
        let found = match &mut self.place {
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
        match &mut self.place {
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
        let found = match &mut self.place {
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
        match &mut self.place {
            TenantPlace::Postgres(postgres) => postgres.count(collection, equal).await,
            TenantPlace::Mongo(mongo) => mongo.count(collection, equal).await,
        }
    }

    /// Removes a document in the version that was read.
    ///
    /// # Errors
    /// `Stale`, and those of the back end.
    pub async fn delete(&mut self, collection: Collection, id: Uuid, version: i32) -> Result<(), Error> {
        match &mut self.place {
            TenantPlace::Postgres(postgres) => postgres.delete(collection, id, version).await,
            TenantPlace::Mongo(mongo) => mongo.delete(collection, id, version).await,
        }
    }

    /// Removes those of several documents that are there, in whatever version: they belong to another one that the change has read.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn delete_each(&mut self, collection: Collection, ids: &[Uuid]) -> Result<(), Error> {
        match &mut self.place {
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
        match &mut self.place {
            TenantPlace::Postgres(postgres) => postgres.explain(collection, find).await,
            TenantPlace::Mongo(mongo) => mongo.explain(collection, find).await,
        }
    }
}

/// The id of the document that there is at most one of: of a flag by its key, of a form by its cycle and person. The same names give
/// the same id, so a second one is `Taken`.
#[must_use]
pub fn id_of(names: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for name in names {
        hash.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(name);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let [first, _] = digest.as_chunks::<16>().0 else { return Uuid::nil() };
    uuid::Builder::from_custom_bytes(*first).into_uuid()
}
