//! Writes the two files of a new migration.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Error;

/// The files of a new migration.
#[derive(Debug, Serialize)]
pub(super) struct Files {
    up: PathBuf,
    down: PathBuf,
}

/// Writes the files with the next free number; never over existing ones.
pub(super) fn write(folder: &Path, name: &str) -> Result<Files, Error> {
    let form = name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
    if !form || !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.len() > 60 {
        return Err(Error::Usage(
            "a migration's name is made of a–z, 0–9 and _, begins with a letter and has at most 60 characters",
        ));
    }
    let number = next_number(folder).map_err(|cause| unwritable(folder, cause))?;
    let file = |direction: &str| folder.join(format!("{number:04}_{name}.{direction}.sql"));
    let files = Files { up: file("up"), down: file("down") };
    for (path, text) in [(&files.up, "-- What changes, and why.\n"), (&files.down, "-- Exactly what takes it back.\n")]
    {
        File::create_new(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|cause| unwritable(path, cause))?;
    }
    Ok(files)
}

fn unwritable(path: &Path, cause: io::Error) -> Error {
    Error::File { path: path.to_owned(), cause }
}

fn next_number(folder: &Path) -> io::Result<u32> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.split_once('_')).and_then(|(number, _)| number.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last + 1)
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.up.display(), self.down.display())?;
        f.write_str(
            "Fill in both, bring migrations/tenant/baseline.sql up to date for a tenant migration, and run the tests.",
        )
    }
}
