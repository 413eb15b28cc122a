//! A page of the department list, in the order of names.

use tenure_core::ids::DepartmentId;

use super::{Department, Row};
use crate::error::Result;
use crate::page::{Page, PageStart, Part};
use crate::tenant_tx::TenantTx;

/// Which departments are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those at the top.
    Top,
    /// Those directly under one.
    Parent(DepartmentId),
    /// One and everything below it.
    Under(DepartmentId),
}

/// A page of the departments by name, in whatever case, and key.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, filter: Filter, part: &Part) -> Result<Page<Department>> {
    let (parent, under) = match filter {
        Filter::All | Filter::Top => (None, None),
        Filter::Parent(id) => (Some(id.uuid()), None),
        Filter::Under(id) => (None, Some(id.uuid())),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"WITH RECURSIVE tree AS (
               SELECT id FROM departments WHERE id = $3
               UNION
               SELECT d.id FROM departments d JOIN tree t ON d.parent_id = t.id
           )
           SELECT id, parent_id, head_id, name, code, cost_centre, custom, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM departments
           WHERE (deleted_at IS NOT NULL) = $7
             AND (NOT $1 OR parent_id IS NULL)
             AND ($2::uuid IS NULL OR parent_id = $2)
             AND ($3::uuid IS NULL OR id IN (SELECT id FROM tree))
             AND ($4::uuid IS NULL OR (lower(name), id) > (lower($5), $4))
           ORDER BY lower(name), id
           LIMIT $6"#,
        filter == Filter::Top,
        parent,
        under,
        part.after_id(),
        part.after_name(),
        part.rows(),
        part.deleted,
    )
    .fetch_all(&mut **tx)
    .await?;
    let found = rows.into_iter().map(Department::from).collect();
    Ok(part.cut(found, |last| PageStart { name: last.name.clone(), id: last.id.uuid() }))
}
