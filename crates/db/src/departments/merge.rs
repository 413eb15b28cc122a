//! Moving everything out of one department into another.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::{DepartmentId, EmployeeId};
use uuid::Uuid;

use super::write::taken;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What a merge moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The people.
    pub people: Vec<EmployeeId>,
    /// The departments that lay directly under the one that goes.
    pub departments: Vec<DepartmentId>,
}

/// Moves the people and sub-departments of one department to another.
///
/// # Errors
/// `Taken` when a sub-department has the name of one that the target has already.
pub async fn merge(tx: &mut TenantTx, from: DepartmentId, into: DepartmentId, now: Timestamp) -> Result<Moved> {
    let people = sqlx::query_scalar!(
        "UPDATE employees SET department_id = $2, version = version + 1, updated_at = $3
         WHERE department_id = $1 AND deleted_at IS NULL RETURNING id",
        from.uuid(),
        into.uuid(),
        now.to_sqlx() as _,
    );
    let people: Vec<Uuid> = people.fetch_all(&mut **tx).await?;
    let departments = sqlx::query_scalar!(
        "UPDATE departments SET parent_id = $2, version = version + 1, updated_at = $3
         WHERE parent_id = $1 AND deleted_at IS NULL RETURNING id",
        from.uuid(),
        into.uuid(),
        now.to_sqlx() as _,
    );
    let departments: Vec<Uuid> = departments.fetch_all(&mut **tx).await.map_err(taken)?;
    Ok(Moved {
        people: people.into_iter().map(EmployeeId::from).collect(),
        departments: departments.into_iter().map(DepartmentId::from).collect(),
    })
}
