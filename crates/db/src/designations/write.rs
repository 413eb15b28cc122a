//! Changes of one designation. Who calls them has called [`super::lock`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use tenure_core::ids::DesignationId;

use super::{Code, Content, Description, Designation, Grade, Row};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Makes a designation.
///
/// # Errors
/// `Taken` when its title or code is in use.
pub async fn insert(tx: &mut TenantTx, id: DesignationId, content: &Content, now: Timestamp) -> Result<Designation> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO designations (id, title, code, grade, description, custom, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
           RETURNING id, title, code, grade, description, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        content.title.as_str(),
        content.code.as_ref().map(Code::as_str),
        content.grade.as_ref().map(Grade::as_str),
        content.description.as_ref().map(Description::as_str),
        Value::Object(content.custom.clone()),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Writes a designation as it is now to be; its version, its times and its key stay the database's own.
///
/// # Errors
/// `Taken` when its title or code is in use.
pub async fn update(tx: &mut TenantTx, designation: &Designation, now: Timestamp) -> Result<Designation> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE designations SET title = $2, code = $3, grade = $4, description = $5, custom = $6,
                  version = version + 1, updated_at = $7
           WHERE id = $1
           RETURNING id, title, code, grade, description, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        designation.id.uuid(),
        designation.title,
        designation.code,
        designation.grade,
        designation.description,
        designation.custom,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Deletes a designation, whose title and code are then free.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: DesignationId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE designations SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Brings back a designation that was deleted.
///
/// # Errors
/// `Taken` when its title or code is in use by now.
pub async fn restore(tx: &mut TenantTx, id: DesignationId, now: Timestamp) -> Result<Designation> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE designations SET deleted_at = NULL, updated_at = $2, version = version + 1 WHERE id = $1
           RETURNING id, title, code, grade, description, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[
            ("designations_title_key", "title", "is the title of another designation"),
            ("designations_code_key", "code", "is the code of another designation"),
        ],
    )
}
