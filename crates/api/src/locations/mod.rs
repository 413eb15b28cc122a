//! `/api/v1/locations`

mod body;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::{Error, locations};

pub(crate) use self::body::{Location, LocationPage};
use self::body::{LocationChanges, NewLocation};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, PartParameters};
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/locations";

/// A page of the locations by name.
#[utoipa::path(
    get,
    path = "/api/v1/locations",
    tag = "organisation",
    operation_id = "list_locations",
    params(PartParameters),
    responses((status = 200, description = "A page of the list", body = LocationPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<LocationPage, Error> {
    let part = query::part(List::Locations, &asked.parameters, "", |_, _| None)?;
    let page = locations::list(asked.call.context(), asked.call.caller(), part).await?;
    Ok(page.into())
}

/// One location.
#[utoipa::path(
    get,
    path = "/api/v1/locations/{id}",
    tag = "organisation",
    operation_id = "show_location",
    params(("id" = Uuid, Path, description = "The location's id")),
    responses((status = 200, description = "The location", body = Location, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Location>, Problem> {
    let location = locations::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(location.version, location.into()))
}

/// Makes a location.
#[utoipa::path(
    post,
    path = "/api/v1/locations",
    tag = "organisation",
    operation_id = "create_location",
    request_body = NewLocation,
    responses((status = 201, description = "The location that was made", body = Location,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<Location>, Problem> {
    let content = NewLocation::read(fields)?;
    let made = locations::create(call.context(), call.caller(), content).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a location that the body names; null empties one.
#[utoipa::path(
    patch,
    path = "/api/v1/locations/{id}",
    tag = "organisation",
    operation_id = "change_location",
    params(("id" = Uuid, Path, description = "The location's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = LocationChanges,
    responses((status = 200, description = "The location as it is now", body = Location, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Location>, Problem> {
    let changes = LocationChanges::read(fields)?;
    let location = locations::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(location.version, location.into()))
}

/// Deletes a location at which nobody works.
#[utoipa::path(
    delete,
    path = "/api/v1/locations/{id}",
    tag = "organisation",
    operation_id = "delete_location",
    params(("id" = Uuid, Path, description = "The location's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    locations::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back a location that was deleted. The list of the deleted ones shows its version.
#[utoipa::path(
    post,
    path = "/api/v1/locations/{id}/restore",
    tag = "organisation",
    operation_id = "restore_location",
    params(("id" = Uuid, Path, description = "The location's id"), ("If-Match" = String, Header, description = "Its version, as an ETag")),
    responses((status = 200, description = "The location as it is now", body = Location, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn restore(call: Call, PathId(id): PathId, version: IfMatch) -> Result<Versioned<Location>, Problem> {
    let location = locations::restore(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(location.version, location.into()))
}
