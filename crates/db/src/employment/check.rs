//! Whether what an assignment names can be given to somebody, and who would manage themselves.

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

/// A person, and a circle of managers through him or her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    /// The person.
    pub person: EmployeeId,
    /// The names of those in it, from the person up to the one whom the person manages.
    pub names: Vec<String>,
}

/// Those of some people who would manage themselves, directly or through others, on a day or later, by all that is filed; of each the
/// first circle. Somebody reports to a manager while employed, and from today on when the first day lies ahead.
///
/// # Errors
/// When the database cannot be read.
pub async fn circles(tx: &mut TenantTx, people: &[EmployeeId], from: Date, today: Date) -> Result<Vec<Circle>> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
    // Each step up narrows the days to those on which all steps hold together. OFFSET keeps each step to its person's rows, which an index
    // has: joined as a whole, all of the company's would be read where the statistics are older than an import.
    let found = sqlx::query!(
        r#"WITH RECURSIVE walk AS (
               SELECT person, person AS id, ARRAY[person] AS chain, $2::date AS since, 'infinity'::date AS until, false AS closed
               FROM unnest($1::uuid[]) AS person
               UNION ALL
               SELECT w.person, a.manager_id, w.chain || a.manager_id, greatest(w.since, a.since), least(w.until, a.until),
                      a.manager_id = w.person
               FROM walk w CROSS JOIN LATERAL (
                   SELECT j.manager_id,
                          CASE WHEN j.effective_from > $3 AND j.effective_from = p.hired_on THEN greatest($3, (
                              SELECT max(b.terminated_on) + 1 FROM employment_periods b
                              WHERE b.employee_id = j.employee_id AND b.deleted_at IS NULL AND b.hired_on < p.hired_on))
                          ELSE j.effective_from END AS since,
                          least(p.terminated_on, (
                              SELECT min(n.effective_from) - 1 FROM job_assignments n
                              WHERE n.employee_id = j.employee_id AND n.deleted_at IS NULL AND n.effective_from > j.effective_from
                          )) AS until
                   FROM job_assignments j CROSS JOIN LATERAL (
                       SELECT hired_on, terminated_on FROM employment_periods
                       WHERE employee_id = j.employee_id AND deleted_at IS NULL AND hired_on <= j.effective_from
                       ORDER BY hired_on DESC LIMIT 1
                   ) p
                   WHERE j.employee_id = w.id AND j.deleted_at IS NULL AND j.manager_id IS NOT NULL
                     AND (p.terminated_on IS NULL OR p.terminated_on >= j.effective_from)
                   OFFSET 0
               ) a
               WHERE NOT w.closed AND a.since <= w.until AND coalesce(a.until >= w.since, true)
                 AND (a.manager_id = w.person OR a.manager_id <> ALL (w.chain))
           ), first AS (
               SELECT DISTINCT ON (person) person, chain, since FROM walk WHERE closed ORDER BY person, since
           )
           SELECT f.person AS "person!",
                  array_agg(coalesce(nullif(e.first_name, '') || ' ', '') || e.last_name ORDER BY c.step) AS "names!"
           FROM first f CROSS JOIN unnest(trim_array(f.chain, 1)) WITH ORDINALITY AS c (id, step) JOIN employees e ON e.id = c.id
           GROUP BY f.person, f.since ORDER BY f.since, f.person"#,
        &ids,
        from.to_sqlx() as _,
        today.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(|row| Circle { person: row.person.into(), names: row.names }).collect())
}
