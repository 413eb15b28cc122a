//! Values that are dear to compute, kept in this process and, where there is one, in a Redis that all processes share.
//!
//! A name says from which state of the tenant's data its value follows (its stamp), so a value that was kept is never wrong: whoever asks
//! after a change asks for another name. The cache itself therefore needs no messages between processes, and nothing has to be trusted
//! when Redis is away, empty, or comes back with what it held. `docs/cache.md` has the whole argument.

mod key;
mod link;
mod near;
mod shared;
mod statistics;

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::RedisError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

pub use self::key::{Group, Key, Kind};
use self::near::{Entry, Near, invalidate, near};
pub use self::shared::Patience;
use self::shared::Shared;
use self::statistics::{Counters, count};
pub use self::statistics::{SharedStatistics, Statistics};

/// A larger value is kept in this process alone.
const LARGEST_SHARED: usize = 4 << 20;

/// Why the cache cannot be made, or Redis did not answer.
#[derive(Debug, Error)]
pub enum Error {
    /// The URL names no cache.
    #[error("the URL of the cache cannot be used: {0}")]
    Place(&'static str),
    /// Redis refused or broke off.
    #[error("Redis: {0}")]
    Failed(#[source] RedisError),
    /// Redis did not answer in time.
    #[error("Redis did not answer in time")]
    TimedOut,
    /// Redis did not answer a moment ago and is not asked yet.
    #[error("Redis did not answer a moment ago")]
    Avoided,
}

/// What a load has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded<T> {
    /// A value, to be kept.
    Value(T),
    /// That there is none, which is kept for a shorter time.
    Nothing,
    /// A value for those who wait for it now, which is not to be kept.
    Unkept(T),
}

impl<T> Loaded<T> {
    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) | Self::Unkept(value) => Some(value),
            Self::Nothing => None,
        }
    }
}

/// A cache. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache {
    near: Near,
    shared: Option<Arc<Shared>>,
    counters: Arc<Counters>,
}

impl Cache {
    /// A cache of at most so many bytes in this process: `memory:` alone, `redis://…` or `rediss://…` with that Redis behind it,
    /// `redis-cluster://host,host…` or `rediss-cluster://…` with a cluster. Does not connect yet.
    ///
    /// # Errors
    /// `Place` for another URL; the message does not repeat it.
    pub fn open(url: &str, bytes: u64, patience: Patience) -> Result<Self, Error> {
        if url == "memory:" {
            return Ok(Self::in_memory(bytes));
        }
        let shared = Shared::new(url, patience)?;
        Ok(Self { shared: Some(Arc::new(shared)), ..Self::in_memory(bytes) })
    }

