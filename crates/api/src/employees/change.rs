//! Changes of one employee that hold without a day.

use axum::http::StatusCode;
use jiff::civil::Date;
use tenure_app::Error;
use tenure_app::employees::{self, Changes, PersonalChanges, WorkChanges};
use utoipa::ToSchema;

use super::body::Employee;
use crate::caller::Call;
use crate::fields::{Fields, date, nullable, text};
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};
use crate::words::{gender, marital_status};

/// What is to change in an employee. Absent members stay as they are. Names, number and contact at work need `employees.write`, the others
/// `employees.write_personal`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct EmployeeChanges {
    /// Unique in whatever case.
    #[schema(min_length = 1, max_length = 50, nullable = false)]
    employee_number: Option<String>,
    /// Null for people who have one name only.
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    middle_name: Option<String>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    last_name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    preferred_name: Option<String>,
    /// Unique in whatever case.
    #[schema(max_length = 254)]
    work_email: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    work_phone: Option<String>,
    #[schema(max_length = 254, examples("ada@home.example"))]
    personal_email: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    personal_phone: Option<String>,
    /// Before the first day of employment.
    birth_date: Option<Date>,
    #[schema(schema_with = gender, required = false)]
    gender: Option<String>,
    #[schema(schema_with = marital_status, required = false)]
    marital_status: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    citizenship: Option<String>,
    /// Street and number.
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    city: Option<String>,
    /// State, province or region.
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(examples("DE"))]
    country_code: Option<String>,
}

/// What holds from a day on is filed elsewhere, and the company's own fields have a path of their own.
const FILED: [(&[&str], &str); 4] = [
    (
        &[
            "department",
            "department_id",
            "designation",
            "designation_id",
            "manager",
            "manager_id",
            "location",
            "location_id",
            "employment_type",
            "working_time_fraction",
            "pay_grade",
        ],
        "holds from a day on; file it at /assignments of the employee",
    ),
    (
        &["status", "hired_on", "terminated_on", "termination_kind", "termination_reason"],
        "follows from the employment; use /terminate, /rehire or /employment-periods of the employee",
    ),
    (&["custom"], "has a path of its own; use /custom-fields of the employee"),
    (&["pay"], "holds from a day on; file it at /salaries of the employee"),
];

impl EmployeeChanges {
    fn read(mut fields: Fields) -> Result<Changes, Error> {
        for (names, message) in FILED {
            for name in names {
                fields.optional(name, |_| Err::<(), _>(message.to_owned()));
            }
        }
        let work = WorkChanges {
            employee_number: fields.optional("employee_number", text),
            first_name: fields.optional("first_name", nullable(text)),
            middle_name: fields.optional("middle_name", nullable(text)),
            last_name: fields.optional("last_name", text),
            preferred_name: fields.optional("preferred_name", nullable(text)),
            work_email: fields.optional("work_email", nullable(text)),
            work_phone: fields.optional("work_phone", nullable(text)),
        };
        let personal = PersonalChanges {
            personal_email: fields.optional("personal_email", nullable(text)),
            personal_phone: fields.optional("personal_phone", nullable(text)),
            birth_date: fields.optional("birth_date", nullable(date)),
            gender: fields.optional("gender", nullable(text)),
            marital_status: fields.optional("marital_status", nullable(text)),
            citizenship: fields.optional("citizenship", nullable(text)),
            address: fields.optional("address", nullable(text)),
            city: fields.optional("city", nullable(text)),
            region: fields.optional("region", nullable(text)),
            postal_code: fields.optional("postal_code", nullable(text)),
            country_code: fields.optional("country_code", nullable(text)),
        };
        fields.finish(Some(Changes { work, personal }))
    }
}

/// Changes those fields of an employee that the body names; null empties one. What holds from a day on is filed elsewhere: department,
/// job title, manager and contract with the assignments, status and dates with the employment, pay with the salaries.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}",
    tag = "employees",
    operation_id = "change_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = EmployeeChanges,
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Employee>, Problem> {
    let changes = EmployeeChanges::read(fields)?;
    let employee = employees::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(employee.work.version, employee.into()))
}

/// Deletes an employee who has left or has never begun. Nobody may report to the employee, and no department or active user may be
/// his or hers.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}",
    tag = "employees",
    operation_id = "delete_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    employees::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back an employee who was deleted. The list with `deleted=true` shows them with their versions.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/restore",
    tag = "employees",
    operation_id = "restore_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The version that was read, as an ETag")),
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn restore(call: Call, PathId(id): PathId, version: IfMatch) -> Result<Versioned<Employee>, Problem> {
    let employee = employees::restore(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(employee.work.version, employee.into()))
}
