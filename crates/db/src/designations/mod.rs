//! Designations (job titles) of one tenant: one by id, a page of the list, and changes.

mod read;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_core::ids::DesignationId;
use tenure_core::text::Line;

pub use read::{find, find_deleted, is_in_use, list, lock};
pub use write::{insert, mark_deleted, restore, update};

/// What a job is called.
pub type Title = Line<200>;
/// The company's short word for it.
pub type Code = Line<50>;
/// The company's word for the rank, for example M2.
pub type Grade = Line<20>;
/// What the job is about.
pub type Description = Line<10_000>;

/// A designation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Designation {
    /// The key.
    pub id: DesignationId,
    /// What the job is called; unique in whatever case.
    pub title: String,
    /// The company's short word for it, unique in whatever case.
    pub code: Option<String>,
    /// The company's word for the rank.
    pub grade: Option<String>,
    /// What the job is about.
    pub description: Option<String>,
    /// The company's own fields.
    pub custom: Value,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a designation its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What the job is called.
    pub title: Title,
    /// The company's short word for it.
    pub code: Option<Code>,
    /// The company's word for the rank.
    pub grade: Option<Grade>,
    /// What the job is about.
    pub description: Option<Description>,
    /// The company's own fields.
    pub custom: Map<String, Value>,
}

/// The columns of the statements that read designations.
struct Row {
    id: uuid::Uuid,
    title: String,
    code: Option<String>,
    grade: Option<String>,
    description: Option<String>,
    custom: Value,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Designation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            title: row.title,
            code: row.code,
            grade: row.grade,
            description: row.description,
            custom: row.custom,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}
