//! What `tenure backup …` prints.

use std::fmt;

use serde::Serialize;
use tenure_backup::{AllMade, Drilled, Failed, Pruned, Verified};
use tenure_db::backups::Backup;

use crate::error::Outcome;
use crate::output::Table;

#[derive(Serialize)]
pub(super) struct Key {
    pub(super) recipient: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.recipient)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Shown(pub(super) Backup);

impl Shown {
    /// An archive that lacks files is kept, and is not what was asked for.
    pub(super) fn outcome(&self) -> Outcome {
        if self.0.files_lost.is_some_and(|lost| lost > 0) { Outcome::Partial } else { Outcome::Done }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Backup { id, state, object_key, created_at, .. } = &self.0;
        writeln!(f, "id        {id}\ntenant    {}\nstate     {state}\nobject    {object_key}", whose(&self.0))?;
        if let (Some(size), Some(checksum)) = (self.0.size_bytes, &self.0.checksum) {
            writeln!(f, "size      {size} bytes\nsha256    {checksum}")?;
        }
        if let (Some(at), Some(version)) = (self.0.snapshot_at, self.0.schema_version) {
            writeln!(f, "snapshot  {at:.0} at version {version}")?;
        }
        if let Some(files) = self.0.files {
            let lost = self.0.files_lost.filter(|lost| *lost > 0);
            let lost =
                lost.map(|lost| format!(", {lost} of them not in it: they could not be read")).unwrap_or_default();
            writeln!(f, "files     {files}{lost}")?;
        }
        if let Some(until) = self.0.unchanged_until {
            writeln!(f, "same till {until:.0}")?;
        }
        if let Some(error) = &self.0.error {
            writeln!(f, "error     {error}")?;
        }
        if let (Some(at), Some(damage)) = (self.0.damaged_at, &self.0.damage) {
            writeln!(f, "damaged   found at {at:.0}: {damage}")?;
        }
        if let Some(at) = self.0.verified_at {
            writeln!(f, "verified  {at:.0}")?;
        }
        writeln!(f, "begun     {created_at:.0}")
    }
}

#[derive(Serialize)]
pub(super) struct Backups {
    pub(super) backups: Vec<Backup>,
}

impl fmt::Display for Backups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["ID", "TENANT", "STATE", "BYTES", "BEGUN", "VERIFIED"]);
        for backup in &self.backups {
            let size = backup.size_bytes.map(|size| size.to_string()).unwrap_or_default();
            let verified = backup.verified_at.map(|at| format!("{at:.0}")).unwrap_or_default();
            let (id, tenant, state) = (backup.id.to_string(), whose(backup), backup.state.clone());
            table.row([id, tenant, state, size, format!("{:.0}", backup.created_at), verified]);
        }
        table.fmt(f)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Checked(pub(super) Verified);

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verified { manifest, deep } = &self.0;
        let rows: u64 = manifest.sums.iter().map(|sum| sum.rows).sum();
        let how = if *deep { "restored and compared" } else { "every sum is right" };
        let files = manifest.files.as_ref().map_or(0, |files| files.files - files.lost);
        write!(f, "{}: {} tables, {rows} rows, {files} files, {how}", manifest.header.backup, manifest.sums.len())
    }
}

fn whose(backup: &Backup) -> String {
    backup.tenant_id.map_or_else(|| "platform".to_owned(), |tenant| tenant.to_string())
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Made(pub(super) AllMade);

impl Made {
    pub(super) fn outcome(&self) -> Outcome {
        outcome(&self.0.failed, self.0.made.len() + self.0.unchanged.len())
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AllMade { is_taken_up, made, unchanged, failed, .. } = &self.0;
        let before = if *is_taken_up { ", the rest by the run that was cut off" } else { "" };
        write!(f, "{} made, {} unchanged, {} failed{before}", made.len(), unchanged.len(), failed.len())?;
        list(f, failed)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Tried(pub(super) Drilled);

impl Tried {
    pub(super) fn outcome(&self) -> Outcome {
        outcome(&self.0.failed, self.0.whole.len())
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Drilled { whole, failed, .. } = &self.0;
        write!(f, "{} restored and compared, {} failed", whole.len(), failed.len())?;
        list(f, failed)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Deleted(pub(super) Pruned);

impl Deleted {
    pub(super) fn outcome(&self) -> Outcome {
        if self.0.newest_is_missing.is_empty() { Outcome::Done } else { Outcome::Partial }
    }
}

impl fmt::Display for Deleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pruned { pruned, newest_is_missing } = &self.0;
        write!(f, "{} archives are no longer kept", pruned.len())?;
        for tenant in newest_is_missing {
            let whose = tenant.map_or_else(|| "the platform".to_owned(), |tenant| tenant.to_string());
            write!(f, "\n{whose}: the newest archive is not where it was put, so nothing is deleted")?;
        }
        Ok(())
    }
}

/// How a run over many tenants ended.
pub(in crate::commands) const fn outcome(failed: &[Failed], done: usize) -> Outcome {
    match (failed.is_empty(), done) {
        (true, _) => Outcome::Done,
        (false, 0) => Outcome::Failed,
        (false, _) => Outcome::Partial,
    }
}

/// Those that failed, each on a line of its own.
pub(in crate::commands) fn list(f: &mut fmt::Formatter<'_>, failed: &[Failed]) -> fmt::Result {
    failed.iter().try_for_each(|failed| {
        let whose = failed.tenant.as_ref().map_or("the platform", |slug| slug.as_str());
        write!(f, "\n{whose}: {}", failed.error)
    })
}
