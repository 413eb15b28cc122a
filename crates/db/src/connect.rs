//! The pools: one for the application's login, one for the owner's, one for a read replica. Never a pool per tenant.

use std::future::ready;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::{ConnectOptions, Connection};

use crate::error::{Error, Result};
use crate::replica::Replica;
use crate::served::Served;

/// Most prepared statements that a serving connection keeps: those that all tenants share, and for the tenants that it served last
/// those with plans of their own.
const STATEMENTS: usize = 256;

/// The usual time for a replica to come up to the primary.
pub const REPLICA_WAIT: Duration = Duration::from_secs(30);

/// How to reach PostgreSQL and how much of it to use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The login that serves requests; it may switch to tenants' roles and inherits nothing from them.
    pub application: PgConnectOptions,
    /// The login that owns the schemas; it provisions and migrates. The same as `application` in small installations.
    pub owner: PgConnectOptions,
    /// A streaming replica for reads that may lag by a moment.
    pub replica: Option<PgConnectOptions>,
    /// How long a backup waits until the replica has what the primary has, before it reads the primary.
    pub replica_wait: Duration,
    /// Most connections of the application's pool, and of the replica's.
    pub max_connections: u32,
    /// Most connections of the owner's pool: how many tenants can be migrated at once.
    pub owner_max_connections: u32,
    /// How long to wait for a free connection before answering that the database is not available.
    pub acquire_timeout: Duration,
    /// How long one statement of a request may run; migrations are not bound by it.
    pub statement_timeout: Duration,
    /// An idle connection is closed after this time.
    pub idle_timeout: Duration,
    /// A connection is closed after this time, idle or not.
    pub max_lifetime: Duration,
    /// A connection that has served this many different tenants is closed: its backend keeps 70 to 390 kB of catalogue for each. Of
    /// the owner's connections one is closed after so many uses of them all.
    pub tenants_per_connection: usize,
    /// A statement that takes longer is logged as slow and counted.
    pub slow_query: Duration,
}

impl Settings {
    /// Settings for a pair of URLs, with defaults that fit a small server.
    ///
    /// # Errors
    /// When a URL cannot be read. The message does not repeat it, because it may hold a password.
    pub fn for_urls(application: &str, owner: &str) -> Result<Self> {
        Ok(Self {
            application: parse_url(application)?,
            owner: parse_url(owner)?,
            replica: None,
            replica_wait: REPLICA_WAIT,
            max_connections: 16,
            owner_max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(10),
            max_lifetime: Duration::from_mins(30),
            tenants_per_connection: 200,
            slow_query: Duration::from_millis(500),
        })
    }

    fn pool(&self, max_connections: u32) -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(self.acquire_timeout)
            .idle_timeout(self.idle_timeout)
            .max_lifetime(self.max_lifetime)
            .test_before_acquire(false)
    }

    fn serving(&self, options: &PgConnectOptions) -> PgConnectOptions {
        let timeout = format!("{}ms", self.statement_timeout.as_millis());
        options
            .clone()
            .application_name("tenure")
            .statement_cache_capacity(STATEMENTS)
            // Requests read few rows: to compile their statements takes longer than to run them.
            .options([
                ("statement_timeout", timeout.as_str()),
                ("idle_in_transaction_session_timeout", "60s"),
                ("jit", "off"),
            ])
            .log_statements(log::LevelFilter::Off)
            .log_slow_statements(log::LevelFilter::Warn, self.slow_query)
    }
}

/// Replaces a connection after every so many uses of the pool. What the owner does goes mostly to another tenant each time, and the
/// backends keep every tenant's catalogue.
fn replaced_in_turn(pool: PgPoolOptions, uses: usize) -> PgPoolOptions {
    let counted = AtomicUsize::new(0);
    pool.after_release(move |_, _| {
        let nth = counted.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        Box::pin(ready(Ok(!nth.is_multiple_of(uses))))
    })
}

