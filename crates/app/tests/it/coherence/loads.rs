//! What happens between a load's two looks at the database.
//!
//! A load is a transaction that begins with a snapshot, finds the stamps, and then reads what it was asked for. It is made to wait for somebody
//! else's change at the worst moments: before its snapshot, or after it has found the stamps and before it reads the rest. The program does
//! not know of it: this stands between it and its PostgreSQL.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tenure_testkit::{Between, put_between};
use tokio::sync::watch;

const SNAPSHOT: &[u8] = b"REPEATABLE READ";
/// As long as the other, so that the message's length stays right.
const NO_SNAPSHOT: &[u8] = b"READ COMMITTED ";

/// Whether what protects loads is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lease {
    /// A load has one snapshot, in which its stamps and what it reads belong together.
    Whole,
    /// It has none, so that a change between its two looks makes it keep what is of one state under the name of another.
    Out,
}

/// Where loads wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere.
    Nowhere,
    /// Before they take their snapshot: who has asked was let in under stamps that are old by then.
    Before,
    /// After they have found the stamps and before they read the rest.
    Between,
}

#[derive(Debug)]
struct State {
    place: Place,
    changes: u64,
    waiting: usize,
}

/// All loads of some nodes.
#[derive(Debug, Clone)]
pub(super) struct Loads(Arc<watch::Sender<State>>);

impl Loads {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State { place: Place::Nowhere, changes: 0, waiting: 0 })))
    }

    /// Makes the loads over these options wait.
    pub(super) fn of(&self, options: &mut PgConnectOptions, lease: Lease) {
        put_between(options, Watched { loads: self.clone(), lease, next: Next::Nothing });
    }

    /// From now on loads wait there, each for a change.
    pub(super) fn wait(&self, place: Place) {
        self.0.send_modify(|state| *state = State { place, waiting: 0, ..*state });
    }

    /// Somebody has been told that a change is made.
    pub(super) fn changed(&self) {
        self.0.send_modify(|state| state.changes += 1);
    }

    /// Waits until so many loads wait.
    pub(super) async fn until_they_wait(&self, number: usize) {
        self.0.subscribe().wait_for(|state| state.waiting >= number).await.unwrap();
    }

    async fn hold(&self, place: Place) {
        let mut seen = self.0.subscribe();
        let changes = seen.borrow_and_update().changes;
        if seen.borrow().place == place {
            self.0.send_modify(|state| state.waiting += 1);
        }
        // That nobody is left to change anything ends it too.
        let _ = seen.wait_for(|state| state.place != place || state.changes > changes).await;
    }
}

/// What a connection does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    FindStamps,
    ReadRest,
}

#[derive(Clone)]
struct Watched {
    loads: Loads,
    lease: Lease,
    next: Next,
}

impl Between for Watched {
    async fn pass(&mut self, message: &mut Vec<u8>) {
        match (message.first(), self.next) {
            (Some(b'Q'), _) => {
                self.next = Next::Nothing;
                if let Some(at) = message.windows(SNAPSHOT.len()).position(|part| part == SNAPSHOT) {
                    if self.lease == Lease::Out {
                        message.splice(at..at + SNAPSHOT.len(), NO_SNAPSHOT.iter().copied());
                    }
                    self.next = Next::FindStamps;
                    self.loads.hold(Place::Before).await;
                }
            }
            (Some(b'E'), Next::FindStamps) => self.next = Next::ReadRest,
            (Some(b'P' | b'B'), Next::ReadRest) => {
                self.next = Next::Nothing;
                self.loads.hold(Place::Between).await;
            }
            _ => {}
        }
    }
}
