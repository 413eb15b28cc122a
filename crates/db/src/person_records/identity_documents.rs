//! Passports and other documents of employees.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use tenure_core::ids::{EmployeeId, IdentityDocumentId};
use tenure_core::person_records::{DocumentKind, DocumentNumber, GuardedNumber};
use tenure_core::place::CountryCode;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// A passport or other proof of who an employee is and what he or she may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityDocument {
    /// The key.
    pub id: IdentityDocumentId,
    /// Whose it is.
    pub employee_id: EmployeeId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: GuardedNumber,
    /// The country that gave it, ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// The day on which it was given.
    pub issued_on: Option<Date>,
    /// The last day on which it is good.
    pub expires_on: Option<Date>,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What of a document its writer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: DocumentNumber,
    /// The country that gave it, ISO 3166-1 alpha-2.
    pub country_code: Option<CountryCode>,
    /// The day on which it was given.
    pub issued_on: Option<Date>,
    /// The last day on which it is good.
    pub expires_on: Option<Date>,
}

/// The columns of the statements below.
struct Row {
    id: uuid::Uuid,
    employee_id: uuid::Uuid,
    kind: String,
    number: String,
    country_code: Option<String>,
    issued_on: Option<jiff_sqlx::Date>,
    expires_on: Option<jiff_sqlx::Date>,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
    updated_at: jiff_sqlx::Timestamp,
}

impl IdentityDocument {
    /// The document as the audit log keeps it.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self { number: self.number.masked(), ..self.clone() }
    }
}

impl TryFrom<Row> for IdentityDocument {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            employee_id: row.employee_id.into(),
            kind: row.kind.parse().map_err(Error::decode)?,
            number: GuardedNumber::stored(row.number),
            country_code: row.country_code,
            issued_on: row.issued_on.map(jiff_sqlx::Date::to_jiff),
            expires_on: row.expires_on.map(jiff_sqlx::Date::to_jiff),
            version: row.version,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
    }
}

/// The documents of a person, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, person: EmployeeId) -> Result<Vec<IdentityDocument>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, employee_id, kind, number, country_code, issued_on AS "issued_on: jiff_sqlx::Date", expires_on AS "expires_on: jiff_sqlx::Date", version,
                  created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM identity_documents WHERE employee_id = $1 AND deleted_at IS NULL
           ORDER BY id"#,
        person.uuid(),
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(IdentityDocument::try_from).collect()
}

/// Makes a document.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(
    tx: &mut TenantTx,
    id: IdentityDocumentId,
    person: EmployeeId,
    content: &Content,
    now: Timestamp,
) -> Result<IdentityDocument> {
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO identity_documents (id, employee_id, kind, number, country_code, issued_on, expires_on, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
           RETURNING id, employee_id, kind, number, country_code, issued_on AS "issued_on: jiff_sqlx::Date", expires_on AS "expires_on: jiff_sqlx::Date", version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        person.uuid(),
        content.kind.as_str(),
        content.number.reveal(),
        content.country_code.as_ref().map(CountryCode::as_str),
        content.issued_on.map(Date::to_sqlx) as _,
        content.expires_on.map(Date::to_sqlx) as _,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    row.try_into()
}

/// Writes a document as it is now to be; whose it is, its version, its times and its key stay the database's own.
///
/// # Errors
/// When the database refuses it.
pub async fn update(tx: &mut TenantTx, record: &IdentityDocument, now: Timestamp) -> Result<IdentityDocument> {
    let row = sqlx::query_as!(
        Row,
        r#"UPDATE identity_documents SET kind = $2, number = $3, country_code = $4, issued_on = $5, expires_on = $6,
                  version = version + 1, updated_at = $7
           WHERE id = $1
           RETURNING id, employee_id, kind, number, country_code, issued_on AS "issued_on: jiff_sqlx::Date", expires_on AS "expires_on: jiff_sqlx::Date", version,
                     created_at AS "created_at: jiff_sqlx::Timestamp", updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        record.id.uuid(),
        record.kind.as_str(),
        record.number.reveal(),
        record.country_code,
        record.issued_on.map(Date::to_sqlx) as _,
        record.expires_on.map(Date::to_sqlx) as _,
        now.to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    row.try_into()
}

/// Deletes a document.
///
/// # Errors
/// When the database refuses it.
pub async fn mark_deleted(tx: &mut TenantTx, id: IdentityDocumentId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE identity_documents SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.uuid(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
