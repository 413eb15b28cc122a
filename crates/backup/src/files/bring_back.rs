//! Putting the files of an archive where the restored tenant finds them.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_db::archive::Loading;
use tenure_store::documents::Documents;
use tenure_store::objects::Objects;
use tenure_store::sealed::{self, KeyError, TenantKey};

use super::{AT_ONCE, File, Files, Held, Place, copy, is_lost};
use crate::{Error, Result};

/// What became of the files of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FilesBack {
    /// Those that were copied back.
    pub copied: u64,
    /// Those that were still there.
    pub present: u64,
    /// Those that are nowhere, or that nobody can open. Each has had its line in the log.
    pub missing: u64,
}

/// Files on their way back. Objects that a restore has put down and that no record names in the end are deleted by
/// [`Bringing::take_back`].
pub(crate) struct Bringing<'a> {
    files: Option<Files<'a>>,
    archives: &'a Objects,
    from: TenantId,
    to: TenantId,
    put_down: Vec<String>,
}

/// What became of one of them.
enum One {
    Copied(String),
    Present,
    Missing,
}

impl<'a> Bringing<'a> {
    /// Of an archive of one tenant for the tenant that it becomes.
    pub(crate) const fn new(files: Option<Files<'a>>, archives: &'a Objects, (from, to): (TenantId, TenantId)) -> Self {
        Self { files, archives, from, to, put_down: Vec::new() }
    }

    /// Copies what is not there, and puts the key with the restored records. A file that is lost is not a reason to give up the rest.
    pub(crate) async fn bring(&mut self, held: &Held, loading: &mut Loading, now: Timestamp) -> Result<FilesBack> {
        let Some((files, old_key)) = self.files.zip(held.key.as_ref()) else {
            let missing = u64::try_from(held.files.len()).unwrap_or(u64::MAX);
            if missing > 0 {
                tracing::error!(tenant = %self.to, missing, "no files are kept here, or the archive lacks their key");
            }
            return Ok(FilesBack { missing, ..FilesBack::default() });
        };
        let is_same = self.from == self.to;
        let key = if is_same { old_key.clone() } else { TenantKey::from_bytes((files.random)()) };
        self.put_key(files, &key, loading, now).await?;
        let there = files.objects.sizes(&sealed::folder_of(self.to)).await?;
        let (this, there, new_key) = (&*self, &there, &key);
        let each = held.files.iter().map(|file| async move {
            let from = Place { objects: this.archives, key: old_key, name: &file.copy(this.from) };
            this.one(file, from, (files, new_key), there).await
        });
        let outcomes: Vec<_> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
        self.count(outcomes)
    }

    async fn put_key(&self, files: Files<'_>, key: &TenantKey, loading: &mut Loading, now: Timestamp) -> Result<()> {
        let refused = |_| Error::Refused("the key of the tenant's files could not be wrapped".to_owned());
        let random = (files.random)();
        let (nonce, _) = random.split_first_chunk().ok_or(KeyError::Other).map_err(refused)?;
        let wrapped = files.master.wrap(key, self.to.uuid().as_bytes(), *nonce).map_err(refused)?;
        let documents = Documents::in_postgres();
        let address = DocumentAddress::in_schema(self.to.uuid());
        let mut documents = documents.of(&address, loading.connection());
        Held::put_key(&mut documents, (self.from, self.to), wrapped, now).await
    }

    async fn one(
        &self,
        file: &File,
        from: Place<'_>,
        (files, key): (Files<'_>, &TenantKey),
        there: &HashMap<String, u64>,
    ) -> Result<One> {
        let name = file.in_use(self.to);
        if there.get(&name) == Some(&sealed::stored_size(file.size)) {
            return Ok(One::Present);
        }
        // A restore that was killed may have left half of it; no other brings it back now.
        files.objects.delete_unfinished(&name)?;
        match copy(file, from, Place { objects: files.objects, key, name: &name }).await {
            Ok(()) => Ok(One::Copied(name)),
            Err(error) if is_lost(&error) => {
                tracing::error!(tenant = %self.to, %error, "a file could not be brought back");
                Ok(One::Missing)
            }
            Err(sealed::Error::Store(error)) => Err(error.into()),
            Err(error) => Err(Error::Refused(error.to_string())),
        }
    }

    /// Notes what was put down before the first error counts.
    fn count(&mut self, outcomes: Vec<Result<One>>) -> Result<FilesBack> {
        let (mut back, mut failed) = (FilesBack::default(), None);
        for outcome in outcomes {
            match outcome {
                Ok(One::Copied(name)) => {
                    back.copied += 1;
                    self.put_down.push(name);
                }
                Ok(One::Present) => back.present += 1,
                Ok(One::Missing) => back.missing += 1,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(back), Err)
    }

    /// Deletes what was put down for nothing.
    pub(crate) async fn take_back(self) {
        let Some(files) = self.files else { return };
        for name in self.put_down {
            if let Err(error) = files.objects.delete(&name).await {
                tracing::warn!(name, %error, "a file that was brought back for nothing could not be removed");
            }
        }
    }
}
