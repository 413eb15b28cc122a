//! One definition, all of a kind of record, and the values that records have.

use sqlx::raw_sql;
use tenure_core::custom_fields::{Classes, Definition, Entity};
use tenure_core::ids::CustomFieldId;

use super::{CustomField, Row};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// A field by id; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: CustomFieldId) -> Result<Option<CustomField>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, entity, key, label, kind, required, choices, class, position, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM custom_fields WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(CustomField::try_from).transpose()
}

/// The same, and nobody else changes it, or writes values of such fields, until this transaction ends.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_for_change(tx: &mut TenantTx, id: CustomFieldId) -> Result<Option<CustomField>> {
    sqlx::query!("SELECT id FROM custom_fields WHERE id = $1 FOR UPDATE", id.uuid()).fetch_optional(&mut **tx).await?;
    find(tx, id).await
}

/// All fields of one kind of record, or of all, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, entity: Option<Entity>) -> Result<Vec<CustomField>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, entity, key, label, kind, required, choices, class, position, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM custom_fields WHERE deleted_at IS NULL AND ($1::text IS NULL OR entity = $1)
           ORDER BY entity, position, id"#,
        entity.map(Entity::as_str),
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(CustomField::try_from).collect()
}

/// What is asked of the fields of a kind of record.
///
/// # Errors
/// When the database cannot be read.
pub async fn definitions(tx: &mut TenantTx, entity: Entity) -> Result<Vec<Definition>> {
    Ok(list(tx, Some(entity)).await?.into_iter().map(|field| field.definition).collect())
}

/// The classes of an employee's fields, of those that are defined and of those that once were.
///
/// # Errors
/// When the database cannot be read.
pub async fn classes(tx: &mut TenantTx) -> Result<Classes> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (key) key, class FROM custom_fields WHERE entity = $1
         ORDER BY key, deleted_at DESC NULLS FIRST",
        Entity::Employee.as_str(),
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.key, row.class.parse().map_err(Error::decode)?))).collect()
}

/// Whether an employee, also one who was deleted, has a value under a key.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_held(tx: &mut TenantTx, key: &str) -> Result<bool> {
    let found = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM employees WHERE custom ? $1) AS "found!""#, key);
    Ok(found.fetch_one(&mut **tx).await?)
}

/// Keeps the fields of a kind of record as they are until this transaction ends, so that values that were checked are still right
/// when they are kept. Others may write values at the same time.
///
/// # Errors
/// When the database refuses it.
pub async fn hold(tx: &mut TenantTx, entity: Entity) -> Result<()> {
    let held = sqlx::query!("SELECT id FROM custom_fields WHERE entity = $1 ORDER BY id FOR SHARE", entity.as_str());
    held.fetch_all(&mut **tx).await?;
    Ok(())
}

/// How many fields a kind of record has. No others are made until this transaction ends.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(tx: &mut TenantTx, entity: Entity) -> Result<i64> {
    raw_sql("LOCK TABLE custom_fields IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    let found = sqlx::query_scalar!(
        r#"SELECT count(*) AS "found!" FROM custom_fields WHERE entity = $1 AND deleted_at IS NULL"#,
        entity.as_str(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}

/// How many records have one of these words in a field.
///
/// # Errors
/// When the database cannot be read.
pub async fn uses(tx: &mut TenantTx, entity: Entity, key: &str, words: &[String]) -> Result<i64> {
    let found = sqlx::query_scalar!(
        r#"SELECT count(*) AS "found!" FROM (
               SELECT custom FROM employees WHERE $1 = 'employee' AND deleted_at IS NULL
               UNION ALL SELECT custom FROM departments WHERE $1 = 'department' AND deleted_at IS NULL
               UNION ALL SELECT custom FROM designations WHERE $1 = 'designation' AND deleted_at IS NULL
               UNION ALL SELECT custom FROM locations WHERE $1 = 'location' AND deleted_at IS NULL
           ) records WHERE (custom -> $2::text) ?| $3"#,
        entity.as_str(),
        key,
        words,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
