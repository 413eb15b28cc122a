//! Whether a tenant is still as in an archive.
//!
//! The rows themselves decide: nothing else notices every way in which a row can change. What an archive says of its content is one
//! SHA-256 after the other, first of the version, the columns and the recipients, then of each table's rows in the table's order. Rows
//! that were only moved look changed, which makes one archive too many and never one too few.

use sha2::{Digest, Sha256};
use tenure_db::archive::Table;

use crate::archive::manifest::Manifest;
use crate::source::Source;
use crate::{Recipients, Result};

/// The length of one sum.
const SUM: usize = 32;

/// For whom an archive is, and whether files can be copied for them.
#[derive(Clone, Copy)]
pub(crate) struct Readers<'a> {
    pub(crate) recipients: &'a Recipients,
    pub(crate) has_files: bool,
}

/// What an archive says of its content. A passphrase leaves no mark to tell whether it is still the same, so an archive for one
/// says nothing and is never referred to; nor is one that lacks a file, which may have come back.
pub(crate) fn of(manifest: &Manifest, readers: Readers<'_>) -> Option<Vec<u8>> {
    if manifest.files.as_ref().is_some_and(|files| files.lost > 0) {
        return None;
    }
    let mut content = preamble(manifest.header.schema_version, &manifest.header.tables, readers)?.to_vec();
    for sum in &manifest.sums {
        content.extend(hex::decode(&sum.sha256).ok()?);
    }
    Some(content)
}

/// Whether a snapshot holds what an archive says. It is read no further than the first table that differs; the audit log, which
/// nearly every change reaches, is among the first.
pub(crate) async fn is_still(source: &mut Source<'_>, readers: Readers<'_>, known: &[u8]) -> Result<bool> {
    let Some(preamble) = preamble(source.snapshot.facts.version, &source.snapshot.tables, readers) else {
        return Ok(false);
    };
    let mut known = known.chunks(SUM);
    if known.next() != Some(&preamble[..]) {
        return Ok(false);
    }
    for table in source.snapshot.tables.clone() {
        if known.next() != Some(&sum(source, &table).await?[..]) {
            return Ok(false);
        }
    }
    Ok(known.next().is_none())
}

async fn sum(source: &mut Source<'_>, table: &Table) -> Result<[u8; SUM]> {
    let mut digest = Sha256::new();
    source
        .read(table, async |rows| {
            digest.update(&rows);
            Ok(true)
        })
        .await?;
    Ok(digest.finalize().into())
}

fn preamble(version: i32, tables: &[Table], readers: Readers<'_>) -> Option<[u8; SUM]> {
    let mut digest = Sha256::new().chain_update(readers.recipients.mark()?).chain_update(version.to_be_bytes());
    digest.update([u8::from(readers.has_files)]);
    for table in tables {
        for word in std::iter::once(&table.name).chain(&table.columns) {
            digest.update(word.as_bytes());
            digest.update([0]);
        }
        digest.update([1]);
    }
    Some(digest.finalize().into())
}
