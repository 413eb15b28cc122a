//! The company's own fields of an employee.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Map, Value};
use tenure_core::ids::EmployeeId;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// The company's own fields of an employee, as they were in a version of the employee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// The fields.
    pub values: Map<String, Value>,
    /// The version.
    pub version: i32,
}

/// The fields of an employee, whom nobody else changes until this transaction ends; `None` when there is no such employee.
///
/// # Errors
/// When the database cannot be read.
pub async fn custom_for_change(tx: &mut TenantTx, id: EmployeeId) -> Result<Option<Custom>> {
    let row = sqlx::query!(
        "SELECT custom, version FROM employees WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
        id.uuid(),
    );
    let row = row.fetch_optional(&mut **tx).await?;
    row.map(|row| {
        let values = serde_json::from_value(row.custom).map_err(Error::decode)?;
        Ok(Custom { values, version: row.version })
    })
    .transpose()
}

/// Writes all fields of an employee; gives the employee's new version.
///
/// # Errors
/// When the database refuses it.
pub async fn set_custom(tx: &mut TenantTx, id: EmployeeId, values: Map<String, Value>, now: Timestamp) -> Result<i32> {
    let version = sqlx::query_scalar!(
        "UPDATE employees SET custom = $2, version = version + 1, updated_at = $3 WHERE id = $1 RETURNING version",
        id.uuid(),
        Value::Object(values),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(version)
}
