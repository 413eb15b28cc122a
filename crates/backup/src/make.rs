//! Making an archive.

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

use crate::archive::manifest::{FORMAT, Header};
use crate::archive::writer::{self, Rows};
use crate::content;
use crate::{Error, Recipients, Result};

/// Rows are gathered to pieces of about this size.
const PIECE: usize = 1 << 20;
/// Pieces that wait for the one before.
const WAITING: usize = 2;

/// What making archives needs.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Maker<'a> {
    /// Of what.
    pub db: &'a Database,
    /// Where to.
    pub objects: &'a Objects,
    /// For whom.
    pub recipients: &'a Recipients,
    /// The clock.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Gives ids.
    pub new_id: &'a (dyn Fn() -> Uuid + Sync),
}

/// What became of one archive in a run over many tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// It was made.
    New(Uuid),
    /// Nothing had changed since this one.
    Unchanged(Uuid),
}

impl Maker<'_> {
    /// Makes a backup of a tenant, which may go on working meanwhile, and clears up after runs that were cut off. The backup counts
    /// from the last step on, when the object was read back and is what was sent.
    ///
    /// # Errors
    /// `Database`, `Store` or `Key`; what was stored is deleted, and the reason stands on the list.
    pub async fn create(&self, tenant: TenantId) -> Result<Backup> {
        self.clear_up().await?;
        let tenant = tenants::by_id(self.db, tenant).await?;
        let snapshot = self.db.snapshot(MigrationSet::tenant(), tenant.id).await?;
        let id = self.make(Some(&tenant), snapshot).await?;
        Ok(backups::by_id(self.db, id).await?)
    }

    /// Clears up after those that were cut off.
    pub(crate) async fn clear_up(&self) -> Result<()> {
        for key in backups::abandon_dead(self.db, (self.now)()).await? {
            self.objects.delete(&key).await?;
        }
        Ok(())
    }

    /// Makes a backup of a tenant unless nothing changed since its newest one.
    pub(crate) async fn make_if_changed(&self, tenant: &Tenant) -> Result<Made> {
        let mut snapshot = self.db.snapshot(MigrationSet::tenant(), tenant.id).await?;
        if let Some((newest, known)) = backups::newest_good(self.db, Some(tenant.id)).await?
            && self.is_there(newest).await?
            && content::is_still(&mut snapshot, self.recipients, &known).await?
        {
            backups::unchanged(self.db, newest, snapshot.facts.at).await?;
            return Ok(Made::Unchanged(newest));
        }
        Ok(Made::New(self.make(Some(tenant), snapshot).await?))
    }

    /// Makes a backup of the platform's own tables.
    pub(crate) async fn make_of_platform(&self) -> Result<Uuid> {
        let snapshot = self.db.platform_snapshot().await?;
        self.make(None, snapshot).await
    }

    /// Whether the object of a backup is where it was put, as far as its size tells.
    async fn is_there(&self, id: Uuid) -> Result<bool> {
        let backup = backups::by_id(self.db, id).await?;
        let size = self.objects.size(&backup.object_key).await?;
        Ok(size.is_some_and(|size| i64::try_from(size).ok() == backup.size_bytes))
    }

    async fn make(&self, tenant: Option<&Tenant>, snapshot: Snapshot) -> Result<Uuid> {
        let id = (self.new_id)();
        let folder = tenant.map_or_else(|| PLATFORM_FOLDER.to_owned(), |tenant| format!("backups/{}", tenant.id));
        let key = format!("{folder}/{id}{SUFFIX}");
        let running = backups::start(self.db, id, tenant.map(|tenant| tenant.id), &key, (self.now)()).await?;
        match self.attempt(snapshot, tenant, &key, id).await {
            Ok(finished) => running.good(&finished, (self.now)()).await?,
            Err(error) => return Err(self.give_up(running, &key, error).await),
        }
        Ok(id)
    }

    /// The error that matters is the first; what cannot be put in order after it is left to the log.
    async fn give_up(&self, running: Running, key: &str, error: Error) -> Error {
        if let Err(left) = self.objects.delete(key).await {
            tracing::warn!(key, error = %left, "what a failed backup stored could not be deleted");
        }
        if let Err(unrecorded) = running.failed(&error.to_string(), (self.now)()).await {
            tracing::warn!(key, error = %unrecorded, "the failure of a backup could not be recorded");
        }
        error
    }

    async fn attempt(&self, mut snapshot: Snapshot, tenant: Option<&Tenant>, key: &str, id: Uuid) -> Result<Finished> {
        let header = header(&snapshot, tenant, id);
        let (to_thread, rows) = mpsc::channel(WAITING);
        let (pieces, from_thread) = mpsc::channel(WAITING);
        let recipients = self.recipients.clone();
        let thread = spawn_blocking(move || writer::write(header, &recipients, rows, pieces));
        let upload = self.objects.upload(key);
        let (read, sent) = tokio::join!(send_rows(&mut snapshot, to_thread), send(upload, from_thread));
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
        if self.read_back(key).await? != checksum {
            return Err(Error::Damaged("what was stored is not what was sent".to_owned()));
        }
        let content = content::of(&manifest, self.recipients);
        let Header { schema_version, snapshot_at, .. } = manifest.header;
        Ok(Finished { schema_version, snapshot_at, size_bytes, checksum, content })
    }

    async fn read_back(&self, key: &str) -> Result<[u8; 32]> {
        let digest = self
            .objects
            .download(key)
            .await?
            .try_fold(Sha256::new(), async |digest, piece| Ok(digest.chain_update(&piece)))
            .await?;
        Ok(digest.finalize().into())
    }
}

/// Where the archives of the platform's tables are; those of a tenant are beside it, under the tenant's id.
pub(crate) const PLATFORM_FOLDER: &str = "backups/platform";
/// How an archive's key ends.
pub(crate) const SUFFIX: &str = ".tar.zst.age";

fn header(snapshot: &Snapshot, tenant: Option<&Tenant>, id: Uuid) -> Header {
    Header {
        format: FORMAT,
        backup: id,
        tenant: tenant.map(|tenant| tenant.id),
        slug: tenant.map(|tenant| tenant.slug.to_string()),
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
