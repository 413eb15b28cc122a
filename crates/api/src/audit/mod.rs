//! `/api/v1/audit`

mod body;
mod query;

use axum::response::Response;
use tenure_app::{Error, audit};

pub(crate) use self::body::AuditPage;
use self::query::ListParameters;
use crate::listing::PageRequest;
use crate::problem::Problem;

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
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<AuditPage, Error> {
    let query = query::read(&asked.parameters.0)?;
    let page = audit::list(asked.call.context(), asked.call.caller(), query).await?;
    Ok(page.into())
}
