//! What `tenure serve` does for documents by itself: it removes what has expired, and completes the audit log of changes that had
//! broken off. Of many servers one does it at a time.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tenure_app::{Context, documents};
use tenure_db::alone;

/// How often it looks for changes that had broken off.
const LOOK: Duration = Duration::from_mins(1);
/// How often it removes what has expired.
const EXPIRY: Duration = Duration::from_hours(1);

/// What looks after documents.
pub(crate) struct Housekeeping {
    context: Context,
}

impl Housekeeping {
    pub(crate) const fn new(context: Context) -> Self {
        Self { context }
    }

    /// Does what is due, for as long as this is awaited.
    pub(crate) async fn keep(&self) -> Infallible {
        let mut expired: Option<Instant> = None;
        loop {
            tokio::time::sleep(LOOK).await;
            let with_expiry = expired.is_none_or(|at| at.elapsed() >= EXPIRY);
            match self.look(with_expiry).await {
                Ok(()) if with_expiry => expired = Some(Instant::now()),
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "documents were not looked after"),
            }
        }
    }

    async fn look(&self, with_expiry: bool) -> tenure_app::Result<()> {
        let Some(_alone) = alone::housekeeping(&self.context.db).await? else { return Ok(()) };
        let healed = documents::heal(&self.context).await?;
        if healed.records + healed.left > 0 {
            let documents::Healed { records, entries, left } = healed;
            tracing::info!(records, entries, left, "changes of documents that had broken off were completed");
        }
        if with_expiry {
            let removed = documents::expiry::expire(&self.context).await?;
            tracing::debug!(removed, "expired documents were removed");
        }
        Ok(())
    }
}
