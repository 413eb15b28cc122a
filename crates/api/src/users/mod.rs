//! `/api/v1/users`

mod body;
mod query;

use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use tenure_app::{Error, users};

pub(crate) use self::body::{MadeUser, PasswordReset, User, UserPage, keys};
use self::body::{NewUser, UserChanges, UserRoles};
use self::query::ListParameters;
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};

/// A page of the users by mail address.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "access",
    operation_id = "list_users",
    params(ListParameters),
    responses((status = 200, description = "A page of the list", body = UserPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<UserPage, Error> {
    let query = query::read(&asked.parameters)?;
    let page = users::list(asked.call.context(), asked.call.caller().into(), query).await?;
    Ok(page.into())
}

/// One user.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}",
    tag = "access",
    operation_id = "show_user",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 200, description = "The user", body = User, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<User>, Problem> {
    let user = users::get(call.context(), call.caller().into(), id.into()).await?;
    Ok(versioned(user.version, user.into()))
}

/// Makes a user, and a token by which the user chooses the first password.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "access",
    operation_id = "create_user",
    request_body = NewUser,
    responses((status = 201, description = "The user who was made", body = MadeUser,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    fields: Fields,
) -> Result<(StatusCode, [(HeaderName, String); 1], Versioned<MadeUser>), Problem> {
    let new = NewUser::read(fields)?;
    let made = users::create(call.context(), call.caller().into(), new).await?;
    let location = format!("/api/v1/users/{}", made.user.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], versioned(made.user.version, made.into())))
}

/// Changes those fields of a user that the body names; null empties one. A user who may do more than the caller cannot be changed.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    tag = "access",
    operation_id = "change_user",
    params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = UserChanges,
    responses((status = 200, description = "The user as it is now", body = User, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<User>, Problem> {
    let changes = UserChanges::read(fields)?;
    let user = users::change(call.context(), call.caller().into(), version.of(id), changes).await?;
    Ok(versioned(user.version, user.into()))
}

/// Deletes a user, whose sessions end and whose tokens are revoked. The mail address is then free.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    tag = "access",
    operation_id = "delete_user",
    params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    users::delete(call.context(), call.caller().into(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps a user out, from now on, and ends the user's sessions.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/suspend",
    tag = "access",
    operation_id = "suspend_user",
    params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The user as it is now", body = User, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn suspend(call: Call, PathId(id): PathId, version: IfMatch) -> Result<Versioned<User>, Problem> {
    let user = users::suspend(call.context(), call.caller().into(), version.of(id)).await?;
    Ok(versioned(user.version, user.into()))
}

/// Lets a suspended user in again.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/resume",
    tag = "access",
    operation_id = "resume_user",
    params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The user as it is now", body = User, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn resume(call: Call, PathId(id): PathId, version: IfMatch) -> Result<Versioned<User>, Problem> {
    let user = users::resume(call.context(), call.caller().into(), version.of(id)).await?;
    Ok(versioned(user.version, user.into()))
}

/// Gives a user these roles in place of those that there are. Nobody gives or takes more than they have, or changes their own.
#[utoipa::path(
    put,
    path = "/api/v1/users/{id}/roles",
    tag = "access",
    operation_id = "set_user_roles",
    params(("id" = Uuid, Path, description = "The user's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = UserRoles,
    responses((status = 200, description = "The user as it is now", body = User, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn set_roles(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<User>, Problem> {
    let roles = UserRoles::read(fields)?;
    let user = users::set_roles(call.context(), call.caller().into(), version.of(id), roles).await?;
    Ok(versioned(user.version, user.into()))
}

/// Makes a token by which a user chooses a password. Earlier ones are useless then; the password stays until one is chosen.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/password-reset",
    tag = "access",
    operation_id = "reset_password",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 201, description = "The token, to be passed on", body = PasswordReset)),
    security(("token" = [])),
)]
pub(crate) async fn reset_password(
    call: Call,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<PasswordReset>), Problem> {
    let reset = users::reset_password(call.context(), call.caller().into(), id.into()).await?;
    Ok((StatusCode::CREATED, Json(reset.into())))
}
