//! Objects that are encrypted before they leave the process, each by a key of its tenant, and of which any part can be read.

mod chunks;
mod key;
mod master_keys;
mod name;

use std::fmt;
use std::ops::Range;
use std::pin::Pin;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use ring::aead::LessSafeKey;
use thiserror::Error;

pub use self::key::{KEY_BYTES, KeyError, MasterKey, TenantKey};
pub use self::master_keys::{MasterKeys, Unwrapped};
pub use self::name::{folder_of, object_of};

use self::chunks::{PIECE_LEN, Pieces, SEALED_LEN};
use crate::objects::{self, Objects};

/// Why an encrypted object cannot be had or kept.
#[derive(Debug, Error)]
pub enum Error {
    /// The store refused, could not be reached, or has no such object.
    #[error(transparent)]
    Store(#[from] objects::Error),
    /// The object is not what was written: changed, cut short, or encrypted by another key.
    #[error("the object {0} is not what was written, or was encrypted by another key")]
    Damaged(String),
    /// The cipher refused.
    #[error("a piece of an object could not be encrypted")]
    NotSealed,
}

/// The result of everything in this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How many bytes an object takes in the store that has so many of content.
#[must_use]
pub fn stored_size(size: u64) -> u64 {
    chunks::sealed_size(size)
}

/// Begins an object under a name that was never used before.
#[must_use]
pub fn upload(objects: &Objects, key: &TenantKey, name: &str) -> Upload {
    Upload { inner: objects.upload(name), key: key.of_object(name), number: 0, held: BytesMut::new() }
}

/// An encrypted object on its way. It is not there before [`Upload::finish`]; dropped, it is given up.
pub struct Upload {
    inner: objects::Upload,
    key: LessSafeKey,
    number: u64,
    /// Less than two pieces: which one is the last is known at the end.
    held: BytesMut,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("pieces", &self.number).finish_non_exhaustive()
    }
}

impl Upload {
    /// Sends some of the content.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn write(&mut self, mut content: Bytes) -> Result<()> {
        while !content.is_empty() {
            if self.held.len() == PIECE_LEN {
                self.send(false).await?;
            }
            let room = PIECE_LEN.saturating_sub(self.held.len());
            let taken = content.split_to(room.min(content.len()));
            self.held.extend_from_slice(&taken);
        }
        Ok(())
    }

    /// Ends it: now the object is there, whole.
    ///
    /// # Errors
    /// Whatever the store answers; the object is not there then.
    pub async fn finish(mut self) -> Result<()> {
        self.send(true).await?;
        Ok(self.inner.finish().await?)
    }

    /// Gives it up, and takes back what was sent.
    ///
    /// # Errors
    /// Whatever the store answers.
    pub async fn abort(self) -> Result<()> {
        Ok(self.inner.abort().await?)
    }

    async fn send(&mut self, is_last: bool) -> Result<()> {
        let sealed = chunks::seal(&self.key, self.number, is_last, &self.held).ok_or(Error::NotSealed)?;
        self.held.clear();
        self.number += 1;
        Ok(self.inner.write(sealed).await?)
    }
}

/// A part of the content of an object of `size` bytes.
///
/// # Errors
/// `NotFound`, `Damaged` and whatever the store answers, here and in the stream.
pub async fn download(
    objects: &Objects,
    key: &TenantKey,
    name: &str,
    size: u64,
    part: Range<u64>,
) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
    let pieces = Pieces::of(size, part);
    let sealed = objects.download_part(name, pieces.sealed.clone()).await?;
    let reader = Reader {
        sealed: Box::pin(sealed),
        key: key.of_object(name),
        name: name.to_owned(),
        next: pieces.first,
        last: pieces.last_of_object,
        held: BytesMut::new(),
        skip: pieces.skip,
        left: pieces.len,
    };
    Ok(stream::try_unfold(reader, |mut reader| async move {
        let content = reader.read().await?;
        Ok(content.map(|content| (content, reader)))
    }))
}

struct Reader {
    sealed: Pin<Box<dyn Stream<Item = objects::Result<Bytes>> + Send>>,
    key: LessSafeKey,
    name: String,
    /// The piece that comes next.
    next: u64,
    /// The last of the object.
    last: u64,
    held: BytesMut,
    skip: u64,
    left: u64,
}

impl Reader {
    async fn read(&mut self) -> Result<Option<Bytes>> {
        if self.left == 0 {
            return Ok(None);
        }
        while self.held.len() < SEALED_LEN {
            match self.sealed.next().await {
                Some(sealed) => self.held.extend_from_slice(&sealed?),
                None => break,
            }
        }
        let piece = self.held.split_to(SEALED_LEN.min(self.held.len()));
        let opened = chunks::open(&self.key, self.next, self.next == self.last, piece);
        let mut content = opened.ok_or_else(|| Error::Damaged(self.name.clone()))?;
        self.next += 1;
        content.advance(usize::try_from(self.skip).unwrap_or(usize::MAX).min(content.len()));
        self.skip = 0;
        content.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left = self.left.saturating_sub(u64::try_from(content.len()).unwrap_or(u64::MAX));
        // Nothing in a piece that should have something is an object that is shorter than was said.
        if content.is_empty() { Err(Error::Damaged(self.name.clone())) } else { Ok(Some(content)) }
    }
}
