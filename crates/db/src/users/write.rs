//! Changes of one user. Who calls them has called [`super::lock`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::{EmployeeId, RoleId, UserId};
use uuid::Uuid;

use super::{Content, User};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// Makes a user without roles.
///
/// # Errors
/// `Taken` when somebody has the mail address, or is the employee.
pub async fn insert(tx: &mut TenantTx, id: UserId, content: &Content, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "INSERT INTO users (id, email, display_name, employee_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        id.uuid(),
        content.email.as_str(),
        content.display_name.as_str(),
        content.employee_id.map(EmployeeId::uuid),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}

/// Writes a user as it is now to be, the roles aside.
///
/// # Errors
/// `Taken` when somebody else has the mail address, or is the employee.
pub async fn update(tx: &mut TenantTx, user: &User, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET email = $2, display_name = $3, employee_id = $4, status = $5, version = version + 1, updated_at = $6
         WHERE id = $1",
        user.id.uuid(),
        user.email,
        user.display_name,
        user.employee_id.map(EmployeeId::uuid),
        user.status.as_str(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}

/// Gives a user these roles in place of those that there are.
///
/// # Errors
/// When the database refuses it.
pub async fn set_roles(tx: &mut TenantTx, user: UserId, roles: &[RoleId], now: Timestamp) -> Result<()> {
    let roles: Vec<Uuid> = roles.iter().map(|role| role.uuid()).collect();
    let gone = sqlx::query!("DELETE FROM user_roles WHERE user_id = $1 AND role_id <> ALL($2)", user.uuid(), &roles);
    gone.execute(&mut **tx).await?;
    sqlx::query!(
        "INSERT INTO user_roles (user_id, role_id, created_at) SELECT $1, id, $3 FROM unnest($2::uuid[]) AS given (id)
         ON CONFLICT DO NOTHING",
        user.uuid(),
        &roles,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes a user, whose mail address and employee are then free.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: UserId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
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
            ("users_email_key", "email", "is the mail address of another user"),
            ("users_employee_id_key", "employee_id", "is the employee of another user"),
            ("users_employee_id_fkey", "employee_id", "is no employee of this company"),
        ],
    )
}
