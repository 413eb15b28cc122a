//! `/api/v1/roles`

mod body;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::roles;

use self::body::{NewRole, RoleChanges};
pub(crate) use self::body::{Role, RoleList};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::Form;
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/roles";

/// All roles, each with what it grants: the built-in ones, then the company's own by name.
#[utoipa::path(
    get,
    path = "/api/v1/roles",
    tag = "access",
    operation_id = "list_roles",
    responses((status = 200, description = "All of them, at most 1,000", body = RoleList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form) -> Result<Response, Problem> {
    form.answer(RoleList::from(roles::list(call.context(), call.caller()).await?))
}

/// One role.
#[utoipa::path(
    get,
    path = "/api/v1/roles/{id}",
    tag = "access",
    operation_id = "show_role",
    params(("id" = Uuid, Path, description = "The role's id")),
    responses((status = 200, description = "The role", body = Role, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Role>, Problem> {
    let role = roles::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(role.version, role.into()))
}

/// Makes a role of the company's own, which grants no more than the caller has.
#[utoipa::path(
    post,
    path = "/api/v1/roles",
    tag = "access",
    operation_id = "create_role",
    request_body = NewRole,
    responses((status = 201, description = "The role that was made", body = Role,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<Role>, Problem> {
    let new = NewRole::read(fields)?;
    let made = roles::create(call.context(), call.caller(), new).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of a role that the body names; null empties one. It holds from the next request of those who have the role.
#[utoipa::path(
    patch,
    path = "/api/v1/roles/{id}",
    tag = "access",
    operation_id = "change_role",
    params(("id" = Uuid, Path, description = "The role's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = RoleChanges,
    responses((status = 200, description = "The role as it is now", body = Role, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Role>, Problem> {
    let changes = RoleChanges::read(fields)?;
    let role = roles::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(role.version, role.into()))
}

/// Deletes a role of the company's own that nobody has.
#[utoipa::path(
    delete,
    path = "/api/v1/roles/{id}",
    tag = "access",
    operation_id = "delete_role",
    params(("id" = Uuid, Path, description = "The role's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    roles::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
