//! One designation, a page of the list, and whether anybody has one.

use sqlx::raw_sql;
use tenure_core::ids::DesignationId;

use super::{Designation, Row};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The place in the list after which a page starts: the last designation of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    /// The title.
    pub title: String,
    /// The key.
    pub id: DesignationId,
}

/// Makes the changes of a tenant's designations follow each other until this transaction ends, so that a version that was read is
/// still the one that is changed. Readers do not wait.
///
/// # Errors
/// When the database refuses it.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE designations IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// A designation by id; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: DesignationId) -> Result<Option<Designation>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, title, code, grade, description, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM designations WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Designation::from))
}

/// At most `limit` designations by title, in whatever case, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, after: Option<&PageStart>, limit: u16) -> Result<Vec<Designation>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, title, code, grade, description, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM designations
           WHERE deleted_at IS NULL AND ($1::uuid IS NULL OR (lower(title), id) > (lower($2), $1))
           ORDER BY lower(title), id
           LIMIT $3"#,
        after.map(|start| start.id.uuid()),
        after.map(|start| start.title.as_str()),
        i64::from(limit),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Designation::from).collect())
}

/// Whether somebody has a designation, or is filed to have it. Who asks in order to delete it has called [`crate::employment::lock`].
///
/// # Errors
/// When the database cannot be read.
pub async fn is_in_use(tx: &mut TenantTx, id: DesignationId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM employees WHERE designation_id = $1 AND deleted_at IS NULL)
               OR EXISTS (SELECT FROM job_assignments a JOIN employees e ON e.id = a.employee_id AND e.deleted_at IS NULL
                          WHERE a.designation_id = $1 AND a.applied_at IS NULL AND a.deleted_at IS NULL) AS "found!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(found)
}
