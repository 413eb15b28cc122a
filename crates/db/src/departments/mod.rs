//! Departments of one tenant: one by id, a page of the list, places in the tree, and changes.

mod find;
mod list;
mod merge;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_core::ids::{DepartmentId, EmployeeId};
use tenure_core::text::Line;

pub use find::{above, find, find_deleted, is_in_use, lock};
pub use list::{Filter, list};
pub use merge::{Moved, merge};
pub use write::{insert, mark_deleted, restore, update};

/// What a department is called.
pub type Name = Line<200>;
/// The company's short word for a department, or the accounts' for its costs.
pub type Code = Line<50>;

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// The key.
    pub id: DepartmentId,
    /// The department above; `None` for one at the top.
    pub parent_id: Option<DepartmentId>,
    /// The employee who heads it.
    pub head_id: Option<EmployeeId>,
    /// Its name, unique under its parent in whatever case.
    pub name: String,
    /// The company's short word for it, unique in whatever case.
    pub code: Option<String>,
    /// Where accounting books what it costs.
    pub cost_centre: Option<String>,
    /// The company's own fields.
    pub custom: Value,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a department its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The department above.
    pub parent_id: Option<DepartmentId>,
    /// The employee who heads it.
    pub head_id: Option<EmployeeId>,
    /// Its name.
    pub name: Name,
    /// The company's short word for it.
    pub code: Option<Code>,
    /// Where accounting books what it costs.
    pub cost_centre: Option<Code>,
    /// The company's own fields.
    pub custom: Map<String, Value>,
}

/// The columns of the statements that read departments.
struct Row {
    id: uuid::Uuid,
    parent_id: Option<uuid::Uuid>,
    head_id: Option<uuid::Uuid>,
    name: String,
    code: Option<String>,
    cost_centre: Option<String>,
    custom: Value,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Department {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            parent_id: row.parent_id.map(DepartmentId::from),
            head_id: row.head_id.map(EmployeeId::from),
            name: row.name,
            code: row.code,
            cost_centre: row.cost_centre,
            custom: row.custom,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}
