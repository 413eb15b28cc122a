//! One department, what lies above it, and whether anything is in it.

use sqlx::raw_sql;
use tenure_core::ids::DepartmentId;

use super::{Department, Row};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Makes the changes of a tenant's departments follow each other until this transaction ends: two moves that are each right could
/// together close a loop. Readers do not wait. To be called before anything that the change depends on is read.
///
/// # Errors
/// When the database refuses it.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE departments IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// A department by id; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: DepartmentId) -> Result<Option<Department>> {
    read(tx, id, false).await
}

/// A department that was deleted; `None` when there is none, or when it is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_deleted(tx: &mut TenantTx, id: DepartmentId) -> Result<Option<Department>> {
    read(tx, id, true).await
}

async fn read(tx: &mut TenantTx, id: DepartmentId, deleted: bool) -> Result<Option<Department>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, parent_id, head_id, name, code, cost_centre, custom, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM departments WHERE id = $1 AND (deleted_at IS NOT NULL) = $2"#,
        id.uuid(),
        deleted,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Department::from))
}

/// A department and those above it, from itself to the top; nothing when there is no such department.
///
/// # Errors
/// When the database cannot be read.
pub async fn above(tx: &mut TenantTx, id: DepartmentId) -> Result<Vec<DepartmentId>> {
    // CYCLE: should the tree be broken, the walk still ends.
    let found = sqlx::query_scalar!(
        r#"WITH RECURSIVE above AS (
               SELECT id, parent_id, 0 AS steps FROM departments WHERE id = $1 AND deleted_at IS NULL
               UNION ALL
               SELECT d.id, d.parent_id, a.steps + 1 FROM departments d JOIN above a ON d.id = a.parent_id
           ) CYCLE id SET again USING path
           SELECT id AS "id!" FROM above WHERE NOT again ORDER BY steps"#,
        id.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(DepartmentId::from).collect())
}

/// Whether people or other departments are in a department, or people are to come into it by what is filed already. Who asks in order to
/// delete it has called [`crate::employment::lock`].
///
/// # Errors
/// When the database cannot be read.
pub async fn is_in_use(tx: &mut TenantTx, id: DepartmentId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM employees WHERE department_id = $1 AND deleted_at IS NULL)
               OR EXISTS (SELECT FROM job_assignments a JOIN employees e ON e.id = a.employee_id AND e.deleted_at IS NULL
                          WHERE a.department_id = $1 AND a.applied_at IS NULL AND a.deleted_at IS NULL)
               OR EXISTS (SELECT FROM departments WHERE parent_id = $1 AND deleted_at IS NULL) AS "found!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
