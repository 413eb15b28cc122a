//! Making a backup.

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::archive::{Snapshot, Table};
use tenure_db::backups::{self, Backup, Finished, Running};
use tenure_db::migrate::MigrationSet;
use tenure_db::tenants::{self, Tenant};
use tenure_store::objects::{Objects, Upload};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::archive::manifest::{FORMAT, Header, Manifest};
use crate::archive::writer::{self, Rows};
use crate::{Error, Recipients, Result};

/// Rows are gathered to pieces of about this size.
const PIECE: usize = 1 << 20;
/// Pieces that wait for the one before.
const WAITING: usize = 2;

/// Makes a backup of a tenant, which may go on working meanwhile, and clears up after runs that were cut off. The backup counts from
/// the last step on, when the object was read back and is what was sent.
///
/// # Errors
/// `Database`, `Store` or `Key`; what was stored is deleted, and the reason stands on the list.
pub async fn create(
    db: &Database,
    objects: &Objects,
    recipients: &Recipients,
    (tenant, id): (TenantId, Uuid),
    now: &(dyn Fn() -> Timestamp + Sync),
) -> Result<Backup> {
    clear_up(db, objects, now()).await?;
    let tenant = tenants::by_id(db, tenant).await?;
    let key = format!("backups/{}/{id}.tar.zst.age", tenant.id);
    let running = backups::start(db, id, tenant.id, &key, now()).await?;
    match attempt(db, objects, recipients, &tenant, &key, id).await {
        Ok(finished) => running.good(&finished, now()).await?,
        Err(error) => return Err(give_up(objects, running, &key, error, now()).await),
    }
    Ok(backups::by_id(db, id).await?)
}

async fn clear_up(db: &Database, objects: &Objects, now: Timestamp) -> Result<()> {
    for key in backups::abandon_dead(db, now).await? {
        objects.delete(&key).await?;
    }
    Ok(())
}

/// The error that matters is the first; what cannot be put in order after it is left to the log.
async fn give_up(objects: &Objects, running: Running, key: &str, error: Error, now: Timestamp) -> Error {
    if let Err(left) = objects.delete(key).await {
        tracing::warn!(key, error = %left, "what a failed backup stored could not be deleted");
    }
    if let Err(unrecorded) = running.failed(&error.to_string(), now).await {
        tracing::warn!(key, error = %unrecorded, "the failure of a backup could not be recorded");
    }
    error
}

async fn attempt(
    db: &Database,
    objects: &Objects,
    recipients: &Recipients,
    tenant: &Tenant,
    key: &str,
    id: Uuid,
) -> Result<Finished> {
    let mut snapshot = db.snapshot(MigrationSet::tenant(), tenant.id).await?;
    let header = header(&snapshot, tenant, id);
    let (to_thread, rows) = mpsc::channel(WAITING);
    let (pieces, from_thread) = mpsc::channel(WAITING);
    let recipients = recipients.clone();
    let thread = spawn_blocking(move || writer::write(header, &recipients, rows, pieces));
    let (read, sent) = tokio::join!(send_rows(&mut snapshot, to_thread), send(objects.upload(key), from_thread));
    // The cause is where it broke first: a thread that ends takes the reading side with it.
    let manifest = thread.await.map_err(|_| Error::Refused("the writing of the archive was cut off".to_owned()))?;
    let (upload, size_bytes, checksum) = sent?;
    let manifest = match (manifest, read) {
        (Ok(manifest), Ok(())) => manifest,
        (Err(error), _) | (_, Err(error)) => {
            take_back(upload).await;
            return Err(error);
        }
    };
    snapshot.end().await?;
    upload.finish().await?;
    if read_back(objects, key).await? != checksum {
        return Err(Error::Damaged("what was stored is not what was sent".to_owned()));
    }
    let Manifest { header: Header { schema_version, snapshot_at, .. }, .. } = manifest;
    Ok(Finished { schema_version, snapshot_at, size_bytes, checksum })
}

fn header(snapshot: &Snapshot, tenant: &Tenant, id: Uuid) -> Header {
    Header {
        format: FORMAT,
        backup: id,
        tenant: tenant.id,
        slug: tenant.slug.to_string(),
        schema_version: snapshot.facts.version,
        snapshot_at: snapshot.facts.at,
        wal_position: snapshot.facts.wal_position.clone(),
        tables: snapshot.tables.clone(),
    }
}

/// Reads the tables one after the other. Once nobody takes the rows any more, the reason is on the other side.
async fn send_rows(snapshot: &mut Snapshot, to: Sender<Rows>) -> Result<()> {
    for table in snapshot.tables.clone() {
        if !send_table(snapshot, &table, &to).await? {
            break;
        }
    }
    Ok(())
}

async fn send_table(snapshot: &mut Snapshot, table: &Table, to: &Sender<Rows>) -> Result<bool> {
    let mut stream = std::pin::pin!(snapshot.copy_out(table).await?);
    let mut gathered = Vec::new();
    while let Some(row) = stream.next().await {
        gathered.extend_from_slice(&row?);
        if gathered.len() >= PIECE {
            let rows = std::mem::take(&mut gathered);
            if to.send(Rows { table: table.name.clone(), rows }).await.is_err() {
                return Ok(false);
            }
        }
    }
    Ok(gathered.is_empty() || to.send(Rows { table: table.name.clone(), rows: gathered }).await.is_ok())
}

/// Sends what the thread writes, and says how much it was and what it sums to.
async fn send(mut upload: Upload, mut from: Receiver<Bytes>) -> Result<(Upload, i64, [u8; 32])> {
    let (mut size, mut digest) = (0, Sha256::new());
    while let Some(piece) = from.recv().await {
        size += i64::try_from(piece.len()).unwrap_or(i64::MAX);
        digest.update(&piece);
        if let Err(error) = upload.write(piece).await {
            take_back(upload).await;
            return Err(error.into());
        }
    }
    Ok((upload, size, digest.finalize().into()))
}

async fn take_back(upload: Upload) {
    if let Err(left) = upload.abort().await {
        tracing::warn!(error = %left, "what was sent of a failed backup could not be taken back");
    }
}

async fn read_back(objects: &Objects, key: &str) -> Result<[u8; 32]> {
    let digest = objects
        .download(key)
        .await?
        .try_fold(Sha256::new(), async |digest, piece| Ok(digest.chain_update(&piece)))
        .await?;
    Ok(digest.finalize().into())
}
