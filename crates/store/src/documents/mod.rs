//! Documents: bodies of JSON that are found by some of their fields, in the tenant's own schema or in MongoDB.
//!
//! A store is bound to one tenant before anything is done with it, so that no call can leave the tenant. Both back ends keep, find and
//! put in order alike; `docs/documents.md` says how.

mod collection;
mod find;
mod postgres;
mod stored;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use tenure_core::ids::TenantId;
use thiserror::Error;
use uuid::Uuid;

pub use self::collection::Collection;
pub use self::find::{Find, Found, Place};
use self::postgres::Postgres;
pub use self::stored::Stored;

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
}

impl Documents {
    /// The store in each tenant's own schema.
    #[must_use]
    pub fn in_postgres() -> Self {
        Self { backend: Backend::Postgres }
    }

    /// The documents of one tenant, whose transaction this is.
    #[must_use]
    pub fn of<'a>(&'a self, tenant: TenantId, tx: &'a mut PgConnection) -> TenantDocuments<'a> {
        match &self.backend {
            Backend::Postgres => TenantDocuments { tenant, place: TenantPlace::Postgres(Postgres { tx }) },
        }
    }
}

/// The documents of one tenant. What is changed is kept when the change under way is.
#[derive(Debug)]
pub struct TenantDocuments<'a> {
    tenant: TenantId,
    place: TenantPlace<'a>,
}

#[derive(Debug)]
enum TenantPlace<'a> {
    Postgres(Postgres<'a>),
}

impl TenantDocuments<'_> {
    /// Whose documents these are.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
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
        match &mut self.place {
            TenantPlace::Postgres(postgres) => postgres.insert(collection, &raw).await?,
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
        }
    }

    /// Removes a document in the version that was read.
    ///
    /// # Errors
    /// `Stale`, and those of the back end.
    pub async fn delete(&mut self, collection: Collection, id: Uuid, version: i32) -> Result<(), Error> {
        match &mut self.place {
            TenantPlace::Postgres(postgres) => postgres.delete(collection, id, version).await,
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
