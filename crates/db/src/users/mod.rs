//! Users of one tenant: one by id or mail address, a page of the list, what they may do, and changes.

mod find;
mod list;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenure_core::access::UserStatus;
use tenure_core::contact::Email;
use tenure_core::ids::{EmployeeId, UserId};
use tenure_core::text::Line;
use uuid::Uuid;

pub use find::{Rights, active_owners, find, find_by_email, lock, rights};
pub use list::{Filter, PageStart, list};
pub use write::{insert, mark_deleted, set_roles, update};

/// The name by which a user is shown.
pub type DisplayName = Line<200>;

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The key.
    pub id: UserId,
    /// The mail address, unique in whatever case.
    pub email: String,
    /// The name to be shown.
    pub display_name: String,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// The employee that the user is, if any.
    pub employee_id: Option<EmployeeId>,
    /// The keys of the user's roles.
    pub roles: Vec<String>,
    /// Whether a password was set.
    pub has_password: bool,
    /// When the user last signed in.
    pub last_signed_in_at: Option<Timestamp>,
    /// Grows with each change.
    pub version: i32,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user last changed.
    pub updated_at: Timestamp,
}

/// What of a user its writer decides, the roles aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The mail address.
    pub email: Email,
    /// The name to be shown.
    pub display_name: DisplayName,
    /// The employee that the user is.
    pub employee_id: Option<EmployeeId>,
}

/// The columns of the statements that read users.
struct Row {
    id: Uuid,
    email: String,
    display_name: String,
    status: String,
    employee_id: Option<Uuid>,
    roles: Vec<String>,
    has_password: bool,
    last_signed_in_at: Option<jiff_sqlx::Timestamp>,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            email: row.email,
            display_name: row.display_name,
            // A word that this program does not know lets nobody in.
            status: row.status.parse().unwrap_or(UserStatus::Suspended),
            employee_id: row.employee_id.map(EmployeeId::from),
            roles: row.roles,
            has_password: row.has_password,
            last_signed_in_at: row.last_signed_in_at.map(jiff_sqlx::Timestamp::to_jiff),
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}
