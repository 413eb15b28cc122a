//! The options by type.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use tenure_api::{Network, Origin};
use tenure_app::SignInSettings;
use tenure_backup::Recipients;
use tenure_core::backups::Retention;
use tenure_core::files::Limits;
use tenure_store::objects::S3;
use tracing_subscriber::filter::Targets;

use super::layers::Layers;
use super::mail::Mail;
use super::problem::Problem;
use super::secret::DatabaseUrl;
use super::stores::{Cache, Documents};
use super::value::{
    address, duration, file_size, levels, networks, on_or_off, optional_encryption, optional_endpoint, optional_file,
    optional_place, optional_recipients, optional_region, optional_url, origins, part_size, size, whole,
};

/// All options.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) sign_in: SignIn,
    pub(crate) cache: Cache,
    pub(crate) documents: Documents,
    pub(crate) migrate: Migrate,
    pub(crate) backup: Backup,
    pub(crate) files: Files,
    pub(crate) mail: Mail,
    pub(crate) log: Log,
}

/// The HTTP server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) max_connections: usize,
    pub(crate) request_timeout: Duration,
    pub(crate) header_timeout: Duration,
    pub(crate) write_timeout: Duration,
    /// In bytes.
    pub(crate) body_limit: usize,
    pub(crate) cors_origins: Vec<Origin>,
    pub(crate) shutdown_grace: Duration,
}

/// PostgreSQL.
#[derive(Debug)]
pub(crate) struct Database {
    /// Not set: the embedded installation is used.
    pub(crate) url: Option<DatabaseUrl>,
    pub(crate) owner_url: Option<DatabaseUrl>,
    pub(crate) replica_url: Option<DatabaseUrl>,
    pub(crate) max_connections: u32,
    pub(crate) owner_max_connections: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) tenants_per_connection: usize,
    pub(crate) slow_query: Duration,
}

/// Sessions and passwords.
#[derive(Debug)]
pub(crate) struct SignIn {
    pub(crate) sessions: SignInSettings,
    pub(crate) trusted_proxies: Vec<Network>,
}

/// Migrations over all tenants.
#[derive(Debug)]
pub(crate) struct Migrate {
    pub(crate) parallelism: u32,
    pub(crate) lock_timeout: Duration,
    pub(crate) retries: u32,
}

/// Archives of tenants.
#[derive(Debug)]
pub(crate) struct Backup {
    /// Not set: beside the embedded installation.
    pub(crate) url: Option<String>,
    /// How the bucket is reached when the URL is one of a bucket.
    pub(crate) s3: S3,
    pub(crate) recipients: Option<Recipients>,
    pub(crate) passphrase_file: Option<PathBuf>,
    pub(crate) identity_file: Option<PathBuf>,
    pub(crate) parallelism: usize,
    pub(crate) keep: Retention,
    pub(crate) keep_replaced: SignedDuration,
    pub(crate) lock_timeout: Duration,
    pub(crate) schedule: bool,
    pub(crate) drill_tenants: usize,
}

/// Documents of people and of the company.
#[derive(Debug)]
pub(crate) struct Files {
    /// Not set: beside the embedded installation.
    pub(crate) url: Option<String>,
    /// How the bucket is reached when the URL is one of a bucket.
    pub(crate) s3: S3,
    /// Not set: the embedded installation makes one.
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) limits: Limits,
}

/// The log.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: Targets,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Takes every option from the layers; what is wrong is noted there.
    pub(super) fn read(from: &mut Layers) -> Result<Self, Problem> {
        Ok(Self {
            server: Server::read(from)?,
            database: Database::read(from)?,
            sign_in: SignIn::read(from)?,
            cache: Cache::read(from)?,
            documents: Documents::read(from)?,
            migrate: Migrate::read(from)?,
            backup: Backup::read(from)?,
            files: Files::read(from)?,
            mail: Mail::read(from)?,
            log: Log::read(from)?,
        })
    }
}

impl Server {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        let address = from.get("server.address", address)?;
        let port = from.get("server.port", whole(0..=u16::MAX))?;
        Ok(Self {
            listen: SocketAddr::new(address, port),
            max_connections: from.get("server.max_connections", whole(1..=100_000))?,
            request_timeout: from.get("server.request_timeout", duration)?,
            header_timeout: from.get("server.header_timeout", duration)?,
            write_timeout: from.get("server.write_timeout", duration)?,
            body_limit: from.get("server.body_limit", size)?,
            cors_origins: from.get("server.cors_origins", origins)?,
            shutdown_grace: from.get("server.shutdown_grace", duration)?,
        })
    }
}

