//! What appraisals ask of people and of where they stand.

use std::collections::BTreeMap;

use sqlx::raw_sql;
use tenure_core::ids::{DepartmentId, DesignationId, EmployeeId};
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Who is to take part: whoever meets one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chosen {
    /// Those in these departments and the ones below them.
    pub departments: Vec<DepartmentId>,
    /// Those with these job titles.
    pub designations: Vec<DesignationId>,
    /// These.
    pub employees: Vec<EmployeeId>,
}

/// Somebody who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub employee: EmployeeId,
    /// To whom the person reports.
    pub manager: Option<EmployeeId>,
}

/// The employed people who are chosen, at most `limit` of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn participants(tx: &mut TenantTx, chosen: &Chosen, limit: i64) -> Result<Vec<Participant>> {
    let departments: Vec<Uuid> = chosen.departments.iter().map(|id| id.uuid()).collect();
    let designations: Vec<Uuid> = chosen.designations.iter().map(|id| id.uuid()).collect();
    let employees: Vec<Uuid> = chosen.employees.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "WITH RECURSIVE tree AS (
             SELECT id FROM departments WHERE id = ANY($1) AND deleted_at IS NULL
             UNION
             SELECT d.id FROM departments d JOIN tree t ON d.parent_id = t.id WHERE d.deleted_at IS NULL
         )
         SELECT id, manager_id FROM employees
         WHERE deleted_at IS NULL AND status <> 'terminated'
           AND (department_id IN (SELECT id FROM tree) OR designation_id = ANY($2) OR id = ANY($3))
         ORDER BY id LIMIT $4",
        &departments,
        &designations,
        &employees,
        limit,
    );
    let rows = rows.fetch_all(&mut **tx).await?;
    let read = rows.into_iter();
    Ok(read.map(|row| Participant { employee: row.id.into(), manager: row.manager_id.map(Into::into) }).collect())
}

/// Lets this transaction go by the step that a cycle is in: none goes on to its next one until it ends. To be called before any document is read.
///
/// # Errors
/// When the database refuses it.
pub async fn hold_steps(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE appraisal_forms IN ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// Makes this transaction the one in which a cycle goes on: those that go by its step have ended, or wait. To be called before any document is
/// read.
///
/// # Errors
/// When the database refuses it.
pub async fn lock_steps(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE appraisal_forms IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// The names of some people, first and last, also of those who have left.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(tx: &mut TenantTx, people: &[EmployeeId]) -> Result<BTreeMap<EmployeeId, String>> {
    let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"SELECT id, trim(first_name || ' ' || last_name) AS "name!" FROM employees WHERE id = ANY($1)"#,
        &people,
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

/// Those that are named and are not there: departments, designations and people who are employed, in this order.
///
/// # Errors
/// When the database cannot be read.
pub async fn missing(tx: &mut TenantTx, chosen: &Chosen) -> Result<[bool; 3]> {
    let departments: Vec<Uuid> = chosen.departments.iter().map(|id| id.uuid()).collect();
    let designations: Vec<Uuid> = chosen.designations.iter().map(|id| id.uuid()).collect();
    let employees: Vec<Uuid> = chosen.employees.iter().map(|id| id.uuid()).collect();
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM unnest($1::uuid[]) AS named (id)
                     WHERE NOT EXISTS (SELECT FROM departments d WHERE d.id = named.id AND d.deleted_at IS NULL)) AS "departments!",
                  EXISTS (SELECT FROM unnest($2::uuid[]) AS named (id)
                     WHERE NOT EXISTS (SELECT FROM designations d WHERE d.id = named.id AND d.deleted_at IS NULL)) AS "designations!",
                  EXISTS (SELECT FROM unnest($3::uuid[]) AS named (id)
                     WHERE NOT EXISTS (SELECT FROM employees e
                                       WHERE e.id = named.id AND e.deleted_at IS NULL AND e.status <> 'terminated')) AS "employees!""#,
        &departments,
        &designations,
        &employees,
    );
    let row = row.fetch_one(&mut **tx).await?;
    Ok([row.departments, row.designations, row.employees])
}
