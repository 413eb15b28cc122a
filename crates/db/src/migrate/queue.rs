//! The tenants that wait for their migration, the ones to be tried again among them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Work that is due at a time. Whoever takes the next piece waits until it is due, so that a piece put back with a delay delays
/// nothing but itself.
pub(super) struct Queue<T> {
    waiting: Mutex<BinaryHeap<Reverse<Waiting<T>>>>,
}

struct Waiting<T> {
    due: Instant,
    order: usize,
    work: T,
}

impl<T> Queue<T> {
    /// A queue of pieces that are all due now and are taken in the order given.
    pub(super) fn new(work: impl IntoIterator<Item = T>) -> Self {
        let due = Instant::now();
        let waiting = work.into_iter().enumerate().map(|(order, work)| Reverse(Waiting { due, order, work }));
        Self { waiting: Mutex::new(waiting.collect()) }
    }

    /// Takes the piece that is due first, with the time left until then; `None` when nothing waits.
    pub(super) fn take(&self) -> Option<(T, Duration)> {
        let Reverse(next) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some((next.work, next.due.saturating_duration_since(Instant::now())))
    }

    /// Puts a piece back, due after a delay.
    pub(super) fn put_back(&self, work: T, delay: Duration) {
        let waiting = Waiting { due: Instant::now() + delay, order: 0, work };
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Reverse(waiting));
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Waiting<T> {}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Waiting<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.order).cmp(&(other.due, other.order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_in_its_order_and_what_was_put_back_comes_last() {
        let queue = Queue::new(["a", "b", "c"]);
        let (first, _) = queue.take().unwrap();
        queue.put_back(first, Duration::from_mins(1));
        assert_eq!(queue.take().unwrap().0, "b");
        assert_eq!(queue.take().unwrap().0, "c");
        let (last, delay) = queue.take().unwrap();
        assert_eq!(last, "a");
        assert!(delay > Duration::from_secs(50), "{delay:?}");
        assert!(queue.take().is_none());
    }
}
