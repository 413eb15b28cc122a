//! Writing an archive.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tenure_store::sealed::TenantKey;
use tokio::sync::mpsc::{Receiver, Sender};

use super::files::{FilesSoFar, KEY};
use super::manifest::{Header, Manifest, TableSum};
use super::pipe::PipeWriter;
use crate::files::File;
use crate::keys::Recipients;
use crate::{Error, Result};

/// The speed and strength that zstd itself takes for the usual.
const COMPRESSION: i32 = 3;

/// What an archive is made of, in its order.
pub(crate) enum Entry {
    Rows(Rows),
    /// What opens the copies of files.
    Key(TenantKey),
    Files(Vec<File>),
}

/// Rows of a table, in the order of the header's tables; each piece ends with a whole row.
pub(crate) struct Rows {
    pub(crate) table: String,
    pub(crate) rows: Vec<u8>,
}

/// Writes an archive of the rows that come in to the other side, in blocking calls. It is whole only when this ends well.
pub(crate) fn write(
    header: Header,
    recipients: &Recipients,
    mut entries: Receiver<Entry>,
    to: Sender<Bytes>,
) -> Result<Manifest> {
    let failed = |error: io::Error| Error::Refused(format!("the archive could not be written: {error}"));
    let encrypted = recipients.encryptor()?.wrap_output(PipeWriter::new(to)).map_err(failed)?;
    let compressed = zstd::stream::write::Encoder::new(encrypted, COMPRESSION).map_err(failed)?;
    let mut tar = tar::Builder::new(compressed);
    let mut sums: BTreeMap<String, Sum> =
        header.tables.iter().map(|table| (table.name.clone(), Sum::default())).collect();
    append_json(&mut tar, "header.json", &header).map_err(failed)?;
    let mut files = FilesSoFar::default();
    while let Some(entry) = entries.blocking_recv() {
        match entry {
            Entry::Rows(Rows { table, rows }) => {
                let sum = sums.entry(table.clone()).or_default();
                sum.add(&rows);
                append(&mut tar, &format!("data/{table}/{:05}", sum.pieces), &rows).map_err(failed)?;
            }
            Entry::Key(key) => append(&mut tar, KEY, files.add_key(&key.to_text())).map_err(failed)?,
            Entry::Files(list) => {
                let lines = files.add(&list).map_err(failed)?;
                append(&mut tar, &files.path(), &lines).map_err(failed)?;
            }
        }
    }
    let sums = header.tables.iter().filter_map(|table| Some(sums.remove(&table.name)?.of(&table.name))).collect();
    let manifest = Manifest { header, sums, files: files.sum() };
    append_json(&mut tar, "manifest.json", &manifest).map_err(failed)?;
    let finish = || tar.into_inner()?.finish()?.finish()?.flush();
    finish().map_err(failed)?;
    Ok(manifest)
}

fn append_json(tar: &mut tar::Builder<impl Write>, path: &str, value: &impl Serialize) -> io::Result<()> {
    append(tar, path, &serde_json::to_vec_pretty(value)?)
}

fn append(tar: &mut tar::Builder<impl Write>, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(u64::try_from(content.len()).map_err(io::Error::other)?);
    header.set_mode(0o600);
    tar.append_data(&mut header, path, content)
}

/// What a table comes to so far.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) pieces: u32,
    rows: u64,
    digest: Sha256,
}

impl Sum {
    /// In the text form a line is a row: line breaks within values are written as `\n`.
    pub(crate) fn add(&mut self, rows: &[u8]) {
        self.pieces += 1;
        self.rows += rows.iter().fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
        self.digest.update(rows);
    }

    pub(crate) fn of(self, table: &str) -> TableSum {
        TableSum { table: table.to_owned(), rows: self.rows, sha256: hex::encode(self.digest.finalize()) }
    }
}
