//! Who reports to whom, from some person or from the top down.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::access::{Scope, ScopeSet};
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

use crate::employees::{Department, Designation};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Which part of the chart is read.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// From whom; `None` for everybody whose manager is not in the chart.
    pub root: Option<EmployeeId>,
    /// How many levels below are wanted with names; of those further down only who reports to whom.
    pub depth: u16,
    /// The people who may be seen: those who lie in one of these scopes, as seen from `viewer`.
    pub visible: ScopeSet,
    /// Who looks; without an employee, only [`Scope::All`] shows anybody.
    pub viewer: Option<EmployeeId>,
    /// How many people are read at most.
    pub limit: u32,
}

/// Somebody in the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The person.
    pub id: EmployeeId,
    /// Whom the person reports to, in the chart or not.
    pub manager_id: Option<EmployeeId>,
    /// How many levels the person is below the root.
    pub level: i32,
    /// First name; empty for people who have one name only, and further down than the depth asked for.
    pub first_name: String,
    /// Family name; empty further down than the depth asked for.
    pub last_name: String,
    /// The department.
    pub department: Option<Department>,
    /// The job title.
    pub designation: Option<Designation>,
}

/// Everybody employed who is in a part of the chart, from the top down, each level by name. People who have left are in no chart; who
/// reports to them stands at the top.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(tx: &mut TenantTx, part: &Part) -> Result<Vec<Place>> {
    // Each has one manager, so only the root itself can come again, when the managers form a loop through it.
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
               SELECT e.id, e.manager_id FROM employees e
               WHERE e.deleted_at IS NULL AND e.status <> 'terminated'
                 AND ($1 OR ($2 AND e.id = $3) OR ($4 AND e.id IN (SELECT id FROM below))
                      OR ($5 AND e.department_id IN (SELECT id FROM departments_below)))
           ), chart AS (
               SELECT s.id, s.manager_id, 0 AS level FROM seen s LEFT JOIN seen m ON m.id = s.manager_id
               WHERE s.id = $6 OR ($6::uuid IS NULL AND m.id IS NULL)
               UNION ALL
               SELECT s.id, s.manager_id, c.level + 1 FROM seen s JOIN chart c ON s.manager_id = c.id
               WHERE s.id IS DISTINCT FROM $6
           )
           SELECT c.id AS "id!", c.manager_id, c.level AS "level!", e.first_name AS "first_name?", e.last_name AS "last_name?",
                  d.id AS "department_id?", d.name AS "department?", g.id AS "designation_id?", g.title AS "designation?"
           FROM chart c
           LEFT JOIN employees e ON e.id = c.id AND c.level <= $7
           LEFT JOIN departments d ON d.id = e.department_id
           LEFT JOIN designations g ON g.id = e.designation_id
           ORDER BY c.level, e.last_name, e.first_name, c.id
           LIMIT $8"#,
        part.visible.has(Scope::All),
        part.visible.has(Scope::Own),
        part.viewer.map(EmployeeId::uuid),
        part.visible.has(Scope::Reports),
        part.visible.has(Scope::Department),
        part.root.map(EmployeeId::uuid),
        i32::from(part.depth),
        i64::from(part.limit),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Place::from).collect())
}

/// Everybody who is employed on a day, in a part of the chart as it is on that day; otherwise as [`read`]. Who may be seen is decided
/// by how people stand to each other today.
///
/// # Errors
/// When the database cannot be read.
pub async fn read_as_of(tx: &mut TenantTx, part: &Part, on: Date) -> Result<Vec<Place>> {
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
               SELECT e.id, a.manager_id, a.department_id, a.designation_id FROM employees e
               JOIN employment_periods p ON p.employee_id = e.id AND p.deleted_at IS NULL AND p.hired_on <= $9
                    AND (p.terminated_on IS NULL OR p.terminated_on >= $9)
               CROSS JOIN LATERAL (
                   SELECT manager_id, department_id, designation_id FROM job_assignments
                   WHERE employee_id = e.id AND deleted_at IS NULL AND effective_from <= $9 ORDER BY effective_from DESC LIMIT 1
               ) a
               WHERE e.deleted_at IS NULL
                 AND ($1 OR ($2 AND e.id = $3) OR ($4 AND e.id IN (SELECT id FROM below))
                      OR ($5 AND e.department_id IN (SELECT id FROM departments_below)))
           ), chart AS (
               SELECT s.id, s.manager_id, 0 AS level FROM seen s LEFT JOIN seen m ON m.id = s.manager_id
               WHERE s.id = $6 OR ($6::uuid IS NULL AND m.id IS NULL)
               UNION ALL
               SELECT s.id, s.manager_id, c.level + 1 FROM seen s JOIN chart c ON s.manager_id = c.id
               WHERE s.id IS DISTINCT FROM $6
           ) CYCLE id SET again USING path
           SELECT c.id AS "id!", c.manager_id, c.level AS "level!", e.first_name AS "first_name?", e.last_name AS "last_name?",
                  d.id AS "department_id?", d.name AS "department?", g.id AS "designation_id?", g.title AS "designation?"
           FROM chart c JOIN seen s ON s.id = c.id
           LEFT JOIN employees e ON e.id = c.id AND c.level <= $7
           LEFT JOIN departments d ON d.id = s.department_id AND c.level <= $7
           LEFT JOIN designations g ON g.id = s.designation_id AND c.level <= $7
           WHERE NOT c.again
           ORDER BY c.level, e.last_name, e.first_name, c.id
           LIMIT $8"#,
        part.visible.has(Scope::All),
        part.visible.has(Scope::Own),
        part.viewer.map(EmployeeId::uuid),
        part.visible.has(Scope::Reports),
        part.visible.has(Scope::Department),
        part.root.map(EmployeeId::uuid),
        i32::from(part.depth),
        i64::from(part.limit),
        on.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Place::from).collect())
}

/// The columns of the statements that read the chart.
struct Row {
    id: Uuid,
    manager_id: Option<Uuid>,
    level: i32,
    first_name: Option<String>,
    last_name: Option<String>,
    department_id: Option<Uuid>,
    department: Option<String>,
    designation_id: Option<Uuid>,
    designation: Option<String>,
}

impl From<Row> for Place {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            manager_id: row.manager_id.map(EmployeeId::from),
            level: row.level,
            first_name: row.first_name.unwrap_or_default(),
            last_name: row.last_name.unwrap_or_default(),
            department: row.department_id.zip(row.department).map(|(id, name)| Department { id: id.into(), name }),
            designation: row
                .designation_id
                .zip(row.designation)
                .map(|(id, title)| Designation { id: id.into(), title }),
        }
    }
}
