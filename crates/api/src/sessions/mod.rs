//! `/api/v1/sessions`

mod body;

use axum::response::Response;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tenure_app::sessions;
use tenure_core::ids::UserId;
use utoipa::IntoParams;
use uuid::Uuid;

use self::body::NewSession;
pub(crate) use self::body::{BegunSession, SessionList};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::Form;
use crate::origin::Visit;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::server::Server;

/// What the list takes, for the API's description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct ListParameters {
    /// The sessions of this user instead of the caller's own; needs `users.read`.
    user_id: Option<Uuid>,
}

/// Signs in. Whatever is wrong (company, mail address, password, a user who is suspended), the answer is the same. After some failures
/// it is 429, with the seconds to wait in `Retry-After`.
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "access",
    operation_id = "sign_in",
    request_body = NewSession,
    responses((status = 201, description = "The session that has begun", body = BegunSession)),
)]
pub(crate) async fn begin(
    State(server): State<Arc<Server>>,
    visit: Visit,
    fields: Fields,
) -> Result<(StatusCode, Json<BegunSession>), Problem> {
    let input = NewSession::read(fields)?;
    let begun = sessions::begin(&server.context, visit.visitor(), &input).await?;
    tracing::Span::current().record("tenant", tracing::field::display(begun.token.tenant()));
    Ok((StatusCode::CREATED, Json(begun.into())))
}

/// The sessions that are under way, newest first: the caller's own, or another user's.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "access",
    operation_id = "list_sessions",
    params(ListParameters),
    responses((status = 200, description = "All of them, at most 1,000", body = SessionList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, parameters: Parameters) -> Result<Response, Problem> {
    let user = query::user(&parameters)?;
    form.answer(SessionList::from(sessions::list(call.context(), call.caller(), user).await?))
}

/// Signs out: ends the session by which the request is made.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/current",
    tag = "access",
    operation_id = "sign_out",
    responses((status = 204, description = "It has ended")),
    security(("token" = [])),
)]
pub(crate) async fn end_current(call: Call) -> Result<StatusCode, Problem> {
    sessions::end_current(call.context(), call.caller()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session: one of the caller's own, or with `users.write` another user's.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    tag = "access",
    operation_id = "end_session",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses((status = 204, description = "It has ended")),
    security(("token" = [])),
)]
pub(crate) async fn end(call: Call, PathId(id): PathId) -> Result<StatusCode, Problem> {
    sessions::end(call.context(), call.caller(), id.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of a user: of the caller, or with `users.write` of another.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/sessions",
    tag = "access",
    operation_id = "end_sessions_of_user",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 204, description = "They have ended")),
    security(("token" = [])),
)]
pub(crate) async fn end_all(call: Call, PathId(id): PathId) -> Result<StatusCode, Problem> {
    sessions::end_all(call.context(), call.caller(), UserId::from(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
