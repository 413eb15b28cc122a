//! What archives that were not finished have left in the store.

use jiff::Timestamp;
use tenure_db::Database;
use tenure_db::backups;
use tenure_store::objects::{self, Objects};

use crate::Result;
use crate::files::list_key;

/// Clears up after archives that were cut off or failed. What the store does not delete at this moment is deleted the next time.
pub(crate) async fn clear_up(db: &Database, objects: &Objects, now: Timestamp) -> Result<()> {
    backups::abandon_dead(db, now).await?;
    for left in backups::left_by_failed(db).await? {
        if let Err(error) = remove(objects, &left.object_key).await {
            tracing::warn!(key = left.object_key, %error, "what a failed backup stored could not be deleted; the next tries again");
            return Ok(());
        }
        backups::deleted(db, left.id, now).await?;
    }
    Ok(())
}

/// Deletes an archive and the list that goes with it.
pub(crate) async fn remove(objects: &Objects, key: &str) -> objects::Result<()> {
    objects.delete(&list_key(key)).await?;
    objects.delete(key).await
}
