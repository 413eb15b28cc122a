//! Which database a command works on.

use std::convert::Infallible;
use std::future::pending;
use std::path::Path;
use std::time::Duration;

use tenure_db::connect::parse_url;
use tenure_db::{Database, REPLICA_WAIT, Settings};
use tenure_embedded::{Durability, Login, Running};
use tokio::task::block_in_place;

use crate::config::{self, DatabaseUrl};
use crate::error::Error;

/// The folder of an embedded installation, in the current one.
pub(crate) const FOLDER: &str = ".tenure";

/// How often a server looks whether its database still runs.
const WATCH: Duration = Duration::from_secs(1);

/// A database that can be reached for as long as this value lives.
pub(crate) struct Installation {
    application: DatabaseUrl,
    owner: DatabaseUrl,
    replica: Option<DatabaseUrl>,
    /// The embedded server. Other programs may use it too: the last to leave stops it.
    server: Option<Running>,
}

impl Installation {
    /// The configured database, else the embedded one in the current folder, started if nobody uses it yet.
    pub(crate) fn find(configured: &config::Database) -> Result<Self, Error> {
        let Some(application) = configured.url.clone() else {
            return if Self::is_here() { Self::embedded() } else { Err(Error::NoDatabase) };
        };
        let owner = configured.owner_url.clone().unwrap_or_else(|| application.clone());
        Ok(Self { application, owner, replica: configured.replica_url.clone(), server: None })
    }

    /// Whether there is an embedded one in the current folder.
    pub(crate) fn is_here() -> bool {
        tenure_embedded::Installation::at(Path::new(FOLDER)).exists()
    }

    /// The embedded one in the current folder, made if it is not there and started if nobody uses it yet.
    pub(crate) fn embedded() -> Result<Self, Error> {
        let installation = tenure_embedded::Installation::at(Path::new(FOLDER));
        let server = block_in_place(|| installation.open(Durability::Durable))?;
        let url = |login| DatabaseUrl::parse(server.url(login).as_str()).map_err(Error::EmbeddedUrl);
        let (application, owner) = (url(Login::Application)?, url(Login::Owner)?);
        Ok(Self { application, owner, replica: None, server: Some(server) })
    }

    /// Whether its server is one that Tenure starts itself.
    pub(crate) const fn is_embedded(&self) -> bool {
        self.server.is_some()
    }

    /// The login that serves.
    pub(crate) const fn application(&self) -> &DatabaseUrl {
        &self.application
    }

    /// The login that provisions and migrates.
    pub(crate) const fn owner(&self) -> &DatabaseUrl {
        &self.owner
    }

    /// Its pools, with the configured bounds. Connects when first used.
    pub(crate) fn database(&self, configured: &config::Database) -> Result<Database, Error> {
        Ok(Database::new(&Settings {
            application: parse_url(self.application.expose())?,
            owner: parse_url(self.owner.expose())?,
            replica: self.replica.as_ref().map(|url| parse_url(url.expose())).transpose()?,
            replica_wait: REPLICA_WAIT,
            max_connections: configured.max_connections,
            owner_max_connections: configured.owner_max_connections,
            acquire_timeout: configured.acquire_timeout,
            statement_timeout: configured.statement_timeout,
            idle_timeout: configured.idle_timeout,
            max_lifetime: configured.max_lifetime,
            tenants_per_connection: configured.tenants_per_connection,
            slow_query: configured.slow_query,
        }))
    }

    /// Starts the embedded server again whenever it has died, for as long as this is awaited.
    pub(crate) async fn keep_up(&self) -> Infallible {
        let Some(keeper) = self.server.as_ref().map(Running::keeper) else { return pending().await };
        loop {
            tokio::time::sleep(WATCH).await;
            let keeper = keeper.clone();
            match tokio::task::spawn_blocking(move || keeper.keep_up()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::warn!("the embedded PostgreSQL had died and was started again"),
                Ok(Err(error)) => {
                    tracing::error!(%error, "the embedded PostgreSQL has died and cannot be started again");
                }
                Err(error) => tracing::error!(%error, "cannot look after the embedded PostgreSQL"),
            }
        }
    }

    /// Leaves the embedded server in order. Dropping does the same, but can only log what goes wrong.
    pub(crate) fn close(self) -> Result<(), Error> {
        block_in_place(|| self.server.map_or(Ok(()), Running::close))?;
        Ok(())
    }
}
