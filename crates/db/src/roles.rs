//! Roles of one tenant: those that every tenant has, and the company's own with what they grant.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::ids::RoleId;
use tenure_core::text::Line;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// What a role is called.
pub type RoleName = Line<100>;
/// What a role is for.
pub type RoleDescription = Line<1000>;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The key in the table.
    pub id: RoleId,
    /// The word that stands for it.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether every tenant has it. The program knows what such a role grants.
    pub built_in: bool,
    /// What it grants: each a permission and a scope, with a blank between.
    pub grants: Vec<String>,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

struct Row {
    id: Uuid,
    key: String,
    name: String,
    description: Option<String>,
    built_in: bool,
    grants: Vec<String>,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Role {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            key: row.key,
            name: row.name,
            description: row.description,
            built_in: row.built_in,
            grants: row.grants,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}

/// The roles, those that every tenant has first, then by name; at most 1,000.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Role>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.key, r.name, r.description, r.built_in,
                  ARRAY(SELECT p.permission || ' ' || p.scope FROM role_permissions p WHERE p.role_id = r.id ORDER BY 1) AS "grants!",
                  r.version, r.created_at AS "created_at: jiff_sqlx::Timestamp", r.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM roles r WHERE r.deleted_at IS NULL ORDER BY r.built_in DESC, lower(r.name), r.id LIMIT 1000"#
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(Role::from).collect())
}

/// The roles of these keys.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_keys(tx: &mut TenantTx, keys: &[String]) -> Result<Vec<Role>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.key, r.name, r.description, r.built_in,
                  ARRAY(SELECT p.permission || ' ' || p.scope FROM role_permissions p WHERE p.role_id = r.id ORDER BY 1) AS "grants!",
                  r.version, r.created_at AS "created_at: jiff_sqlx::Timestamp", r.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM roles r WHERE r.deleted_at IS NULL AND r.key = ANY($1) ORDER BY r.key"#,
        keys,
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(Role::from).collect())
}

/// A role by its key in the table; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: RoleId) -> Result<Option<Role>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.key, r.name, r.description, r.built_in,
                  ARRAY(SELECT p.permission || ' ' || p.scope FROM role_permissions p WHERE p.role_id = r.id ORDER BY 1) AS "grants!",
                  r.version, r.created_at AS "created_at: jiff_sqlx::Timestamp", r.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM roles r WHERE r.deleted_at IS NULL AND r.id = $1"#,
        id.uuid(),
    );
    Ok(row.fetch_optional(&mut **tx).await?.map(Role::from))
}

/// Makes a role of the company's own, or writes one as it is now to be; its version and what it grants stay.
///
/// # Errors
/// `Taken` when another role has the key or the name.
pub async fn write(tx: &mut TenantTx, role: &Role, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "INSERT INTO roles AS r (id, key, name, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (id) DO UPDATE SET name = $3, description = $4, version = r.version + 1, updated_at = $5",
        role.id.uuid(),
        role.key,
        role.name,
        role.description,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}

/// Makes a role grant these permissions, each in its scope, in place of what it granted.
///
/// # Errors
/// When the database refuses it.
pub async fn set_grants(tx: &mut TenantTx, role: RoleId, grants: &[(&str, &str)], now: Timestamp) -> Result<()> {
    sqlx::query!("DELETE FROM role_permissions WHERE role_id = $1", role.uuid()).execute(&mut **tx).await?;
    let (permissions, scopes): (Vec<String>, Vec<String>) =
        grants.iter().map(|(permission, scope)| ((*permission).to_owned(), (*scope).to_owned())).unzip();
    sqlx::query!(
        "INSERT INTO role_permissions (role_id, permission, scope, created_at)
         SELECT DISTINCT $1::uuid, permission, scope, $4::timestamptz FROM unnest($2::text[], $3::text[]) AS given (permission, scope)",
        role.uuid(),
        &permissions,
        &scopes,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether a user who is not deleted has a role.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_in_use(tx: &mut TenantTx, role: RoleId) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM user_roles ur JOIN users u ON u.id = ur.user_id
                          WHERE ur.role_id = $1 AND u.deleted_at IS NULL) AS "found!""#,
        role.uuid(),
    );
    Ok(found.fetch_one(&mut **tx).await?)
}

/// Deletes a role, whose key and name are then free.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, role: RoleId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE roles SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1 AND NOT built_in",
        role.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[
            ("roles_key_key", "key", "is the key of another role"),
            ("roles_name_key", "name", "is the name of another role"),
        ],
    )
}
