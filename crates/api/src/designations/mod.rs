//! `/api/v1/designations`

mod body;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::{Error, designations};

pub(crate) use self::body::{Designation, DesignationPage};
use self::body::{DesignationChanges, NewDesignation};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, PartParameters};
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/designations";

/// A page of the designations by title.
#[utoipa::path(
    get,
    path = "/api/v1/designations",
    tag = "organisation",
    operation_id = "list_designations",
    params(PartParameters),
    responses((status = 200, description = "A page of the list", body = DesignationPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<DesignationPage, Error> {
    let part = query::part(List::Designations, &asked.parameters, "", |_, _| None)?;
    let page = designations::list(asked.call.context(), asked.call.caller(), part).await?;
    Ok(page.into())
}

/// One designation.
#[utoipa::path(
    get,
    path = "/api/v1/designations/{id}",
    tag = "organisation",
    operation_id = "show_designation",
    params(("id" = Uuid, Path, description = "The designation's id")),
    responses((status = 200, description = "The designation", body = Designation, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Designation>, Problem> {
    let designation = designations::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(designation.version, designation.into()))
}

/// Makes a designation.
#[utoipa::path(
    post,
    path = "/api/v1/designations",
    tag = "organisation",
    operation_id = "create_designation",
    request_body = NewDesignation,
    responses((status = 201, description = "The designation that was made", body = Designation,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<Designation>, Problem> {
    let content = NewDesignation::read(fields)?;
    let made = designations::create(call.context(), call.caller(), content).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a designation that the body names; null empties one.
#[utoipa::path(
    patch,
    path = "/api/v1/designations/{id}",
    tag = "organisation",
    operation_id = "change_designation",
    params(("id" = Uuid, Path, description = "The designation's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = DesignationChanges,
    responses((status = 200, description = "The designation as it is now", body = Designation, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Designation>, Problem> {
    let changes = DesignationChanges::read(fields)?;
    let designation = designations::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(designation.version, designation.into()))
}

/// Deletes a designation that nobody has.
#[utoipa::path(
    delete,
    path = "/api/v1/designations/{id}",
    tag = "organisation",
    operation_id = "delete_designation",
    params(("id" = Uuid, Path, description = "The designation's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    designations::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back a designation that was deleted. The list of the deleted ones shows its version.
#[utoipa::path(
    post,
    path = "/api/v1/designations/{id}/restore",
    tag = "organisation",
    operation_id = "restore_designation",
    params(("id" = Uuid, Path, description = "The designation's id"), ("If-Match" = String, Header, description = "Its version, as an ETag")),
    responses((status = 200, description = "The designation as it is now", body = Designation, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn restore(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<Designation>, Problem> {
    let designation = designations::restore(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(designation.version, designation.into()))
}
