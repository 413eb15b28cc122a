//! Changes of one department. Who calls them has called [`super::lock`] and checked the place in the tree.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use tenure_core::ids::{DepartmentId, EmployeeId};

use super::{Code, Content, Department, Row};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Makes a department.
///
/// # Errors
/// `Taken` when its name or code is in use.
pub async fn insert(tx: &mut TenantTx, id: DepartmentId, content: &Content, now: Timestamp) -> Result<Department> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO departments (id, parent_id, head_id, name, code, cost_centre, custom, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           RETURNING id, parent_id, head_id, name, code, cost_centre, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        content.parent_id.map(DepartmentId::uuid),
        content.head_id.map(EmployeeId::uuid),
        content.name.as_str(),
        content.code.as_ref().map(Code::as_str),
        content.cost_centre.as_ref().map(Code::as_str),
        Value::Object(content.custom.clone()),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Writes a department as it is now to be; its version, its times and its key stay the database's own.
///
/// # Errors
/// `Taken` when its name or code is in use.
pub async fn update(tx: &mut TenantTx, department: &Department, now: Timestamp) -> Result<Department> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE departments SET parent_id = $2, head_id = $3, name = $4, code = $5, cost_centre = $6, custom = $7,
                  version = version + 1, updated_at = $8
           WHERE id = $1
           RETURNING id, parent_id, head_id, name, code, cost_centre, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        department.id.uuid(),
        department.parent_id.map(DepartmentId::uuid),
        department.head_id.map(EmployeeId::uuid),
        department.name,
        department.code,
        department.cost_centre,
        department.custom,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Deletes a department, whose name and code are then free.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: DepartmentId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE departments SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Brings back a department that was deleted, with its head unless that employee was deleted since.
///
/// # Errors
/// `Taken` when its name or code is in use by now.
pub async fn restore(tx: &mut TenantTx, id: DepartmentId, now: Timestamp) -> Result<Department> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE departments d SET deleted_at = NULL, updated_at = $2, version = version + 1,
                  head_id = (SELECT e.id FROM employees e WHERE e.id = d.head_id AND e.deleted_at IS NULL)
           WHERE id = $1
           RETURNING id, parent_id, head_id, name, code, cost_centre, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

pub(super) fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[
            ("departments_parent_name_key", "name", "is the name of another department under the same parent"),
            ("departments_code_key", "code", "is the code of another department"),
        ],
    )
}
