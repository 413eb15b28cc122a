//! `/api/v1/me` and `/api/v1/password-resets`

mod body;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tenure_app::{mail, me, passwords};

pub(crate) use self::body::Me;
use self::body::{PasswordChange, PasswordForgotten, PasswordRedemption};
use crate::caller::Call;
use crate::fields::Fields;
use crate::origin::Visit;
use crate::problem::Problem;
use crate::server::Server;

/// Who the caller is, with which roles and permissions.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "access",
    operation_id = "show_me",
    responses((status = 200, description = "The caller", body = Me)),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call) -> Result<Json<Me>, Problem> {
    Ok(Json(me::get(call.context(), call.caller()).await?.into()))
}

/// Changes the caller's password and ends the caller's other sessions. An API token may not.
#[utoipa::path(
    post,
    path = "/api/v1/me/password",
    tag = "access",
    operation_id = "change_password",
    request_body = PasswordChange,
    responses((status = 204, description = "It is changed")),
    security(("token" = [])),
)]
pub(crate) async fn change_password(call: Call, visit: Visit, fields: Fields) -> Result<StatusCode, Problem> {
    let (current, new) = PasswordChange::read(fields)?;
    passwords::change(call.context(), call.caller(), visit.visitor().origin, &current, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a token to choose a password sent to a mail address, if a user of the company has it. The answer is the same when none has, and when the
/// company is not there; after some requests it is 429, with the seconds to wait in `Retry-After`.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets",
    tag = "access",
    operation_id = "request_password_reset",
    request_body = PasswordForgotten,
    responses((status = 202, description = "If a user has the address, a mail is on its way")),
)]
pub(crate) async fn request_reset(
    State(server): State<Arc<Server>>,
    visit: Visit,
    fields: Fields,
) -> Result<StatusCode, Problem> {
    let (tenant, email) = PasswordForgotten::read(fields)?;
    mail::request_reset(&server.context, visit.visitor(), &tenant, &email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Chooses a password by a token that an administrator has passed on or a mail has brought, and ends all sessions of its user.
#[utoipa::path(
    post,
    path = "/api/v1/password-resets/redeem",
    tag = "access",
    operation_id = "redeem_password_reset",
    request_body = PasswordRedemption,
    responses((status = 204, description = "It is set; the token is used")),
)]
pub(crate) async fn redeem(
    State(server): State<Arc<Server>>,
    visit: Visit,
    fields: Fields,
) -> Result<StatusCode, Problem> {
    let (token, password) = PasswordRedemption::read(fields)?;
    passwords::redeem(&server.context, visit.visitor(), &token, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}
