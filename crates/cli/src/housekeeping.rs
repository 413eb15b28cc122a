//! What a server does by itself: it removes what has expired or is of no use any more, what restores have replaced among it, and completes the
//! audit log of changes of documents that had broken off. Of many servers one does it at a time.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tenure_app::{Context, documents, files, passing};
use tenure_core::tenant::TenantStatus;
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use tenure_db::{alone, archive};

/// How often it looks for changes that had broken off.
const LOOK: Duration = Duration::from_mins(1);
/// How often it removes things.
const REMOVE: Duration = Duration::from_hours(1);

/// What looks after what passes, documents and files.
pub(crate) struct Housekeeping {
    context: Context,
    /// For how long what a restore replaced is kept.
    keep_replaced: SignedDuration,
}

impl Housekeeping {
    pub(crate) const fn new(context: Context, keep_replaced: SignedDuration) -> Self {
        Self { context, keep_replaced }
    }

    /// Does what is due, for as long as this is awaited.
    pub(crate) async fn keep(&self) -> Infallible {
        let mut last: Option<Instant> = None;
        loop {
            let is_due = last.is_none_or(|at| at.elapsed() >= REMOVE);
            match self.look(is_due).await {
                Ok(true) if is_due => last = Some(Instant::now()),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the companies were not looked after"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What cannot be done, because a store is away for example, keeps nothing else from being done. False while another program does it.
    async fn look(&self, is_due: bool) -> tenure_app::Result<bool> {
        let Some(_alone) = alone::housekeeping(&self.context.db).await? else { return Ok(false) };
        let mut done = self.heal().await;
        if is_due {
            done = done.and(passing::remove(&self.context).await);
            done = done.and(documents::settle(&self.context).await);
            done = done.and(self.drop_replaced().await);
            done = done.and(self.remove_documents().await);
            done = done.and(self.sweep().await);
        }
        done.map(|()| true)
    }

    async fn heal(&self) -> tenure_app::Result<()> {
        let documents::Healed { records, entries, left } = documents::heal(&self.context).await?;
        if records + left > 0 {
            tracing::info!(records, entries, left, "changes of documents that had broken off were completed");
        }
        Ok(())
    }

    async fn remove_documents(&self) -> tenure_app::Result<()> {
        let left_over = documents::remove_leftovers(&self.context).await?;
        tracing::debug!(left_over, "documents that no company needs were removed");
        let removed = documents::expiry::expire(&self.context).await?;
        tracing::debug!(removed, "expired documents were removed");
        Ok(())
    }

    /// What restores have replaced long ago.
    async fn drop_replaced(&self) -> tenure_app::Result<()> {
        let (db, now) = (&self.context.db, self.context.now());
        let before = now.checked_sub(self.keep_replaced).unwrap_or(Timestamp::MIN);
        for tenant in archive::replaced_before(db, before).await? {
            match archive::drop_kept_schema(db, tenant, &self.context.act(&Actor::System)).await {
                Ok(()) => tracing::info!(%tenant, "what the last restore replaced was dropped"),
                // Somebody else was faster, or works in it.
                Err(error) => tracing::warn!(%tenant, %error, "what the last restore replaced could not be dropped"),
            }
        }
        Ok(())
    }

    /// Files, where they are kept.
    async fn sweep(&self) -> tenure_app::Result<()> {
        if self.context.largest_file().is_none() {
            return Ok(());
        }
        let tenants = documents::copy::tenants(&self.context).await?;
        let active = |tenant: &&Tenant| tenant.status == TenantStatus::Active;
        for tenant in tenants.iter().filter(active) {
            match files::sweep(&self.context, tenant.id).await {
                Ok(swept) if swept == files::Swept::default() => {}
                Ok(files::Swept { uploads, documents, failed }) => {
                    let tenant = tenant.id;
                    tracing::info!(%tenant, uploads, documents, failed, "files that are of no use were removed");
                }
                Err(error) => tracing::warn!(tenant = %tenant.id, %error, "files could not be swept"),
            }
        }
        Ok(())
    }
}
