//! What operators ask for over HTTP, done one after the other. Of many programs that do it, each takes another operation.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tenure_app::Context;
use tenure_backup::{Maker, Restorer, Target};
use tenure_core::backups::RunKind;
use tenure_core::ids::TenantId;
use tenure_core::operations::Wanted;
use tenure_core::tenant::Slug;
use tenure_db::archive;
use tenure_db::operations::{self, Claim, Ended};
use tenure_db::tenants::{self, Act};
use uuid::Uuid;

use crate::commands::backup::{identities, place, recipients};
use crate::config::Settings;
use crate::error::Error;
use crate::files::ForArchives;

/// How often it looks what was asked for.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits when the list cannot be read.
const PAUSE: Duration = Duration::from_mins(1);
/// The SQLSTATE of a statement that the login has no right to.
const NO_RIGHT: &str = "42501";

/// What does operations.
pub(crate) struct Operations<'a> {
    pub(crate) context: Context,
    pub(crate) is_embedded: bool,
    pub(crate) settings: &'a Settings,
}

impl Operations<'_> {
    /// Does what is asked for, for as long as this is awaited. Cut off in the middle of something, the next program notes that.
    pub(crate) async fn keep(&self) -> Infallible {
        loop {
            let pause = match self.look().await {
                Ok(true) => continue,
                Ok(false) => LOOK,
                Err(error) if error.sqlstate().as_deref() == Some(NO_RIGHT) => {
                    tracing::info!("without the owner's login, operations are left to other servers and workers");
                    pending().await
                }
                Err(error) => {
                    tracing::warn!(%error, "operations that were asked for cannot be taken");
                    PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Does the oldest that waits; false when none does.
    async fn look(&self) -> tenure_db::Result<bool> {
        let db = &self.context.db;
        operations::abandon_dead(db, self.context.now()).await?;
        let Some(claim) = operations::claim(db, self.context.now()).await? else { return Ok(false) };
        let (id, requested_by) = (claim.id, claim.requested_by.clone());
        tracing::info!(operation = %id, requested_by, request = %claim.request, "an operation begins");
        let ended = Box::pin(self.run(&claim)).await.unwrap_or_else(|error| Ended::Failed(error.to_string()));
        match &ended {
            Ended::Failed(error) => tracing::error!(operation = %id, error, "an operation failed"),
            Ended::Done(_) | Ended::Partial(_) => tracing::info!(operation = %id, "an operation ended"),
        }
        claim.end(ended, self.context.now()).await?;
        Ok(true)
    }

    async fn run(&self, claim: &Claim) -> Result<Ended, Error> {
        let Ok(wanted) = serde_json::from_value(claim.request.clone()) else {
            return Ok(Ended::Failed("this version does not know what was asked for".to_owned()));
        };
        let act = || Act {
            id: self.context.id(),
            actor: claim.requested_by.clone(),
            now: self.context.now(),
            request_id: Some(claim.request_id.clone()),
        };
        match wanted {
            Wanted::Backup { tenant } => self.back_up(Some(tenant)).await,
            Wanted::BackupAll {} => self.back_up(None).await,
            Wanted::Verify { backup, deep } => self.verify(backup, deep).await,
            Wanted::Restore { tenant, backup, new, dry_run } => {
                let target = self.target(tenant, new, dry_run).await?;
                self.restore(backup, &target, &act()).await
            }
            Wanted::UndoRestore { tenant } => {
                Ok(Ended::Done(shown(&archive::undo(&self.context.db, tenant, &act()).await?)))
            }
            Wanted::Prune {} => self.prune().await,
        }
    }

    /// Of a tenant, or of all and the platform.
    async fn back_up(&self, tenant: Option<TenantId>) -> Result<Ended, Error> {
        let configured = &self.settings.backup;
        let (objects, recipients) = (place(self.is_embedded, configured)?, recipients(configured)?);
        let files = ForArchives::open(self.is_embedded, &self.settings.files)?;
        let (now, new_id, random) = (|| self.context.now(), || self.context.id(), || self.context.random_bytes());
        let maker = Maker {
            db: &self.context.db,
            objects: &objects,
            recipients: &recipients,
            documents: self.context.documents(),
            files: files.files(&random),
            now: &now,
            new_id: &new_id,
            patience: configured.lock_timeout,
        };
        if let Some(tenant) = tenant {
            let made = maker.create(tenant).await?;
            return Ok(ended(&made, made.files_lost.is_none_or(|lost| lost == 0)));
        }
        let all = tenure_backup::make_all(maker, RunKind::All, configured.parallelism, &|_| ()).await?;
        Ok(ended(&all, all.failed.is_empty()))
    }

    async fn verify(&self, backup: Uuid, deep: bool) -> Result<Ended, Error> {
        let configured = &self.settings.backup;
        let (objects, identities) = (place(self.is_embedded, configured)?, identities(None, configured)?);
        let (db, now) = (&self.context.db, self.context.now());
        let verified = if deep {
            tenure_backup::verify_deep(db, &objects, &identities, backup, (self.context.id(), now)).await?
        } else {
            tenure_backup::verify(db, &objects, &identities, backup, now).await?
        };
        Ok(Ended::Done(shown(&verified)))
    }

    async fn target(&self, tenant: TenantId, new: Option<Slug>, dry_run: bool) -> Result<Target, Error> {
        Ok(match new {
            _ if dry_run => Target::DryRun,
            Some(slug) => {
                let name = tenants::by_id(&self.context.db, tenant).await?.name;
                Target::New { id: self.context.id(), slug, name }
            }
            None => Target::Same(tenant),
        })
    }

    async fn restore(&self, backup: Uuid, target: &Target, act: &Act) -> Result<Ended, Error> {
        let configured = &self.settings.backup;
        let (objects, identities) = (place(self.is_embedded, configured)?, identities(None, configured)?);
        let files = ForArchives::open(self.is_embedded, &self.settings.files)?;
        let (now, random) = (|| self.context.now(), || self.context.random_bytes());
        let restorer = Restorer {
            db: &self.context.db,
            objects: &objects,
            identities: &identities,
            documents: self.context.documents(),
            files: files.files(&random),
            now: &now,
            patience: configured.lock_timeout,
        };
        let done = restorer.restore(backup, target, act).await?;
        Ok(ended(&done, done.files.is_none_or(|files| files.missing == 0)))
    }

    async fn prune(&self) -> Result<Ended, Error> {
        let configured = &self.settings.backup;
        let objects = place(self.is_embedded, configured)?;
        let (db, now) = (&self.context.db, self.context.now());
        let pruned = tenure_backup::prune(db, &objects, configured.keep, false, now).await?;
        Ok(ended(&pruned, pruned.newest_is_missing.is_empty()))
    }
}

fn ended(result: &impl Serialize, is_whole: bool) -> Ended {
    if is_whole { Ended::Done(shown(result)) } else { Ended::Partial(shown(result)) }
}

/// What the command prints with `--json`.
fn shown(result: &impl Serialize) -> Value {
    json!(result)
}
