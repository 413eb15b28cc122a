//! `/api/v1/audit`

mod body;
mod query;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use tenure_app::audit;

pub(crate) use self::body::AuditPage;
use self::query::ListParameters;
use crate::caller::Credential;
use crate::problem::{Kind, Problem};
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
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    let Query(pairs) = query.map_err(|rejection| Problem::new(Kind::Invalid, rejection.body_text()))?;
    let query = query::read(&pairs)?;
    let page = audit::list(&server.context, credential.caller(), query).await?;
    Ok(Json(page.into()))
}
