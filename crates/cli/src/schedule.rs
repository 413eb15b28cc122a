//! The archives that `tenure serve` makes by itself. Of many servers one does it: whoever begins first holds the lock.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use tenure_api::BackupCounts;
use tenure_app::Context;
use tenure_backup::{Failed, Identities, Maker, Recipients};
use tenure_core::backups::{Retention, RunKind, due};
use tenure_db::backups::last_starts;
use tenure_store::objects::Objects;

use crate::commands::backup;
use crate::config::Settings;
use crate::error::Error;
use crate::files::ForArchives;

/// How often it looks what is due.
const LOOK: Duration = Duration::from_secs(10);
/// How long it waits after a run that failed as a whole, as when the bucket is away.
const PAUSE: Duration = Duration::from_mins(5);

/// What makes archives when they are due.
pub(crate) struct Schedule {
    context: Context,
    objects: Objects,
    recipients: Recipients,
    files: ForArchives,
    /// None: no drills.
    identities: Option<Identities>,
    parallelism: usize,
    keep: Retention,
    drill_tenants: usize,
    counts: BackupCounts,
}

impl Schedule {
    /// The schedule as configured; none where it is off, or where there is nobody to encrypt for or no place.
    pub(crate) fn new(
        context: Context,
        is_embedded: bool,
        settings: &Settings,
        counts: &BackupCounts,
    ) -> Result<Option<Self>, Error> {
        let configured = &settings.backup;
        let has_place = is_embedded || configured.url.is_some();
        let has_readers = configured.recipients.is_some() || configured.passphrase_file.is_some();
        if !(configured.schedule && has_place && has_readers) {
            return Ok(None);
        }
        let can_open = configured.drill_tenants > 0
            && (configured.identity_file.is_some() || configured.passphrase_file.is_some());
        Ok(Some(Self {
            context,
            objects: backup::place(is_embedded, configured)?,
            recipients: backup::recipients(configured)?,
            files: ForArchives::open(is_embedded, &settings.files)?,
            identities: can_open.then(|| backup::identities(None, configured)).transpose()?,
            parallelism: configured.parallelism,
            keep: configured.keep,
            drill_tenants: configured.drill_tenants,
            counts: counts.clone(),
        }))
    }

    /// Does what is due, for as long as this is awaited. Cut off, the next server goes on with it.
    pub(crate) async fn keep(schedule: Option<&Self>) -> Infallible {
        let Some(schedule) = schedule else { return pending().await };
        loop {
            let pause = if schedule.look().await { LOOK } else { PAUSE };
            tokio::time::sleep(pause).await;
        }
    }

    /// Does what is due now; false when a run failed as a whole.
    async fn look(&self) -> bool {
        let last = match last_starts(&self.context.db).await {
            Ok(last) => last,
            Err(error) => {
                tracing::warn!(%error, "the last runs of backups cannot be read");
                return true;
            }
        };
        let last = |kind| last.iter().find(|(of, _)| *of == kind).map(|(_, at)| *at);
        for kind in due(self.context.now(), last) {
            match self.run(kind).await {
                Ok(()) | Err(tenure_backup::Error::Database(tenure_db::Error::Refused(_))) => {}
                Err(error) => {
                    self.counts.failed(1);
                    tracing::error!(%kind, %error, "a scheduled run of backups failed");
                    return false;
                }
            }
        }
        true
    }

    async fn run(&self, kind: RunKind) -> tenure_backup::Result<()> {
        let (now, new_id, random) = (|| self.context.now(), || self.context.id(), || self.context.random_bytes());
        let Self { objects, recipients, .. } = self;
        let (db, files) = (&self.context.db, self.files.files(&random));
        let documents = self.context.documents();
        let maker = Maker { db, objects, recipients, documents, files, now: &now, new_id: &new_id };
        let (done, failed) = match (kind, &self.identities) {
            (RunKind::Drill, None) => return Ok(()),
            (RunKind::Drill, Some(identities)) => {
                let drilled = tenure_backup::drill(maker, identities, self.drill_tenants).await?;
                (drilled.whole.len(), drilled.failed)
            }
            (RunKind::All | RunKind::Critical, _) => {
                let all = tenure_backup::make_all(maker, kind, self.parallelism, &|_| ()).await?;
                (all.made.len() + all.unchanged.len(), all.failed)
            }
        };
        self.count(kind, done, &failed);
        if kind == RunKind::All {
            tenure_backup::prune(&self.context.db, objects, self.keep, false, now()).await?;
        }
        Ok(())
    }

    /// Each failure has had its line in the log, with the tenant and the cause.
    fn count(&self, kind: RunKind, done: usize, failed: &[Failed]) {
        self.counts.made(done);
        self.counts.failed(failed.len());
        tracing::info!(%kind, done, failed = failed.len(), "a scheduled run of backups ended");
    }
}