    /// A cache of at most so many bytes in this process alone.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        let counters = Arc::default();
        Self { near: near(bytes, &counters), shared: None, counters }
    }

    /// The value of a name, or what `load` gives, which is kept then; `None` where there is none. Of those who ask at once, one loads and
    /// the others wait for it; should the one give up, another takes over. An error is given to all of them and not kept.
    ///
    /// # Errors
    /// Those of `load` alone: a Redis that does not answer is gone round.
    pub async fn get_or_load<T, E>(
        &self,
        key: &Key,
        load: impl Future<Output = Result<Loaded<T>, E>>,
    ) -> Result<Arc<Option<T>>, Arc<E>>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        if let Some(entry) = self.near.get(key.as_str()).await
            && let Some(value) = typed(&entry)
        {
            count(&self.counters.near_hits);
            return Ok(value);
        }
        let finding = async {
            if let Some(entry) = self.find_shared::<T>(key).await {
                return Ok(entry);
            }
            count(&self.counters.misses);
            let begun = Instant::now();
            let loaded = load.await;
            self.counters.loaded(begun.elapsed(), loaded.is_ok());
            Ok(match loaded? {
                Loaded::Unkept(value) => Entry { ttl: Duration::ZERO, ..entry(key, Some(value), 0) },
                loaded => self.share(key, loaded.into_value()).await,
            })
        };
        let entry = self.near.try_get_with_by_ref(key.as_str(), Box::pin(finding)).await?;
        // Each kind has one type, so this is always so.
        Ok(typed(&entry).unwrap_or_default())
    }

    /// Keeps a value.
    pub async fn put<T>(&self, key: &Key, value: Option<T>)
    where
        T: Serialize + Send + Sync + 'static,
    {
        let entry = self.share(key, value).await;
        self.near.insert(key.as_str().to_owned(), entry).await;
    }

    /// Lets go of one value, in this process and in Redis.
    ///
    /// # Errors
    /// When Redis does not answer; the value is gone from this process all the same.
    pub async fn invalidate(&self, key: &Key) -> Result<(), Error> {
        self.near.invalidate(key.as_str()).await;
        match &self.shared {
            Some(shared) => shared.remove(key.as_str()).await,
            None => Ok(()),
        }
    }

    /// Lets go of a group of values, in this process and in Redis.
    ///
    /// # Errors
    /// As [`Cache::invalidate`].
    pub async fn invalidate_group(&self, group: &Group) -> Result<(), Error> {
        invalidate(&self.near, group);
        match &self.shared {
            Some(shared) => shared.remove_group(group).await,
            None => Ok(()),
        }
    }

    /// How long Redis took to answer; `None` without one.
    ///
    /// # Errors
    /// Why it did not answer.
    pub async fn check(&self) -> Result<Option<Duration>, Error> {
        let Some(shared) = &self.shared else { return Ok(None) };
        let begun = Instant::now();
        shared.ping().await?;
        Ok(Some(begun.elapsed()))
    }

    /// What Redis has counted; `None` without one.
    ///
    /// # Errors
    /// Why it did not answer.
    pub async fn shared_statistics(&self) -> Result<Option<SharedStatistics>, Error> {
        match &self.shared {
            Some(shared) => Ok(Some(shared.statistics().await?)),
            None => Ok(None),
        }
    }

    /// Whether there is a Redis behind it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// What was counted so far. The numbers of entries and bytes may lag by a moment.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.counters.read(self.near.entry_count(), self.near.weighted_size())
    }

    /// A value out of Redis. One that cannot be read counts as none, and is written again.
    async fn find_shared<T>(&self, key: &Key) -> Option<Entry>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let found = self.shared.as_ref()?.get(key.as_str()).await;
        let bytes = found.inspect_err(|_| count(&self.counters.shared_failures)).ok()??;
        let value: Option<T> = serde_json::from_slice(&bytes).ok()?;
        count(&self.counters.shared_hits);
        Some(entry(key, value, bytes.len()))
    }

    /// Gives a value to Redis, if it can be written and is not too large, and makes the entry of it.
    async fn share<T>(&self, key: &Key, value: Option<T>) -> Entry
    where
        T: Serialize + Send + Sync + 'static,
    {
        let Ok(bytes) = serde_json::to_vec(&value) else {
            tracing::error!(key = key.as_str(), "a value of the cache cannot be written");
            return entry(key, value, LARGEST_SHARED);
        };
        if let Some(shared) = self.shared.as_ref().filter(|_| bytes.len() <= LARGEST_SHARED)
            && shared.set(key.as_str(), &bytes, key.ttl(value.is_none())).await.is_err()
        {
            count(&self.counters.shared_failures);
        }
        entry(key, value, bytes.len())
    }
}

fn entry<T: Send + Sync + 'static>(key: &Key, value: Option<T>, size: usize) -> Entry {
    let ttl = key.ttl(value.is_none());
    Entry { value: Arc::new(value), size, ttl }
}

fn typed<T: Send + Sync + 'static>(entry: &Entry) -> Option<Arc<Option<T>>> {
    let value: Arc<dyn Any + Send + Sync> = Arc::clone(&entry.value);
    value.downcast().ok()
}
