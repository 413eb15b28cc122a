//! Reading a backup: what it holds, and whether all of it is right.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::archive::{Loading, Table};
use tenure_db::backups::{self, Backup};
use tenure_store::objects::Objects;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

use crate::archive::manifest::Manifest;
use crate::archive::reader::{self, Part};
use crate::files::{Copies, Held};
use crate::make::checksum_of;
use crate::restore::{Filled, fill};
use crate::{Error, Identities, Result};

/// Parts that wait to be taken.
const WAITING: usize = 2;

/// An archive that is being read.
pub(crate) struct Reading {
    pub(crate) parts: Receiver<Part>,
    thread: JoinHandle<Result<()>>,
}

impl Reading {
    /// Begins to read the archive of a backup that was made and is kept. One that was found damaged may have been put right.
    pub(crate) async fn begin(objects: &Objects, backup: &Backup, identities: &Identities) -> Result<Self> {
        if !backup.is_kept() {
            return Err(Error::Refused(format!("backup {} is {}, not good", backup.id, backup.state)));
        }
        Self::of_object(objects, &backup.object_key, identities).await
    }

    /// Begins to read the archive that an object holds.
    pub(crate) async fn of_object(objects: &Objects, key: &str, identities: &Identities) -> Result<Self> {
        let content = objects.download(key).await?;
        let (to_thread, from_store) = mpsc::channel(WAITING);
        tokio::spawn(pump(content, to_thread));
        let (to_caller, parts) = mpsc::channel(WAITING);
        let identities = identities.clone();
        let thread = spawn_blocking(move || reader::read(&identities, from_store, &to_caller));
        Ok(Self { parts, thread })
    }

    /// Why there are no more parts: that all were read, or what is wrong with the archive.
    pub(crate) async fn end(self) -> Result<()> {
        let Self { parts, thread } = self;
        drop(parts);
        thread.await.map_err(|_| Error::Refused("the reading of the archive was cut off".to_owned()))?
    }
}

async fn pump(content: impl Stream<Item = tenure_store::objects::Result<Bytes>>, to: Sender<io::Result<Bytes>>) {
    let mut content = std::pin::pin!(content);
    while let Some(piece) = content.next().await {
        if to.send(piece.map_err(io::Error::other)).await.is_err() {
            return;
        }
    }
}

/// What a verification found.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The archive's own account of itself, every sum of which is right.
    pub manifest: Manifest,
    /// Whether the rows were also put into a schema and compared.
    pub deep: bool,
}

/// Decrypts and decompresses a backup and checks every sum and count, and every file that it names. What is found is noted: whole or
/// damaged.
///
/// # Errors
/// `Damaged`, `WrongKey`, `Newer`, `Refused` for one that is not good; `Store`, `Database`.
pub async fn verify(
    db: &Database,
    objects: &Objects,
    identities: &Identities,
    id: Uuid,
    now: Timestamp,
) -> Result<Verified> {
    let backup = backups::by_id(db, id).await?;
    let outcome = read_through(objects, identities, &backup).await;
    let manifest = note(db, id, outcome, now).await?;
    Ok(Verified { manifest, deep: false })
}

async fn read_through(objects: &Objects, identities: &Identities, backup: &Backup) -> Result<Manifest> {
    let read = async {
        let reading = Reading::begin(objects, backup, identities).await?;
        read_all(reading, (backup.id, backup.tenant_id)).await
    };
    let (manifest, held) = or_cause(objects, backup, read.await).await?;
    verify_files(objects, backup, &held).await?;
    Ok(manifest)
}

/// Reads an archive to its end, if it is that of this backup of this tenant, and checks every sum and count.
pub(crate) async fn read_all(mut reading: Reading, whose: (Uuid, Option<TenantId>)) -> Result<(Manifest, Held)> {
    let (mut found, mut held, mut other) = (None, Held::default(), None);
    while let Some(part) = reading.parts.recv().await {
        match part {
            Part::End(manifest) => found = Some(manifest),
            Part::Header(header) => {
                other = header.is_of(whose).err();
                if other.is_some() {
                    break;
                }
            }
            part => held.add(part),
        }
    }
    match (reading.end().await, other) {
        (_, Some(error)) | (Err(error), None) => Err(error),
        (Ok(()), None) => {
            let manifest = found.ok_or_else(|| Error::Damaged("it has no manifest".to_owned()))?;
            Ok((*manifest, held))
        }
    }
}

