//! What an archive says of files: the key that opens their copies, and one line of JSON for each.

use std::io;

use sha2::{Digest, Sha256};

use super::manifest::FilesSum;
use crate::files::File;
use crate::{Error, Result};

/// The entry that holds the key.
pub(super) const KEY: &str = "files/key";

/// What was said of files so far.
#[derive(Default)]
pub(super) struct FilesSoFar {
    entries: u32,
    has_key: bool,
    files: u64,
    bytes: u64,
    lost: u64,
    digest: Sha256,
}

impl FilesSoFar {
    /// The entry that was added last.
    pub(super) fn path(&self) -> String {
        format!("files/{:05}", self.entries)
    }

    /// The entry that comes next.
    pub(super) fn next_path(&self) -> String {
        format!("files/{:05}", self.entries + 1)
    }

    pub(super) fn add_key<'a>(&mut self, key: &'a str) -> &'a [u8] {
        self.has_key = true;
        self.digest.update(key);
        key.as_bytes()
    }

    /// Adds some files, and gives the lines that say so.
    pub(super) fn add(&mut self, files: &[File]) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for file in files {
            serde_json::to_writer(&mut lines, file)?;
            lines.push(b'\n');
        }
        self.note(files, &lines);
        Ok(lines)
    }

    /// The files that some lines name.
    pub(super) fn read(&mut self, lines: &[u8]) -> Result<Vec<File>> {
        let files = serde_json::Deserializer::from_slice(lines).into_iter().collect::<serde_json::Result<Vec<File>>>();
        let files = files.map_err(|error| Error::Damaged(format!("{}: {error}", self.next_path())))?;
        self.note(&files, lines);
        Ok(files)
    }

    fn note(&mut self, files: &[File], lines: &[u8]) {
        self.entries += 1;
        self.digest.update(lines);
        for file in files {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(file.size);
            self.lost += u64::from(file.is_lost);
        }
    }

    /// What all of it comes to; nothing where nothing was said.
    pub(super) fn sum(&self) -> Option<FilesSum> {
        let sum = || FilesSum {
            files: self.files,
            bytes: self.bytes,
            lost: self.lost,
            sha256: hex::encode(self.digest.clone().finalize()),
        };
        (self.has_key || self.entries > 0).then(sum)
    }
}
