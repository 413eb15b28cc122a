//! Whether there is a person, and where one stands to another. The latter walks up from the person, which takes as many steps as the
//! company has levels, however many people it has.

use tenure_core::ids::EmployeeId;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Whether there is such an employee, at work or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn exists(tx: &mut TenantTx, id: EmployeeId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM employees WHERE id = $1 AND deleted_at IS NULL) AS "found!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}

/// Whether a person reports to a manager, directly or through others.
///
/// # Errors
/// When the database cannot be read.
pub async fn reports_to(tx: &mut TenantTx, person: EmployeeId, manager: EmployeeId) -> Result<bool> {
    // UNION, not UNION ALL: should the managers form a loop, the walk still ends.
    let found = sqlx::query_scalar!(
        r#"WITH RECURSIVE above AS (
               SELECT manager_id FROM employees WHERE id = $1
               UNION
               SELECT e.manager_id FROM employees e JOIN above a ON e.id = a.manager_id
           )
           SELECT EXISTS (SELECT FROM above WHERE manager_id = $2) AS "found!""#,
        person.uuid(),
        manager.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}

/// Whether a person works in the department of another, or in one below it.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_department_of(tx: &mut TenantTx, person: EmployeeId, other: EmployeeId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"WITH RECURSIVE above AS (
               SELECT department_id AS id FROM employees WHERE id = $1
               UNION
               SELECT d.parent_id FROM departments d JOIN above a ON d.id = a.id
           )
           SELECT EXISTS (SELECT FROM above a JOIN employees o ON o.department_id = a.id WHERE o.id = $2) AS "found!""#,
        person.uuid(),
        other.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
