//! Who stands behind a credential, whether an API token or a session: the one statement that lets requests in.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use tenure_core::ids::{EmployeeId, SessionId, TokenId, UserId};
use uuid::Uuid;

use crate::error::Result;
use crate::stamps::Seen;
use crate::tenant_tx::TenantTx;

/// When a credential was last used is noted to this much.
pub const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// What a request brings.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// The hash of its secret.
    pub hash: [u8; 32],
    /// Whether it says that it is a session; else it says that it is an API token.
    pub is_session: bool,
    /// Now.
    pub now: Timestamp,
    /// A session that was not used since then has ended.
    pub idle_since: Timestamp,
}

/// A credential that is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialId {
    /// An API token.
    Token(TokenId),
    /// A session.
    Session(SessionId),
}

/// Who stands behind a credential that is good now.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The credential.
    pub credential: CredentialId,
    /// The permissions that it is confined to; `None` for all that the user has.
    pub permissions: Option<Vec<String>>,
    /// Whether its last use was noted longer ago than [`NOTED_EVERY`], or never.
    pub note_is_old: bool,
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
    /// The stamps of the tenant's data.
    pub stamps: Seen,
}

/// Who stands behind a credential, if it is good and its user is active.
///
/// Whether something is due is found out by the way: each of three indexes that hold nearly nothing is asked for its first day. Asked
/// whether there is a day before today, PostgreSQL could expect so many people who have left that it looks for one in the whole table.
///
/// The comparison is an index look-up of a SHA-256: what its timing could tell of the hash says nothing about the secret.
///
/// # Errors
/// When the database cannot be read.
pub async fn bearer(tx: &mut TenantTx, presented: &Presented) -> Result<Option<Bearer>> {
    let row = sqlx::query!(
        r#"SELECT c.id AS "id!", c.permissions, (c.used_at IS NULL OR c.used_at <= $5) AS "note_is_old!",
                  u.id AS "user", u.email, u.employee_id,
                  held.roles AS "roles!",
                  ARRAY(SELECT permission || ' ' || scope FROM role_permissions WHERE role_id = ANY (held.custom)) AS "granted!",
                  coalesce(least(
                      (SELECT min(effective_from) FROM job_assignments WHERE applied_at IS NULL AND deleted_at IS NULL),
                      (SELECT min(hired_on) FROM employees WHERE status = 'pending' AND deleted_at IS NULL),
                      (SELECT min(terminated_on) + 1 FROM employees WHERE status <> 'terminated' AND deleted_at IS NULL)
                  ) <= $6, false) AS "something_is_due!",
                  ARRAY(SELECT area FROM cache_stamps ORDER BY area) AS "areas!",
                  ARRAY(SELECT stamp FROM cache_stamps ORDER BY area) AS "stamps!"
           FROM (SELECT id, user_id, permissions, last_used_at AS used_at FROM api_tokens
                 WHERE NOT $2 AND token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
                 UNION ALL
                 SELECT id, user_id, NULL, last_seen_at FROM sessions
                 WHERE $2 AND token_hash = $1 AND ended_at IS NULL AND expires_at > $3 AND last_seen_at > $4) c
           JOIN users u ON u.id = c.user_id
           CROSS JOIN LATERAL (
               SELECT coalesce(array_agg(r.key ORDER BY r.key), '{}') AS roles, array_agg(r.id) FILTER (WHERE NOT r.built_in) AS custom
               FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.deleted_at IS NULL
           ) held
           WHERE u.status = 'active' AND u.deleted_at IS NULL"#,
        presented.hash.as_slice(),
        presented.is_session,
        presented.now.to_sqlx() as _,
        presented.idle_since.to_sqlx() as _,
        presented.now.checked_sub(NOTED_EVERY).unwrap_or(presented.now).to_sqlx() as _,
        presented.now.to_zoned(TimeZone::UTC).date().to_sqlx() as _,
    )
    .fetch_optional(tx.with_own_plan())
    .await?;
    let credential =
        |id: Uuid| if presented.is_session { CredentialId::Session(id.into()) } else { CredentialId::Token(id.into()) };
    Ok(row.map(|row| Bearer {
        credential: credential(row.id),
        permissions: row.permissions,
        note_is_old: row.note_is_old,
        user: row.user.into(),
        email: row.email,
        employee: row.employee_id.map(EmployeeId::from),
        roles: row.roles,
        granted: row.granted,
        something_is_due: row.something_is_due,
        stamps: Seen::new(tx, &row.areas, &row.stamps),
    }))
}

/// Notes that a credential is used. Of several who note at once, one writes.
///
/// # Errors
/// When the database refuses it.
pub async fn note_use(tx: &mut TenantTx, credential: CredentialId, now: Timestamp) -> Result<()> {
    let old = now.checked_sub(NOTED_EVERY).unwrap_or(now);
    let statement = match credential {
        CredentialId::Token(id) => sqlx::query!(
            "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
            id.uuid(),
            now.to_sqlx() as _,
            old.to_sqlx() as _,
        ),
        CredentialId::Session(id) => sqlx::query!(
            "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at <= $3",
            id.uuid(),
            now.to_sqlx() as _,
            old.to_sqlx() as _,
        ),
    };
    statement.execute(&mut **tx).await?;
    Ok(())
}
