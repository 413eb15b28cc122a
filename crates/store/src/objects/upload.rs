//! Writing an object, piece by piece.

use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use super::Result;

/// Parts that are under way at the same time: with the size of one, what an upload holds in memory.
const PARTS: usize = 2;

/// An object on its way. Dropped, it is given up, and what was sent is taken back in the background.
#[derive(Debug)]
pub struct Upload {
    writer: Option<BufWriter>,
}

impl Upload {
    pub(super) fn begin(store: Arc<dyn ObjectStore>, key: Path, part: usize) -> Self {
        Self { writer: Some(BufWriter::with_capacity(store, key, part).with_max_concurrency(PARTS)) }
    }

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
