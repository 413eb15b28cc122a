//! Counts how often a client waits for PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::PgConnectOptions;

use crate::relay::{Between, put_between};

/// Stands between a client and its server, and counts the messages after which a client waits for an answer: `Query`, and `Sync` after
/// others. A `Sync` alone is the pool's check of a connection that it got back, for which no request waits.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips(Arc<AtomicU64>);

impl RoundTrips {
    /// Puts a counter between these options and the server that they name, until the test's runtime ends.
    #[must_use]
    pub fn count(options: &mut PgConnectOptions) -> Self {
        let counter = Self::default();
        put_between(options, Counting { counter: counter.clone(), asked: false });
        counter
    }

    /// How many round trips there were so far.
    #[must_use]
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Clone)]
struct Counting {
    counter: RoundTrips,
    asked: bool,
}

impl Between for Counting {
    async fn pass(&mut self, message: &mut Vec<u8>) {
        let kind = message.first().copied().unwrap_or_default();
        if kind == b'Q' || (kind == b'S' && self.asked) {
            self.counter.0.fetch_add(1, Ordering::Relaxed);
        }
        self.asked = !matches!(kind, b'Q' | b'S');
    }
}
