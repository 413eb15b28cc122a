//! Objects by key, written and read as streams.

mod content;
mod s3;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use url::Url;

pub use s3::{Credentials, S3};

/// What is written to a file at a time.
const PIECE: usize = 8 << 20;
/// Parts that are under way at the same time: with the size of one, what an upload holds in memory.
const PARTS: usize = 2;

/// The result of everything in this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why objects cannot be had or kept.
#[derive(Debug, Error)]
pub enum Error {
    /// The place is not one that can be used.
    #[error("objects cannot be kept at {url}: {why}")]
    Place {
        /// The place as configured.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such object.
    #[error("there is no object {0}")]
    NotFound(String),
    /// The store refused or could not be reached.
    #[error("the object store failed: {0}")]
    Failed(#[source] object_store::Error),
    /// The file system refused.
    #[error("the object store failed: {0}")]
    File(#[from] io::Error),
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::NotFound(path),
            error => Self::Failed(error),
        }
    }
}

/// A place for objects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Where the objects are files.
    folder: Option<PathBuf>,
    /// Objects larger than this are sent in parts of this size.
    part: usize,
}

impl Objects {
    /// The place that a URL names: `file:///var/backups/tenure`, which is made if it is not there, or `s3://bucket/prefix`, which is
    /// not asked yet.
    ///
    /// # Errors
    /// `Place` for a URL that names none, `File` when the folder cannot be made.
    pub fn open(url: &str, s3: &S3) -> Result<Self> {
        let place = |why: &str| Error::Place { url: url.to_owned(), why: why.to_owned() };
        let parsed = Url::parse(url).map_err(|error| place(&error.to_string()))?;
        match parsed.scheme() {
            "file" => {
                let folder = parsed.to_file_path();
                Self::folder(&folder.map_err(|()| place("a file URL has three slashes and a whole path"))?)
            }
            "s3" => {
                let bucket = parsed.host_str().filter(|bucket| !bucket.is_empty());
                let bucket = bucket.ok_or_else(|| place("it names no bucket; write s3://bucket/prefix"))?;
                let store = s3.open(bucket).map_err(|error| place(&error.to_string()))?;
                let prefix = Path::from_url_path(parsed.path()).map_err(|error| place(&error.to_string()))?;
                Ok(Self { store: Arc::new(PrefixStore::new(store, prefix)), folder: None, part: s3.part_size })
            }
            _ => Err(place("write file:///… or s3://bucket/prefix")),
        }
    }

