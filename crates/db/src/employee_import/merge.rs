//! From staged rows to employees.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Merged;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Columns of the staging table that are not columns of `employees`.
const NOT_OF_EMPLOYEES: &[&str] = &[
    "line",
    "employee_id",
    "audit_id",
    "salary_id",
    "salary_audit_id",
    "department",
    "designation",
    "manager_number",
    "salary_base",
    "salary_currency",
    "salary_pay_period",
    "salary_as_of",
    "salary_from",
    "before",
    "after",
];

/// Makes of each staged row the whole employee that is wanted: what the file is silent about is taken from what is stored, and
/// names become ids.
///
/// Of several departments of one name, the one the person is in is meant, else the one highest in the tree, else the oldest. The
/// text of a manager who was not found then and is found now leaves the custom values. Whoever is employed again has no manager who was
/// deleted since.
pub(super) async fn complete(tx: &mut TenantTx, manager_headings: &[String]) -> Result<()> {
    sqlx::query!(
        "UPDATE employee_import_rows r
         SET employee_id = w.employee_id, employee_number = w.employee_number, middle_name = w.middle_name,
             work_email = w.work_email, personal_email = w.personal_email, work_phone = w.work_phone,
             birth_date = w.birth_date, gender = w.gender, marital_status = w.marital_status, citizenship = w.citizenship,
             region = w.region, postal_code = w.postal_code, country_code = w.country_code,
             employment_type = w.employment_type, department_id = w.department_id, designation_id = w.designation_id,
             manager_id = w.manager_id, custom = w.custom
         FROM (
             SELECT DISTINCT ON (s.line) s.line,
                 coalesce(e.id, s.employee_id) AS employee_id,
                 coalesce(e.employee_number, s.employee_number) AS employee_number,
                 coalesce(s.middle_name, e.middle_name) AS middle_name,
                 coalesce(s.work_email, e.work_email) AS work_email,
                 coalesce(s.personal_email, e.personal_email) AS personal_email,
                 coalesce(s.work_phone, e.work_phone) AS work_phone,
                 coalesce(s.birth_date, e.birth_date) AS birth_date,
                 coalesce(s.gender, e.gender) AS gender,
                 coalesce(s.marital_status, e.marital_status) AS marital_status,
                 coalesce(s.citizenship, e.citizenship) AS citizenship,
                 coalesce(s.region, e.region) AS region,
                 coalesce(s.postal_code, e.postal_code) AS postal_code,
                 coalesce(s.country_code, e.country_code) AS country_code,
                 coalesce(s.employment_type, e.employment_type) AS employment_type,
                 coalesce(d.id, e.department_id) AS department_id,
                 coalesce(g.id, e.designation_id) AS designation_id,
                 coalesce(m.id, n.employee_id, o.id) AS manager_id,
                 CASE WHEN s.manager_number IS NULL THEN coalesce(e.custom, '{}')
                      ELSE coalesce(e.custom, '{}') - $1::text[] END || s.custom AS custom
             FROM employee_import_rows s
             LEFT JOIN employees e ON lower(e.employee_number) = lower(s.employee_number) AND e.deleted_at IS NULL
             LEFT JOIN departments d ON lower(d.name) = lower(s.department) AND d.deleted_at IS NULL
             LEFT JOIN designations g ON lower(g.title) = lower(s.designation) AND g.deleted_at IS NULL
             LEFT JOIN employees m ON lower(m.employee_number) = lower(s.manager_number) AND m.deleted_at IS NULL
             LEFT JOIN employees o ON o.id = e.manager_id AND (o.deleted_at IS NULL OR s.status = 'terminated')
             LEFT JOIN employee_import_rows n ON lower(n.employee_number) = lower(s.manager_number)
             ORDER BY s.line, (d.id = e.department_id) DESC NULLS LAST, (d.parent_id IS NULL) DESC, d.id
         ) w
         WHERE w.line = r.line",
        manager_headings,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes for each row the columns that differ from what is stored, before and after.
pub(super) async fn compare(tx: &mut TenantTx) -> Result<()> {
    let not_of_employees: Vec<String> = NOT_OF_EMPLOYEES.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "WITH pairs AS MATERIALIZED (
             SELECT s.line, to_jsonb(s) - $1::text[] AS wanted, to_jsonb(e) AS stored
             FROM employee_import_rows s LEFT JOIN employees e ON e.id = s.employee_id
         ), changes AS MATERIALIZED (
             SELECT p.line, NULL AS before, jsonb_strip_nulls(p.wanted) AS after FROM pairs p WHERE p.stored IS NULL
             UNION ALL
             SELECT p.line, jsonb_object_agg(w.key, p.stored -> w.key), jsonb_object_agg(w.key, w.value)
             FROM pairs p CROSS JOIN LATERAL jsonb_each(p.wanted) w
             WHERE p.stored || p.wanted <> p.stored AND w.value <> p.stored -> w.key
             GROUP BY p.line
         )
         UPDATE employee_import_rows r SET before = c.before, after = c.after FROM changes c WHERE c.line = r.line",
        &not_of_employees,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes the employees who are new or differ.
pub(super) async fn save(tx: &mut TenantTx, now: Timestamp) -> Result<()> {
    give_up_emails(tx).await?;
    sqlx::query!(
        "INSERT INTO employees AS e (id, employee_number, first_name, middle_name, last_name, work_email, personal_email,
             work_phone, birth_date, gender, marital_status, citizenship, region, postal_code, country_code, status,
             employment_type, hired_on, terminated_on, termination_kind, termination_reason, department_id, designation_id,
             manager_id, custom, created_at, updated_at)
         SELECT r.employee_id, r.employee_number, r.first_name, r.middle_name, r.last_name, r.work_email, r.personal_email,
             r.work_phone, r.birth_date, r.gender, r.marital_status, r.citizenship, r.region, r.postal_code, r.country_code,
             r.status, r.employment_type, r.hired_on, r.terminated_on, r.termination_kind, r.termination_reason,
             r.department_id, r.designation_id, r.manager_id, r.custom, $1, $1
         FROM employee_import_rows r WHERE r.after IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, middle_name = excluded.middle_name,
             last_name = excluded.last_name, work_email = excluded.work_email, personal_email = excluded.personal_email,
             work_phone = excluded.work_phone, birth_date = excluded.birth_date, gender = excluded.gender,
             marital_status = excluded.marital_status, citizenship = excluded.citizenship, region = excluded.region,
             postal_code = excluded.postal_code, country_code = excluded.country_code, status = excluded.status,
             employment_type = excluded.employment_type, hired_on = excluded.hired_on,
             terminated_on = excluded.terminated_on, termination_kind = excluded.termination_kind,
             termination_reason = excluded.termination_reason, department_id = excluded.department_id,
             designation_id = excluded.designation_id, manager_id = excluded.manager_id, custom = excluded.custom,
             version = e.version + 1, updated_at = excluded.updated_at",
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Frees the addresses that people of the file leave, so that others of the file can take them over in whatever order.
async fn give_up_emails(tx: &mut TenantTx) -> Result<()> {
    sqlx::query!(
        "UPDATE employees e SET work_email = NULL FROM employee_import_rows r
         WHERE e.id = r.employee_id AND lower(e.work_email) <> lower(r.work_email)"
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts what the rows made and changed.
pub(super) async fn count(tx: &mut TenantTx) -> Result<Merged> {
    let counts = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE after IS NOT NULL AND before IS NULL) AS "created!",
                  count(*) FILTER (WHERE before IS NOT NULL OR (after IS NULL AND salary_from IS NOT NULL)) AS "updated!",
                  count(*) FILTER (WHERE after IS NULL AND salary_from IS NULL) AS "unchanged!"
           FROM employee_import_rows"#
    )
    .fetch_one(&mut **tx)
    .await?;
    let number = |count: i64| usize::try_from(count).unwrap_or_default();
    let (created, updated, unchanged) = (number(counts.created), number(counts.updated), number(counts.unchanged));
    Ok(Merged { created, updated, unchanged, ..Merged::default() })
}
