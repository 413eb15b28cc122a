//! A program that runs for long: its database, its stores, and the work that it does by itself.

use std::convert::Infallible;

use tenure_api::BackupCounts;
use tenure_app::Context;
use tenure_app::documents::Documents;
use tenure_app::files::Files;
use tenure_db::Database;

use crate::config::Settings;
use crate::error::Error;
use crate::files;
use crate::housekeeping::Housekeeping;
use crate::installation::Installation;
use crate::operations::Operations;
use crate::schedule::Schedule;

/// What `tenure serve` and `tenure worker` have in common.
pub(crate) struct Node {
    installation: Installation,
    db: Database,
    documents: Documents,
    files: Option<Files>,
}

impl Node {
    /// Opens the installation. Its database need not answer yet.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Error> {
        let installation = Installation::find(&settings.database)?;
        let files = files::open(installation.is_embedded(), &settings.files)?;
        let db = installation.database(&settings.database)?;
        if let Err(error) = db.reach().await {
            tracing::warn!(%error, "the database does not answer yet; the rest waits for it");
        }
        Ok(Self { installation, db, documents: settings.documents.open()?, files })
    }

    /// For use cases.
    pub(crate) fn context(&self) -> Context {
        Context::new(self.db.clone()).with_documents(self.documents.clone()).with_files(self.files.clone())
    }

    /// What it does by itself, as configured.
    pub(crate) fn background<'a>(
        &self,
        settings: &'a Settings,
        counts: &BackupCounts,
    ) -> Result<Background<'a>, Error> {
        let is_embedded = self.installation.is_embedded();
        let schedule = Schedule::new(self.context(), is_embedded, settings, counts)?;
        let operations = Operations { context: self.context(), is_embedded, settings };
        Ok(Background { schedule, operations, housekeeping: Housekeeping::new(self.context()) })
    }

    /// Keeps an embedded database running, for as long as this is awaited.
    pub(crate) async fn keep_up(&self) -> Infallible {
        self.installation.keep_up().await
    }

    /// Closes the connections and leaves the installation.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.db.close().await;
        self.installation.close()
    }
}

/// Archives, what operators ask for, and housekeeping. Of many programs that do it, one does a thing at a time.
pub(crate) struct Background<'a> {
    schedule: Option<Schedule>,
    operations: Operations<'a>,
    housekeeping: Housekeeping,
}

impl Background<'_> {
    /// Does what is due, for as long as this is awaited. Cut off, the next program goes on with it.
    pub(crate) async fn work(&self) -> Infallible {
        tokio::select! {
            never = Schedule::keep(self.schedule.as_ref()) => never,
            never = self.operations.keep() => never,
            never = self.housekeeping.keep() => never,
        }
    }
}
