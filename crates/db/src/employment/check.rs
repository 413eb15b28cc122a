//! Whether what an assignment names can be given to somebody, and whether managers would manage themselves.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::employment::Position;
use tenure_core::ids::EmployeeId;
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What of a position cannot be given to anybody from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one thing is unfit, and several can be")]
pub struct Unfit {
    /// There is no such department, or it was deleted.
    pub department: bool,
    /// The same of the designation.
    pub designation: bool,
    /// The same of the location.
    pub location: bool,
    /// The same of the manager.
    pub manager: bool,
    /// The manager has left by then.
    pub manager_left: bool,
}

/// What of a position cannot be given to anybody from a day on. What is not named is fit.
///
/// # Errors
/// When the database cannot be read.
pub async fn unfit(tx: &mut TenantTx, position: &Position, from: Date) -> Result<Unfit> {
    let found = sqlx::query_as!(
        Unfit,
        r#"SELECT $1::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM departments WHERE id = $1 AND deleted_at IS NULL) AS "department!",
                  $2::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM designations WHERE id = $2 AND deleted_at IS NULL) AS "designation!",
                  $3::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM locations WHERE id = $3 AND deleted_at IS NULL) AS "location!",
                  $4::uuid IS NOT NULL AND NOT EXISTS (SELECT FROM employees WHERE id = $4 AND deleted_at IS NULL) AS "manager!",
                  $4::uuid IS NOT NULL AND NOT EXISTS (
                      SELECT FROM employment_periods WHERE employee_id = $4 AND deleted_at IS NULL
                                                       AND (terminated_on IS NULL OR terminated_on >= $5)) AS "manager_left!""#,
        position.department_id.map(Uuid::from),
        position.designation_id.map(Uuid::from),
        position.location_id.map(Uuid::from),
        position.manager_id.map(Uuid::from),
        from.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}

/// Names of the people in a loop of managers to which one of these people belongs, from the person up to the one whom the person
/// manages; nothing when there is none. Looked for on a day, and from today on on each later one for which somebody's assignment is filed.
///
/// # Errors
/// When the database cannot be read.
pub async fn loops(tx: &mut TenantTx, people: &[EmployeeId], from: Date, today: Date) -> Result<Vec<String>> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    let found = sqlx::query_scalar!(
        r#"WITH RECURSIVE days AS (
               SELECT $2::date AS day
               UNION
               SELECT greatest($2, $3::date)
               UNION
               SELECT effective_from FROM job_assignments
               WHERE effective_from > $2 AND applied_at IS NULL AND deleted_at IS NULL
           ), walk AS (
               SELECT days.day, person AS id, person, 0 AS steps FROM days, unnest($1::uuid[]) AS person
               UNION ALL
               SELECT w.day, a.manager_id, w.person, w.steps + 1
               FROM walk w CROSS JOIN LATERAL (
                   SELECT manager_id FROM job_assignments
                   WHERE employee_id = w.id AND deleted_at IS NULL AND effective_from <= w.day
                   ORDER BY effective_from DESC LIMIT 1
               ) a
               WHERE a.manager_id IS NOT NULL
           ) CYCLE id SET again USING path, closed AS (
               SELECT day, person FROM walk WHERE again AND id = person ORDER BY day, person LIMIT 1
           )
           SELECT coalesce(nullif(e.first_name, '') || ' ', '') || e.last_name AS "name!"
           FROM walk w JOIN closed c ON c.day = w.day AND c.person = w.person JOIN employees e ON e.id = w.id
           WHERE NOT w.again ORDER BY w.steps"#,
        &ids,
        from.to_sqlx() as _,
        today.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}
