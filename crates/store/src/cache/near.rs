//! The values that a process keeps in its own memory.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use moka::notification::RemovalCause;

use super::key::Group;
use super::statistics::{Counters, count};

/// What an entry takes besides its name and its value.
const OVERHEAD: usize = 256;

/// A value of whatever type, with what is needed to keep it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) value: Arc<dyn Any + Send + Sync>,
    /// The size of the value as it is written, which stands for what it takes in memory.
    pub(super) size: usize,
    pub(super) ttl: Duration,
}

pub(super) type Near = Cache<String, Entry>;

struct ByEntry;

impl Expiry<String, Entry> for ByEntry {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(&self, _: &String, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("size", &self.size).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}

/// An empty cache of at most so many bytes.
pub(super) fn near(bytes: u64, counters: &Arc<Counters>) -> Near {
    let counters = Arc::clone(counters);
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|key: &String, entry: &Entry| {
            u32::try_from(key.len().saturating_add(entry.size).saturating_add(OVERHEAD)).unwrap_or(u32::MAX)
        })
        .expire_after(ByEntry)
        .support_invalidation_closures()
        .eviction_listener(move |_, _, cause| {
            if cause == RemovalCause::Size {
                count(&counters.evictions);
            }
        })
        .build()
}

/// Lets go of a group's values.
pub(super) fn invalidate(near: &Near, group: &Group) {
    let prefix = group.prefix().to_owned();
    // It fails only for caches that were made without support for it.
    if let Err(error) = near.invalidate_entries_if(move |key, _| key.starts_with(&prefix)) {
        tracing::error!(%error, "a group of the cache could not be let go of");
    }
}
