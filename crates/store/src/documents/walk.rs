//! Going through a collection: pages that are bounded by what they hold as well, as one document may have megabytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::stored::{Raw, Stored};
use super::{Collection, Error, TenantDocuments, TenantPlace};

/// The most documents of a page.
pub(super) const MOST: u32 = 1000;

/// With how many bytes a page ends: it has less than this before its last document.
pub(super) const ENOUGH: usize = 8 << 20;

impl TenantDocuments<'_> {
    /// The next documents of a collection in the order of their ids, after one of them or from the first on: as many as come to 8 MiB, or to a
    /// thousand, and at least one as long as there is one. What goes through a collection asks until none is left.
    ///
    /// # Errors
    /// `Unreadable`, and those of the back end.
    pub async fn walk<T: Serialize + DeserializeOwned>(
        &mut self,
        collection: Collection,
        after: Option<Uuid>,
    ) -> Result<Vec<Stored<T>>, Error> {
        let page = self.walk_raw(collection, after).await?;
        page.into_iter().map(|raw| Stored::of(collection, raw)).collect()
    }

    pub(super) async fn walk_raw(&mut self, collection: Collection, after: Option<Uuid>) -> Result<Vec<Raw>, Error> {
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.walk(collection, after).await,
            TenantPlace::Mongo(mongo) => mongo.walk(collection, after).await,
        }
    }
}
