//! Hiring, and what of an employee holds from a day on: `/api/v1/employees/{id}/assignments` and what belongs to it.

mod body;
mod input;

use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use tenure_app::{Error, employment};

pub(crate) use self::body::{Assignment, AssignmentList, EmploymentPeriodList};
use self::input::{AssignmentCorrection, HireCorrection, NewAssignment, NewEmployee, NewTermination, Rehire};
use crate::caller::Call;
use crate::employees::Employee;
use crate::fields::Fields;
use crate::listing::Form;
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::version::{IfMatch, Versioned, versioned};

/// Something that was made, with its version and its path.
type Made<T> = (StatusCode, [(HeaderName, String); 1], Versioned<T>);

/// Hires somebody.
#[utoipa::path(
    post,
    path = "/api/v1/employees",
    tag = "employees",
    operation_id = "hire_employee",
    request_body = NewEmployee,
    responses((status = 201, description = "The employee", body = Employee,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn hire(call: Call, fields: Fields) -> Result<Made<Employee>, Problem> {
    let new = NewEmployee::read(fields)?;
    let hired = employment::hire(call.context(), call.caller(), new).await?;
    let location = format!("/api/v1/employees/{}", hired.work.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], versioned(hired.work.version, hired.into())))
}

/// All assignments of an employee by their days: those that held, the one that holds, and those that are filed ahead.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/assignments",
    tag = "employees",
    operation_id = "list_assignments",
    params(("id" = Uuid, Path, description = "The employee's id"),
        ("known_at" = Option<Timestamp>, Query, description = "List what was known at this time; without it, what is known now")),
    responses((status = 200, description = "The assignments", body = AssignmentList)),
    security(("token" = [])),
)]
pub(crate) async fn assignments(
    call: Call,
    form: Form,
    PathId(id): PathId,
    Parameters(pairs): Parameters,
) -> Result<Response, Problem> {
    let known_at = known_at(&pairs)?;
    let found = employment::assignments(call.context(), call.caller(), id.into(), known_at).await?;
    form.answer(AssignmentList::from(found))
}

/// Files a change that holds from a day on and takes effect by itself on that day. Later assignments that merely took a member over
/// take the new value too, up to the first that changed the member itself. For a day that has an assignment, that one is corrected.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/assignments",
    tag = "employees",
    operation_id = "file_assignment",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    request_body = NewAssignment,
    responses((status = 201, description = "The assignment that holds on that day now", body = Assignment,
        headers(("ETag", description = "The employee's version"), ("Location", description = "The assignment's path")))),
    security(("token" = [])),
)]
pub(crate) async fn file(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Made<Assignment>, Problem> {
    let filing = NewAssignment::read(fields)?;
    let filed = employment::file(call.context(), call.caller(), version.of(id), filing).await?;
    let location = format!("/api/v1/employees/{id}/assignments/{}", filed.assignment.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], versioned(filed.version, filed.assignment.into())))
}

/// Corrects an assignment that was wrong. It gets a new id; the wrong one is found with `known_at`.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/assignments/{assignment_id}",
    tag = "employees",
    operation_id = "correct_assignment",
    params(("id" = Uuid, Path, description = "The employee's id"), ("assignment_id" = Uuid, Path, description = "The assignment's id"),
        ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    request_body = AssignmentCorrection,
    responses((status = 200, description = "The assignment in its place", body = Assignment, headers(("ETag", description = "The employee's version")))),
    security(("token" = [])),
)]
pub(crate) async fn correct(
    call: Call,
    PathIds(id, assignment): PathIds,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Assignment>, Problem> {
    let correction = AssignmentCorrection::read(fields)?;
    let which = (version.of(id), assignment.into());
    let corrected = employment::correct(call.context(), call.caller(), which, correction).await?;
    Ok(versioned(corrected.version, corrected.assignment.into()))
}

/// Takes an assignment back, one that lies ahead or one that was wrong: what it changed is again as before. The first one of an
/// employment cannot be taken back.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/assignments/{assignment_id}",
    tag = "employees",
    operation_id = "take_back_assignment",
    params(("id" = Uuid, Path, description = "The employee's id"), ("assignment_id" = Uuid, Path, description = "The assignment's id"),
        ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    responses((status = 204, description = "It is taken back", headers(("ETag", description = "The employee's version")))),
    security(("token" = [])),
)]
pub(crate) async fn take_back(
    call: Call,
    PathIds(id, assignment): PathIds,
    version: IfMatch,
) -> Result<(StatusCode, [(HeaderName, String); 1]), Problem> {
    let which = (version.of(id), assignment.into());
    let version = employment::take_back(call.context(), call.caller(), which).await?;
    Ok((StatusCode::NO_CONTENT, [(ETAG, format!("\"{version}\""))]))
}

/// The times that somebody was employed. Why they ended is there for those who may see it, and their reading of it is recorded in
/// the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/employment-periods",
    tag = "employees",
    operation_id = "list_employment_periods",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "The periods", body = EmploymentPeriodList)),
    security(("token" = [])),
)]
pub(crate) async fn periods(call: Call, form: Form, PathId(id): PathId) -> Result<Response, Problem> {
    let (periods, with_reasons) = employment::periods(call.context(), call.caller(), id.into()).await?;
    form.answer(EmploymentPeriodList::new(periods, with_reasons))
}

/// Corrects the first day of the current employment. Its first assignment moves with it.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/employment-periods/current",
    tag = "employees",
    operation_id = "correct_hire",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    request_body = HireCorrection,
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn correct_hire(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Employee>, Problem> {
    let hired_on = HireCorrection::read(fields)?;
    let shown = employment::correct_hire(call.context(), call.caller(), version.of(id), hired_on).await?;
    Ok(versioned(shown.work.version, shown.into()))
}

/// Ends an employment. Changes that are filed for days after the last one are taken back; who reports to the employee goes on doing
/// so.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/terminate",
    tag = "employees",
    operation_id = "terminate_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    request_body = NewTermination,
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn terminate(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Employee>, Problem> {
    let end = NewTermination::read(fields)?;
    let shown = employment::terminate(call.context(), call.caller(), version.of(id), end).await?;
    Ok(versioned(shown.work.version, shown.into()))
}

/// Lets an employment go on that was to end or has ended. Changes that the termination took back stay so.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/withdraw-termination",
    tag = "employees",
    operation_id = "withdraw_termination",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn withdraw_termination(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<Employee>, Problem> {
    let shown = employment::withdraw_termination(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(shown.work.version, shown.into()))
}

/// Employs somebody again who has left or will. Nothing is taken over from the employment before.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/rehire",
    tag = "employees",
    operation_id = "rehire_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ("If-Match" = String, Header, description = "The employee's ETag that was read")),
    request_body = Rehire,
    responses((status = 200, description = "The employee as it is now", body = Employee, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn rehire(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Employee>, Problem> {
    let again = Rehire::read(fields)?;
    let shown = employment::rehire(call.context(), call.caller(), version.of(id), again).await?;
    Ok(versioned(shown.work.version, shown.into()))
}

fn known_at(pairs: &[(String, String)]) -> Result<Option<Timestamp>, Error> {
    let mut known_at = None;
    query::read(pairs, |name, value| {
        match name {
            "known_at" => known_at = Some(query::moment(value)?),
            _ => return Err("is not a parameter here; there is known_at".to_owned()),
        }
        Ok(())
    })?;
    Ok(known_at)
}
