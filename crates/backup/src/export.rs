//! An archive as a file.

use std::io;
use std::path::Path;

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tenure_db::Database;
use tenure_db::backups::{self, Backup};
use tenure_store::objects::Objects;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::{Error, Result};

/// Writes a good archive to a new file, still encrypted, and checks its sum. Until that is done the file has `.part` after its name.
///
/// # Errors
/// `Refused` for an archive that is not good or a file that is there; `Damaged`; `File`, `Store`, `Database`.
pub async fn export(db: &Database, objects: &Objects, id: Uuid, file: &Path) -> Result<Backup> {
    let backup = backups::by_id(db, id).await?;
    if backup.state != "good" {
        return Err(Error::Refused(format!("backup {id} is {}, not good", backup.state)));
    }
    if fs::try_exists(file).await? {
        return Err(Error::Refused(format!("{} is there already", file.display())));
    }
    let part = file.with_added_extension("part");
    let sum = copy(objects, &backup.object_key, &part).await;
    let is_right = matches!(&sum, Ok(sum) if Some(sum) == backup.checksum.as_ref());
    if is_right {
        fs::rename(&part, file).await?;
        return Ok(backup);
    }
    // The cause matters more than what is left of the file.
    let _ = fs::remove_file(&part).await;
    sum.and(Err(Error::Damaged("it is not what was stored".to_owned())))
}

async fn copy(objects: &Objects, key: &str, to: &Path) -> Result<String> {
    let mut content = std::pin::pin!(objects.download(key).await?);
    let mut file = File::create(to).await?;
    let mut digest = Sha256::new();
    while let Some(piece) = content.next().await {
        let piece = piece?;
        digest.update(&piece);
        file.write_all(&piece).await?;
    }
    file.sync_all().await?;
    Ok(hex::encode(digest.finalize()))
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}
