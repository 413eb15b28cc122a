//! Employees as they look on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_app::employees as app;
use tenure_core::employment::{EmployeeStatus, EmploymentType, Gender, MaritalStatus, PayPeriod, TerminationKind};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::money;
use crate::words::{employee_status, employment_type, gender, marital_status, pay_period, termination_kind};

/// An employee. What the caller may not see is absent; what is not known is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct Employee {
    #[serde(flatten)]
    work: WorkFields,
    #[serde(flatten)]
    #[schema(value_type = PersonalFields)]
    personal: Option<PersonalFields>,
    #[serde(flatten)]
    #[schema(value_type = SensitiveFields)]
    sensitive: Option<SensitiveFields>,
    #[serde(flatten)]
    #[schema(value_type = PayFields)]
    pay: Option<PayFields>,
    /// The company's own fields, each with the permission for its class. Values outlive the definition of
    /// their field and keep its class; what was never defined is sensitive.
    #[schema(value_type = Object)]
    custom: Map<String, Value>,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmployeePage {
    /// In the order asked for; without `sort` by last name, first name and id.
    data: Vec<WorkFields>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// What colleagues know of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorkFields {
    id: Uuid,
    /// The number that the company gave; unique in whatever case.
    employee_number: String,
    /// Empty for people who have one name only.
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    preferred_name: Option<String>,
    work_email: Option<String>,
    work_phone: Option<String>,
    #[schema(schema_with = employee_status)]
    status: EmployeeStatus,
    #[schema(schema_with = employment_type)]
    employment_type: Option<EmploymentType>,
    /// The first day of employment.
    hired_on: Date,
    /// The last day of employment, which may lie ahead.
    terminated_on: Option<Date>,
    department: Option<Department>,
    designation: Option<Designation>,
    manager: Option<Manager>,
    location: Option<Location>,
    /// Of full time: a decimal number above 0 and at most 1, as text.
    #[schema(examples("0.5"))]
    working_time_fraction: Option<String>,
    /// The company's word for the band of pay.
    pay_grade: Option<String>,
    /// Grows with each change.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A department as an employee names it.
#[derive(Serialize, ToSchema)]
#[schema(as = DepartmentOfEmployee)]
pub(crate) struct Department {
    id: Uuid,
    name: String,
}

/// A job title as an employee names it.
#[derive(Serialize, ToSchema)]
#[schema(as = DesignationOfEmployee)]
pub(crate) struct Designation {
    id: Uuid,
    title: String,
}

/// A manager as an employee names it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Manager {
    id: Uuid,
    first_name: String,
    last_name: String,
}

/// A place of work as an employee names it.
#[derive(Serialize, ToSchema)]
#[schema(as = LocationOfEmployee)]
pub(crate) struct Location {
    id: Uuid,
    name: String,
}

/// There with the permission `employees.read_personal`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonalFields {
    personal_email: Option<String>,
    personal_phone: Option<String>,
    birth_date: Option<Date>,
    #[schema(schema_with = gender)]
    gender: Option<Gender>,
    #[schema(schema_with = marital_status)]
    marital_status: Option<MaritalStatus>,
    citizenship: Option<String>,
    address: Option<String>,
    city: Option<String>,
    /// State, province or region.
    region: Option<String>,
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country_code: Option<String>,
}

/// There with the permission `employees.read_sensitive`.
#[derive(Serialize, ToSchema)]
pub(crate) struct SensitiveFields {
    #[schema(schema_with = termination_kind)]
    termination_kind: Option<TerminationKind>,
    termination_reason: Option<String>,
}

/// There with the permission `pay.read`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PayFields {
    /// What the employee earns on the day shown; null when nothing is on record.
    pay: Option<Pay>,
}

/// What somebody earns.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pay {
    /// The base salary of one period: a decimal number as text.
    #[schema(examples("62506.00"))]
    amount: String,
    /// ISO 4217.
    #[schema(examples("USD"))]
    currency: String,
    #[schema(schema_with = pay_period)]
    period: PayPeriod,
    /// The day since which it holds.
    effective_from: Date,
}

impl From<app::Visible> for Employee {
    fn from(visible: app::Visible) -> Self {
        Self {
            work: visible.work.into(),
            personal: visible.personal.map(PersonalFields::from),
            sensitive: visible.sensitive.map(SensitiveFields::from),
            pay: visible.pay.map(|app::CurrentPay { pay }| PayFields { pay: pay.map(Pay::from) }),
            custom: visible.custom,
        }
    }
}

impl From<app::Page> for EmployeePage {
    fn from(page: app::Page) -> Self {
        let data = page.employees.into_iter().map(WorkFields::from).collect();
        Self { data, next_cursor: page.next.as_ref().map(|start| place(page.sort, start)) }
    }
}

/// A place names its order, so that it is not taken for one of another.
fn place(sort: app::Sort, start: &app::PageStart) -> String {
    let sort = sort.to_string();
    let id = start.id.uuid();
    match &start.place {
        app::Place::Name { last_name, first_name } => {
            cursor::encode(List::Employees, id, [&sort, last_name, first_name])
        }
        app::Place::EmployeeNumber(number) => cursor::encode(List::Employees, id, [&sort, number, ""]),
        app::Place::HiredOn(day) => cursor::encode(List::Employees, id, [&sort, &day.to_string(), ""]),
    }
}

impl From<app::WorkFields> for WorkFields {
    fn from(work: app::WorkFields) -> Self {
        Self {
            id: work.id.uuid(),
            employee_number: work.employee_number,
            first_name: work.first_name,
            middle_name: work.middle_name,
            last_name: work.last_name,
            preferred_name: work.preferred_name,
            work_email: work.work_email,
            work_phone: work.work_phone,
            status: work.status,
            employment_type: work.employment_type,
            hired_on: work.hired_on,
            terminated_on: work.terminated_on,
            department: work.department.map(|app::Department { id, name }| Department { id: id.uuid(), name }),
            designation: work.designation.map(|app::Designation { id, title }| Designation { id: id.uuid(), title }),
            manager: work.manager.map(Manager::from),
            location: work.location.map(|app::Location { id, name }| Location { id: id.uuid(), name }),
            working_time_fraction: work.working_time_fraction.map(|fraction| fraction.to_string()),
            pay_grade: work.pay_grade,
            version: work.version,
            created_at: work.created_at,
            updated_at: work.updated_at,
        }
    }
}

impl From<app::Manager> for Manager {
    fn from(manager: app::Manager) -> Self {
        Self { id: manager.id.uuid(), first_name: manager.first_name, last_name: manager.last_name }
    }
}

impl From<app::PersonalFields> for PersonalFields {
    fn from(personal: app::PersonalFields) -> Self {
        Self {
            personal_email: personal.personal_email,
            personal_phone: personal.personal_phone,
            birth_date: personal.birth_date,
            gender: personal.gender,
            marital_status: personal.marital_status,
            citizenship: personal.citizenship,
            address: personal.address,
            city: personal.city,
            region: personal.region,
            postal_code: personal.postal_code,
            country_code: personal.country_code,
        }
    }
}

impl From<app::SensitiveFields> for SensitiveFields {
    fn from(sensitive: app::SensitiveFields) -> Self {
        Self { termination_kind: sensitive.termination_kind, termination_reason: sensitive.termination_reason }
    }
}

impl From<app::Pay> for Pay {
    fn from(pay: app::Pay) -> Self {
        Self {
            amount: money::decimal(pay.base.amount),
            currency: pay.base.currency.to_string(),
            period: pay.period,
            effective_from: pay.effective_from,
        }
    }
}
