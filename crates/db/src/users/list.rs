//! A page of the user list, in the order of mail addresses.

use sqlx::{Postgres, QueryBuilder};
use tenure_core::access::UserStatus;
use tenure_core::ids::UserId;
use uuid::Uuid;

use super::{Row, User};
use crate::error::Result;
use crate::page::escaped;
use crate::tenant_tx::TenantTx;

/// Which users are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those whose mail address or name contains this, in whatever case.
    pub text: Option<String>,
    /// Only those of this status.
    pub status: Option<UserStatus>,
    /// Only those who have the role of this key.
    pub role: Option<String>,
}

/// The place in the list after which a page starts: the last user of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    /// The mail address.
    pub email: String,
    /// The key, which earlier programs looked at.
    pub id: UserId,
}

/// At most `limit` users by mail address, in whatever case, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, filter: &Filter, after: Option<&PageStart>, limit: u16) -> Result<Vec<User>> {
    let role = match &filter.role {
        None => None,
        Some(key) => match role_of(tx, key).await? {
            None => return Ok(Vec::new()),
            found => found,
        },
    };
    let mut sql = matching(filter, role, after);
    sql.push(" ORDER BY lower(u.email) LIMIT ").push_bind(i64::from(limit));
    let keys = sql.build_query_scalar().persistent(false).fetch_all(&mut **tx).await?;
    rows(tx, &keys).await
}

async fn role_of(tx: &mut TenantTx, key: &str) -> Result<Option<Uuid>> {
    let role = sqlx::query_scalar!("SELECT id FROM roles WHERE key = $1 AND deleted_at IS NULL", key);
    Ok(role.fetch_optional(&mut **tx).await?)
}

/// Those who match. As of employees, the statement holds the conditions that were asked for and no others, and is planned for the values at
/// hand. A mail address is one user's alone, so the order needs nothing else.
fn matching(filter: &Filter, role: Option<Uuid>, after: Option<&PageStart>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("SELECT u.id FROM users u WHERE u.deleted_at IS NULL");
    if let Some(text) = &filter.text {
        let pattern = format!("%{}%", escaped(text));
        sql.push(" AND (lower(u.email) LIKE lower(").push_bind(pattern.clone());
        sql.push(") OR lower(u.display_name) LIKE lower(").push_bind(pattern).push("))");
    }
    if let Some(status) = filter.status {
        sql.push(" AND u.status = ").push_bind(status.as_str());
    }
    if let Some(role) = role {
        sql.push(" AND u.id IN (SELECT user_id FROM user_roles WHERE role_id = ").push_bind(role).push(")");
    }
    if let Some(start) = after {
        sql.push(" AND lower(u.email) > lower(").push_bind(start.email.clone()).push(")");
    }
    sql
}

/// What is shown of users, in the order of their keys.
async fn rows(tx: &mut TenantTx, keys: &[Uuid]) -> Result<Vec<User>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, u.status, u.employee_id,
                  ARRAY(SELECT r.key FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = u.id AND r.deleted_at IS NULL ORDER BY r.key) AS "roles!",
                  u.password_hash IS NOT NULL AS "has_password!", u.last_signed_in_at AS "last_signed_in_at: jiff_sqlx::Timestamp",
                  u.version, u.created_at AS "created_at: jiff_sqlx::Timestamp", u.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM unnest($1::uuid[]) WITH ORDINALITY AS k (id, place) JOIN users u ON u.id = k.id
           ORDER BY k.place"#,
        keys,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(User::from).collect())
}
