//! How people stand on a day and who came and went in the year before, counted.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::access::{Scope, ScopeSet};
use tenure_core::ids::{DepartmentId, EmployeeId};
use tenure_core::organisation::figures::{Movement, Standing};
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Over whom and when is counted.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The people who may be seen: those who lie in one of these scopes today, as seen from `viewer`.
    pub visible: ScopeSet,
    /// Who looks; without an employee, only [`Scope::All`] shows anybody.
    pub viewer: Option<EmployeeId>,
    /// The first day of the year.
    pub first: Date,
    /// Its last day, on which people stand as they are counted.
    pub last: Date,
}

/// How many people stand alike, for each way in which some do, and who came and went. One statement, whatever the company's size.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(tx: &mut TenantTx, part: &Part) -> Result<(Vec<Standing>, Movement)> {
    let rows = sqlx::query_as!(
        Row,
        r#"WITH RECURSIVE below AS (
               SELECT id FROM employees WHERE $4 AND manager_id = $3
               UNION
               SELECT e.id FROM employees e JOIN below b ON e.manager_id = b.id
           ), departments_below AS (
               SELECT department_id AS id FROM employees WHERE $5 AND id = $3
               UNION
               SELECT d.id FROM departments d JOIN departments_below b ON d.parent_id = b.id
           ), seen AS MATERIALIZED (
               SELECT p.employee_id, p.hired_on, p.terminated_on FROM employees e
               JOIN employment_periods p ON p.employee_id = e.id AND p.deleted_at IS NULL
               WHERE e.deleted_at IS NULL
                 AND ($1 OR ($2 AND e.id = $3) OR ($4 AND e.id IN (SELECT id FROM below))
                      OR ($5 AND e.department_id IN (SELECT id FROM departments_below)))
           ), movement AS (
               SELECT count(*) FILTER (WHERE hired_on < $6 AND (terminated_on IS NULL OR terminated_on >= $6::date - 1)) AS before,
                      count(*) FILTER (WHERE hired_on BETWEEN $6 AND $7) AS joiners,
                      count(*) FILTER (WHERE terminated_on >= $6::date - 1 AND terminated_on < $7) AS leavers
               FROM seen
           ), standing AS (
               SELECT a.department_id, a.employment_type, a.manager_id, count(*) AS people
               FROM seen s
               CROSS JOIN LATERAL (
                   SELECT department_id, employment_type, manager_id FROM job_assignments
                   WHERE employee_id = s.employee_id AND deleted_at IS NULL AND effective_from <= $7
                   ORDER BY effective_from DESC LIMIT 1
               ) a
               WHERE s.hired_on <= $7 AND (s.terminated_on IS NULL OR s.terminated_on >= $7)
               GROUP BY a.department_id, a.employment_type, a.manager_id
           )
           SELECT m.before AS "before!", m.joiners AS "joiners!", m.leavers AS "leavers!",
                  s.department_id, s.employment_type, s.manager_id, s.people AS "people?"
           FROM movement m LEFT JOIN standing s ON true"#,
        part.visible.has(Scope::All),
        part.visible.has(Scope::Own),
        part.viewer.map(EmployeeId::uuid),
        part.visible.has(Scope::Reports),
        part.visible.has(Scope::Department),
        part.first.to_sqlx() as _,
        part.last.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let movement = rows.first().map(Row::movement).unwrap_or_default();
    Ok((rows.into_iter().filter_map(Row::standing).collect(), movement))
}

/// What some departments are called, also those that were deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn department_names(tx: &mut TenantTx, departments: &[DepartmentId]) -> Result<Vec<(DepartmentId, String)>> {
    let ids: Vec<Uuid> = departments.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!("SELECT id, name FROM departments WHERE id = ANY($1)", &ids).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}

struct Row {
    before: i64,
    joiners: i64,
    leavers: i64,
    department_id: Option<Uuid>,
    employment_type: Option<String>,
    manager_id: Option<Uuid>,
    people: Option<i64>,
}

impl Row {
    fn movement(&self) -> Movement {
        Movement { before: count(self.before), joiners: count(self.joiners), leavers: count(self.leavers) }
    }

    /// Nothing for the one row of a company in which nobody is employed.
    fn standing(self) -> Option<Standing> {
        Some(Standing {
            people: count(self.people?),
            department: self.department_id.map(DepartmentId::from),
            employment_type: self.employment_type.and_then(|word| word.parse().ok()),
            manager: self.manager_id.map(EmployeeId::from),
        })
    }
}

fn count(rows: i64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
