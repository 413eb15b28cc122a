//! Deleting an employee, and bringing one back. Employments and assignments go and come with the person: they bear the same time of
//! deletion, by which those that were corrected earlier are told apart.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::EmployeeId;

use super::particulars::taken;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What holds an employee in the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bonds {
    /// Heads a department.
    pub heads: bool,
    /// Somebody who is employed reports to this person, or will.
    pub manages: bool,
    /// A user that is this person may sign in.
    pub signs_in: bool,
}

/// An employee who was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// The version.
    pub version: i32,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// What holds an employee in the company.
///
/// # Errors
/// When the database cannot be read.
pub async fn bonds(tx: &mut TenantTx, id: EmployeeId) -> Result<Bonds> {
    let found = sqlx::query_as!(
        Bonds,
        r#"SELECT EXISTS (SELECT FROM departments WHERE head_id = $1 AND deleted_at IS NULL) AS "heads!",
                  (EXISTS (SELECT FROM employees WHERE manager_id = $1 AND status <> 'terminated' AND deleted_at IS NULL)
                   OR EXISTS (SELECT FROM job_assignments
                              WHERE manager_id = $1 AND applied_at IS NULL AND deleted_at IS NULL)) AS "manages!",
                  EXISTS (SELECT FROM users WHERE employee_id = $1 AND status = 'active' AND deleted_at IS NULL) AS "signs_in!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}

/// Deletes an employee who is still of a version, with employments and assignments; says whether there was one.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, (id, version): (EmployeeId, i32), now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "WITH gone AS (
             UPDATE employees SET deleted_at = $3, updated_at = $3, version = version + 1
             WHERE id = $1 AND version = $2 AND deleted_at IS NULL RETURNING id
         ), periods AS (
             UPDATE employment_periods p SET deleted_at = $3 FROM gone WHERE p.employee_id = gone.id AND p.deleted_at IS NULL
         ), assignments AS (
             UPDATE job_assignments a SET deleted_at = $3 FROM gone WHERE a.employee_id = gone.id AND a.deleted_at IS NULL
         )
         SELECT id FROM gone",
        id.uuid(),
        version,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(done.is_some())
}

/// An employee who was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn removed(tx: &mut TenantTx, id: EmployeeId) -> Result<Option<Gone>> {
    let row = sqlx::query!(
        r#"SELECT version, deleted_at AS "deleted_at!: jiff_sqlx::Timestamp"
           FROM employees WHERE id = $1 AND deleted_at IS NOT NULL FOR UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Gone { version: row.version, deleted_at: row.deleted_at.to_jiff() }))
}

/// What of an employee's place in the company was deleted, by the word for it.
///
/// # Errors
/// When the database cannot be read.
pub async fn missing_place(tx: &mut TenantTx, id: EmployeeId) -> Result<Option<String>> {
    let word = sqlx::query_scalar!(
        r#"SELECT CASE WHEN d.deleted_at IS NOT NULL THEN 'department' WHEN g.deleted_at IS NOT NULL THEN 'designation'
                       WHEN l.deleted_at IS NOT NULL THEN 'location'
                       WHEN m.deleted_at IS NOT NULL AND e.status <> 'terminated' THEN 'manager' END AS "word"
           FROM employees e
           LEFT JOIN departments d ON d.id = e.department_id
           LEFT JOIN designations g ON g.id = e.designation_id
           LEFT JOIN locations l ON l.id = e.location_id
           LEFT JOIN employees m ON m.id = e.manager_id
           WHERE e.id = $1"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(word.flatten())
}

/// Brings back an employee who was deleted at a time.
///
/// # Errors
/// `Taken` when the number or the work address is another employee's by now.
pub async fn restore(tx: &mut TenantTx, id: EmployeeId, deleted_at: Timestamp, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "WITH back AS (
             UPDATE employees SET deleted_at = NULL, updated_at = $3, version = version + 1 WHERE id = $1 RETURNING id
         ), periods AS (
             UPDATE employment_periods p SET deleted_at = NULL FROM back WHERE p.employee_id = back.id AND p.deleted_at = $2
         )
         UPDATE job_assignments a SET deleted_at = NULL FROM back WHERE a.employee_id = back.id AND a.deleted_at = $2",
        id.uuid(),
        deleted_at.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}
