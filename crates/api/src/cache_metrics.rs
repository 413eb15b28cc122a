//! What the cache counts, in the form that Prometheus reads.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tenure_app::cache::Statistics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    place: &'static str,
}

/// Copies of the cache's own counters, taken when they are asked for.
#[derive(Default)]
pub(crate) struct CacheMetrics {
    hits: Family<Place, Counter>,
    misses: Counter,
    loads: Counter,
    failed_loads: Counter,
    load_time: Counter<f64, AtomicU64>,
    evictions: Counter,
    failures: Counter,
    entries: Gauge,
    bytes: Gauge,
    staleness_bound: Gauge,
    invalidation_lag: Gauge,
}

impl CacheMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Values found, in this process (near) or in Redis (shared)";
        registry.register("cache_hits", help, self.hits.clone());
        registry.register("cache_misses", "Values found nowhere", self.misses.clone());
        registry.register("cache_loads", "Values loaded from the database", self.loads.clone());
        registry.register("cache_failed_loads", "Loads that ended in an error", self.failed_loads.clone());
        let help = "Time that all loads took together";
        registry.register_with_unit("cache_load_time", help, Unit::Seconds, self.load_time.clone());
        registry.register("cache_evictions", "Values that made room for others", self.evictions.clone());
        registry.register(
            "cache_redis_failures",
            "Questions that Redis did not answer or refused",
            self.failures.clone(),
        );
        registry.register("cache_entries", "Values in this process", self.entries.clone());
        registry.register_with_unit("cache_memory", "What they take", Unit::Bytes, self.bytes.clone());
        let help = "How old a value can be: always 0, as values are found by the state of the data";
        registry.register_with_unit("cache_staleness_bound", help, Unit::Seconds, self.staleness_bound.clone());
        let help = "How long after a commit older values are used: always 0, as the commit itself ends their use";
        registry.register_with_unit("cache_invalidation_lag", help, Unit::Seconds, self.invalidation_lag.clone());
    }

    pub(crate) fn set(&self, counted: &Statistics) {
        let set = |counter: &Counter, value| counter.inner().store(value, Ordering::Relaxed);
        set(&self.hits.get_or_create(&Place { place: "near" }), counted.near_hits);
        set(&self.hits.get_or_create(&Place { place: "shared" }), counted.shared_hits);
        set(&self.misses, counted.misses);
        set(&self.loads, counted.loads);
        set(&self.failed_loads, counted.failed_loads);
        set(&self.evictions, counted.evictions);
        set(&self.failures, counted.shared_failures);
        let load_time = std::time::Duration::from_micros(counted.load_micros).as_secs_f64();
        self.load_time.inner().store(load_time.to_bits(), Ordering::Relaxed);
        self.entries.set(i64::try_from(counted.entries).unwrap_or(i64::MAX));
        self.bytes.set(i64::try_from(counted.bytes).unwrap_or(i64::MAX));
    }
}
