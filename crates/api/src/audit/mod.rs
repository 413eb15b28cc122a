//! `/api/v1/audit`

mod body;
mod query;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use tenure_app::audit;

pub(crate) use self::body::AuditPage;
use self::query::ListParameters;
use crate::caller::Credential;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::server::Server;

/// A page of the audit log, newest first. Reading it is recorded in it.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    operation_id = "list_audit_log",
    params(ListParameters),
    responses((status = 200, description = "A page of the log", body = AuditPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(
    State(server): State<Arc<Server>>,
    credential: Credential,
    Parameters(pairs): Parameters,
) -> Result<Json<AuditPage>, Problem> {
    let query = query::read(&pairs)?;
    let page = audit::list(&server.context, credential.caller(), query).await?;
    Ok(Json(page.into()))
}
