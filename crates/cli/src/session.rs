//! What most commands work with: the installation, its database, and who is at the keyboard.

use std::convert::Infallible;

use nix::unistd::{Uid, User};
use tenure_app::Context;
use tenure_app::documents::Documents;
use tenure_db::Database;
use tenure_db::audit::Actor;
use tenure_db::tenants::Act;

use crate::config;
use crate::error::Error;
use crate::installation::Installation;

/// A command's access to the installation.
pub(crate) struct Session {
    installation: Installation,
    /// For the use cases.
    pub(crate) context: Context,
    /// Who is at the keyboard, for the audit trails.
    pub(crate) actor: Actor,
}

impl Session {
    /// Opens the installation and makes sure that its database answers.
    pub(crate) async fn open(configured: &config::Database) -> Result<Self, Error> {
        Self::begin(Installation::find(configured)?, configured).await
    }

    /// Opens the embedded installation in the current folder, whatever database is configured; made if it is not there.
    pub(crate) async fn open_embedded(configured: &config::Database) -> Result<Self, Error> {
        Self::begin(Installation::embedded()?, configured).await
    }

    async fn begin(installation: Installation, configured: &config::Database) -> Result<Self, Error> {
        let db = installation.database(configured)?;
        db.reach().await?;
        Ok(Self { installation, context: Context::new(db), actor: Actor::Operator(account()) })
    }

    /// The same with documents where they are configured to be.
    pub(crate) fn with_documents(self, documents: Documents) -> Self {
        Self { context: self.context.with_documents(documents), ..self }
    }

    /// The database.
    pub(crate) fn db(&self) -> &Database {
        &self.context.db
    }

    /// Whether its database is one that Tenure starts itself.
    pub(crate) const fn is_embedded(&self) -> bool {
        self.installation.is_embedded()
    }

    /// The record of an act upon a tenant as a whole.
    pub(crate) fn act(&self) -> Act {
        self.context.act(&self.actor)
    }

    /// Starts the embedded server again whenever it has died, for as long as this is awaited.
    pub(crate) async fn keep_up(&self) -> Infallible {
        self.installation.keep_up().await
    }

    /// Closes the connections and leaves the installation.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.context.db.close().await;
        self.installation.close()
    }
}

/// The name of the operating system's account. It is a note in a trail, not a credential: whoever can run this program against
/// the database can do all that the program can.
fn account() -> String {
    let uid = Uid::current();
    User::from_uid(uid).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name)
}
