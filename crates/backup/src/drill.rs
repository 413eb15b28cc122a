//! Restoring some tenants' newest archives to try them.

use serde::Serialize;
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use tenure_db::backups::{self, RunKind};
use tenure_db::tenants;
use uuid::Uuid;

use crate::all::{Failed, is_put_off};
use crate::make::Maker;
use crate::read::verify_deep;
use crate::{Identities, Result};

/// What a drill found.
#[derive(Debug, Clone, Serialize)]
pub struct Drilled {
    /// Archives that came back as they were.
    pub whole: Vec<Uuid>,
    /// Those that did not.
    pub failed: Vec<Failed>,
    /// Whether none could be tried, because a database or the store was away: the next drill takes it up.
    #[serde(skip)]
    pub is_put_off: bool,
}

/// Puts the newest archives of so many tenants, others each time, into schemas of their own, compares them, and throws them away.
///
/// # Errors
/// `Refused` while another run is under way; `Database`. What happens to a tenant stands in the report.
pub async fn drill(maker: Maker<'_>, identities: &Identities, most: usize) -> Result<Drilled> {
    let run = backups::begin_run(maker.db, RunKind::Drill, (maker.new_id)(), (maker.now)()).await?;
    let mut drilled = Drilled { whole: Vec::new(), failed: Vec::new(), is_put_off: false };
    for (tenant, backup) in chosen(backups::tenants_to_check(maker.db).await?, run.id(), most) {
        let scratch = ((maker.new_id)(), (maker.now)());
        match verify_deep(maker.db, maker.objects, identities, backup, scratch).await {
            Ok(_) => drilled.whole.push(backup),
            Err(error) => {
                let tenant = tenants::by_id(maker.db, tenant).await?.slug;
                tracing::error!(%tenant, %backup, %error, "a backup could not be restored in a drill");
                drilled.failed.push(Failed::new(Some(tenant), &error));
            }
        }
    }
    drilled.is_put_off = is_put_off(drilled.whole.len(), &drilled.failed);
    if drilled.is_put_off {
        run.put_off().await?;
    } else {
        run.end(drilled.whole.len(), drilled.failed.len(), (maker.now)()).await?;
    }
    Ok(drilled)
}

/// Any choice will do that the run's id decides and that nobody can foresee: the tenants whose sums with it are the smallest.
fn chosen(mut all: Vec<(TenantId, Uuid)>, run: Uuid, most: usize) -> Vec<(TenantId, Uuid)> {
    all.sort_by_cached_key(|(tenant, _)| {
        let sum: [u8; 32] = Sha256::new().chain_update(run).chain_update(tenant.uuid()).finalize().into();
        sum
    });
    all.truncate(most);
    all
}
