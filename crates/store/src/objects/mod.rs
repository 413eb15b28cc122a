//! Objects by key, written and read as streams.

mod content;
mod s3;
mod unfinished;
mod upload;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use thiserror::Error;
use url::Url;

pub use s3::{Credentials, S3};
pub use upload::Upload;

/// What is written to a file at a time.
const PIECE: usize = 8 << 20;

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
        Upload::begin(Arc::clone(&self.store), Path::from(key), self.part)
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
}
