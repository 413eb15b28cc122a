//! `/api/v1/tokens`

mod body;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::tokens;

use self::body::NewToken;
pub(crate) use self::body::{MadeToken, TokenList};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::Form;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::sessions::ListParameters;

/// API tokens, newest first, those that were revoked too: the caller's own, or another user's.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "access",
    operation_id = "list_tokens",
    params(ListParameters),
    responses((status = 200, description = "All of them, at most 1,000", body = TokenList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, parameters: Parameters) -> Result<Response, Problem> {
    let user = query::user(&parameters)?;
    form.answer(TokenList::from(tokens::list_of(call.context(), call.caller(), user).await?))
}

/// Makes an API token that acts for the caller, with all that the caller may do or with some permissions of it.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "access",
    operation_id = "create_token",
    request_body = NewToken,
    responses((status = 201, description = "The token that was made", body = MadeToken)),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let new = NewToken::read(fields)?;
    let made = tokens::create_own(call.context(), call.caller(), new).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Revokes an API token: one of the caller's own, or with `users.write` another user's.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "access",
    operation_id = "revoke_token",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 204, description = "It is revoked")),
    security(("token" = [])),
)]
pub(crate) async fn revoke(call: Call, PathId(id): PathId) -> Result<StatusCode, Problem> {
    tokens::revoke_own(call.context(), call.caller(), id.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
