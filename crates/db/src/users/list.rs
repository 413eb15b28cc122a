//! A page of the user list, in the order of mail addresses.

use tenure_core::access::UserStatus;
use tenure_core::ids::UserId;

use super::{Row, User};
use crate::error::Result;
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
    /// The key.
    pub id: UserId,
}

/// At most `limit` users by mail address, in whatever case, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, filter: &Filter, after: Option<&PageStart>, limit: u16) -> Result<Vec<User>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.display_name, u.status, u.employee_id,
                  ARRAY(SELECT r.key FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = u.id AND r.deleted_at IS NULL ORDER BY r.key) AS "roles!",
                  u.password_hash IS NOT NULL AS "has_password!", u.last_signed_in_at AS "last_signed_in_at: jiff_sqlx::Timestamp",
                  u.version, u.created_at AS "created_at: jiff_sqlx::Timestamp", u.updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM users u
           WHERE u.deleted_at IS NULL
             AND ($1::text IS NULL OR strpos(lower(u.email), lower($1)) > 0 OR strpos(lower(u.display_name), lower($1)) > 0)
             AND ($2::text IS NULL OR u.status = $2)
             AND ($3::text IS NULL OR EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                      WHERE ur.user_id = u.id AND r.key = $3 AND r.deleted_at IS NULL))
             AND ($4::uuid IS NULL OR (lower(u.email), u.id) > (lower($5), $4))
           ORDER BY lower(u.email), u.id
           LIMIT $6"#,
        filter.text,
        filter.status.map(UserStatus::as_str),
        filter.role,
        after.map(|start| start.id.uuid()),
        after.map(|start| start.email.as_str()),
        i64::from(limit),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(User::from).collect())
}
