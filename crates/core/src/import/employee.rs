//! The employee that a row describes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::name::PersonName;
use crate::employment::{EmployeeStatus, EmploymentType, Gender, MaritalStatus, PayPeriod, TerminationKind};
use crate::money::Currency;

/// An employee as a row of a file describes them. What the row says nothing about is `None` and changes nothing that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployeeRow {
    /// Line of the file, from 1, on which the row begins.
    pub line: usize,
    /// The number that identifies the employee in the company.
    pub number: String,
    /// The employee's name.
    pub name: PersonName,
    /// Mail address at work.
    pub work_email: Option<String>,
    /// Private mail address.
    pub personal_email: Option<String>,
    /// Telephone at work.
    pub work_phone: Option<String>,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Marital status.
    pub marital_status: Option<MaritalStatus>,
    /// Citizenship, in the file's words.
    pub citizenship: Option<String>,
    /// State, province or canton.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country_code: Option<&'static str>,
    /// Name of the department.
    pub department: Option<String>,
    /// Title of the designation.
    pub designation: Option<String>,
    /// First day of the employment.
    pub hired_on: Date,
    /// Where the person stands; `None` where the file neither says so nor gives a termination date that has passed.
    pub status: Option<EmployeeStatus>,
    /// Last day of the employment.
    pub terminated_on: Option<Date>,
    /// On whose initiative the employment ended or ends.
    pub termination_kind: Option<TerminationKind>,
    /// Why, in the file's words.
    pub termination_reason: Option<String>,
    /// The kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// Base salary for one pay period: not negative, at most 15 digits and 4 decimals.
    pub salary: Option<Decimal>,
    /// Its currency, where the file names it.
    pub currency: Option<Currency>,
    /// Its pay period, where the file names it.
    pub pay_period: Option<PayPeriod>,
    /// The manager's employee number as the file writes it.
    pub manager_number: Option<String>,
    /// The manager's name, or number, as the file writes it.
    pub manager_name: Option<String>,
    /// Employee number of the manager, once [`Parsed::resolve_managers`](super::Parsed::resolve_managers) has found them.
    pub manager: Option<String>,
    /// Values of the columns that fill no field, and texts that could not be read as what their field needs, by heading.
    pub custom: BTreeMap<String, String>,
}
