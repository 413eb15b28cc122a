//! Employees of one tenant: one by id, a page of the list, and where a person stands to another.

mod custom;
mod find;
mod insert;
mod list;
mod standing;

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_core::employment::{
    EmployeeStatus, EmploymentType, Fraction, Gender, MaritalStatus, PayPeriod, TerminationKind, UnknownWord,
};
use tenure_core::ids::{DepartmentId, DesignationId, EmployeeId, LocationId};
use tenure_core::money::Money;

pub use custom::{Custom, custom_for_change, set_custom};
pub use find::{AsOf, Wanted, find, find_as_of};
pub use insert::{Known, NewEmployee, NewPersonalFields, insert, known};
pub use list::{DepartmentFilter, Filter, PageStart, list};
pub use standing::{exists, in_department_of, reports_to};

use crate::error::{Error, Result};

/// An employee with all classes of fields. Who may see which is decided by the use cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Employee {
    /// What colleagues know.
    pub work: WorkFields,
    /// What concerns the person alone.
    pub personal: PersonalFields,
    /// What can do harm in the wrong hands.
    pub sensitive: SensitiveFields,
    /// What the person earns on the day asked for; `None` when nothing is on record, or when it was not asked for.
    pub pay: Option<Pay>,
    /// The company's own fields, of all classes.
    pub custom: Map<String, Value>,
}

/// What colleagues know: name, work contact, place in the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkFields {
    /// The key.
    pub id: EmployeeId,
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
    /// Where the person stands with the company.
    pub status: EmployeeStatus,
    /// The kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// The first day of employment.
    pub hired_on: Date,
    /// The last day of employment, which may lie ahead.
    pub terminated_on: Option<Date>,
    /// The department.
    pub department: Option<Department>,
    /// The job title.
    pub designation: Option<Designation>,
    /// Whom the person reports to.
    pub manager: Option<Manager>,
    /// The place of work.
    pub location: Option<Location>,
    /// How much of full time.
    pub working_time_fraction: Option<Fraction>,
    /// The company's word for the band of pay.
    pub pay_grade: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

/// A department as an employee names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// The key.
    pub id: DepartmentId,
    /// Its name, unique under its parent only.
    pub name: String,
}

/// A job title as an employee names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Designation {
    /// The key.
    pub id: DesignationId,
    /// The title.
    pub title: String,
}

/// A manager as an employee names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// The key.
    pub id: EmployeeId,
    /// First name; may be empty.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// A place of work as an employee names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The key.
    pub id: LocationId,
    /// Its name.
    pub name: String,
}

/// What concerns the person alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalFields {
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

/// What can do harm in the wrong hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SensitiveFields {
    /// On whose initiative the employment ended.
    pub termination_kind: Option<TerminationKind>,
    /// Why it ended, in words.
    pub termination_reason: Option<String>,
}

/// What somebody earns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pay {
    /// The base salary of one period.
    pub base: Money,
    /// The period that it is paid for.
    pub period: PayPeriod,
    /// The day since which it holds.
    pub effective_from: Date,
}

/// Reads a word that a CHECK holds to those that the program knows.
pub(crate) fn word<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<T> {
    text.parse().map_err(|error| Error::Sql(sqlx::Error::Decode(Box::new(error))))
}

/// The same for a column that may be empty.
pub(crate) fn optional_word<T: FromStr<Err = UnknownWord>>(text: Option<&str>) -> Result<Option<T>> {
    text.map(word).transpose()
}

/// Takes the work fields out of a row that has their columns.
macro_rules! work_fields {
    ($row:ident) => {
        $crate::employees::WorkFields {
            id: $row.id.into(),
            employee_number: $row.employee_number,
            first_name: $row.first_name,
            middle_name: $row.middle_name,
            last_name: $row.last_name,
            preferred_name: $row.preferred_name,
            work_email: $row.work_email,
            work_phone: $row.work_phone,
            status: $crate::employees::word(&$row.status)?,
            employment_type: $crate::employees::optional_word($row.employment_type.as_deref())?,
            hired_on: $row.hired_on.to_jiff(),
            terminated_on: $row.terminated_on.map(jiff_sqlx::Date::to_jiff),
            department: $row
                .department_id
                .zip($row.department)
                .map(|(id, name)| $crate::employees::Department { id: id.into(), name }),
            designation: $row
                .designation_id
                .zip($row.designation)
                .map(|(id, title)| $crate::employees::Designation { id: id.into(), title }),
            manager: $row.manager_id.zip($row.manager_first_name).zip($row.manager_last_name).map(
                |((id, first_name), last_name)| $crate::employees::Manager { id: id.into(), first_name, last_name },
            ),
            location: $row
                .location_id
                .zip($row.location)
                .map(|(id, name)| $crate::employees::Location { id: id.into(), name }),
            working_time_fraction: $crate::employment::fraction($row.working_time_fraction)?,
            pay_grade: $row.pay_grade,
            version: $row.version,
            created_at: $row.created_at.to_jiff(),
            updated_at: $row.updated_at.to_jiff(),
        }
    };
}
use work_fields;
