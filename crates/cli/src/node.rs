//! A program that runs for long: its database, its stores, and the work that it does by itself.

use std::convert::Infallible;

use tenure_api::{BackupCounts, MailCounts};
use tenure_app::Context;
use tenure_app::documents::{self, Documents};
use tenure_app::files::Files;
use tenure_db::Database;

use crate::config::Settings;
use crate::error::Error;
use crate::files;
use crate::housekeeping::Housekeeping;
use crate::installation::Installation;
use crate::mail::Mail;
use crate::operations::Operations;
use crate::schedule::Schedule;

/// What `tenure serve` and `tenure worker` have in common.
pub(crate) struct Node {
    installation: Installation,
    db: Database,
    documents: Documents,
    files: Option<Files>,
    mail: Option<tenure_app::mail::Mail>,
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
        let server = settings.mail.server.as_ref();
        let mail = server.map(|server| tenure_app::mail::Mail { link: server.link.clone() });
        Ok(Self { installation, db, documents: settings.documents.open()?, files, mail })
    }

    /// For use cases.
    pub(crate) fn context(&self) -> Context {
        let context = Context::new(self.db.clone()).with_documents(self.documents.clone());
        context.with_files(self.files.clone()).with_mail(self.mail.clone())
    }

    /// What it does by itself, as configured.
    pub(crate) fn background<'a>(
        &self,
        settings: &'a Settings,
        counts: (&BackupCounts, &MailCounts),
    ) -> Result<Background<'a>, Error> {
        Background::new(|| self.context(), self.installation.is_embedded(), settings, counts)
    }

    /// Makes what documents need as soon as their place answers, and keeps an embedded database running, for as long as this is awaited.
    pub(crate) async fn keep_up(&self) -> Infallible {
        let context = self.context();
        let ((), never) = tokio::join!(documents::prepare(&context), self.installation.keep_up());
        never
    }

    /// Closes the connections and leaves the installation.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.db.close().await;
        self.installation.close()
    }
}

/// Archives, what operators ask for, mail, and housekeeping. Of many programs that do it, one does a thing at a time.
pub(crate) struct Background<'a> {
    schedule: Option<Schedule>,
    operations: Operations<'a>,
    mail: Option<Mail>,
    housekeeping: Housekeeping,
}

impl<'a> Background<'a> {
    /// The work of an installation that is embedded or not.
    pub(crate) fn new(
        context: impl Fn() -> Context,
        is_embedded: bool,
        settings: &'a Settings,
        (backups, mails): (&BackupCounts, &MailCounts),
    ) -> Result<Self, Error> {
        let schedule = Schedule::new(context(), is_embedded, settings, backups)?;
        let mail = Mail::new(context(), &settings.mail, mails)?;
        let operations = Operations { context: context(), is_embedded, settings };
        let housekeeping = Housekeeping::new(context(), settings.backup.keep_replaced);
        Ok(Self { schedule, operations, mail, housekeeping })
    }

    /// Does what is due, for as long as this is awaited. Cut off, the next program goes on with it.
    pub(crate) async fn work(&self) -> Infallible {
        // On the heap, as each holds all that the longest of its works needs.
        tokio::select! {
            never = Box::pin(Schedule::keep(self.schedule.as_ref())) => never,
            never = Box::pin(self.operations.keep()) => never,
            never = Box::pin(Mail::keep(self.mail.as_ref())) => never,
            never = Box::pin(self.housekeeping.keep()) => never,
        }
    }
}
