//! One location, a page of the list, and whether anybody works at one.

use sqlx::raw_sql;
use tenure_core::ids::LocationId;

use super::{Location, Row};
use crate::error::Result;
use crate::page::{Page, PageStart, Part};
use crate::tenant_tx::TenantTx;

/// Makes the changes of a tenant's locations follow each other until this transaction ends, so that a version that was read is
/// still the one that is changed. Readers do not wait.
///
/// # Errors
/// When the database refuses it.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE locations IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// A location by id; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: LocationId) -> Result<Option<Location>> {
    read(tx, id, false).await
}

/// A location that was deleted; `None` when there is none, or when it is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_deleted(tx: &mut TenantTx, id: LocationId) -> Result<Option<Location>> {
    read(tx, id, true).await
}

async fn read(tx: &mut TenantTx, id: LocationId, deleted: bool) -> Result<Option<Location>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, name, code, address, city, region, postal_code, country_code, time_zone, custom, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM locations WHERE id = $1 AND (deleted_at IS NOT NULL) = $2"#,
        id.uuid(),
        deleted,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Location::from))
}

/// A page of the locations by name, in whatever case, and key.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, part: &Part) -> Result<Page<Location>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, name, code, address, city, region, postal_code, country_code, time_zone, custom, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM locations
           WHERE (deleted_at IS NOT NULL) = $4 AND ($1::uuid IS NULL OR (lower(name), id) > (lower($2), $1))
           ORDER BY lower(name), id
           LIMIT $3"#,
        part.after_id(),
        part.after_name(),
        part.rows(),
        part.deleted,
    )
    .fetch_all(&mut **tx)
    .await?;
    let found = rows.into_iter().map(Location::from).collect();
    Ok(part.cut(found, |last| PageStart { name: last.name.clone(), id: last.id.uuid() }))
}

/// Whether somebody works at a location, or is to work there by what is filed already. Who asks in order to delete it has called
/// [`crate::employment::lock`].
///
/// # Errors
/// When the database cannot be read.
pub async fn is_in_use(tx: &mut TenantTx, id: LocationId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM employees WHERE location_id = $1 AND deleted_at IS NULL)
               OR EXISTS (SELECT FROM job_assignments a JOIN employees e ON e.id = a.employee_id AND e.deleted_at IS NULL
                          WHERE a.location_id = $1 AND a.applied_at IS NULL AND a.deleted_at IS NULL) AS "found!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
