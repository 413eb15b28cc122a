//! The salaries that a file states, beside those that are assigned.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Import;
use super::lookup::from_line;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The lines whose salary has no currency, nor has an earlier one of the same person.
pub(super) async fn without_currency(tx: &mut TenantTx) -> Result<Vec<usize>> {
    let lines = sqlx::query_scalar!(
        "SELECT r.line FROM employee_import_rows r
         WHERE r.salary_base IS NOT NULL AND r.salary_currency IS NULL
           AND NOT EXISTS (SELECT FROM salary_assignments a WHERE a.employee_id = r.employee_id AND a.deleted_at IS NULL
                                                              AND a.effective_from <= r.salary_as_of)
         ORDER BY r.line"
    )
    .fetch_all(&mut **tx)
    .await?;
    lines.into_iter().map(from_line).collect()
}

/// Compares each salary with the one that holds on its day, and where they differ decides from when the new one does: the
/// first from the hire date, a later one from its day.
pub(super) async fn compare(tx: &mut TenantTx, import: &Import<'_>) -> Result<()> {
    sqlx::query!(
        "WITH held AS (
             SELECT DISTINCT ON (r.line) r.line, a.base, a.currency, a.pay_period
             FROM employee_import_rows r
             JOIN salary_assignments a
               ON a.employee_id = r.employee_id AND a.effective_from <= r.salary_as_of AND a.deleted_at IS NULL
             WHERE r.salary_base IS NOT NULL
             ORDER BY r.line, a.effective_from DESC
         ), wanted AS (
             SELECT r.line, h.line IS NULL AS is_first, h.base, h.currency, h.pay_period,
                    coalesce(r.salary_currency, h.currency, $1) AS new_currency,
                    coalesce(r.salary_pay_period, h.pay_period, $2) AS new_pay_period
             FROM employee_import_rows r LEFT JOIN held h ON h.line = r.line
         )
         UPDATE employee_import_rows r
         SET salary_currency = w.new_currency, salary_pay_period = w.new_pay_period,
             salary_from = CASE WHEN w.is_first THEN r.hired_on ELSE r.salary_as_of END
         FROM wanted w
         WHERE w.line = r.line AND r.salary_base IS NOT NULL
           AND (r.salary_base, w.new_currency, w.new_pay_period) IS DISTINCT FROM (w.base, w.currency, w.pay_period)",
        import.currency.to_string(),
        import.pay_period.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes the salaries that differ. One that began on the same day was wrong and is deleted softly.
pub(super) async fn save(tx: &mut TenantTx, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE salary_assignments a SET deleted_at = $1, updated_at = $1, version = a.version + 1
         FROM employee_import_rows r
         WHERE a.employee_id = r.employee_id AND a.effective_from = r.salary_from AND a.deleted_at IS NULL",
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO salary_assignments (id, employee_id, effective_from, base, currency, pay_period, created_at, updated_at)
         SELECT r.salary_id, r.employee_id, r.salary_from, r.salary_base, r.salary_currency, r.salary_pay_period, $1, $1
         FROM employee_import_rows r WHERE r.salary_from IS NOT NULL",
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
