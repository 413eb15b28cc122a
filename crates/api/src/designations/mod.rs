//! `/api/v1/designations`

mod body;
mod query;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use tenure_app::change::Target;
use tenure_app::designations;
use tenure_core::ids::DesignationId;

pub(crate) use self::body::{Designation, DesignationPage};
use self::body::{DesignationChanges, NewDesignation};
use self::query::ListParameters;
use crate::caller::Credential;
use crate::fields::Fields;
use crate::path::PathId;
use crate::problem::{Kind, Problem};
use crate::server::Server;
use crate::version::{IfMatch, Versioned, versioned};

/// A page of the designations by title.
#[utoipa::path(
    get,
    path = "/api/v1/designations",
    tag = "organisation",
    operation_id = "list_designations",
    params(ListParameters),
    responses((status = 200, description = "A page of the list", body = DesignationPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(
    State(server): State<Arc<Server>>,
    credential: Credential,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<DesignationPage>, Problem> {
    let Query(pairs) = query.map_err(|rejection| Problem::new(Kind::Invalid, rejection.body_text()))?;
    let query = query::read(&pairs)?;
    let page = designations::list(&server.context, credential.caller(), query).await?;
    Ok(Json(page.into()))
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
pub(crate) async fn show(
    State(server): State<Arc<Server>>,
    credential: Credential,
    PathId(id): PathId,
) -> Result<Versioned<Designation>, Problem> {
    let designation = designations::get(&server.context, credential.caller(), id.into()).await?;
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
pub(crate) async fn create(
    State(server): State<Arc<Server>>,
    credential: Credential,
    fields: Fields,
) -> Result<(StatusCode, [(HeaderName, String); 1], Versioned<Designation>), Problem> {
    let content = NewDesignation::read(fields)?;
    let made = designations::create(&server.context, credential.caller(), content).await?;
    let location = format!("/api/v1/designations/{}", made.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], versioned(made.version, made.into())))
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
    State(server): State<Arc<Server>>,
    credential: Credential,
    PathId(id): PathId,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<Designation>, Problem> {
    let changes = DesignationChanges::read(fields)?;
    let designation = designations::change(&server.context, credential.caller(), target(id, version), changes).await?;
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
pub(crate) async fn delete(
    State(server): State<Arc<Server>>,
    credential: Credential,
    PathId(id): PathId,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    designations::delete(&server.context, credential.caller(), target(id, version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn target(id: uuid::Uuid, version: i32) -> Target<DesignationId> {
    Target { id: id.into(), version }
}
