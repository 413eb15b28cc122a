//! Archives of every tenant and of the platform.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use tenure_core::tenant::Slug;
use tenure_db::backups::{self, Run, RunKind};
use tenure_db::tenants::{self, Tenant};
use uuid::Uuid;

use crate::leftovers::clear_up;
use crate::make::{Made, Maker};
use crate::{Error, Result};

/// A tenant whose archive could not be made, restored or found whole.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// Its slug; none for the platform's own tables.
    pub tenant: Option<Slug>,
    /// Why.
    pub error: String,
    /// Whether it may go well later, because a database or a store was away.
    #[serde(skip)]
    pub(crate) is_passing: bool,
}

impl Failed {
    pub(crate) fn new(tenant: Option<Slug>, error: &Error) -> Self {
        Self { tenant, error: error.to_string(), is_passing: error.is_passing() }
    }
}

/// What a run made.
#[derive(Debug, Clone, Serialize)]
pub struct AllMade {
    /// Whether it went on with one that was cut off; what that one had made is not counted.
    pub is_taken_up: bool,
    /// New archives.
    pub made: Vec<Uuid>,
    /// Archives whose tenants have not changed since, so that they stand for this moment too.
    pub unchanged: Vec<Uuid>,
    /// The archive of the platform's own tables; none where it was not to be made.
    pub platform: Option<Uuid>,
    /// What failed, or lacks files. It stops no other.
    pub failed: Vec<Failed>,
    /// Whether nothing could be made, because a database or the store was away: the next run takes it up.
    #[serde(skip)]
    pub is_put_off: bool,
}

/// Makes an archive of every tenant, or of those marked as critical, some at once, and at the end of the platform's own tables, which
/// then tell of the others. A run that was cut off is taken up: what it made is not made again. `on_done` hears how many there are each
/// time that one is done.
///
/// # Errors
/// `Refused` while another run is under way; `Database`. What happens to a tenant stands in the report.
pub async fn make_all(
    maker: Maker<'_>,
    kind: RunKind,
    at_once: usize,
    on_done: &(dyn Fn(usize) + Sync),
) -> Result<AllMade> {
    let run = backups::begin_run(maker.db, kind, (maker.new_id)(), (maker.now)()).await?;
    clear_up(maker.db, maker.objects, (maker.now)()).await?;
    let only_critical = kind == RunKind::Critical;
    let tenants = tenants::without_archive_since(maker.db, only_critical, run.since).await?;
    let mut all = AllMade {
        is_taken_up: run.is_taken_up,
        made: Vec::new(),
        unchanged: Vec::new(),
        platform: None,
        failed: Vec::new(),
        is_put_off: false,
    };
    let total = tenants.len();
    let mut outcomes = stream::iter(tenants).map(|tenant| one(maker, tenant)).buffer_unordered(within(maker, at_once));
    while let Some(outcome) = outcomes.next().await {
        all.note(outcome);
        on_done(total);
    }
    if !only_critical {
        match maker.make_of_platform().await {
            Ok(id) => all.platform = Some(id),
            Err(error) => {
                tracing::error!(%error, "the backup of the platform's tables failed");
                all.failed.push(Failed::new(None, &error));
            }
        }
    }
    all.is_put_off = is_put_off(all.made.len() + all.unchanged.len() + all.platform.iter().len(), &all.failed);
    end(maker, run, &all).await?;
    Ok(all)
}

/// Each archive holds two of the owner's connections and now and then a third, and the run holds one.
fn within(maker: Maker<'_>, at_once: usize) -> usize {
    let connections = usize::try_from(maker.db.owner_pool().options().get_max_connections()).unwrap_or(1);
    at_once.clamp(1, (connections.saturating_sub(2) / 2).max(1))
}

async fn one(maker: Maker<'_>, tenant: Tenant) -> Result<(Slug, Made), Failed> {
    match maker.make_if_changed(&tenant).await {
        Ok(made) => Ok((tenant.slug, made)),
        Err(error) => {
            tracing::error!(tenant = %tenant.slug, %error, "the backup of a tenant failed");
            Err(Failed::new(Some(tenant.slug), &error))
        }
    }
}

/// Whether a run that did so much and failed in these has to be made again soon.
pub(crate) fn is_put_off(done: usize, failed: &[Failed]) -> bool {
    done == 0 && !failed.is_empty() && failed.iter().all(|failed| failed.is_passing)
}

async fn end(maker: Maker<'_>, run: Run, all: &AllMade) -> Result<()> {
    if all.is_put_off {
        return Ok(run.put_off().await?);
    }
    let done = all.made.len() + all.unchanged.len();
    Ok(run.end(done, all.failed.len(), (maker.now)()).await?)
}

impl AllMade {
    fn note(&mut self, outcome: Result<(Slug, Made), Failed>) {
        match outcome {
            Ok((_, Made::New { id, lost: 0 })) => self.made.push(id),
            Ok((tenant, Made::New { id, lost })) => {
                self.made.push(id);
                let error =
                    format!("{lost} files could not be read and are not in the archive {id}; the log names them");
                self.failed.push(Failed { tenant: Some(tenant), error, is_passing: false });
            }
            Ok((_, Made::Unchanged(id))) => self.unchanged.push(id),
            Err(failed) => self.failed.push(failed),
        }
    }
}