/// Puts the cause in place of what it looks like: an archive that is gone is damaged, and a key that does not open what is not as it was
/// stored may be the right one.
pub(crate) async fn or_cause<T>(objects: &Objects, backup: &Backup, outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(Error::Store(gone @ tenure_store::objects::Error::NotFound(_))) => Err(Error::Damaged(gone.to_string())),
        Err(Error::WrongKey) => match checksum_of(objects, &backup.object_key).await {
            Ok(sum) if backup.checksum.as_ref().is_some_and(|known| *known != hex::encode(sum)) => {
                Err(Error::Damaged("it is not what was stored".to_owned()))
            }
            _ => Err(Error::WrongKey),
        },
        outcome => outcome,
    }
}

async fn note<T>(db: &Database, id: Uuid, outcome: Result<T>, now: Timestamp) -> Result<T> {
    match &outcome {
        Ok(_) => backups::verified(db, id, now).await?,
        Err(Error::Damaged(why)) => backups::damaged(db, id, why, now).await?,
        Err(_) => {}
    }
    outcome
}

/// Does the same, puts the rows into a schema of their own with all its rules, reads them again and compares. The schema is thrown
/// away.
///
/// # Errors
/// As [`verify`]; `Damaged` when the rows do not fit together or do not come back as they were.
pub async fn verify_deep(
    db: &Database,
    objects: &Objects,
    identities: &Identities,
    id: Uuid,
    (scratch, now): (Uuid, Timestamp),
) -> Result<Verified> {
    let backup = backups::by_id(db, id).await?;
    let outcome = try_out(db, objects, identities, &backup, scratch).await.map_err(as_damage);
    let manifest = note(db, id, outcome, now).await?;
    Ok(Verified { manifest, deep: true })
}

async fn try_out(
    db: &Database,
    objects: &Objects,
    identities: &Identities,
    backup: &Backup,
    scratch: Uuid,
) -> Result<Manifest> {
    let Filled { mut loading, manifest, sums, held } =
        fill(
            objects,
            identities,
            backup,
            async |header| Ok(Loading::trying(db, scratch, header.schema_version).await?),
        )
        .await?;
    for (table, sum) in manifest.header.tables.iter().zip(sums) {
        if rows_of(&mut loading, table).await? != sum {
            return Err(Error::Damaged(format!("the rows of {} do not come back as they were", table.name)));
        }
    }
    loading.discard().await?;
    verify_files(objects, backup, &held).await?;
    Ok(manifest)
}

/// Rows that PostgreSQL does not take, by their form (class 22) or by what they refer to (class 23), were not rows of a tenant.
fn as_damage(error: Error) -> Error {
    match &error {
        Error::Database(refused)
            if refused.sqlstate().is_some_and(|state| state.starts_with("22") || state.starts_with("23")) =>
        {
            Error::Damaged(format!("its rows do not fit together: {refused}"))
        }
        _ => error,
    }
}

pub(crate) async fn verify_files(objects: &Objects, backup: &Backup, held: &Held) -> Result<()> {
    match backup.tenant_id {
        Some(tenant) => Copies { archives: objects, tenant }.verify(held).await,
        None => Ok(()),
    }
}

async fn rows_of(loading: &mut Loading, table: &Table) -> Result<RowSum> {
    let mut stream = std::pin::pin!(loading.copy_out(table).await?);
    let mut sum = RowSum::default();
    while let Some(rows) = stream.next().await {
        sum.add(&rows?);
    }
    Ok(sum)
}

/// A sum over rows that does not depend on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowSum(u128, u64);

impl RowSum {
    /// How many were added.
    pub(crate) const fn rows(&self) -> u64 {
        self.1
    }

    /// Adds whole rows.
    pub(crate) fn add(&mut self, rows: &[u8]) {
        for row in rows.split_inclusive(|byte| *byte == b'\n') {
            let digest: [u8; 32] = Sha256::digest(row).into();
            let (half, _) = digest.split_at(16);
            let number = half.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte));
            self.0 = self.0.wrapping_add(number);
            self.1 += 1;
        }
    }
}
