//! Whom to call when something happens to an employee.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::contact::Email;
use tenure_core::ids::{EmergencyContactId, EmployeeId};
use tenure_core::text::Line;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The name of a contact.
pub type Name = Line<200>;
/// What a contact is to the employee, for example wife.
pub type Relationship = Line<100>;
/// A telephone number.
pub type Phone = Line<50>;

/// Somebody to be called when something happens to an employee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyContact {
    /// The key.
    pub id: EmergencyContactId,
    /// Whose it is.
    pub employee_id: EmployeeId,
    /// Who is called.
    pub name: String,
    /// What the contact is to the employee.
    pub relationship: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// In which order they are called.
    pub position: i32,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a contact its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Who is called.
    pub name: Name,
    /// What the contact is to the employee.
    pub relationship: Option<Relationship>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Mail address.
    pub email: Option<Email>,
    /// In which order they are called.
    pub position: i32,
}

/// The columns of the statements below.
struct Row {
    id: uuid::Uuid,
    employee_id: uuid::Uuid,
    name: String,
    relationship: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    position: i32,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl From<Row> for EmergencyContact {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            employee_id: row.employee_id.into(),
            name: row.name,
            relationship: row.relationship,
            phone: row.phone,
            email: row.email,
            position: row.position,
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        }
    }
}

/// The contacts of a person, in the order in which they are called.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, person: EmployeeId) -> Result<Vec<EmergencyContact>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, employee_id, name, relationship, phone, email, position, version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM emergency_contacts WHERE employee_id = $1 AND deleted_at IS NULL
           ORDER BY position, id"#,
        person.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(EmergencyContact::from).collect())
}

/// Makes a contact.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(
    tx: &mut TenantTx,
    id: EmergencyContactId,
    person: EmployeeId,
    content: &Content,
    now: Timestamp,
) -> Result<EmergencyContact> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO emergency_contacts (id, employee_id, name, relationship, phone, email, position, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           RETURNING id, employee_id, name, relationship, phone, email, position, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        person.uuid(),
        content.name.as_str(),
        content.relationship.as_ref().map(Relationship::as_str),
        content.phone.as_ref().map(Phone::as_str),
        content.email.as_ref().map(Email::as_str),
        content.position,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Writes a contact as it is now to be; whose it is, its version, its times and its key stay the database's own.
///
/// # Errors
/// When the database refuses it.
pub async fn update(tx: &mut TenantTx, record: &EmergencyContact, now: Timestamp) -> Result<EmergencyContact> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE emergency_contacts SET name = $2, relationship = $3, phone = $4, email = $5, position = $6,
                  version = version + 1, updated_at = $7
           WHERE id = $1
           RETURNING id, employee_id, name, relationship, phone, email, position, version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        record.id.uuid(),
        record.name,
        record.relationship,
        record.phone,
        record.email,
        record.position,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Deletes a contact.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: EmergencyContactId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE emergency_contacts SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
