//! The content of tenants' files.
//!
//! Each version of a file is copied once, beside the archives, and every archive in which it occurs names it: a file never changes, so the
//! next archive needs no second copy. Copies are encrypted by the tenant's key of files, which the archive holds, so that whoever opens the
//! archive opens them, also where the installation's own key is another one.

mod bring_back;
mod copies;
mod held;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tenure_core::ids::{DocumentId, TenantId};
use tenure_store::objects::{self, Objects};
use tenure_store::sealed::{self, MasterKeys, TenantKey};
use uuid::Uuid;

pub(crate) use self::bring_back::Bringing;
pub use self::bring_back::FilesBack;
pub(crate) use self::copies::{Copies, copies_of, delete_unfinished, list_key, sweep};
pub(crate) use self::held::Held;

/// How many files are copied at once.
const AT_ONCE: usize = 4;

/// Where the files of tenants are that are in use, and what opens their keys.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Files<'a> {
    /// Their place.
    pub objects: &'a Objects,
    /// The installation's keys.
    pub master: &'a MasterKeys,
    /// Gives bytes that nobody can guess.
    pub random: &'a (dyn Fn() -> [u8; sealed::KEY_BYTES] + Sync),
}

/// One version of a document's content, as an archive names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) document: DocumentId,
    pub(crate) version: Uuid,
    /// Bytes of the content.
    pub(crate) size: u64,
    /// Of the content, in hexadecimal digits.
    pub(crate) sha256: String,
    /// Whether it could not be read when the archive was made, so that there is no copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_lost: bool,
    /// Whether its document was deleted: then its content may go at any time.
    #[serde(skip)]
    is_deleted: bool,
}

impl File {
    /// Where it is in use.
    fn in_use(&self, tenant: TenantId) -> String {
        sealed::object_of(tenant, self.document, self.version)
    }

    /// Where its copy is.
    fn copy(&self, tenant: TenantId) -> String {
        format!("{}/{}/{}", copies_of(tenant), self.document, self.version)
    }
}

/// An encrypted object: where it is, what opens it, and its name.
#[derive(Clone, Copy)]
struct Place<'a> {
    objects: &'a Objects,
    key: &'a TenantKey,
    name: &'a str,
}

/// Reads a file and writes it to another place, where it is only if it is what the records say.
async fn copy(file: &File, from: Place<'_>, to: Place<'_>) -> sealed::Result<()> {
    let mut upload = sealed::upload(to.objects, to.key, to.name);
    match read(file, from, async |piece| upload.write(piece).await).await {
        Ok(()) => upload.finish().await,
        Err(error) => {
            if let Err(left) = upload.abort().await {
                tracing::warn!(name = to.name, error = %left, "what was sent of a file could not be taken back");
            }
            Err(error)
        }
    }
}

/// Reads a file to its end, and compares it with what the records say.
async fn read(
    file: &File,
    from: Place<'_>,
    mut take: impl AsyncFnMut(bytes::Bytes) -> sealed::Result<()>,
) -> sealed::Result<()> {
    let content = sealed::download(from.objects, from.key, from.name, file.size, 0..file.size).await?;
    let (mut content, mut digest) = (std::pin::pin!(content), Sha256::new());
    while let Some(piece) = content.next().await {
        let piece = piece?;
        digest.update(&piece);
        take(piece).await?;
    }
    if hex::encode(digest.finalize()) == file.sha256 {
        Ok(())
    } else {
        Err(sealed::Error::Damaged(from.name.to_owned()))
    }
}

/// Whether it is the file that is lost, rather than its store that does not answer.
fn is_lost(error: &sealed::Error) -> bool {
    matches!(error, sealed::Error::Damaged(_) | sealed::Error::Store(objects::Error::NotFound(_)))
}
