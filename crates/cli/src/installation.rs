//! Which database a command works on.

use crate::config::{Database, DatabaseUrl};
use crate::error::Error;

/// A database that can be reached for as long as this value lives.
pub(crate) struct Installation {
    application: DatabaseUrl,
    owner: DatabaseUrl,
}

impl Installation {
    /// The configured database, else the installation in the current folder's `.tenure`.
    pub(crate) fn find(configured: &Database) -> Result<Self, Error> {
        let application = configured.url.clone().ok_or(Error::NoDatabase)?;
        let owner = configured.owner_url.clone().unwrap_or_else(|| application.clone());
        Ok(Self { application, owner })
    }

    /// The login that serves.
    pub(crate) const fn application(&self) -> &DatabaseUrl {
        &self.application
    }

    /// The login that provisions and migrates.
    pub(crate) const fn owner(&self) -> &DatabaseUrl {
        &self.owner
    }
}
