//! The places of an installation as a whole: what is done in each of those that are outside of PostgreSQL.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use tenure_core::ids::TenantId;
use uuid::Uuid;

use super::mongo::{Mongo, TenantInMongo};
use super::work::Record;
use super::{Backend, Collection, Documents, Error, Store};

impl Documents {
    /// Where the documents of new tenants are to lie.
    #[must_use]
    pub const fn place(&self) -> &DocumentPlace {
        &self.first.place
    }

    /// The places that this program knows.
    #[must_use]
    pub fn places(&self) -> Vec<&DocumentPlace> {
        self.stores().map(|store| &store.place).collect()
    }

    /// Where documents lie of which nobody has said so: they are older than any move.
    #[must_use]
    pub fn oldest_place(&self) -> &DocumentPlace {
        &self.former.as_ref().unwrap_or(&self.first).place
    }

    /// Whether the documents of any tenant may lie elsewhere than in its schema.
    #[must_use]
    pub fn may_be_apart(&self) -> bool {
        self.mongos().next().is_some()
    }

    /// Removes the record of a change at an address, whose entries are in the audit log.
    ///
    /// # Errors
    /// `Elsewhere`, and those of the back ends.
    pub async fn settle_at(&self, address: &DocumentAddress, record: Uuid) -> Result<(), Error> {
        match &self.store(address)?.backend {
            Backend::Postgres => Ok(()),
            Backend::Mongo(mongo) => mongo.settle(record).await,
        }
    }

    /// The same, wherever the record may be.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn settle(&self, record: Uuid) -> Result<(), Error> {
        for mongo in self.mongos() {
            mongo.settle(record).await?;
        }
        Ok(())
    }

    /// Records of changes before a moment whose entries may not be in the audit log, the oldest of a place first.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn pending(&self, before: Timestamp, limit: u32) -> Result<Vec<Record>, Error> {
        let mut found = Vec::new();
        for mongo in self.mongos() {
            found.extend(mongo.pending(before, limit).await?);
        }
        Ok(found)
    }

    /// Records of the changes of one tenant, the oldest of a place first.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn pending_of(&self, tenant: TenantId, limit: u32) -> Result<Vec<Record>, Error> {
        let mut found = Vec::new();
        for mongo in self.mongos() {
            found.extend(mongo.pending_of(tenant, limit).await?);
        }
        Ok(found)
    }

    /// How long MongoDB took to answer; `None` where documents lie in PostgreSQL alone.
    ///
    /// # Errors
    /// Why one did not answer.
    pub async fn check(&self) -> Result<Option<Duration>, Error> {
        let mut longest = None;
        for mongo in self.mongos() {
            let begun = Instant::now();
            mongo.ping().await?;
            longest = longest.max(Some(begun.elapsed()));
        }
        Ok(longest)
    }

    /// Makes what MongoDB needs, collections and indexes, and says in the log in what they differ from what is declared. Otherwise the first
    /// use does it.
    ///
    /// # Errors
    /// `WithoutTransactions`, and those of the back ends.
    pub async fn prepare(&self) -> Result<(), Error> {
        for mongo in self.mongos() {
            if !mongo.prepare().await?.transactions {
                return Err(Error::WithoutTransactions);
            }
        }
        Ok(())
    }

    /// The places from which what has expired has to be removed: the others do so by themselves.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn places_to_sweep(&self) -> Result<Vec<&DocumentPlace>, Error> {
        let mut places = Vec::new();
        for store in self.stores() {
            let sweeps_itself = match &store.backend {
                Backend::Postgres => false,
                Backend::Mongo(mongo) => mongo.prepare().await?.expiry,
            };
            if !sweeps_itself {
                places.push(&store.place);
            }
        }
        Ok(places)
    }

    /// In what MongoDB's indexes differ from those that are declared and how that is mended, one line each.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn differences(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for mongo in self.mongos() {
            found.extend(mongo.differences().await?);
        }
        Ok(found)
    }

    /// Removes documents outside PostgreSQL that no schema needs any more, and what a move has left of them in another place.
    ///
    /// # Errors
    /// `Elsewhere`, and those of the back ends.
    pub async fn remove(&self, address: &DocumentAddress) -> Result<u64, Error> {
        self.store(address)?;
        let mut removed = 0;
        for mongo in self.mongos() {
            let mut documents = TenantInMongo { mongo, home: address.home, work: None };
            for collection in Collection::ALL {
                removed += documents.clear(collection).await?;
            }
        }
        Ok(removed)
    }

    /// Removes the records of changes of a tenant that is no more.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn forget(&self, tenant: TenantId) -> Result<(), Error> {
        for mongo in self.mongos() {
            mongo.forget(tenant).await?;
        }
        Ok(())
    }

    pub(super) fn store(&self, address: &DocumentAddress) -> Result<&Store, Error> {
        self.find(address).map_err(Error::Elsewhere)
    }

    /// The name of the place where the program was not told of it.
    pub(super) fn find(&self, address: &DocumentAddress) -> Result<&Store, DocumentPlace> {
        let place = address.place.as_ref().unwrap_or_else(|| self.oldest_place());
        self.stores().find(|store| store.place == *place).ok_or_else(|| place.clone())
    }

    /// The MongoDB of an address, if it is in one that is known.
    pub(super) fn mongo(&self, address: &DocumentAddress) -> Option<&Mongo> {
        match &self.find(address).ok()?.backend {
            Backend::Postgres => None,
            Backend::Mongo(mongo) => Some(mongo),
        }
    }

    /// The tenants' schemas are among them always: whoever knows a tenant can find them.
    fn stores(&self) -> impl Iterator<Item = &Store> {
        let told = [Some(&self.first), self.former.as_ref()].into_iter().flatten();
        told.chain([&self.schemas])
    }

    fn mongos(&self) -> impl Iterator<Item = &Mongo> {
        self.stores().filter_map(|store| match &store.backend {
            Backend::Postgres => None,
            Backend::Mongo(mongo) => Some(&**mongo),
        })
    }
}
