//! A new employee's row. What holds from a day on is written into it by [`crate::employment::settle`].

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_core::employment::{EmployeeStatus, Gender, MaritalStatus};
use tenure_core::ids::EmployeeId;

use crate::error::{Error, Result};
use crate::tenant_tx::TenantTx;

/// What is known of a person besides the employment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewEmployee {
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
    /// What concerns the person alone, where anything of it is known.
    pub personal: Option<NewPersonalFields>,
    /// The first day of employment.
    pub hired_on: Date,
    /// The company's own fields.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub custom: Map<String, Value>,
}

/// What concerns a new employee alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewPersonalFields {
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

/// Stores a new employee, who is pending until [`crate::employment::settle`] has said otherwise.
///
/// # Errors
/// `Taken` when the number or the work address is another employee's.
pub async fn insert(tx: &mut TenantTx, id: EmployeeId, number: &str, new: &NewEmployee, now: Timestamp) -> Result<()> {
    let personal = new.personal.clone().unwrap_or_default();
    sqlx::query!(
        "INSERT INTO employees (id, employee_number, first_name, middle_name, last_name, preferred_name, work_email, work_phone,
             personal_email, personal_phone, birth_date, gender, marital_status, citizenship, address, city, region, postal_code,
             country_code, status, hired_on, custom, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0, $23, $23)",
        id.uuid(),
        number,
        new.first_name,
        new.middle_name,
        new.last_name,
        new.preferred_name,
        new.work_email,
        new.work_phone,
        personal.personal_email,
        personal.personal_phone,
        personal.birth_date.map(ToSqlx::to_sqlx) as _,
        personal.gender.map(Gender::as_str),
        personal.marital_status.map(MaritalStatus::as_str),
        personal.citizenship,
        personal.address,
        personal.city,
        personal.region,
        personal.postal_code,
        personal.country_code,
        EmployeeStatus::Pending.as_str(),
        new.hired_on.to_sqlx() as _,
        Value::Object(new.custom.clone()),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(taken)?;
    Ok(())
}

/// What a change of an employment has to know of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The version.
    pub version: i32,
    /// The day of birth, before which nobody is hired.
    pub birth_date: Option<Date>,
}

/// The version and the birth date of an employee; `None` when there is none, or when it was deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn known(tx: &mut TenantTx, id: EmployeeId) -> Result<Option<Known>> {
    let row = sqlx::query!(
        r#"SELECT version, birth_date AS "birth_date: jiff_sqlx::Date" FROM employees WHERE id = $1 AND deleted_at IS NULL"#,
        id.uuid(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Known { version: row.version, birth_date: row.birth_date.map(jiff_sqlx::Date::to_jiff) }))
}

fn taken(error: sqlx::Error) -> Error {
    Error::taken(
        error,
        &[
            ("employees_number_key", "employee_number", "is the number of another employee"),
            ("employees_work_email_key", "work_email", "is the work address of another employee"),
        ],
    )
}
