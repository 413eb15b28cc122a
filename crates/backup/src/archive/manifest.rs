//! What an archive says of itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenure_core::ids::TenantId;
use tenure_db::archive::Table;
use uuid::Uuid;

use crate::{Error, Result};

/// The version of the archive's form that this program writes.
pub const FORMAT: u32 = 2;

/// What is known when an archive is begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the archive's form.
    pub format: u32,
    /// The backup's id.
    pub backup: Uuid,
    /// The tenant; none for the platform's own tables.
    pub tenant: Option<TenantId>,
    /// Its slug at the time.
    pub slug: Option<String>,
    /// The version of its schema, or of the platform's tables.
    pub schema_version: i32,
    /// The moment whose rows it holds.
    pub snapshot_at: Timestamp,
    /// The position in PostgreSQL's write-ahead log at that moment.
    pub wal_position: String,
    /// The tables in the order in which they follow.
    pub tables: Vec<Table>,
}

impl Header {
    /// Refuses an archive of another backup or tenant, which somebody has put in the place of the one that is asked for.
    pub(crate) fn is_of(&self, whose: (Uuid, Option<TenantId>)) -> Result<()> {
        if (self.backup, self.tenant) == whose {
            Ok(())
        } else {
            Err(Error::Damaged("it is the archive of another backup".to_owned()))
        }
    }
}

/// What is known when all is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The header again.
    #[serde(flatten)]
    pub header: Header,
    /// What every table came to, in the same order.
    pub sums: Vec<TableSum>,
    /// What the files came to that the tenant's records name; none where there are none, and in archives of format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesSum>,
}

/// What files came to. Their copies are beside the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesSum {
    /// How many versions of documents there are.
    pub files: u64,
    /// The bytes of their content.
    pub bytes: u64,
    /// How many of them could not be read, and so have no copy.
    pub lost: u64,
    /// SHA-256 of the entries about them one after the other, in hex.
    pub sha256: String,
}

/// What a table came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of all rows one after the other, in hex.
    pub sha256: String,
}
