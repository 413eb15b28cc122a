//! Changes of one location. Who calls them has called [`super::lock`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use tenure_core::ids::LocationId;
use tenure_core::place::{CountryCode, TimeZoneName};

use super::{Address, City, Code, Content, Location, PostalCode, Row};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Makes a location.
///
/// # Errors
/// `Taken` when its name or code is in use.
pub async fn insert(tx: &mut TenantTx, id: LocationId, content: &Content, now: Timestamp) -> Result<Location> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO locations (id, name, code, address, city, region, postal_code, country_code, time_zone, custom,
                                  created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
           RETURNING id, name, code, address, city, region, postal_code, country_code, time_zone, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        content.name.as_str(),
        content.code.as_ref().map(Code::as_str),
        content.address.as_ref().map(Address::as_str),
        content.city.as_ref().map(City::as_str),
        content.region.as_ref().map(City::as_str),
        content.postal_code.as_ref().map(PostalCode::as_str),
        content.country_code.as_ref().map(CountryCode::as_str),
        content.time_zone.as_ref().map(TimeZoneName::as_str),
        Value::Object(content.custom.clone()),
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Writes a location as it is now to be; its version, its times and its key stay the database's own.
///
/// # Errors
/// `Taken` when its name or code is in use.
pub async fn update(tx: &mut TenantTx, location: &Location, now: Timestamp) -> Result<Location> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE locations SET name = $2, code = $3, address = $4, city = $5, region = $6, postal_code = $7, country_code = $8,
                  time_zone = $9, custom = $10, version = version + 1, updated_at = $11
           WHERE id = $1
           RETURNING id, name, code, address, city, region, postal_code, country_code, time_zone, custom, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        location.id.uuid(),
        location.name,
        location.code,
        location.address,
        location.city,
        location.region,
        location.postal_code,
        location.country_code,
        location.time_zone,
        location.custom,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(row.into())
}

/// Deletes a location, whose name and code are then free.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: LocationId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE locations SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Brings back a location that was deleted.
///
/// # Errors
/// `Taken` when its name or code is in use by now.
pub async fn restore(tx: &mut TenantTx, id: LocationId, now: Timestamp) -> Result<Location> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE locations SET deleted_at = NULL, updated_at = $2, version = version + 1 WHERE id = $1
           RETURNING id, name, code, address, city, region, postal_code, country_code, time_zone, custom, version,
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
            ("locations_name_key", "name", "is the name of another location"),
            ("locations_code_key", "code", "is the code of another location"),
        ],
    )
}
