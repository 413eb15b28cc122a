//! Redis: the values that all processes share. It is asked when it answers, and gone round when it does not.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, ServerErrorKind, cmd};

use super::Error;
use super::key::Group;
use super::link::{Link, Place};
use super::statistics::SharedStatistics;

/// How many names Redis looks at in one step of a search.
const STEP: usize = 1000;

/// How long nothing more is said of what Redis refuses.
const SAID: Duration = Duration::from_mins(1);

/// How long Redis is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For an answer.
    pub answer: Duration,
    /// For how long nobody asks again after an answer did not come; then one tries.
    pub avoided: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(500),
            answer: Duration::from_millis(200),
            avoided: Duration::from_secs(1),
        }
    }
}

/// One Redis or one cluster, over one connection to each server that all requests share.
pub(super) struct Shared {
    place: Place,
    patience: Patience,
    link: tokio::sync::Mutex<Option<Link>>,
    failed: Mutex<Option<Instant>>,
    /// When it was last said that Redis refuses something.
    refused: Mutex<Option<Instant>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Shared {
    /// Does not connect yet: a Redis that is away makes requests slower, and fails none.
    pub(super) fn new(url: &str, patience: Patience) -> Result<Self, Error> {
        let place = Place::parse(url)?;
        Ok(Self {
            place,
            patience,
            link: tokio::sync::Mutex::default(),
            failed: Mutex::default(),
            refused: Mutex::default(),
        })
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.ask(cmd("GET").arg(key)).await
    }

    pub(super) async fn set(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), Error> {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        self.ask(cmd("SET").arg(key).arg(value).arg("PX").arg(millis)).await
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        self.ask(cmd("UNLINK").arg(key)).await
    }

    /// Looks through all names, so it is for operators and not for requests.
    pub(super) async fn remove_group(&self, group: &Group) -> Result<(), Error> {
        let pattern = format!("{}*", group.prefix());
        let mut cursor = 0_u64;
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(STEP);
            let scanned = self.within_patience(async |link| link.ask_owner_of(group.prefix(), &scan).await);
            let (next, keys): (u64, Vec<String>) = scanned.await?;
            if !keys.is_empty() {
                let _: () = self.ask(cmd("UNLINK").arg(&keys)).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// Asks whether it answers, also when it did not a moment ago.
    pub(super) async fn ping(&self) -> Result<(), Error> {
        self.forget_failure();
        self.ask(&cmd("PING")).await
    }

    /// What Redis as a whole has counted.
    pub(super) async fn statistics(&self) -> Result<SharedStatistics, Error> {
        let keys = self.ask(&cmd("DBSIZE")).await?;
        let infos = self.within_patience(Link::infos).await?;
        let of = |name: &str| infos.iter().map(|info| counted(info, name)).sum();
        Ok(SharedStatistics {
            keys,
            used_memory: of("used_memory"),
            hits: of("keyspace_hits"),
            misses: of("keyspace_misses"),
            evicted: of("evicted_keys"),
        })
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        self.within_patience(async |link| link.ask(command).await).await
    }

    /// One question. Who finds Redis away waits once; for a while after that nobody waits at all.
    async fn within_patience<T>(&self, question: impl AsyncFnOnce(&mut Link) -> RedisResult<T>) -> Result<T, Error> {
        if self.is_avoided() {
            return Err(Error::Avoided);
        }
        let asking = async { question(&mut self.linked().await?).await };
        let asked = tokio::time::timeout(self.patience.connect + self.patience.answer, asking).await;
        match asked {
            Ok(Ok(answer)) => {
                self.forget_failure();
                Ok(answer)
            }
            Ok(Err(error)) if is_refusal(&error) => {
                self.forget_failure();
                Err(self.note_refusal(error))
            }
            Ok(Err(error)) => Err(self.note_failure(Error::Failed(error)).await),
            Err(_) => Err(self.note_failure(Error::TimedOut).await),
        }
    }

    async fn linked(&self) -> RedisResult<Link> {
        let mut kept = self.link.lock().await;
        if let Some(link) = &*kept {
            return Ok(link.clone());
        }
        let link = self.place.connect(self.patience).await?;
        *kept = Some(link.clone());
        Ok(link)
    }

    /// Whether Redis did not answer a moment ago. When the time is over, one is let through to try, and the others go on avoiding it.
    fn is_avoided(&self) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match *failed {
            Some(moment) if moment.elapsed() < self.patience.avoided => true,
            Some(_) => {
                *failed = Some(Instant::now());
                false
            }
            None => false,
        }
    }

    fn forget_failure(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The connection is as good as before: a Redis that is full or a replica goes on giving what it has.
    fn note_refusal(&self, error: RedisError) -> Error {
        let mut said = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|moment| moment.elapsed() >= SAID) {
            *said = Some(Instant::now());
            tracing::warn!(%error, "Redis refuses what it is asked; what it does not keep is loaded from the database");
        }
        Error::Failed(error)
    }

    /// The connection is given up with it: the other side may be gone without a word.
    async fn note_failure(&self, error: Error) -> Error {
        *self.link.lock().await = None;
        let before = self.failed.lock().unwrap_or_else(PoisonError::into_inner).replace(Instant::now());
        if before.is_none() {
            tracing::warn!(%error, "Redis does not answer; values are loaded from the database meanwhile");
        }
        error
    }
}

/// Whether Redis has answered, and what it says is no. One that says that it can give nothing is as good as away.
fn is_refusal(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => {
            !matches!(kind, ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown)
        }
        kind => kind == ErrorKind::Extension,
    }
}

/// A number of those that a server says of itself; 0 where it does not.
fn counted(info: &str, name: &str) -> u64 {
    let mut lines = info.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(field, _)| *field == name).and_then(|(_, value)| value.trim().parse().ok()).unwrap_or_default()
}
