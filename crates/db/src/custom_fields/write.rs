//! Changes of one definition.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use tenure_core::ids::CustomFieldId;

use super::{Content, CustomField, Row};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Makes a field.
///
/// # Errors
/// `Taken` when its key is in use for the kind of record.
pub async fn insert(tx: &mut TenantTx, id: CustomFieldId, content: &Content, now: Timestamp) -> Result<CustomField> {
    let definition = &content.definition;
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO custom_fields (id, entity, key, label, kind, required, choices, class, position, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
           RETURNING id, entity, key, label, kind, required, choices, class, position, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        content.entity.as_str(),
        definition.key,
        content.label.as_str(),
        definition.kind.as_str(),
        definition.required,
        json!(definition.choices),
        definition.class.as_str(),
        content.position,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    row.try_into()
}

/// Writes a field as it is now to be; its key, its kinds, its version and its times stay the database's own.
///
/// # Errors
/// When the database refuses it.
pub async fn update(tx: &mut TenantTx, field: &CustomField, now: Timestamp) -> Result<CustomField> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE custom_fields SET label = $2, required = $3, choices = $4, class = $5, position = $6,
                  version = version + 1, updated_at = $7
           WHERE id = $1
           RETURNING id, entity, key, label, kind, required, choices, class, position, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        field.id.uuid(),
        field.label,
        field.definition.required,
        json!(field.definition.choices),
        field.definition.class.as_str(),
        field.position,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    row.try_into()
}

/// Deletes a field, whose key is then free. The values that records have of it stay.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: CustomFieldId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE custom_fields SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn taken(error: sqlx::Error) -> Error {
    let message = "is the key of another field of these records";
    Error::taken(error, &[("custom_fields_key_key", "key", message)])
}
