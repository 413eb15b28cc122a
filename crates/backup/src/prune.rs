//! Deleting archives that are no longer kept.

use jiff::Timestamp;
use serde::Serialize;
use tenure_core::backups::{Held, Retention};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::backups::{self, Kept};
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::Result;
use crate::files;
use crate::leftovers::{clear_up, remove};

/// What a pruning did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Pruned {
    /// Archives that are no longer kept.
    pub pruned: Vec<Uuid>,
    /// Tenants none of whose archives was touched, because the newest is not where it was put; the platform's is `null`.
    pub newest_is_missing: Vec<Option<TenantId>>,
}

/// Deletes the archives that a policy does not keep, and finishes what a run that was cut off began. A tenant's newest archive must be
/// where it was put before any other of its archives goes.
///
/// # Errors
/// `Store`, `Database`.
pub async fn prune(
    db: &Database,
    objects: &Objects,
    policy: Retention,
    is_dry_run: bool,
    now: Timestamp,
) -> Result<Pruned> {
    let all = backups::good_by_tenant(db).await?;
    let mut pruned = Pruned { pruned: Vec::new(), newest_is_missing: Vec::new() };
    for archives in all.chunk_by(|one, next| one.tenant_id == next.tenant_id) {
        let prunable = prunable(archives, policy, now);
        match archives.iter().find(|archive| !archive.is_damaged) {
            Some(newest) if !prunable.is_empty() && !is_there(objects, newest).await? => {
                pruned.newest_is_missing.push(newest.tenant_id);
            }
            _ => pruned.pruned.extend(prunable),
        }
    }
    if !is_dry_run {
        clear_up(db, objects, now).await?;
        backups::prune(db, &pruned.pruned).await?;
        delete_objects(db, objects, now).await?;
    }
    Ok(pruned)
}

fn prunable(archives: &[Kept], policy: Retention, now: Timestamp) -> Vec<Uuid> {
    let held: Vec<Held> = archives
        .iter()
        .map(|Kept { from, until, is_verified, is_damaged, .. }| Held {
            from: *from,
            until: *until,
            is_verified: *is_verified,
            is_damaged: *is_damaged,
        })
        .collect();
    let places = policy.prunable(&held, now);
    places.into_iter().filter_map(|place| Some(archives.get(place)?.id)).collect()
}

async fn is_there(objects: &Objects, archive: &Kept) -> Result<bool> {
    Ok(objects.size(&archive.object_key).await? == Some(archive.size_bytes))
}

/// An archive counts as deleted when the copies of files that it alone needed are deleted too.
async fn delete_objects(db: &Database, objects: &Objects, now: Timestamp) -> Result<()> {
    let undeleted = backups::undeleted(db).await?;
    for archives in undeleted.chunk_by(|one, next| one.tenant_id == next.tenant_id) {
        for archive in archives {
            remove(objects, &archive.object_key).await?;
        }
        if let Some(tenant) = archives.first().and_then(|archive| archive.tenant_id) {
            files::sweep(db, objects, tenant).await?;
        }
        for archive in archives {
            backups::deleted(db, archive.id, now).await?;
        }
    }
    Ok(())
}
