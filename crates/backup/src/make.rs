//! Making an archive.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::archive::{Snapshot, Table};
use tenure_db::backups::{self, Backup, Finished, Reserved, Running};
use tenure_db::tenants::{self, Tenant};
use tenure_store::documents::{self, Documents};
use tenure_store::objects::{Objects, Upload};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::archive::manifest::{FORMAT, Header};
use crate::archive::writer::{self, Entry, Rows};
use crate::content::{self, Readers};
use crate::files::{Copies, Files, Held};
use crate::leftovers::{clear_up, remove};
use crate::source::Source;
use crate::{Error, Recipients, Result};

/// Rows are gathered to pieces of about this size.
const PIECE: usize = 1 << 20;
/// So many files are named in one entry.
const FILES: usize = 4000;
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
    /// Where documents lie.
    pub documents: &'a Documents,
    /// The files that are in use; none where none are kept.
    pub files: Option<Files<'a>>,
    /// The clock.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Gives ids.
    pub new_id: &'a (dyn Fn() -> Uuid + Sync),
    /// How long a tenant that is being restored is waited for.
    pub patience: Duration,
}

/// What became of one archive in a run over many tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// It was made, but for so many files.
    New { id: Uuid, lost: u64 },
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
        clear_up(self.db, self.objects, (self.now)()).await?;
        let tenant = tenants::by_id(self.db, tenant).await?;
        let (id, _) = self.make_anew(&tenant).await?;
        Ok(backups::by_id(self.db, id).await?)
    }

    /// Makes a backup of a tenant unless nothing changed since its newest one.
    pub(crate) async fn make_if_changed(&self, tenant: &Tenant) -> Result<Made> {
        if let Some((newest, known)) = backups::newest_good(self.db, Some(tenant.id)).await?
            && self.is_there(newest).await?
            && self.is_unchanged(tenant, newest, &known).await?
        {
            return Ok(Made::Unchanged(newest));
        }
        let (id, lost) = self.make_anew(tenant).await?;
        Ok(Made::New { id, lost })
    }

    /// Compares a tenant's rows with what an archive says, and notes it if they are still the same.
    async fn is_unchanged(&self, tenant: &Tenant, newest: Uuid, known: &[u8]) -> Result<bool> {
        let reserved = backups::reserve(self.db, (self.new_id)(), Some(tenant.id), self.patience).await?;
        let mut source = Source::of_tenant(self.db, self.documents, tenant.id).await?;
        let is_still = match content::is_still(&mut source, self.readers(), known).await {
            // What is compared for so long is made sooner.
            Err(Error::Documents(documents::Error::TooOld)) => false,
            is_still => is_still?,
        };
        let at = source.snapshot.facts.at;
        source.end().await?;
        reserved.release().await?;
        if is_still {
            backups::unchanged(self.db, newest, at).await?;
        }
        Ok(is_still)
    }

    /// Makes one; once more where the documents' moment was gone before they were read.
    async fn make_anew(&self, tenant: &Tenant) -> Result<(Uuid, u64)> {
        match self.make_of_tenant(tenant).await {
            Err(Error::Documents(error @ documents::Error::TooOld)) => {
                tracing::warn!(tenant = %tenant.slug, %error, "the backup begins again");
                self.make_of_tenant(tenant).await
            }
            made => made,
        }
    }

    async fn make_of_tenant(&self, tenant: &Tenant) -> Result<(Uuid, u64)> {
        let reserved = backups::reserve(self.db, (self.new_id)(), Some(tenant.id), self.patience).await?;
        let source = Source::of_tenant(self.db, self.documents, tenant.id).await?;
        self.make(reserved, Some(tenant), source).await
    }

    /// Makes a backup of the platform's own tables.
    pub(crate) async fn make_of_platform(&self) -> Result<Uuid> {
        let reserved = backups::reserve(self.db, (self.new_id)(), None, self.patience).await?;
        let snapshot = self.db.platform_snapshot().await?;
        Ok(self.make(reserved, None, Source::of_platform(snapshot, self.documents)).await?.0)
    }

    fn readers(&self) -> Readers<'_> {
        Readers { recipients: self.recipients, has_files: self.files.is_some() }
    }

    /// Whether the object of a backup is where it was put, as far as its size tells, and the files that it names are.
    async fn is_there(&self, id: Uuid) -> Result<bool> {
        let backup = backups::by_id(self.db, id).await?;
        let size = self.objects.size(&backup.object_key).await?;
        if size.is_none() || size.and_then(|size| i64::try_from(size).ok()) != backup.size_bytes {
            return Ok(false);
        }
        match backup.tenant_id.filter(|_| backup.files.is_some_and(|files| files > 0)) {
            Some(tenant) => Copies { archives: self.objects, tenant }.are_there(&backup.object_key).await,
            None => Ok(true),
        }
    }

    /// Gives its id, and how many files it lacks.
    async fn make(&self, reserved: Reserved, tenant: Option<&Tenant>, source: Source<'_>) -> Result<(Uuid, u64)> {
        let id = reserved.id();
        let folder = tenant.map_or_else(|| PLATFORM_FOLDER.to_owned(), |tenant| folder_of(tenant.id));
        let key = format!("{folder}/{id}{SUFFIX}");
        let mut running = reserved.start(self.db, &key, (self.now)()).await?;
        // Boxed, for it is the larger part of whatever makes an archive.
        match Box::pin(self.attempt(source, tenant, &key, &mut running)).await {
            Ok(finished) => {
                let lost = finished.files.map_or(0, |(_, lost)| lost);
                running.good(&finished, (self.now)()).await?;
                Ok((id, lost))
            }
            Err(error) => Err(self.give_up(running, &key, error).await),
        }
    }

    /// The error that matters is the first; what cannot be put in order after it is left to the next that clears up.
    async fn give_up(&self, running: Running, key: &str, error: Error) -> Error {
        let removed = remove(self.objects, key).await;
        if let Err(left) = &removed {
            tracing::warn!(key, error = %left, "what a failed backup stored could not be deleted; the next tries again");
        }
        if let Err(unrecorded) = running.failed(&error.to_string(), removed.is_ok(), (self.now)()).await {
            tracing::warn!(key, error = %unrecorded, "the failure of a backup could not be recorded");
        }
        error
    }

    async fn attempt(
        &self,
        source: Source<'_>,
        tenant: Option<&Tenant>,
        key: &str,
        running: &mut Running,
    ) -> Result<Finished> {
        let header = header(&source.snapshot, tenant, running.id());
        let (to_thread, entries) = mpsc::channel(WAITING);
        let (pieces, from_thread) = mpsc::channel(WAITING);
        let recipients = self.recipients.clone();
        let thread = spawn_blocking(move || writer::write(header, &recipients, entries, pieces));
        let upload = self.objects.upload(key);
        let copies = tenant.map(|tenant| Copies { archives: self.objects, tenant: tenant.id });
        let read = self.send_all(source, copies, (key, running), to_thread);
        let (read, sent) = tokio::join!(read, send(upload, from_thread));
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
        upload.finish().await?;
        if checksum_of(self.objects, key).await? != checksum {
            return Err(Error::Damaged("what was stored is not what was sent".to_owned()));
        }
        let content = content::of(&manifest, self.readers());
        let files = manifest.files.map(|sum| (sum.files, sum.lost));
        let Header { schema_version, snapshot_at, .. } = manifest.header;
        Ok(Finished { schema_version, snapshot_at, size_bytes, checksum, content, files })
    }

    /// Reads the rows, and then copies the files that they name, when nothing is held up by that any more. Once nobody takes the
    /// entries, the reason is on the other side.
    async fn send_all(
        &self,
        mut source: Source<'_>,
        copies: Option<Copies<'_>>,
        (archive, running): (&str, &mut Running),
        to: Sender<Entry>,
    ) -> Result<()> {
        // First, like the documents: MongoDB does not keep their moment for long.
        let held = match &copies {
            Some(copies) => Held::of(&mut source, copies.tenant, self.files.map(|files| files.master)).await?,
            None => Held::default(),
        };
        for table in source.snapshot.tables.clone() {
            if !send_table(&mut source, &table, &to).await? {
                return Ok(());
            }
        }
        source.end().await?;
        running.rows_are_read().await?;
        let Some(copies) = copies else { return Ok(()) };
        let distrusts = !held.files.is_empty() && backups::newest_is_damaged(self.db, copies.tenant).await?;
        let held = copies.complete(self.files, held, archive, distrusts).await?;
        send_files(held, &to).await;
        Ok(())
    }
}

