//! What a cache counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// The counters of one process since it began.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) near_hits: AtomicU64,
    pub(super) shared_hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) loads: AtomicU64,
    pub(super) failed_loads: AtomicU64,
    pub(super) load_micros: AtomicU64,
    pub(super) evictions: AtomicU64,
    pub(super) shared_failures: AtomicU64,
}

/// What a process has counted since it began, and what it keeps now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Values found in this process.
    pub near_hits: u64,
    /// Values found in Redis.
    pub shared_hits: u64,
    /// Values found nowhere.
    pub misses: u64,
    /// Values loaded; fewer than misses where several asked at once.
    pub loads: u64,
    /// Loads that ended in an error, which is not kept.
    pub failed_loads: u64,
    /// How long all loads took together, in microseconds.
    pub load_micros: u64,
    /// Values that made room for others.
    pub evictions: u64,
    /// Questions that Redis did not answer or refused.
    pub shared_failures: u64,
    /// Values in this process.
    pub entries: u64,
    /// The memory that they take, in bytes.
    pub bytes: u64,
}

/// What a Redis has counted since it began, for whoever uses it, and what it keeps now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SharedStatistics {
    /// Values.
    pub keys: u64,
    /// The memory that it takes, in bytes.
    pub used_memory: u64,
    /// How often it had what was asked for.
    pub hits: u64,
    /// How often not.
    pub misses: u64,
    /// Values that made room for others.
    pub evicted: u64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn loaded(&self, took: Duration, succeeded: bool) {
        count(&self.loads);
        if !succeeded {
            count(&self.failed_loads);
        }
        self.load_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn read(&self, entries: u64, bytes: u64) -> Statistics {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            near_hits: of(&self.near_hits),
            shared_hits: of(&self.shared_hits),
            misses: of(&self.misses),
            loads: of(&self.loads),
            failed_loads: of(&self.failed_loads),
            load_micros: of(&self.load_micros),
            evictions: of(&self.evictions),
            shared_failures: of(&self.shared_failures),
            entries,
            bytes,
        }
    }
}
