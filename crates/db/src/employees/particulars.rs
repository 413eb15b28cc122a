//! What of an employee's row is so without a day from which it holds: names, number, contact, and what concerns the person alone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use tenure_core::employment::{EmployeeStatus, Gender, MaritalStatus};
use tenure_core::ids::EmployeeId;

use super::{optional_word, word};
use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// The particulars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Particulars {
    /// The number that the company gave.
    pub employee_number: String,
    /// Empty for people who have one name only.
    pub first_name: String,
    /// Further first names.
    pub middle_name: Option<String>,
    /// The family name.
    pub last_name: String,
    /// What the person wants to be called.
    pub preferred_name: Option<String>,
    /// Mail address at work.
    pub work_email: Option<String>,
    /// Telephone at work.
    pub work_phone: Option<String>,
    /// Private mail address.
    pub personal_email: Option<String>,
    /// Private telephone.
    pub personal_phone: Option<String>,
    /// The day of birth.
    pub birth_date: Option<Date>,
    /// As the person states it.
    pub gender: Option<Gender>,
    /// Marital status.
    pub marital_status: Option<MaritalStatus>,
    /// Citizenship in words.
    pub citizenship: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country_code: Option<String>,
}

/// Particulars with what a change of them has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownParticulars {
    /// The particulars.
    pub particulars: Particulars,
    /// The version.
    pub version: i32,
    /// The first day of employment.
    pub hired_on: Date,
    /// Where the person stands with the company.
    pub status: EmployeeStatus,
}

/// The particulars of an employee; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn particulars(tx: &mut TenantTx, id: EmployeeId) -> Result<Option<KnownParticulars>> {
    let row = sqlx::query!(
        r#"SELECT employee_number, first_name, middle_name, last_name, preferred_name, work_email, work_phone, personal_email,
                  personal_phone, birth_date AS "birth_date: jiff_sqlx::Date", gender, marital_status, citizenship, address, city,
                  region, postal_code, country_code, version, hired_on AS "hired_on: jiff_sqlx::Date", status
           FROM employees WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let particulars = Particulars {
        employee_number: row.employee_number,
        first_name: row.first_name,
        middle_name: row.middle_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        work_email: row.work_email,
        work_phone: row.work_phone,
        personal_email: row.personal_email,
        personal_phone: row.personal_phone,
        birth_date: row.birth_date.map(jiff_sqlx::Date::to_jiff),
        gender: optional_word(row.gender.as_deref())?,
        marital_status: optional_word(row.marital_status.as_deref())?,
        citizenship: row.citizenship,
        address: row.address,
        city: row.city,
        region: row.region,
        postal_code: row.postal_code,
        country_code: row.country_code,
    };
    let status = word(&row.status)?;
    Ok(Some(KnownParticulars { particulars, version: row.version, hired_on: row.hired_on.to_jiff(), status }))
}

/// Writes the particulars of an employee who is still of a version; says whether there was one.
///
/// # Errors
/// `Taken` when the number or the work address is another employee's.
pub async fn save_particulars(
    tx: &mut TenantTx,
    (id, version): (EmployeeId, i32),
    new: &Particulars,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE employees SET employee_number = $3, first_name = $4, middle_name = $5, last_name = $6, preferred_name = $7,
             work_email = $8, work_phone = $9, personal_email = $10, personal_phone = $11, birth_date = $12, gender = $13,
             marital_status = $14, citizenship = $15, address = $16, city = $17, region = $18, postal_code = $19,
             country_code = $20, version = version + 1, updated_at = $21
         WHERE id = $1 AND version = $2 AND deleted_at IS NULL",
        id.uuid(),
        version,
        new.employee_number,
        new.first_name,
        new.middle_name,
        new.last_name,
        new.preferred_name,
        new.work_email,
        new.work_phone,
        new.personal_email,
        new.personal_phone,
        new.birth_date.map(ToSqlx::to_sqlx) as _,
        new.gender.map(Gender::as_str),
        new.marital_status.map(MaritalStatus::as_str),
        new.citizenship,
        new.address,
        new.city,
        new.region,
        new.postal_code,
        new.country_code,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(done.rows_affected() == 1)
}

pub(super) fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[
            ("employees_number_key", "employee_number", "is the number of another employee"),
            ("employees_work_email_key", "work_email", "is the work address of another employee"),
        ],
    )
}
