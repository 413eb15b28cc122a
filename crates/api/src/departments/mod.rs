//! `/api/v1/departments`

mod body;
mod query;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::{Error, departments};

pub(crate) use self::body::{Department, DepartmentPage};
use self::body::{DepartmentChanges, DepartmentMerge, DepartmentMove, NewDepartment};
use self::query::ListParameters;
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::PartParameters;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/departments";

/// A page of the departments by name. The list is flat: `parent_id` makes it a tree.
#[utoipa::path(
    get,
    path = "/api/v1/departments",
    tag = "organisation",
    operation_id = "list_departments",
    params(PartParameters, ListParameters),
    responses((status = 200, description = "A page of the list", body = DepartmentPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<DepartmentPage, Error> {
    let (filter, part) = query::read(&asked.parameters)?;
    let page = departments::list(asked.call.context(), asked.call.caller(), filter, part).await?;
    Ok(page.into())
}

/// One department.
#[utoipa::path(
    get,
    path = "/api/v1/departments/{id}",
    tag = "organisation",
    operation_id = "show_department",
    params(("id" = Uuid, Path, description = "The department's id")),
    responses((status = 200, description = "The department", body = Department, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Department>, Problem> {
    let department = departments::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(department.version, department.into()))
}

/// Makes a department.
#[utoipa::path(
    post,
    path = "/api/v1/departments",
    tag = "organisation",
    operation_id = "create_department",
    request_body = NewDepartment,
    responses((status = 201, description = "The department that was made", body = Department,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<Department>, Problem> {
    let content = NewDepartment::read(fields)?;
    let made = departments::create(call.context(), call.caller(), content).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a department that the body names; null empties one.
#[utoipa::path(
    patch,
    path = "/api/v1/departments/{id}",
    tag = "organisation",
    operation_id = "change_department",
    params(("id" = Uuid, Path, description = "The department's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = DepartmentChanges,
    responses((status = 200, description = "The department as it is now", body = Department, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Department>, Problem> {
    let changes = DepartmentChanges::read(fields)?;
    let department = departments::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(department.version, department.into()))
}

/// Moves a department, with everything below it, under another one or to the top.
#[utoipa::path(
    post,
    path = "/api/v1/departments/{id}/move",
    tag = "organisation",
    operation_id = "move_department",
    params(("id" = Uuid, Path, description = "The department's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = DepartmentMove,
    responses((status = 200, description = "The department in its new place", body = Department, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn relocate(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Department>, Problem> {
    let parent = DepartmentMove::read(fields)?;
    let department = departments::relocate(call.context(), call.caller(), version.of(id), parent).await?;
    Ok(versioned(department.version, department.into()))
}

/// Merges a department into another: its people and the departments under it go to the other, which gets its head unless it has
/// one. The department is then deleted.
#[utoipa::path(
    post,
    path = "/api/v1/departments/{id}/merge",
    tag = "organisation",
    operation_id = "merge_department",
    params(("id" = Uuid, Path, description = "The id of the department that goes"),
        ("If-Match" = String, Header, description = "Its ETag that was read")),
    request_body = DepartmentMerge,
    responses((status = 200, description = "The department that everything went to", body = Department, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn merge(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Department>, Problem> {
    let into = DepartmentMerge::read(fields)?;
    let department = departments::merge(call.context(), call.caller(), version.of(id), into).await?;
    Ok(versioned(department.version, department.into()))
}

/// Deletes a department in which there are neither people nor departments.
#[utoipa::path(
    delete,
    path = "/api/v1/departments/{id}",
    tag = "organisation",
    operation_id = "delete_department",
    params(("id" = Uuid, Path, description = "The department's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    departments::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back a department that was deleted. The list of the deleted ones shows its version.
#[utoipa::path(
    post,
    path = "/api/v1/departments/{id}/restore",
    tag = "organisation",
    operation_id = "restore_department",
    params(("id" = Uuid, Path, description = "The department's id"), ("If-Match" = String, Header, description = "Its version, as an ETag")),
    responses((status = 200, description = "The department as it is now", body = Department, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn restore(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<Department>, Problem> {
    let department = departments::restore(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(department.version, department.into()))
}
