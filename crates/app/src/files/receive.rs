//! Taking a file in: a stream becomes an encrypted object, and is measured, hashed and looked at on the way. No more of it than a few
//! megabytes is in memory.

use std::io;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tenure_core::files::{SNIFFED, check_content};
use tenure_store::sealed::{self, TenantKey};

use super::{Files, Given, away};
use crate::error::{Error, Result};

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) size: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

/// Takes in a whole file, which has to be what its name and its sender say. The second value is its media type.
pub(super) async fn file(
    files: &Files,
    (key, object): (&TenantKey, &str),
    given: &Given,
    most: u64,
    content: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<(Received, &'static str)> {
    // It is asked once more after its end when all of it was in the head.
    let mut content = pin!(content.fuse());
    let head = head(&mut content).await?;
    if head.is_empty() {
        return Err(Error::invalid("file", "is empty"));
    }
    let kind = check_content(&head, &given.name, &given.declared).map_err(|error| Error::invalid("file", &error))?;
    let whole = futures_util::stream::iter([Ok(head)]).chain(content);
    Ok((bytes(files, (key, object), most, whole).await?, kind.media_type))
}

/// Takes in bytes, whatever they are. What was sent is taken back when it fails.
pub(super) async fn bytes(
    files: &Files,
    (key, object): (&TenantKey, &str),
    most: u64,
    content: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<Received> {
    let mut content = pin!(content);
    let mut upload = sealed::upload(&files.objects, key, object);
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(|error| broken(&error))?;
        size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if size > most {
            return Err(Error::TooLarge(format!("it has more than {most} bytes")));
        }
        hash.update(&piece);
        upload.write(piece).await.map_err(|error| away(&error))?;
    }
    upload.finish().await.map_err(|error| away(&error))?;
    Ok(Received { size, sha256: hex::encode(hash.finalize()) })
}

/// The first bytes, as many as are looked at, with what came together with them.
async fn head(content: &mut (impl Stream<Item = io::Result<Bytes>> + Unpin)) -> Result<Bytes> {
    let mut head = BytesMut::new();
    while head.len() < SNIFFED {
        let Some(piece) = content.next().await else { break };
        head.extend_from_slice(&piece.map_err(|error| broken(&error))?);
    }
    Ok(head.freeze())
}

/// The sender is gone, or what is read again is.
fn broken(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::Other => Error::Unavailable(format!("the file could not be read to its end: {error}")),
        _ => Error::invalid("file", "was not sent to its end"),
    }
}
