//! What a server counts of mail.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

/// Counts what a server that sends mail has sent, and what waits.
#[derive(Debug, Clone, Default)]
pub struct MailCounts {
    ended: Family<Ended, Counter<u64, AtomicU64>>,
    waiting: Gauge<i64, AtomicI64>,
    oldest: Gauge<i64, AtomicI64>,
}

impl MailCounts {
    /// So many messages were sent, attempts failed and are made again, messages given up, and messages of no use any more.
    pub fn add(&self, sent: usize, failed: usize, given_up: usize, dropped: usize) {
        for (outcome, count) in [("sent", sent), ("failed", failed), ("given_up", given_up), ("dropped", dropped)] {
            self.ended.get_or_create(&Ended { outcome }).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    /// So many messages should have been sent by now, the oldest so many seconds ago.
    pub fn set_waiting(&self, messages: u64, oldest_seconds: i64) {
        self.waiting.set(i64::try_from(messages).unwrap_or(i64::MAX));
        self.oldest.set(oldest_seconds);
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Attempts to send a mail, by what came of them";
        registry.register("mail_attempts", help, self.ended.clone());
        registry.register(
            "mail_waiting",
            "Mails of all companies that should have been sent by now",
            self.waiting.clone(),
        );
        let help = "How long ago the oldest of them should have been sent";
        registry.register_with_unit("mail_oldest", help, Unit::Seconds, self.oldest.clone());
    }
}
