//! Documents: bodies of JSON that are found by some of their fields, in the tenant's own schema or in MongoDB.
//!
//! A store is bound to one tenant before anything is done with it, so that no call can leave the tenant. Both back ends keep, find and
//! put in order alike; `docs/documents.md` says how.

mod collection;
mod copy;
mod error;
mod find;
mod mongo;
mod postgres;
mod stored;
mod tenant;
mod walk;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tenure_core::ids::{DocumentHome, TenantId};
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
        Ok(Self { backend: Backend::Mongo(Arc::new(Mongo::open(url, patience, None)?)) })
    }

    /// A store in MongoDB of which somebody is told each command that is sent: for tests of what servers like MongoDB have to offer.
    ///
    /// # Errors
    /// `Place` for another URL.
    pub fn open_watched(url: &str, patience: Patience, watch: Watch) -> Result<Self, Error> {
        Ok(Self { backend: Backend::Mongo(Arc::new(Mongo::open(url, patience, Some(watch))?)) })
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

    /// Records of the changes of one tenant, the oldest first.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn pending_of(&self, tenant: TenantId, limit: u32) -> Result<Vec<Record>, Error> {
        match &self.backend {
            Backend::Postgres => Ok(Vec::new()),
            Backend::Mongo(mongo) => mongo.pending_of(tenant, limit).await,
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

    /// Makes what MongoDB needs, collections and indexes, and says in the log in what they differ from what is declared. Otherwise the first
    /// use does it.
    ///
    /// # Errors
    /// `WithoutTransactions`, and those of the back end.
    pub async fn prepare(&self) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) if mongo.prepare().await?.transactions => Ok(()),
            Backend::Mongo(_) => Err(Error::WithoutTransactions),
        }
    }

    /// Whether the back end removes what has expired by itself.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn expires(&self) -> Result<bool, Error> {
        match &self.backend {
            Backend::Postgres => Ok(false),
            Backend::Mongo(mongo) => Ok(mongo.prepare().await?.expiry),
        }
    }

    /// In what MongoDB's indexes differ from those that are declared and how that is mended, one line each.
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
