//! `/api/v1/employees/{id}/salaries`

mod body;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::change::Target;
use tenure_app::salaries;

use self::body::{NewSalary, Salary, SalaryCorrection, SalaryList};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::Form;
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};

/// What an employee earned, earns and will earn, the latest first. Reading the pay of somebody else is recorded in the company's audit
/// log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/salaries",
    tag = "pay",
    operation_id = "list_salaries",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "The salaries", body = SalaryList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, PathId(employee): PathId) -> Result<Response, Problem> {
    let salaries = salaries::list(call.context(), call.caller(), employee.into()).await?;
    form.answer(SalaryList::from(salaries))
}

/// Files a salary that holds from a day on. Nobody sets their own.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/salaries",
    tag = "pay",
    operation_id = "file_salary",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewSalary,
    responses((status = 201, description = "The salary that was filed", body = Salary, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn file(
    call: Call,
    PathId(employee): PathId,
    fields: Fields,
) -> Result<(StatusCode, Versioned<Salary>), Problem> {
    let content = NewSalary::read(fields)?;
    let filed = salaries::file(call.context(), call.caller(), employee.into(), content).await?;
    Ok((StatusCode::CREATED, versioned(filed.version, filed.into())))
}

/// Corrects those fields of a salary that the body names. Another salary with an id of its own takes its place; what was filed first is
/// kept in the record.
///
/// The answer shows the whole salary, so this takes `pay.read`, too.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/salaries/{salary_id}",
    tag = "pay",
    operation_id = "correct_salary",
    params(("id" = Uuid, Path, description = "The employee's id"), ("salary_id" = Uuid, Path, description = "The salary's id"),
        ("If-Match" = String, Header, description = "The version that was read, as an ETag")),
    request_body = SalaryCorrection,
    responses((status = 200, description = "The salary in its place", body = Salary, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn correct(
    call: Call,
    PathIds(employee, id): PathIds,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<Salary>, Problem> {
    let correction = SalaryCorrection::read(fields)?;
    let place = (employee.into(), Target { id: id.into(), version });
    let salary = salaries::correct(call.context(), call.caller(), place, correction).await?;
    Ok(versioned(salary.version, salary.into()))
}

/// Takes a salary back that should not have been filed: the one before it holds on.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/salaries/{salary_id}",
    tag = "pay",
    operation_id = "take_back_salary",
    params(("id" = Uuid, Path, description = "The employee's id"), ("salary_id" = Uuid, Path, description = "The salary's id"),
        ("If-Match" = String, Header, description = "The version that was read, as an ETag")),
    responses((status = 204, description = "It is taken back")),
    security(("token" = [])),
)]
pub(crate) async fn take_back(
    call: Call,
    PathIds(employee, id): PathIds,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    let place = (employee.into(), Target { id: id.into(), version });
    salaries::take_back(call.context(), call.caller(), place).await?;
    Ok(StatusCode::NO_CONTENT)
}
