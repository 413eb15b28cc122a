//! What is shown of the employees of a page.

use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::AsOfDay;
use crate::employees::{WorkFields, work_fields};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The columns of the statements below.
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

/// Employees as they stand, in the order of their keys.
pub(super) async fn of_today(tx: &mut TenantTx, keys: &[Uuid]) -> Result<Vec<WorkFields>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                  e.status, e.employment_type, e.hired_on AS "hired_on: jiff_sqlx::Date",
                  e.terminated_on AS "terminated_on: jiff_sqlx::Date", e.version,
                  e.created_at AS "created_at: jiff_sqlx::Timestamp", e.updated_at AS "updated_at: jiff_sqlx::Timestamp",
                  e.department_id, d.name AS "department?", e.designation_id, g.title AS "designation?",
                  e.manager_id, m.first_name AS "manager_first_name?", m.last_name AS "manager_last_name?",
                  e.location_id, l.name AS "location?", e.working_time_fraction, e.pay_grade
           FROM unnest($1::uuid[]) WITH ORDINALITY AS k (id, place)
           JOIN employees e ON e.id = k.id
           LEFT JOIN departments d ON d.id = e.department_id
           LEFT JOIN designations g ON g.id = e.designation_id
           LEFT JOIN locations l ON l.id = e.location_id
           LEFT JOIN employees m ON m.id = e.manager_id
           ORDER BY k.place"#,
        keys,
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(WorkFields::try_from).collect()
}

/// Employees as they stood on a day, in the order of their keys. Who was away for long is known of the present day alone.
pub(super) async fn as_of(tx: &mut TenantTx, keys: &[Uuid], day: AsOfDay) -> Result<Vec<WorkFields>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.employee_number, e.first_name, e.middle_name, e.last_name, e.preferred_name, e.work_email, e.work_phone,
                  CASE WHEN p.terminated_on < $2 THEN 'terminated'
                       WHEN $2 = $3 AND e.status NOT IN ('pending', 'terminated') THEN e.status ELSE 'active' END AS "status!",
                  a.employment_type AS "employment_type?", p.hired_on AS "hired_on: jiff_sqlx::Date",
                  p.terminated_on AS "terminated_on: jiff_sqlx::Date", e.version,
                  e.created_at AS "created_at: jiff_sqlx::Timestamp", e.updated_at AS "updated_at: jiff_sqlx::Timestamp",
                  a.department_id AS "department_id?", d.name AS "department?", a.designation_id AS "designation_id?",
                  g.title AS "designation?", a.manager_id AS "manager_id?", m.first_name AS "manager_first_name?",
                  m.last_name AS "manager_last_name?", a.location_id AS "location_id?", l.name AS "location?",
                  a.working_time_fraction AS "working_time_fraction?", a.pay_grade AS "pay_grade?"
           FROM unnest($1::uuid[]) WITH ORDINALITY AS k (id, place)
           JOIN employees e ON e.id = k.id
           CROSS JOIN LATERAL (
               SELECT hired_on, terminated_on FROM employment_periods
               WHERE employee_id = e.id AND deleted_at IS NULL AND hired_on <= $2 ORDER BY hired_on DESC LIMIT 1
           ) p
           LEFT JOIN LATERAL (
               SELECT department_id, designation_id, manager_id, location_id, employment_type, working_time_fraction, pay_grade
               FROM job_assignments
               WHERE employee_id = e.id AND deleted_at IS NULL AND effective_from <= $2 ORDER BY effective_from DESC LIMIT 1
           ) a ON true
           LEFT JOIN departments d ON d.id = a.department_id
           LEFT JOIN designations g ON g.id = a.designation_id
           LEFT JOIN locations l ON l.id = a.location_id
           LEFT JOIN employees m ON m.id = a.manager_id
           ORDER BY k.place"#,
        keys,
        day.on.to_sqlx() as _,
        day.today.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(WorkFields::try_from).collect()
}
