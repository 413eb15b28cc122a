//! Documents: bodies of JSON that are found by some of their fields, in the tenant's own schema or in MongoDB.
//!
//! A store is bound to one tenant before anything is done with it, so that no call can leave the tenant. Both back ends keep, find and
//! put in order alike; `docs/documents.md` says how.

mod collection;
mod copy;
mod error;
mod find;
mod mongo;
mod places;
mod postgres;
mod stored;
mod tenant;
mod walk;
mod work;

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use uuid::Uuid;

pub use self::collection::Collection;
pub use self::copy::Digest;
pub use self::error::Error;
pub use self::find::{Find, Found, Place};
use self::mongo::{Mongo, TenantInMongo};
pub use self::mongo::{Patience, Watch};
use self::postgres::Postgres;
pub use self::stored::Stored;
pub use self::tenant::TenantDocuments;
use self::tenant::TenantPlace;
pub use self::work::{Record, Work};

/// The document store: the place of new documents, and the one that they are moved from where that is under way. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Documents {
    first: Store,
    former: Option<Store>,
    schemas: Store,
}

/// One place.
#[derive(Debug, Clone)]
struct Store {
    place: DocumentPlace,
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
        Self::new(DocumentPlace::postgres(), Backend::Postgres)
    }

    fn in_mongodb(mongo: Mongo) -> Self {
        Self::new(mongo.place(), Backend::Mongo(Arc::new(mongo)))
    }

    fn new(place: DocumentPlace, backend: Backend) -> Self {
        let schemas = Store { place: DocumentPlace::postgres(), backend: Backend::Postgres };
        Self { first: Store { place, backend }, former: None, schemas }
    }

    /// The store that a URL names: `postgres:` for each tenant's own schema, or `mongodb://…/database`. Does not connect yet.
    ///
    /// # Errors
    /// `Place` for another URL; the message does not repeat it.
    pub fn open(url: &str, patience: Patience) -> Result<Self, Error> {
        if url == "postgres:" {
            return Ok(Self::in_postgres());
        }
        Ok(Self::in_mongodb(Mongo::open(url, patience, None)?))
    }

    /// A store in MongoDB of which somebody is told each command that is sent: for tests of what servers like MongoDB have to offer.
    ///
    /// # Errors
    /// `Place` for another URL.
    pub fn open_watched(url: &str, patience: Patience, watch: Watch) -> Result<Self, Error> {
        Ok(Self::in_mongodb(Mongo::open(url, patience, Some(watch))?))
    }

    /// The same, beside another place, where documents of tenants lie that were not moved here yet.
    ///
    /// # Errors
    /// `SamePlace` when the two could not be told apart.
    pub fn with_former(self, former: Self) -> Result<Self, Error> {
        if self.first.place == former.first.place {
            return Err(Error::SamePlace(former.first.place));
        }
        Ok(Self { former: Some(former.first), ..self })
    }

    /// The place that a URL names, without opening it.
    ///
    /// # Errors
    /// As [`Documents::open`].
    pub fn place_of(url: &str) -> Result<DocumentPlace, Error> {
        if url == "postgres:" {
            return Ok(DocumentPlace::postgres());
        }
        Mongo::options(url).map(|(_, database)| DocumentPlace::mongodb(&database))
    }

    /// Whether documents lie elsewhere than in the tenant's schema.
    #[must_use]
    pub fn is_apart(&self, address: &DocumentAddress) -> bool {
        self.mongo(address).is_some()
    }

    /// The documents of one tenant, whose transaction this is, for reading. In PostgreSQL what is changed is kept with the transaction;
    /// elsewhere nothing can be changed.
    #[must_use]
    pub fn of<'a>(&'a self, address: &DocumentAddress, tx: &'a mut PgConnection) -> TenantDocuments<'a> {
        self.at(address, tx, None)
    }

    /// The documents of one tenant in a change. What is changed is kept when `tx` is committed, after [`Documents::commit`].
    #[must_use]
    pub fn within<'a>(
        &'a self,
        address: &DocumentAddress,
        tx: &'a mut PgConnection,
        work: &'a mut Work,
    ) -> TenantDocuments<'a> {
        self.at(address, tx, Some(work))
    }

    fn at<'a>(
        &'a self,
        address: &DocumentAddress,
        tx: &'a mut PgConnection,
        work: Option<&'a mut Work>,
    ) -> TenantDocuments<'a> {
        let place = self.find(address).map(|store| match &store.backend {
            Backend::Postgres => TenantPlace::Postgres(Postgres { tx, work }),
            Backend::Mongo(mongo) => TenantPlace::Mongo(TenantInMongo { mongo, home: address.home, work }),
        });
        TenantDocuments { place }
    }

    /// Keeps what a change has written outside PostgreSQL, together with the record of its audit entries.
    ///
    /// # Errors
    /// Those of the back end. After `Away` the change may have been kept or not; if it was, its record is there.
    pub async fn commit(&self, address: &DocumentAddress, work: Work, record: &Record) -> Result<(), Error> {
        match self.mongo(address) {
            None => Ok(()),
            Some(mongo) => mongo.commit(work, record).await,
        }
    }

    /// Undoes what a change has written outside PostgreSQL. What is dropped is undone too, only later.
    pub async fn undo(&self, address: &DocumentAddress, work: Work) {
        if let Some(mongo) = self.mongo(address) {
            mongo.undo(work).await;
        }
    }

    /// The documents of an address outside PostgreSQL, for what moves them as a whole; `None` where they lie in the schemas.
    ///
    /// # Errors
    /// `Elsewhere`.
    pub fn apart(&self, address: &DocumentAddress) -> Result<Option<TenantDocuments<'_>>, Error> {
        Ok(match &self.store(address)?.backend {
            Backend::Postgres => None,
            Backend::Mongo(mongo) => {
                let place = TenantPlace::Mongo(TenantInMongo { mongo, home: address.home, work: None });
                Some(TenantDocuments { place: Ok(place) })
            }
        })
    }

    /// Begins to read as everything in the place of an address is now: what is read within this shows one moment, for some minutes. `None`
    /// where the transaction in PostgreSQL does so.
    ///
    /// # Errors
    /// `Elsewhere`, and those of the back end.
    pub async fn moment(&self, address: &DocumentAddress) -> Result<Option<Work>, Error> {
        match &self.store(address)?.backend {
            Backend::Postgres => Ok(None),
            Backend::Mongo(mongo) => mongo.moment().await.map(Some),
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
