//! The copies of files beside the archives: made with the first archive that names them, deleted with the last.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::backups;
use tenure_store::objects::Objects;
use tenure_store::sealed;

use super::{AT_ONCE, File, Files, Held, Place, copy, is_lost, read};
use crate::make::SUFFIX;
use crate::{Error, Result};

/// How the key of a list ends that says which copies an archive needs. It is beside the archive, readable without any key, for whoever
/// has to know which copies are still needed.
const LIST: &str = ".files";

/// The folder of a tenant's copies.
pub(crate) fn copies_of(tenant: TenantId) -> String {
    format!("backups/{tenant}/files")
}

/// The list that goes with an archive.
pub(crate) fn list_key(archive: &str) -> String {
    format!("{}{LIST}", archive.trim_end_matches(SUFFIX))
}

/// What copying needs to know.
#[derive(Clone, Copy)]
struct Copying<'a> {
    /// Those in use; none where none are kept.
    files: Option<Files<'a>>,
    key: &'a sealed::TenantKey,
    /// The copies that are there, with their sizes.
    there: &'a HashMap<String, u64>,
    distrusts: bool,
}

/// A tenant's copies.
pub(crate) struct Copies<'a> {
    pub(crate) archives: &'a Objects,
    pub(crate) tenant: TenantId,
}

impl Copies<'_> {
    /// Copies what was not copied before, and notes what could not be read. Copies that are there are read through before they are named
    /// if they are not to be trusted. Nothing is deleted as unneeded meanwhile, because the archive is under way.
    pub(crate) async fn complete(
        &self,
        files: Option<Files<'_>>,
        held: Held,
        archive: &str,
        distrusts: bool,
    ) -> Result<Held> {
        if held.files.is_empty() {
            return Ok(held);
        }
        let Some(key) = held.key else { return Ok(self.without_key(held)) };
        let there = self.archives.sizes(&copies_of(self.tenant)).await?;
        let copying = Copying { files, key: &key, there: &there, distrusts };
        let looked_at = stream::iter(held.files).map(|file| self.one(copying, file));
        let found: Vec<Option<File>> = looked_at.buffered(AT_ONCE).try_collect().await?;
        let files: Vec<File> = found.into_iter().flatten().collect();
        let copies = files.iter().filter(|file| !file.is_lost);
        let list: Vec<String> = copies.map(|file| file.copy(self.tenant)).collect();
        let mut upload = self.archives.upload(&list_key(archive));
        upload.write(list.join("\n").into()).await?;
        upload.finish().await?;
        Ok(Held { key: Some(key), files })
    }

    /// Whoever opens the archive could open no copy, be it there or not.
    fn without_key(&self, held: Held) -> Held {
        let mut files = held.files;
        files.retain(|file| !file.is_deleted);
        if !files.is_empty() {
            tracing::error!(tenant = %self.tenant, files = files.len(), "the key of the tenant's files is missing, or nothing here opens it");
        }
        for file in &mut files {
            file.is_lost = true;
        }
        Held { key: None, files }
    }

    async fn one(&self, copying: Copying<'_>, mut file: File) -> Result<Option<File>> {
        let name = file.copy(self.tenant);
        let Copying { files, key, there, distrusts } = copying;
        let is_there = there.get(&name) == Some(&sealed::stored_size(file.size));
        if is_there && (!distrusts || self.is_whole(key, &file).await?) {
            return Ok(Some(file));
        }
        let copied = match files {
            Some(files) => {
                let from = Place { objects: files.objects, key, name: &file.in_use(self.tenant) };
                copy(&file, from, Place { objects: self.archives, key, name: &name }).await
            }
            None => Err(sealed::Error::Damaged(file.in_use(self.tenant))),
        };
        match copied {
            Ok(()) => Ok(Some(file)),
            Err(error) if is_lost(&error) && file.is_deleted => Ok(None),
            Err(error) if is_lost(&error) => {
                tracing::error!(tenant = %self.tenant, %error, "a file is missing in the backup");
                file.is_lost = true;
                Ok(Some(file))
            }
            Err(error) => Err(of_store(error)),
        }
    }

    async fn is_whole(&self, key: &sealed::TenantKey, file: &File) -> Result<bool> {
        let place = Place { objects: self.archives, key, name: &file.copy(self.tenant) };
        match read(file, place, async |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(error) if is_lost(&error) => Ok(false),
            Err(error) => Err(of_store(error)),
        }
    }

    /// Reads every copy that an archive names, and compares it with what the archive says.
    pub(crate) async fn verify(&self, held: &Held) -> Result<()> {
        let checks = held.files.iter().filter(|file| !file.is_lost).map(|file| self.check(held, file));
        stream::iter(checks).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn check(&self, held: &Held, file: &File) -> Result<()> {
        let key = held.key.as_ref().ok_or_else(|| Error::Damaged("it lacks the key of its files".to_owned()))?;
        let place = Place { objects: self.archives, key, name: &file.copy(self.tenant) };
        read(file, place, async |_| Ok(())).await.map_err(of_store)
    }

    /// Whether all that an archive needs is still there, as far as names tell.
    pub(crate) async fn are_there(&self, archive: &str) -> Result<bool> {
        let there = self.archives.sizes(&copies_of(self.tenant)).await?;
        match listed(self.archives, &list_key(archive)).await {
            Ok(listed) => Ok(listed.iter().all(|name| there.contains_key(name))),
            Err(Error::Store(tenure_store::objects::Error::NotFound(_))) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Deletes the copies that no archive of a tenant needs any more. While one is being made, it is left to the next time.
pub(crate) async fn sweep(db: &Database, archives: &Objects, tenant: TenantId) -> Result<()> {
    let Some(_alone) = backups::hold_copies(db, tenant).await? else { return Ok(()) };
    let (mut needed, mut copies) = (HashSet::new(), Vec::new());
    let folder = copies_of(tenant);
    for key in archives.list(&format!("backups/{tenant}")).await? {
        if key.ends_with(LIST) {
            needed.extend(listed(archives, &key).await?);
        } else if key.starts_with(&folder) {
            copies.push(key);
        }
    }
    for copy in copies.iter().filter(|copy| !needed.contains(*copy)) {
        archives.delete(copy).await?;
    }
    Ok(())
}

/// Deletes what is left of copies whose making was cut off. While an archive of the tenant is being made it does nothing, which it says.
pub(crate) async fn delete_unfinished(db: &Database, archives: &Objects, tenant: TenantId) -> Result<bool> {
    let Some(_alone) = backups::hold_copies(db, tenant).await? else { return Ok(false) };
    archives.delete_unfinished_below(&copies_of(tenant)).await?;
    Ok(true)
}

async fn listed(archives: &Objects, list: &str) -> Result<Vec<String>> {
    let pieces: Vec<Bytes> = archives.download(list).await?.try_collect().await?;
    let text = String::from_utf8(pieces.concat()).map_err(|_| Error::Damaged(format!("{list} is no text")))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn of_store(error: sealed::Error) -> Error {
    match error {
        sealed::Error::Store(error @ tenure_store::objects::Error::NotFound(_)) => Error::Damaged(error.to_string()),
        sealed::Error::Store(error) => Error::Store(error),
        error @ (sealed::Error::Damaged(_) | sealed::Error::NotSealed) => Error::Damaged(error.to_string()),
    }
}
