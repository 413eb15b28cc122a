//! Whether what Tenure needs is there, as its next user would find it.

use std::time::{Duration, Instant};

pub use tenure_db::health::PoolState;

use crate::context::Context;
use crate::documents;

/// How long the place of files is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something that requests need, or are faster with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// `database`, `replica` for the read replica, `cache` for Redis, `documents` for MongoDB, or `files` for their place.
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
    /// It answers, and has no platform tables yet, or those of an older program.
    NotSetUp,
}

/// Asks every dependency, for some seconds at most. Why one is not up goes to the log.
pub async fn check(context: &Context) -> Vec<Dependency> {
    let checked = context.db.check().await.into_iter().map(|checked| {
        let state = match checked.outcome {
            Ok(()) => State::Up,
            Err(error) => {
                tracing::warn!(dependency = checked.name, %error, "not ready");
                match error {
                    tenure_db::Error::NotSetUp | tenure_db::Error::PlatformBehind { .. } => State::NotSetUp,
                    _ => State::Down,
                }
            }
        };
        Dependency { name: checked.name, state, latency: checked.latency }
    });
    let mut found: Vec<_> = checked.collect();
    found.extend(check_cache(context).await);
    found.extend(check_documents(context).await);
    found.extend(check_files(context).await);
    found
}

/// Redis, where there is one. Requests are served without it too.
async fn check_cache(context: &Context) -> Option<Dependency> {
    let begun = Instant::now();
    let (state, latency) = match context.cache.check().await {
        Ok(latency) => (State::Up, latency?),
        Err(error) => {
            tracing::warn!(dependency = "cache", %error, "not ready");
            (State::Down, begun.elapsed())
        }
    };
    Some(Dependency { name: "cache", state, latency })
}

/// MongoDB, where documents lie there. Requests that need none are served without it.
async fn check_documents(context: &Context) -> Option<Dependency> {
    let begun = Instant::now();
    let (state, latency) = match documents::check(context).await {
        Ok(latency) => (State::Up, latency?),
        Err(error) => {
            tracing::warn!(dependency = "documents", %error, "not ready");
            (State::Down, begun.elapsed())
        }
    };
    Some(Dependency { name: "documents", state, latency })
}

/// The place of files, where there is one. Requests without files are served without it.
async fn check_files(context: &Context) -> Option<Dependency> {
    let (files, begun) = (context.files.as_ref()?, Instant::now());
    let state = match tokio::time::timeout(PATIENCE, files.check()).await {
        Ok(Ok(_)) => State::Up,
        // Why, is in the log already.
        Ok(Err(_)) | Err(_) => State::Down,
    };
    Some(Dependency { name: "files", state, latency: begun.elapsed() })
}

/// How many connections there are, by pool.
#[must_use]
pub fn pools(context: &Context) -> Vec<PoolState> {
    context.db.pools()
}
