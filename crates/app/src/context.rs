//! What every use case is given: the database, the time, and where ids and secrets come from.

use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tenure_core::ids::IdSequence;
use tenure_core::sign_in::Password;
use tenure_db::Database;
use tenure_db::audit::Actor;
use tenure_db::tenants::Act;
use tenure_store::cache::Cache;
use tenure_store::documents::Documents;
use uuid::Uuid;

use crate::error::Result;
use crate::files::Files;
use crate::flags::Local;
use crate::hashing::{Hasher, Turn};
use crate::mail::Mail;

/// The memory for cached values unless another cache is given.
const CACHE_BYTES: u64 = 64 << 20;

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still, so that what depends on it repeats.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => moment,
        }
    }
}

/// How users stay signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignInSettings {
    /// A session that is not used for so long ends.
    pub idle_timeout: SignedDuration,
    /// A session ends after this time, used or not.
    pub longest: SignedDuration,
    /// How many passwords are hashed at once; each takes 19 MiB of memory meanwhile.
    pub hashes_at_once: usize,
    /// How many wait for that at most; whoever comes then is asked to try again.
    pub hashes_waiting: usize,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            idle_timeout: SignedDuration::from_hours(12),
            longest: SignedDuration::from_hours(30 * 24),
            hashes_at_once: 4,
            hashes_waiting: 100,
        }
    }
}

/// What a use case is given besides its input.
#[derive(Debug)]
pub struct Context {
    /// The database.
    pub db: Database,
    pub(crate) cache: Cache,
    pub(crate) documents: Documents,
    pub(crate) sign_in: SignInSettings,
    pub(crate) hasher: Hasher,
    pub(crate) files: Option<Files>,
    pub(crate) flags: Local,
    pub(crate) mail: Option<Mail>,
    clock: Clock,
    random: Mutex<StdRng>,
    ids: Mutex<IdSequence>,
}

impl Context {
    /// A context that reads the machine's clock and the system's source of randomness.
    #[must_use]
    pub fn new(db: Database) -> Self {
        Self::with(db, Clock::System, rand::make_rng())
    }

    /// A context in which the time stands still and everything random follows from a seed.
    #[must_use]
    pub fn repeatable(db: Database, now: Timestamp, seed: u64) -> Self {
        Self::with(db, Clock::Fixed(now), StdRng::seed_from_u64(seed))
    }

    fn with(db: Database, clock: Clock, random: StdRng) -> Self {
        let sign_in = SignInSettings::default();
        let hasher = Hasher::new(sign_in.hashes_at_once, sign_in.hashes_waiting);
        let cache = Cache::in_memory(CACHE_BYTES);
        let documents = Documents::in_postgres();
        let flags = Local::default();
        Self {
            db,
            cache,
            documents,
            files: None,
            sign_in,
            hasher,
            flags,
            mail: None,
            clock,
            random: Mutex::new(random),
            ids: Mutex::default(),
        }
    }

    /// The same with other settings for signing in.
    #[must_use]
    pub fn with_sign_in(self, sign_in: SignInSettings) -> Self {
        let hasher = Hasher::new(sign_in.hashes_at_once, sign_in.hashes_waiting);
        Self { sign_in, hasher, ..self }
    }

    /// The same with another cache than one of its own in memory.
    #[must_use]
    pub fn with_cache(self, cache: Cache) -> Self {
        Self { cache, ..self }
    }

    /// The same with a place for files; without it none are kept.
    #[must_use]
    pub fn with_files(self, files: Option<Files>) -> Self {
        Self { files, ..self }
    }

    /// The same where mail is sent; without it nothing is written for that.
    #[must_use]
    pub fn with_mail(self, mail: Option<Mail>) -> Self {
        Self { mail, ..self }
    }

    /// Whether mail is sent.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Where files are kept, for a context of another moment.
    #[must_use]
    pub fn files_of(&self) -> Option<Files> {
        self.files.clone()
    }

    /// How many bytes a file has at most, where files are kept.
    #[must_use]
    pub fn largest_file(&self) -> Option<u64> {
        self.files.as_ref().map(|files| files.limits().max_size)
    }

    /// The same with documents elsewhere than in the tenants' schemas.
    #[must_use]
    pub fn with_documents(self, documents: Documents) -> Self {
        Self { documents, ..self }
    }

    /// Where documents are.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The cache.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The same at another moment; for tests, whose time stands still.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { clock: Clock::Fixed(now), ..self }
    }

    /// Sessions that were not used since then have ended.
    pub(crate) fn idle_since(&self) -> Timestamp {
        self.now().checked_sub(self.sign_in.idle_timeout).unwrap_or(Timestamp::MIN)
    }

    /// The hash of a password under a salt of its own.
    pub(crate) async fn hash(&self, turn: &Turn, password: &Password) -> Result<String> {
        self.hasher.hash(turn, password, self.random_bytes()).await
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The present day, which is that of UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// A new id, greater than every earlier one of this context.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self) -> T {
        let random = self.random_bytes();
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).next(self.unix_millis(), random).into()
    }

    fn unix_millis(&self) -> u64 {
        u64::try_from(self.now().as_millisecond()).unwrap_or_default()
    }

    /// An id as it would be made so many milliseconds from now, for when those of the present moment are of no use.
    #[must_use]
    pub fn id_ahead<T: From<Uuid>>(&self, millis: u64) -> T {
        IdSequence::default().next(self.unix_millis().saturating_add(millis), self.random_bytes()).into()
    }

    /// Bytes that nobody can guess (but for those of a repeatable context).
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// The record of an act upon a tenant as a whole.
    #[must_use]
    pub fn act(&self, actor: &Actor) -> Act {
        Act { id: self.id(), actor: format!("{}:{}", actor.kind(), actor.name()), now: self.now(), request_id: None }
    }
}
