//! What moves documents between back ends, and what tells whether two have the same.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::stored::Raw;
use super::{Collection, Error, TenantDocuments, TenantPlace};

/// What a tenant's part of a collection amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// How many documents there are.
    pub documents: u64,
    /// The SHA-256 of all of them in the order of their ids, in hexadecimal digits.
    pub sha256: String,
}

impl TenantDocuments<'_> {
    /// What a collection amounts to, less what has expired: one back end may have removed that already.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn digest(&mut self, collection: Collection, now: Timestamp) -> Result<Digest, Error> {
        let (mut documents, mut sum, mut after) = (0, Sha256::new(), None);
        loop {
            let page = self.walk_raw(collection, after).await?;
            for raw in page.iter().filter(|raw| raw.expires_at.is_none_or(|expires_at| expires_at > now)) {
                documents += 1;
                add(&mut sum, raw);
            }
            after = page.last().map(|raw| raw.id);
            if after.is_none() {
                return Ok(Digest { documents, sha256: hex::encode(sum.finalize()) });
            }
        }
    }

    /// Writes a collection of another store as it is there, in place of what is here. `on_page` is told how many documents were written.
    ///
    /// # Errors
    /// Those of the back ends.
    pub async fn copy_from(
        &mut self,
        source: &mut TenantDocuments<'_>,
        collection: Collection,
        on_page: &(dyn Fn(usize) + Sync),
    ) -> Result<(), Error> {
        self.clear(collection).await?;
        let mut after = None;
        loop {
            let page = source.walk_raw(collection, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            match self.place()? {
                TenantPlace::Postgres(postgres) => postgres.insert(collection, &page).await?,
                TenantPlace::Mongo(mongo) => mongo.put(collection, &page).await?,
            }
            on_page(page.len());
        }
    }

    /// Removes all documents of a collection.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn clear(&mut self, collection: Collection) -> Result<u64, Error> {
        match self.place()? {
            TenantPlace::Postgres(postgres) => postgres.clear(collection).await,
            TenantPlace::Mongo(mongo) => mongo.clear(collection).await,
        }
    }

    /// Removes documents that expired before a moment; gives how many. In PostgreSQL at most so many of each collection are removed at once.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn expire(&mut self, now: Timestamp, limit: u32) -> Result<u64, Error> {
        let mut removed = 0;
        for collection in Collection::ALL {
            removed += match self.place()? {
                TenantPlace::Postgres(postgres) => postgres.expire(collection, now, limit).await?,
                TenantPlace::Mongo(mongo) => mongo.expire(collection, now).await?,
            };
        }
        Ok(removed)
    }
}

/// Each part with its length before it, so that no two documents give the same bytes.
fn add(sum: &mut Sha256, raw: &Raw) {
    let times = [Some(raw.created_at), Some(raw.updated_at), raw.expires_at];
    let times = times.map(|time| time.map_or_else(String::new, |time| time.to_string()));
    let mut body = String::new();
    write_sorted(&mut body, &Value::Object(raw.body.clone()));
    for part in [&raw.id.to_string(), &raw.version.to_string()].into_iter().chain(&times).chain([&body]) {
        sum.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        sum.update(part);
    }
}

/// As JSON, with the names of each object in the order of their bytes.
fn write_sorted(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in fields {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(text, value);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                write_sorted(text, value);
                text.push(',');
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}