impl Database {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        let url = secret(from, "database.url")?;
        let owner_url = dependent(from, "database.owner_url", url.as_ref())?;
        let replica_url = dependent(from, "database.replica_url", url.as_ref())?;
        Ok(Self {
            url,
            owner_url,
            replica_url,
            max_connections: from.get("database.max_connections", whole(1..=1000))?,
            owner_max_connections: from.get("database.owner_max_connections", whole(1..=100))?,
            acquire_timeout: from.get("database.acquire_timeout", duration)?,
            statement_timeout: from.get("database.statement_timeout", duration)?,
            idle_timeout: from.get("database.idle_timeout", duration)?,
            max_lifetime: from.get("database.max_lifetime", duration)?,
            tenants_per_connection: from.get("database.tenants_per_connection", whole(1..=100_000))?,
            slow_query: from.get("database.slow_query", duration)?,
        })
    }
}

fn secret(from: &mut Layers, key: &str) -> Result<Option<DatabaseUrl>, Problem> {
    let url = from.get(key, optional_url)?;
    if let Some(url) = &url {
        from.show_as(key, url.to_string());
    }
    Ok(url)
}

/// A URL that means nothing without `main`: the embedded installation would be used beside it.
fn dependent(from: &mut Layers, key: &str, main: Option<&DatabaseUrl>) -> Result<Option<DatabaseUrl>, Problem> {
    let url = secret(from, key)?;
    if url.is_some() && main.is_none() {
        from.reject_value(key, "it is set, but database.url is not");
    }
    Ok(url)
}

impl SignIn {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        let idle_timeout = from.get("sign_in.idle_timeout", duration)?;
        let days: i64 = from.get("sign_in.longest_days", whole(1..=365))?;
        let sessions = SignInSettings {
            idle_timeout: SignedDuration::try_from(idle_timeout).unwrap_or(SignedDuration::MAX),
            longest: SignedDuration::from_hours(24 * days),
            hashes_at_once: from.get("sign_in.hashes_at_once", whole(1..=64))?,
            hashes_waiting: from.get("sign_in.hashes_waiting", whole(0..=10_000))?,
        };
        Ok(Self { sessions, trusted_proxies: from.get("sign_in.trusted_proxies", networks)? })
    }
}

impl Migrate {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        Ok(Self {
            parallelism: from.get("migrate.parallelism", whole(1..=64))?,
            lock_timeout: from.get("migrate.lock_timeout", duration)?,
            retries: from.get("migrate.retries", whole(0..=100))?,
        })
    }
}

impl Backup {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        let days: i64 = from.get("backup.keep_replaced_days", whole(0..=36_500))?;
        Ok(Self {
            url: from.get("backup.url", optional_place)?,
            s3: S3 {
                endpoint: from.get("backup.s3_endpoint", optional_endpoint)?,
                region: from.get("backup.s3_region", optional_region)?,
                encryption: from.get("backup.s3_encryption", optional_encryption)?,
                credentials: None,
                timeout: from.get("backup.s3_timeout", duration)?,
                retries: from.get("backup.s3_retries", whole(0..=100))?,
                part_size: from.get("backup.s3_part_size", part_size)?,
            },
            recipients: from.get("backup.recipients", optional_recipients)?,
            passphrase_file: from.get("backup.passphrase_file", optional_file)?,
            identity_file: from.get("backup.identity_file", optional_file)?,
            parallelism: from.get("backup.parallelism", whole(1..=64))?,
            keep: Retention {
                days: from.get("backup.keep_days", whole(0..=36_500))?,
                daily: from.get("backup.keep_daily", whole(0..=36_500))?,
                weekly: from.get("backup.keep_weekly", whole(0..=5_200))?,
                monthly: from.get("backup.keep_monthly", whole(0..=1_200))?,
            },
            keep_replaced: SignedDuration::from_hours(24 * days),
            lock_timeout: from.get("backup.lock_timeout", duration)?,
            schedule: from.get("backup.schedule", on_or_off)?,
            drill_tenants: from.get("backup.drill_tenants", whole(0..=10_000))?,
        })
    }
}

impl Files {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        Ok(Self {
            url: from.get("files.url", optional_place)?,
            s3: S3 {
                endpoint: from.get("files.s3_endpoint", optional_endpoint)?,
                region: from.get("files.s3_region", optional_region)?,
                encryption: from.get("files.s3_encryption", optional_encryption)?,
                credentials: None,
                timeout: from.get("files.s3_timeout", duration)?,
                retries: from.get("files.s3_retries", whole(0..=100))?,
                ..S3::default()
            },
            key_file: from.get("files.key_file", optional_file)?,
            limits: Limits {
                max_size: from.get("files.max_size", file_size)?,
                part_size: from.get("files.part_size", file_size)?,
                keep_days: from.get("files.keep_days", whole(0..=36_500))?,
            },
        })
    }
}

impl Log {
    fn read(from: &mut Layers) -> Result<Self, Problem> {
        Ok(Self { format: from.get("log.format", log_format)?, level: from.get("log.level", levels)? })
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{text:?} is not a log format; write text or json")),
    }
}
