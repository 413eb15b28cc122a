//! The archives that `tenure serve` makes by itself. Of many servers one does it: whoever begins first holds the lock.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use tenure_api::BackupCounts;
use tenure_app::Context;
use tenure_backup::{Failed, Identities, Maker, Recipients};
use tenure_core::backups::{Retention, RunKind, due, retry_after};
use tenure_db::backups::last_starts;
use tenure_store::objects::Objects;

use crate::commands::backup;
use crate::config::Settings;
use crate::error::Error;
use crate::files::ForArchives;

/// How often it looks what is due.
const LOOK: Duration = Duration::from_secs(10);

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
    patience: Duration,
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
            patience: configured.lock_timeout,
            counts: counts.clone(),
        }))
    }

    /// Does what is due, for as long as this is awaited. Cut off, the next server goes on with it.
    pub(crate) async fn keep(schedule: Option<&Self>) -> Infallible {
        let Some(schedule) = schedule else { return pending().await };
        let mut failures = 0;
        loop {
            failures = if schedule.look().await { 0 } else { failures + 1 };
            let pause = if failures == 0 { LOOK } else { retry_after(failures) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Does what is due now; false when a run failed as a whole or could do nothing, as when the bucket is away. It stays due then.
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
                Ok(true) => {}
                Err(tenure_backup::Error::Database(tenure_db::Error::Refused(why))) => {
                    tracing::info!(%kind, why, "a scheduled run of backups is left to the next time");
                }
                Ok(false) => {
                    tracing::error!(%kind, "nothing could be done in a scheduled run of backups; it is tried again soon");
                    return false;
                }
                Err(error) => {
                    self.counts.failed(1);
                    tracing::error!(%kind, %error, "a scheduled run of backups failed");
                    return false;
                }
            }
        }
        true
    }

    /// False when nothing could be done, so that it is tried again soon.
    async fn run(&self, kind: RunKind) -> tenure_backup::Result<bool> {
        let (now, new_id, random) = (|| self.context.now(), || self.context.id(), || self.context.random_bytes());
        let Self { objects, recipients, patience, .. } = self;
        let (db, files) = (&self.context.db, self.files.files(&random));
        let documents = self.context.documents();
        let patience = *patience;
        let maker = Maker { db, objects, recipients, documents, files, now: &now, new_id: &new_id, patience };
        let (done, failed, is_put_off) = match (kind, &self.identities) {
            (RunKind::Drill, None) => return Ok(true),
            (RunKind::Drill, Some(identities)) => {
                let drilled = tenure_backup::drill(maker, identities, self.drill_tenants).await?;
                (drilled.whole.len(), drilled.failed, drilled.is_put_off)
            }
            (RunKind::All | RunKind::Critical, _) => {
                let all = tenure_backup::make_all(maker, kind, self.parallelism, &|_| ()).await?;
                (all.made.len() + all.unchanged.len(), all.failed, all.is_put_off)
            }
        };
        self.count(kind, done, &failed);
        if kind == RunKind::All && !is_put_off {
            tenure_backup::prune(&self.context.db, objects, self.keep, false, now()).await?;
        }
        Ok(!is_put_off)
    }

    /// Each failure has had its line in the log, with the tenant and the cause.
    fn count(&self, kind: RunKind, done: usize, failed: &[Failed]) {
        self.counts.made(done);
        self.counts.failed(failed.len());
        tracing::info!(%kind, done, failed = failed.len(), "a scheduled run of backups ended");
    }
}
