//! Bytes between a thread that works on them in blocking calls and tasks that must not block. Both sides wait for each other, so
//! only a few pieces are ever held.

use std::io::{self, Read, Write};

use bytes::{Buf, Bytes};
use tokio::sync::mpsc::{Receiver, Sender};

/// Written bytes are gathered to pieces of about this size.
const PIECE: usize = 256 << 10;

/// The writing side in the thread.
pub(super) struct PipeWriter {
    to: Sender<Bytes>,
    gathered: Vec<u8>,
}

impl PipeWriter {
    pub(super) const fn new(to: Sender<Bytes>) -> Self {
        Self { to, gathered: Vec::new() }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.gathered));
        self.to.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() { Ok(()) } else { self.pass_on() }
    }
}

/// The reading side in the thread.
pub(super) struct PipeReader {
    from: Receiver<io::Result<Bytes>>,
    current: Bytes,
}

impl PipeReader {
    pub(super) const fn new(from: Receiver<io::Result<Bytes>>) -> Self {
        Self { from, current: Bytes::new() }
    }
}

impl Read for PipeReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => self.current = piece?,
                None => return Ok(0),
            }
        }
        let length = self.current.len().min(into.len());
        let (into, _) = into.split_at_mut(length);
        self.current.copy_to_slice(into);
        Ok(length)
    }
}
