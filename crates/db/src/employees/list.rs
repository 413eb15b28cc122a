//! A page of the employee list, in the order of names.

use tenure_core::access::{Scope, ScopeSet};
use tenure_core::employment::EmployeeStatus;
use tenure_core::ids::{DepartmentId, EmployeeId};
use uuid::Uuid;

use super::{WorkFields, work_fields};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What a page is made of.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only people of this department.
    pub department: Option<DepartmentFilter>,
    /// Only people of this status.
    pub status: Option<EmployeeStatus>,
    /// Only people whose name, as `First Middle Last` or `Last, First`, or whose preferred name contains this text in whatever
    /// case.
    pub name: Option<String>,
    /// The people who may be seen: those who lie in one of these scopes, as seen from `viewer`.
    pub visible: ScopeSet,
    /// Who looks; without an employee, only [`Scope::All`] shows anybody.
    pub viewer: Option<EmployeeId>,
}

/// A department by its key or by its name, which several departments may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepartmentFilter {
    /// By key.
    Id(DepartmentId),
    /// By name, in whatever case.
    Name(String),
}

/// The place in the list after which a page starts: the last employee of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    /// The family name.
    pub last_name: String,
    /// The first name.
    pub first_name: String,
    /// The key, which settles equal names.
    pub id: EmployeeId,
}

/// The columns of the statement below.
struct Row {
    id: Uuid,
    employee_number: String,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    preferred_name: Option<String>,
    work_email: Option<String>,
    work_phone: Option<String>,
    status: String,
    employment_type: Option<String>,
    hired_on: jiff_sqlx::Date,
    terminated_on: Option<jiff_sqlx::Date>,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
    department_id: Option<Uuid>,
    department: Option<String>,
    designation_id: Option<Uuid>,
    designation: Option<String>,
    manager_id: Option<Uuid>,
    manager_first_name: Option<String>,
    manager_last_name: Option<String>,
    location_id: Option<Uuid>,
    location: Option<String>,
    working_time_fraction: Option<rust_decimal::Decimal>,
    pay_grade: Option<String>,
}

impl TryFrom<Row> for WorkFields {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(work_fields!(row))
    }
}

/// At most `limit` employees by last name, first name and key, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    after: Option<&PageStart>,
    limit: u16,
) -> Result<Vec<WorkFields>> {
    let departments = match &filter.department {
        Some(department) => Some(keys_of(tx, department).await?),
        None => None,
    };
    let rows = sqlx::query_as!(
        Row,
        r#"WITH RECURSIVE below AS (
               SELECT id FROM employees WHERE $5 AND manager_id = $3
               UNION
               SELECT e.id FROM employees e JOIN below b ON e.manager_id = b.id
           ), departments_below AS (
               SELECT department_id AS id FROM employees WHERE $6 AND id = $3
               UNION
               SELECT d.id FROM departments d JOIN departments_below b ON d.parent_id = b.id
           )
           SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                  e.status, e.employment_type, e.hired_on AS "hired_on: jiff_sqlx::Date",
                  e.terminated_on AS "terminated_on: jiff_sqlx::Date", e.version,
                  e.created_at AS "created_at: jiff_sqlx::Timestamp", e.updated_at AS "updated_at: jiff_sqlx::Timestamp",
                  e.department_id, d.name AS "department?", e.designation_id, g.title AS "designation?",
                  e.manager_id, m.first_name AS "manager_first_name?", m.last_name AS "manager_last_name?",
                  e.location_id, l.name AS "location?", e.working_time_fraction, e.pay_grade
           FROM employees e
           LEFT JOIN departments d ON d.id = e.department_id
           LEFT JOIN designations g ON g.id = e.designation_id
           LEFT JOIN employees m ON m.id = e.manager_id
           LEFT JOIN locations l ON l.id = e.location_id
           WHERE e.deleted_at IS NULL
             AND ($1 OR ($2 AND e.id = $3) OR ($5 AND e.id IN (SELECT id FROM below))
                  OR ($6 AND e.department_id IN (SELECT id FROM departments_below)))
             AND ($7::uuid[] IS NULL OR e.department_id = ANY ($7))
             AND ($8::text IS NULL OR e.status = $8)
             AND ($9::text IS NULL
                  OR strpos(lower(concat_ws(' ', nullif(e.first_name, ''), e.middle_name, e.last_name)), lower($9)) > 0
                  OR strpos(lower(concat_ws(', ', e.last_name, nullif(e.first_name, ''))), lower($9)) > 0
                  OR strpos(lower(e.preferred_name), lower($9)) > 0)
             AND ($10::uuid IS NULL OR (e.last_name, e.first_name, e.id) > ($11, $12, $10))
           ORDER BY e.last_name, e.first_name, e.id
           LIMIT $4"#,
        filter.visible.has(Scope::All),
        filter.visible.has(Scope::Own),
        filter.viewer.map(EmployeeId::uuid),
        i64::from(limit),
        filter.visible.has(Scope::Reports),
        filter.visible.has(Scope::Department),
        departments.as_deref(),
        filter.status.map(EmployeeStatus::as_str),
        filter.name,
        after.map(|start| start.id.uuid()),
        after.map(|start| start.last_name.as_str()),
        after.map(|start| start.first_name.as_str()),
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(WorkFields::try_from).collect()
}

/// The keys that a department filter means. Looked up beforehand: with the keys at hand PostgreSQL knows how many people to expect
/// and which index finds them.
async fn keys_of(tx: &mut TenantTx, department: &DepartmentFilter) -> Result<Vec<Uuid>> {
    let name = match department {
        DepartmentFilter::Id(id) => return Ok(vec![id.uuid()]),
        DepartmentFilter::Name(name) => name,
    };
    let keys =
        sqlx::query_scalar!("SELECT id FROM departments WHERE lower(name) = lower($1) AND deleted_at IS NULL", name);
    Ok(keys.fetch_all(&mut **tx).await?)
}
