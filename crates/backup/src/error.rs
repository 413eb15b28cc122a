//! What can go wrong with archives, in words that an operator can act on.

use std::io;

use thiserror::Error;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a backup or restore.
#[derive(Debug, Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error(transparent)]
    Database(#[from] tenure_db::Error),
    /// The object store refused or could not be reached.
    #[error(transparent)]
    Store(#[from] tenure_store::objects::Error),
    /// Documents could not be read or written.
    #[error("documents: {0}")]
    Documents(#[from] tenure_store::documents::Error),
    /// The archive is not what was written: cut short, changed, or not an archive at all.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// The archive was made by a newer program.
    #[error("the archive {0}; use a newer tenure")]
    Newer(String),
    /// None of the given identities opens the archive.
    #[error("none of the given identities opens this archive")]
    WrongKey,
    /// A key that cannot be used.
    #[error("{0}")]
    Key(String),
    /// A file could not be written.
    #[error("the file could not be written: {0}")]
    File(#[source] io::Error),
    /// The request is well-formed but not allowed in the present state.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whether the same may go well later, because a database or a store was away.
    pub(crate) const fn is_passing(&self) -> bool {
        use tenure_store::{documents, objects};
        matches!(
            self,
            Self::Store(objects::Error::Failed(_) | objects::Error::File(_))
                | Self::Database(tenure_db::Error::Unavailable(_))
                | Self::Documents(documents::Error::Away(_))
        )
    }
}
