//! The definitions of a company's own fields, and which values are in use.

mod read;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenure_core::custom_fields::{Definition, Entity};
use tenure_core::ids::CustomFieldId;
use tenure_core::text::Line;

pub use read::{classes, count, definitions, find, find_for_change, hold, is_held, list, uses};
pub use write::{insert, mark_deleted, update};

use crate::error::{Error, Result};

/// What people call a field.
pub type Label = Line<200>;
/// A word to choose from.
pub type Choice = Line<200>;

/// A field of the company's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// The key of the row.
    pub id: CustomFieldId,
    /// The kind of record that has it.
    pub entity: Entity,
    /// What people call it.
    pub label: String,
    /// What is asked of its values.
    #[serde(flatten)]
    pub definition: Definition,
    /// Its place among the fields of the kind of record.
    pub position: i32,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a field its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The kind of record that has it.
    pub entity: Entity,
    /// What people call it.
    pub label: Label,
    /// What is asked of its values.
    pub definition: Definition,
    /// Its place among the fields of the kind of record.
    pub position: i32,
}

/// The columns of the statements that read fields.
struct Row {
    id: uuid::Uuid,
    entity: String,
    key: String,
    label: String,
    kind: String,
    required: bool,
    choices: serde_json::Value,
    class: String,
    position: i32,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for CustomField {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let choices = serde_json::from_value(row.choices).map_err(Error::decode)?;
        let kind = row.kind.parse().map_err(Error::decode)?;
        let class = row.class.parse().map_err(Error::decode)?;
        Ok(Self {
            id: row.id.into(),
            entity: row.entity.parse().map_err(Error::decode)?,
            label: row.label,
            definition: Definition { key: row.key, kind, required: row.required, choices, class },
            position: row.position,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
    }
}
