//! Who is behind a message, and by which address.

use tenure_core::ids::{EmployeeId, UserId};

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Somebody who is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user, if the person has one.
    pub user: Option<UserId>,
    /// The mail address.
    pub address: String,
    /// By which name.
    pub name: Option<String>,
}

/// An active user.
///
/// # Errors
/// When the database cannot be read.
pub async fn user(tx: &mut TenantTx, user: UserId) -> Result<Option<Recipient>> {
    let row = sqlx::query!(
        "SELECT id, email, display_name FROM users WHERE id = $1 AND status = 'active' AND deleted_at IS NULL",
        user.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Recipient { user: Some(row.id.into()), address: row.email, name: Some(row.display_name) }))
}

/// The active user of a mail address, in whatever case.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_address(tx: &mut TenantTx, address: &str) -> Result<Option<Recipient>> {
    let row = sqlx::query!(
        "SELECT id, email, display_name FROM users WHERE lower(email) = lower($1) AND status = 'active' AND deleted_at IS NULL",
        address,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Recipient { user: Some(row.id.into()), address: row.email, name: Some(row.display_name) }))
}

/// A person who works for the company or is about to: by the address of their user, or else by the one at work. Nobody whose user was
/// suspended, or who has neither.
///
/// # Errors
/// When the database cannot be read.
pub async fn employee(tx: &mut TenantTx, employee: EmployeeId) -> Result<Option<Recipient>> {
    let row = sqlx::query!(
        r#"SELECT u.id AS "user?", coalesce(u.email, e.work_email) AS address, coalesce(e.preferred_name, nullif(e.first_name, '')) AS name
           FROM employees e LEFT JOIN users u ON u.employee_id = e.id AND u.deleted_at IS NULL
           WHERE e.id = $1 AND e.deleted_at IS NULL AND e.status IN ('pending', 'active', 'on_leave') AND coalesce(u.status, 'active') = 'active'"#,
        employee.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| Some(Recipient { user: row.user.map(UserId::from), address: row.address?, name: row.name })))
}

/// The active users who look after people: who have one of these roles.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_roles(tx: &mut TenantTx, keys: &[&str]) -> Result<Vec<UserId>> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let ids = sqlx::query_scalar!(
        "SELECT DISTINCT u.id FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
         WHERE r.key = ANY($1) AND r.deleted_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL ORDER BY u.id",
        &keys,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}
