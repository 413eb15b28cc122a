//! Who is shown otherwise than today says: an assignment, a first or a last day has come.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::EmployeeId;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The people for whom something takes effect by a day and has not been applied. Each of the three parts has an index that holds
/// nearly nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(tx: &mut TenantTx, today: Date) -> Result<Vec<EmployeeId>> {
    let found = sqlx::query_scalar!(
        r#"SELECT employee_id AS "id!" FROM job_assignments WHERE effective_from <= $1 AND applied_at IS NULL AND deleted_at IS NULL
           UNION SELECT id FROM employees WHERE hired_on <= $1 AND status = 'pending' AND deleted_at IS NULL
           UNION SELECT id FROM employees WHERE terminated_on < $1 AND status <> 'terminated' AND deleted_at IS NULL
           ORDER BY 1"#,
        today.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(found.into_iter().map(EmployeeId::from).collect())
}