    /// A folder, made if it is not there.
    ///
    /// # Errors
    /// `File` when it cannot be made.
    pub fn folder(folder: &FilePath) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder), part: PIECE })
    }

    /// Begins an object. It is not there before [`Upload::finish`].
    #[must_use]
    pub fn upload(&self, key: &str) -> Upload {
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), Path::from(key), self.part);
        Upload { writer: Some(writer.with_max_concurrency(PARTS)) }
    }

    /// The content of an object.
    ///
    /// # Errors
    /// `NotFound`, and whatever the store answers, here and in the stream.
    pub async fn download(&self, key: &str) -> Result<impl Stream<Item = Result<Bytes>> + Send + 'static> {
        Ok(content::of(self.store.get(&Path::from(key)).await?))
    }

    /// A part of the content of an object.
    ///
    /// # Errors
    /// As [`Objects::download`]; also when the object ends before the part begins.
    pub async fn download_part(
        &self,
        key: &str,
        part: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        let options = GetOptions { range: Some(part.into()), ..GetOptions::default() };
        Ok(content::of(self.store.get_opts(&Path::from(key), options).await?))
    }

    /// The bytes of an object, if it is there.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.store.head(&Path::from(key)).await {
            Ok(object) => Ok(Some(object.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The keys below a folder of keys, in their order.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn list(&self, below: &str) -> Result<Vec<String>> {
        let found = self.store.list(Some(&Path::from(below)));
        let mut keys: Vec<String> = found.map_ok(|object| object.location.to_string()).try_collect().await?;
        keys.sort_unstable();
        Ok(keys)
    }

    /// The keys within a folder of keys and not below a further one, in their order.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn list_within(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.store.list_with_delimiter(Some(&Path::from(folder))).await?.objects;
        let mut keys: Vec<String> = found.into_iter().map(|object| object.location.to_string()).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    /// The folders of keys within another, in their order.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn folders(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.store.list_with_delimiter(Some(&Path::from(folder))).await?.common_prefixes;
        let mut folders: Vec<String> = found.into_iter().map(|folder| folder.to_string()).collect();
        folders.sort_unstable();
        Ok(folders)
    }

    /// The keys below a folder of keys, and how many bytes each object has.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn sizes(&self, below: &str) -> Result<HashMap<String, u64>> {
        let found = self.store.list(Some(&Path::from(below)));
        Ok(found.map_ok(|object| (object.location.to_string(), object.size)).try_collect().await?)
    }

    /// Deletes an object and what an upload of it that was cut off has left. One that is not there is no error.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.delete_unfinished(key)?;
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes all objects below a folder of keys, and what uploads of them that were cut off have left. One that stays keeps no other in a
    /// bucket.
    ///
    /// # Errors
    /// Whatever the store answers first; some may be gone then.
    pub async fn delete_below(&self, below: &str) -> Result<()> {
        if let Some(root) = &self.folder {
            return match tokio::fs::remove_dir_all(root.join(below)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let found = self.store.list(Some(&Path::from(below))).map_ok(|object| object.location).boxed();
        let (mut deleted, mut all) = (self.store.delete_stream(found), Ok(()));
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => all = all.and(Err(error.into())),
            }
        }
        all
    }

    /// Asks whether the place answers, without looking at what is in it.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn check(&self) -> Result<()> {
        match self.store.list(Some(&Path::from("check"))).next().await {
            Some(Err(error)) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Deletes what uploads of an object that were cut off have left. In a folder, an unfinished object is a file beside its place, with
    /// `#` and a number after the name; in a bucket nobody sees it.
    ///
    /// # Errors
    /// `File`.
    pub fn delete_unfinished(&self, key: &str) -> Result<()> {
        let Some(root) = &self.folder else { return Ok(()) };
        let place = root.join(key);
        let (Some(folder), Some(name)) = (place.parent(), place.file_name().and_then(|name| name.to_str())) else {
            return Ok(());
        };
        if !folder.is_dir() {
            return Ok(());
        }
        let unfinished = format!("{name}#");
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|found| found.starts_with(&unfinished)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The same of all objects below a folder of keys. None of them may be on its way.
    ///
    /// # Errors
    /// `File`.
    pub async fn delete_unfinished_below(&self, below: &str) -> Result<()> {
        let Some(root) = &self.folder else { return Ok(()) };
        let folder = root.join(below);
        Ok(spawn_blocking(move || delete_unfinished_in(&folder)).await.map_err(io::Error::other)??)
    }
}

fn delete_unfinished_in(folder: &FilePath) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            delete_unfinished_in(&entry.path())?;
        } else if entry.file_name().to_str().is_some_and(|name| name.contains('#')) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// An object on its way. Dropped, it is given up, and what was sent is taken back in the background.
#[derive(Debug)]
pub struct Upload {
    writer: Option<BufWriter>,
}

impl Upload {
    /// Sends some of it.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn write(&mut self, piece: Bytes) -> Result<()> {
        match &mut self.writer {
            Some(writer) => Ok(writer.put(piece).await?),
            None => Ok(()),
        }
    }

    /// Ends it: now the object is there, whole.
    ///
    /// # Errors
    /// Whatever the store answers; the object is not there then.
    pub async fn finish(mut self) -> Result<()> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        Ok(writer.shutdown().await?)
    }

    /// Gives it up, and takes back what was sent.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn abort(mut self) -> Result<()> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        Ok(writer.abort().await?)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let (Some(mut writer), Ok(runtime)) = (self.writer.take(), Handle::try_current()) else { return };
        runtime.spawn(async move {
            if let Err(error) = writer.abort().await {
                tracing::warn!(%error, "what was sent of an object that was given up could not be taken back");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_cut_off_upload_left_goes_with_the_object() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in ["b#1", "b#2", "bc#1"] {
            fs::write(folder.path().join("a").join(name), "half").unwrap();
        }
        objects.delete("a/b").await.unwrap();
        assert_eq!(names(&folder.path().join("a")), ["bc#1"]);
    }

    #[tokio::test]
    async fn what_cut_off_uploads_left_goes_and_whole_objects_stay() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::folder(folder.path()).unwrap();
        for within in ["a/b", "ab"] {
            fs::create_dir_all(folder.path().join(within)).unwrap();
            for name in ["c", "c#1", "d#12"] {
                fs::write(folder.path().join(within).join(name), "half").unwrap();
            }
        }
        objects.delete_unfinished_below("a").await.unwrap();
        objects.delete_unfinished_below("nowhere").await.unwrap();
        assert_eq!(names(&folder.path().join("a/b")), ["c"]);
        assert_eq!(names(&folder.path().join("ab")).len(), 3, "of another folder");
    }

    fn names(folder: &FilePath) -> Vec<std::ffi::OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }
}
