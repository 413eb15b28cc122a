//! One user, and what a user may do.

use sqlx::raw_sql;
use tenure_core::ids::UserId;

use super::{Row, User};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// What a user may do, in the words of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The keys of the user's roles.
    pub roles: Vec<String>,
    /// What the custom ones among them grant: each a permission and a scope, with a blank between.
    pub granted: Vec<String>,
}

/// Makes the changes of a tenant's users and roles follow each other until this transaction ends: two that are each right could together
/// leave a company without an owner. Neither readers nor those who sign in wait. To be called before anything that the change depends on
/// is read.
///
/// # Errors
/// When the database refuses it.
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    raw_sql("LOCK TABLE roles IN SHARE ROW EXCLUSIVE MODE").execute(&mut **tx).await?;
    Ok(())
}

/// A user by id; `None` when there is none, or when the user was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(tx: &mut TenantTx, id: UserId) -> Result<Option<User>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, u.status, u.employee_id,
                  ARRAY(SELECT r.key FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = u.id AND r.deleted_at IS NULL ORDER BY r.key) AS "roles!",
                  u.password_hash IS NOT NULL AS "has_password!", u.last_signed_in_at AS "last_signed_in_at: jiff_sqlx::Timestamp",
                  u.version, u.created_at AS "created_at: jiff_sqlx::Timestamp", u.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(User::from))
}

/// The id of the user of a mail address, in whatever case.
///
/// # Errors
/// When the database cannot be read.
pub async fn find_by_email(tx: &mut TenantTx, email: &str) -> Result<Option<UserId>> {
    let id = sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL", email);
    Ok(id.fetch_optional(&mut **tx).await?.map(UserId::from))
}

/// What a user may do, whether active or not; nothing for one who is not there.
///
/// # Errors
/// When the database cannot be read.
pub async fn rights(tx: &mut TenantTx, id: UserId) -> Result<Rights> {
    let row = sqlx::query!(
        r#"SELECT ARRAY(SELECT r.key FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = $1 AND r.deleted_at IS NULL ORDER BY r.key) AS "roles!",
                  ARRAY(SELECT p.permission || ' ' || p.scope FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        JOIN role_permissions p ON p.role_id = r.id
                        WHERE ur.user_id = $1 AND r.deleted_at IS NULL AND NOT r.built_in) AS "granted!""#,
        id.uuid(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Rights { roles: row.roles, granted: row.granted })
}

/// How many active users have the role `owner`.
///
/// # Errors
/// When the database cannot be read.
pub async fn active_owners(tx: &mut TenantTx) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
           WHERE r.key = 'owner' AND r.deleted_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL"#
    );
    Ok(count.fetch_one(&mut **tx).await?)
}
