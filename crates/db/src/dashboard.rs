//! How people stand on a day and who came and went in the year before, counted.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::access::{Scope, ScopeSet};
use tenure_core::employment::EmploymentType;
use tenure_core::ids::{DepartmentId, EmployeeId};
use tenure_core::organisation::figures::{Moved, Movement, Standing};
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
           )
           SELECT 'standing' AS "kind!", a.department_id, a.employment_type, a.manager_id, NULL::date AS "month: jiff_sqlx::Date", count(*) AS "people!"
           FROM seen s
           CROSS JOIN LATERAL (
               SELECT department_id, employment_type, manager_id FROM job_assignments
               WHERE employee_id = s.employee_id AND deleted_at IS NULL AND effective_from <= $7
               ORDER BY effective_from DESC LIMIT 1
           ) a
           WHERE s.hired_on <= $7 AND (s.terminated_on IS NULL OR s.terminated_on >= $7)
           GROUP BY a.department_id, a.employment_type, a.manager_id
           UNION ALL
           SELECT 'before', NULL, NULL, NULL, NULL, count(*) FROM seen
           WHERE hired_on < $6 AND (terminated_on IS NULL OR terminated_on >= $6::date - 1)
           UNION ALL
           SELECT 'joined', a.department_id, a.employment_type, NULL, date_trunc('month', s.hired_on::timestamp)::date AS month, count(*)
           FROM seen s
           LEFT JOIN LATERAL (
               SELECT department_id, employment_type FROM job_assignments
               WHERE employee_id = s.employee_id AND deleted_at IS NULL AND effective_from <= s.hired_on
               ORDER BY effective_from DESC LIMIT 1
           ) a ON true
           WHERE s.hired_on BETWEEN $6 AND $7 GROUP BY a.department_id, a.employment_type, month
           UNION ALL
           SELECT 'left', a.department_id, a.employment_type, NULL, date_trunc('month', s.terminated_on::timestamp + interval '1 day')::date AS month, count(*)
           FROM seen s
           LEFT JOIN LATERAL (
               SELECT department_id, employment_type FROM job_assignments
               WHERE employee_id = s.employee_id AND deleted_at IS NULL AND effective_from <= s.terminated_on
               ORDER BY effective_from DESC LIMIT 1
           ) a ON true
           WHERE s.terminated_on >= $6::date - 1 AND s.terminated_on < $7 GROUP BY a.department_id, a.employment_type, month"#,
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
    let (mut standing, mut movement) = (Vec::new(), Movement::default());
    for row in rows {
        match (row.kind.as_str(), row.month) {
            ("before", _) => movement.before = row.people(),
            ("joined", Some(month)) => movement.joiners.push(row.moved(month.to_jiff())),
            ("left", Some(month)) => movement.leavers.push(row.moved(month.to_jiff())),
            _ => standing.push(row.standing()),
        }
    }
    Ok((standing, movement))
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

/// How many people `standing` alike, or how many there were `before`, or `joined` or `left` alike in a month.
struct Row {
    kind: String,
    department_id: Option<Uuid>,
    employment_type: Option<String>,
    manager_id: Option<Uuid>,
    month: Option<jiff_sqlx::Date>,
    people: i64,
}

impl Row {
    fn people(&self) -> u32 {
        u32::try_from(self.people).unwrap_or(u32::MAX)
    }

    fn department(&self) -> Option<DepartmentId> {
        self.department_id.map(DepartmentId::from)
    }

    fn employment_type(&self) -> Option<EmploymentType> {
        self.employment_type.as_deref().and_then(|word| word.parse().ok())
    }

    fn standing(&self) -> Standing {
        Standing {
            people: self.people(),
            department: self.department(),
            employment_type: self.employment_type(),
            manager: self.manager_id.map(EmployeeId::from),
        }
    }

    fn moved(&self, month: Date) -> Moved {
        let (department, employment_type) = (self.department(), self.employment_type());
        Moved { month, department, employment_type, people: self.people() }
    }
}
