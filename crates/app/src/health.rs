//! Whether what Tenure needs is there, as its next user would find it.

use std::time::Duration;

pub use tenure_db::health::PoolState;

use crate::context::Context;

/// Something that every request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// `database`, or `replica` for the read replica.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// How long its answer took, or how long it was waited for.
    pub latency: Duration,
}

/// How a dependency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It answers.
    Up,
    /// It does not answer, or not in time.
    Down,
    /// It answers, and has no platform tables yet.
    NotSetUp,
}

/// Asks every dependency, for some seconds at most. Why one is not up goes to the log.
pub async fn check(context: &Context) -> Vec<Dependency> {
    let checked = context.db.check().await.into_iter().map(|checked| {
        let state = match checked.outcome {
            Ok(()) => State::Up,
            Err(error) => {
                tracing::warn!(dependency = checked.name, %error, "not ready");
                if matches!(error, tenure_db::Error::NotSetUp) { State::NotSetUp } else { State::Down }
            }
        };
        Dependency { name: checked.name, state, latency: checked.latency }
    });
    checked.collect()
}

/// How many connections there are, by pool.
#[must_use]
pub fn pools(context: &Context) -> Vec<PoolState> {
    context.db.pools()
}
