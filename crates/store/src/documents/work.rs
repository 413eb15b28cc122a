//! A change under way, and what is noted of it beside the documents.

use jiff::Timestamp;
use mongodb::ClientSession;
use tenure_core::ids::TenantId;
use uuid::Uuid;

/// What a change has begun in MongoDB; nothing where documents lie in PostgreSQL. Dropped, it is undone.
#[derive(Debug, Default)]
pub struct Work {
    pub(super) session: Option<ClientSession>,
    /// Whether all that is read in it shows one moment.
    pub(super) is_moment: bool,
    pub(super) has_written: bool,
    /// Whether documents were written in PostgreSQL.
    pub(super) has_written_rows: bool,
}

impl Work {
    /// Whether documents were written outside PostgreSQL, so that a [`Record`] must go with them.
    #[must_use]
    pub const fn has_written_apart(&self) -> bool {
        self.has_written
    }

    /// Whether documents were written at all.
    #[must_use]
    pub const fn has_written(&self) -> bool {
        self.has_written || self.has_written_rows
    }
}

/// The entries of the audit log that belong to a change of documents. They are written with the documents, and go when they are in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its key.
    pub id: Uuid,
    /// Whose documents were changed.
    pub tenant: TenantId,
    /// When.
    pub created_at: Timestamp,
    /// The entries, as JSON.
    pub entries: String,
}
