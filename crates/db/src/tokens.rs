//! API tokens in a tenant's schema: made, looked up by their hash, listed, revoked.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use tenure_core::ids::{EmployeeId, TokenId, UserId};

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// A token that is about to be stored. Its secret is not in it, only the secret's hash.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// The user on whose behalf it acts.
    pub user: UserId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of its secret part.
    pub hash: [u8; 32],
    /// When it is made.
    pub now: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is listed; neither its secret nor its hash is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The mail address of its user.
    pub user: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Who stands behind a token that is good now.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The token.
    pub token: TokenId,
    /// Its user.
    pub user: UserId,
    /// The user's mail address.
    pub email: String,
    /// The employee that the user is, if any.
    pub employee: Option<EmployeeId>,
    /// The keys of the user's roles.
    pub roles: Vec<String>,
    /// What the custom ones among them grant: each a permission and a scope, with a blank between.
    pub granted: Vec<String>,
    /// Whether something takes effect today that the rows of employees do not show yet: see [`crate::employment::due`].
    pub something_is_due: bool,
}

/// The statement that finds out who stands behind a credential `t` of a user `u`, and whether something is due, by the way: of the
/// three tables asked for that, each has an index that holds nearly nothing. `$1` is the present day; what follows it is the credential's.
macro_rules! who {
    ($from:literal, $today:expr, $($argument:expr),+ $(,)?) => {
        sqlx::query!(
            r#"SELECT t.id AS token, u.id AS "user", u.email, u.employee_id,
                  ARRAY(SELECT r.key FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        WHERE ur.user_id = u.id AND r.deleted_at IS NULL ORDER BY r.key) AS "roles!",
                  ARRAY(SELECT p.permission || ' ' || p.scope FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                        JOIN role_permissions p ON p.role_id = r.id
                        WHERE ur.user_id = u.id AND r.deleted_at IS NULL AND NOT r.built_in) AS "granted!",
                  (EXISTS (SELECT FROM job_assignments
                           WHERE effective_from <= $1 AND applied_at IS NULL AND deleted_at IS NULL)
                   OR EXISTS (SELECT FROM employees WHERE hired_on <= $1 AND status = 'pending' AND deleted_at IS NULL)
                   OR EXISTS (SELECT FROM employees WHERE terminated_on < $1 AND status <> 'terminated' AND deleted_at IS NULL)
                  ) AS "something_is_due!" "# + $from,
            $today,
            $($argument),+
        )
    };
}

/// The user of a mail address, who must be active.
///
/// # Errors
/// `NotFound` when there is none; `Refused` when the user is suspended.
pub async fn user_by_email(tx: &mut TenantTx, email: &str) -> Result<UserId> {
    let row = sqlx::query!("SELECT id, status FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL", email)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| Error::not_found("user", &email))?;
    if row.status != "active" {
        return Err(Error::Refused(format!("the user {email} is {}", row.status)));
    }
    Ok(row.id.into())
}

/// The tenant's owner: of the users with the role `owner`, the one who was made first.
///
/// # Errors
/// `NotFound` when no active user has the role.
pub async fn owner(tx: &mut TenantTx) -> Result<UserId> {
    let id = sqlx::query_scalar!(
        "SELECT u.id FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
         WHERE r.key = 'owner' AND r.deleted_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL ORDER BY u.id LIMIT 1"
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or_else(|| Error::not_found("active user with the role", "owner"))?;
    Ok(id.into())
}

/// Stores a token.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(tx: &mut TenantTx, token: &NewToken) -> Result<()> {
    sqlx::query!(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        token.id.uuid(),
        token.user.uuid(),
        token.name,
        token.hash.as_slice(),
        token.now.to_sqlx() as _,
        token.expires_at.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Who stands behind a token's hash, if the token is good at this time and its user is active.
///
/// The comparison is an index look-up of a SHA-256: what its timing could tell of the hash says nothing about the secret.
///
/// # Errors
/// When the database cannot be read.
pub async fn bearer(tx: &mut TenantTx, hash: &[u8; 32], now: Timestamp) -> Result<Option<Bearer>> {
    let row = who!(
        "FROM api_tokens t JOIN users u ON u.id = t.user_id
         WHERE t.token_hash = $2 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)
           AND u.status = 'active' AND u.deleted_at IS NULL",
        now.to_zoned(TimeZone::UTC).date().to_sqlx() as _,
        hash.as_slice(),
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.with_own_plan())
    .await?;
    Ok(row.map(|row| Bearer {
        token: row.token.into(),
        user: row.user.into(),
        email: row.email,
        employee: row.employee_id.map(EmployeeId::from),
        roles: row.roles,
        granted: row.granted,
        something_is_due: row.something_is_due,
    }))
}

/// The tenant's tokens, newest first, at most 1,000.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Token>> {
    let rows = sqlx::query!(
        r#"SELECT t.id, u.email, t.name, t.created_at AS "created_at: jiff_sqlx::Timestamp",
                  t.expires_at AS "expires_at: jiff_sqlx::Timestamp", t.revoked_at AS "revoked_at: jiff_sqlx::Timestamp"
           FROM api_tokens t JOIN users u ON u.id = t.user_id ORDER BY t.id DESC LIMIT 1000"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let tokens = rows.into_iter().map(|row| Token {
        id: row.id.into(),
        user: row.email,
        name: row.name,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(tokens.collect())
}

/// Makes a token useless from now on.
///
/// # Errors
/// `NotFound` when there is none that is still good.
pub async fn revoke(tx: &mut TenantTx, token: TokenId, now: Timestamp) -> Result<()> {
    let done = sqlx::query!(
        "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        token.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 { Err(Error::not_found("token in use", &token)) } else { Ok(()) }
}