/// Reads a PostgreSQL URL with the usual parameters (`sslmode`, `sslrootcert`, `host` for a socket folder …).
///
/// # Errors
/// When it is not a PostgreSQL URL; the message does not repeat it.
pub fn parse_url(url: &str) -> Result<PgConnectOptions> {
    PgConnectOptions::from_str(url).map_err(|error| match error {
        sqlx::Error::Configuration(why) => Error::Refused(format!("the URL cannot be used: {why}")),
        _ => Error::Refused("the URL cannot be used".to_owned()),
    })
}

/// A connection whose server is still there. One that lay in the pool may have lost it; such are closed and the next is tried.
///
/// # Errors
/// `Unavailable` when no connection is to be had.
pub(crate) async fn answering(pool: &PgPool) -> Result<PoolConnection<Postgres>> {
    for _ in 0..pool.size() {
        let mut connection = pool.acquire().await?;
        if connection.ping().await.is_ok() {
            return Ok(connection);
        }
        connection.close_on_drop();
    }
    Ok(pool.acquire().await?)
}

/// The connections of one Tenure installation to its PostgreSQL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) application: PgPool,
    pub(crate) owner: PgPool,
    pub(crate) replica: Option<Arc<Replica>>,
    pub(crate) served: Arc<Served>,
    application_login: Arc<str>,
    owner_login: Arc<str>,
}

impl Database {
    /// Prepares the pools without connecting: a database that is away makes requests fail, not the start.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let serving = |options| settings.pool(settings.max_connections).connect_lazy_with(settings.serving(options));
        // Notices of what is dropped or there already would only hide what an operator must read.
        let owner =
            settings.owner.clone().application_name("tenure owner").options([("client_min_messages", "warning")]);
        let owner = owner.log_statements(log::LevelFilter::Off);
        Self {
            application: serving(&settings.application),
            owner: replaced_in_turn(settings.pool(settings.owner_max_connections), settings.tenants_per_connection)
                .connect_lazy_with(owner.log_slow_statements(log::LevelFilter::Off, settings.slow_query)),
            replica: settings
                .replica
                .as_ref()
                .map(|options| Arc::new(Replica::new(serving(options), settings.replica_wait))),
            served: Arc::new(Served::new(settings.tenants_per_connection, settings.max_lifetime)),
            application_login: settings.application.get_username().into(),
            owner_login: settings.owner.get_username().into(),
        }
    }

    /// Opens one connection with the application's login and closes it again: says at once, and with the cause, what a pool
    /// would only report as a time-out.
    ///
    /// # Errors
    /// `Unavailable` with the cause when PostgreSQL cannot be reached or refuses the login.
    pub async fn reach(&self) -> Result<()> {
        let options = self.application.connect_options();
        let limit = self.application.options().get_acquire_timeout();
        let connection = tokio::time::timeout(limit, options.connect())
            .await
            .map_err(|_| Error::Unavailable(sqlx::Error::PoolTimedOut))?
            .map_err(Error::Unavailable)?;
        connection.close().await.map_err(Error::Unavailable)
    }

    /// The pool of the application's login, for platform tables and for looking after it. Tenant data is reached through
    /// [`Database::begin`] alone.
    #[must_use]
    pub fn application_pool(&self) -> &PgPool {
        &self.application
    }

    /// The pool of the owner's login.
    #[must_use]
    pub fn owner_pool(&self) -> &PgPool {
        &self.owner
    }

    /// The name of the login that serves requests.
    #[must_use]
    pub fn application_login(&self) -> &str {
        &self.application_login
    }

    /// Whether one login does everything, so that there is nothing to grant to another.
    #[must_use]
    pub fn has_single_login(&self) -> bool {
        self.application_login == self.owner_login
    }

    /// Closes all connections, after the queries that are under way.
    pub async fn close(&self) {
        self.application.close().await;
        self.owner.close().await;
        if let Some(replica) = &self.replica {
            replica.pool.close().await;
        }
    }
}
