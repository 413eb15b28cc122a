//! Departments and designations that a file names and the company does not have yet.

use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::Import;
use super::trail::{self, Made};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Makes the missing departments, at the top of the tree, and gives their names. A name that the company has at several places
/// of its tree is not missing.
pub(super) async fn add_departments(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<Vec<String>> {
    let names: Vec<String> = sqlx::query_scalar!(
        r#"SELECT DISTINCT ON (lower(r.department)) r.department AS "name!" FROM employee_import_rows r
           WHERE r.department IS NOT NULL
             AND NOT EXISTS (SELECT FROM departments d WHERE lower(d.name) = lower(r.department) AND d.deleted_at IS NULL)
           ORDER BY lower(r.department), r.line"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<Uuid> = names.iter().map(|_| new_id()).collect();
    sqlx::query!(
        "INSERT INTO departments (id, name, created_at, updated_at)
         SELECT n.id, n.name, $3, $3 FROM unnest($1::uuid[], $2::text[]) AS n (id, name)",
        &ids,
        &names,
        import.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    let made = Made { entity: "department", key: "name", ids: &ids, names: &names };
    trail::record_made(tx, import, &made, new_id).await?;
    Ok(names)
}

/// Makes the missing designations and gives their titles.
pub(super) async fn add_designations(
    tx: &mut TenantTx,
    import: &Import<'_>,
    new_id: &(dyn Fn() -> Uuid + Sync),
) -> Result<Vec<String>> {
    let titles: Vec<String> = sqlx::query_scalar!(
        r#"SELECT DISTINCT ON (lower(r.designation)) r.designation AS "title!" FROM employee_import_rows r
           WHERE r.designation IS NOT NULL
             AND NOT EXISTS (SELECT FROM designations d WHERE lower(d.title) = lower(r.designation) AND d.deleted_at IS NULL)
           ORDER BY lower(r.designation), r.line"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<Uuid> = titles.iter().map(|_| new_id()).collect();
    sqlx::query!(
        "INSERT INTO designations (id, title, created_at, updated_at)
         SELECT n.id, n.title, $3, $3 FROM unnest($1::uuid[], $2::text[]) AS n (id, title)",
        &ids,
        &titles,
        import.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    let made = Made { entity: "designation", key: "title", ids: &ids, names: &titles };
    trail::record_made(tx, import, &made, new_id).await?;
    Ok(titles)
}
