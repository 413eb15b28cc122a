//! The content of an object as a stream.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::{GetResult, GetResultPayload};

use super::{Error, Result};

/// What is read of a file at a time. Each time goes to another thread, which with the 8 KiB of `object_store` takes longer than the reading.
const PIECE: u64 = 1 << 20;

pub(super) fn of(found: GetResult) -> BoxStream<'static, Result<Bytes>> {
    match found.payload {
        GetResultPayload::File(file, _) => of_file(file, found.range).boxed(),
        GetResultPayload::Stream(content) => content.map_err(Error::from).boxed(),
    }
}

fn of_file(file: File, part: Range<u64>) -> impl stream::Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold((file, part), |(file, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || read(file, part)).await.map_err(io::Error::other)?;
        Ok(Some(read?))
    })
}

/// The next piece, and the file with what is left of the part.
fn read(file: File, part: Range<u64>) -> io::Result<(Bytes, (File, Range<u64>))> {
    let end = part.end.min(part.start.saturating_add(PIECE));
    let mut piece = vec![0; usize::try_from(end.saturating_sub(part.start)).unwrap_or_default()];
    file.read_exact_at(&mut piece, part.start)?;
    Ok((piece.into(), (file, end..part.end)))
}
