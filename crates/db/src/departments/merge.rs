//! Moving what lies under one department to another. Its people are moved by their employments.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::DepartmentId;
use uuid::Uuid;

use super::write::taken;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Moves the sub-departments of one department to another, and gives them.
///
/// # Errors
/// `Taken` when a sub-department has the name of one that the target has already.
pub async fn merge(
    tx: &mut TenantTx,
    from: DepartmentId,
    into: DepartmentId,
    now: Timestamp,
) -> Result<Vec<DepartmentId>> {
    let departments = sqlx::query_scalar!(
        "UPDATE departments SET parent_id = $2, version = version + 1, updated_at = $3
         WHERE parent_id = $1 AND deleted_at IS NULL RETURNING id",
        from.uuid(),
        into.uuid(),
        now.to_sqlx() as _,
    );
    let departments: Vec<Uuid> = departments.fetch_all(&mut **tx).await.map_err(taken)?;
    Ok(departments.into_iter().map(DepartmentId::from).collect())
}
