//! `/api/platform/v1/operations`

use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use tenure_app::platform::operations as app;

use super::body::{NewOperation, Operation, OperationPage, OperationWithResult};
use super::call::OperatorCall;
use super::query::{self, OperationParameters};
use crate::cursor::{self, List};
use crate::fields::Fields;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::Parameters;

/// What was asked for, the newest first.
#[utoipa::path(
    get,
    path = "/api/platform/v1/operations",
    operation_id = "list_operations",
    params(OperationParameters),
    responses((status = 200, description = "A page of them", body = OperationPage)),
    security(("operator" = [])),
)]
pub(crate) async fn list(call: OperatorCall, Parameters(pairs): Parameters) -> Result<Json<OperationPage>, Problem> {
    let page = query::operations(&pairs)?;
    let found = app::list(call.context(), &call.operator, page.filter, (page.after, page.wanted())).await?;
    let (operations, more) = page.cut(found);
    let next_cursor = operations.last().filter(|_| more).map(|last| cursor::encode(List::Operations, last.id, [""]));
    Ok(Json(OperationPage { data: operations.into_iter().map(Operation::from).collect(), next_cursor }))
}

/// How far something is that was asked for, and what came of it.
#[utoipa::path(
    get,
    path = "/api/platform/v1/operations/{id}",
    operation_id = "show_operation",
    params(("id" = Uuid, Path, description = "The operation's id")),
    responses((status = 200, description = "The operation", body = OperationWithResult)),
    security(("operator" = [])),
)]
pub(crate) async fn show(call: OperatorCall, PathId(id): PathId) -> Result<Json<OperationWithResult>, Problem> {
    Ok(Json(app::get(call.context(), &call.operator, id).await?.into()))
}

/// Asks for a backup, a check, a restore, or a pruning. A server or a worker does it, as a rule within seconds. While the same waits or runs,
/// it is not taken again.
#[utoipa::path(
    post,
    path = "/api/platform/v1/operations",
    operation_id = "request_operation",
    request_body = NewOperation,
    responses((
        status = 202,
        description = "It is on the list",
        body = Operation,
        headers(("Location" = String, description = "Where to ask how far it is")),
    )),
    security(("operator" = [])),
)]
pub(crate) async fn request(
    call: OperatorCall,
    fields: Fields,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Operation>), Problem> {
    let asked = NewOperation::read(fields)?;
    let operation = app::request(call.context(), &call.operator, asked, call.request_id()).await?;
    let place = format!("/api/platform/v1/operations/{}", operation.id);
    Ok((StatusCode::ACCEPTED, [(LOCATION, place)], Json(operation.into())))
}
