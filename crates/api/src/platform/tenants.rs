//! `/api/platform/v1/tenants`

use axum::Json;
use axum::extract::Path;
use tenure_app::Error;
use tenure_app::platform;
use tenure_app::tenants::TenantRef;

use super::body::{Tenant, TenantPage};
use super::call::OperatorCall;
use super::query::{self, TenantParameters};
use crate::cursor::{self, List};
use crate::problem::Problem;
use crate::query::Parameters;

/// Tenants, by slug.
#[utoipa::path(
    get,
    path = "/api/platform/v1/tenants",
    operation_id = "list_tenants",
    params(TenantParameters),
    responses((status = 200, description = "A page of them", body = TenantPage)),
    security(("operator" = [])),
)]
pub(crate) async fn list(call: OperatorCall, Parameters(pairs): Parameters) -> Result<Json<TenantPage>, Problem> {
    let page = query::tenants(&pairs)?;
    let part = (page.after.clone(), page.wanted());
    let found = platform::tenants(call.context(), &call.operator, page.filter, part).await?;
    let (tenants, more) = page.cut(found);
    let last = tenants.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::encode(List::Tenants, last.id.uuid(), [last.slug.as_str()]));
    Ok(Json(TenantPage { data: tenants.into_iter().map(Tenant::from).collect(), next_cursor }))
}

/// A tenant, by slug or id.
#[utoipa::path(
    get,
    path = "/api/platform/v1/tenants/{tenant}",
    operation_id = "show_tenant",
    params(("tenant" = String, Path, description = "The tenant's slug or id", example = "acme")),
    responses((status = 200, description = "The tenant", body = Tenant)),
    security(("operator" = [])),
)]
pub(crate) async fn show(call: OperatorCall, Path(tenant): Path<String>) -> Result<Json<Tenant>, Problem> {
    let none = || Error::NotFound { what: "tenant", which: tenant.clone() };
    let which: TenantRef = tenant.parse().map_err(|_| none())?;
    Ok(Json(platform::tenant(call.context(), &call.operator, &which).await?.into()))
}
