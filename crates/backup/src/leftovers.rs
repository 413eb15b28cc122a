//! What archives that were not finished have left in the store.

use jiff::Timestamp;
use tenure_db::Database;
use tenure_db::backups::{self, Undeleted};
use tenure_store::objects::{self, Objects};

use crate::files::{self, list_key};
use crate::{Error, Result};

/// Clears up after archives that were cut off or failed. What the store does not delete at this moment is deleted the next time.
pub(crate) async fn clear_up(db: &Database, objects: &Objects, now: Timestamp) -> Result<()> {
    backups::abandon_dead(db, now).await?;
    for left in backups::left_by_failed(db).await? {
        match remove_all(db, objects, &left).await {
            Ok(true) => backups::deleted(db, left.id, now).await?,
            Ok(false) => {}
            Err(Error::Store(error)) => {
                tracing::warn!(key = left.object_key, %error, "what a failed backup stored could not be deleted; the next tries again");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether nothing is left of it. Copies of files that it has made stay, for the next archive to name them.
async fn remove_all(db: &Database, objects: &Objects, left: &Undeleted) -> Result<bool> {
    remove(objects, &left.object_key).await?;
    match left.tenant_id {
        Some(tenant) => files::delete_unfinished(db, objects, tenant).await,
        None => Ok(true),
    }
}

/// Deletes an archive and the list that goes with it.
pub(crate) async fn remove(objects: &Objects, key: &str) -> objects::Result<()> {
    objects.delete(&list_key(key)).await?;
    objects.delete(key).await
}