/// The SHA-256 of an object as it is stored.
pub(crate) async fn checksum_of(objects: &Objects, key: &str) -> Result<[u8; 32]> {
    let content = objects.download(key).await?;
    let digest = content.try_fold(Sha256::new(), async |digest, piece| Ok(digest.chain_update(&piece))).await?;
    Ok(digest.finalize().into())
}

/// Where the archives of a tenant are.
pub(crate) fn folder_of(tenant: TenantId) -> String {
    format!("backups/{tenant}")
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

async fn send_files(held: Held, to: &Sender<Entry>) {
    let key = held.key.map(Entry::Key);
    let files = held.files.chunks(FILES).map(|files| Entry::Files(files.to_vec()));
    for entry in key.into_iter().chain(files) {
        if to.send(entry).await.is_err() {
            return;
        }
    }
}

async fn send_table(source: &mut Source<'_>, table: &Table, to: &Sender<Entry>) -> Result<bool> {
    let entry = |rows| Entry::Rows(Rows { table: table.name.clone(), rows });
    let mut gathered = Vec::new();
    let is_wanted = source
        .read(table, async |rows| {
            gathered.extend_from_slice(&rows);
            Ok(gathered.len() < PIECE || to.send(entry(std::mem::take(&mut gathered))).await.is_ok())
        })
        .await?;
    Ok(is_wanted && (gathered.is_empty() || to.send(entry(gathered)).await.is_ok()))
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
