//! `/api/platform/v1/flags`

use axum::Json;
use axum::http::StatusCode;
use tenure_app::change::Target;
use tenure_app::platform::flags as app;

use super::call::OperatorCall;
use super::query::{self, FlagParameters};
use crate::cursor::List;
use crate::fields::Fields;
use crate::flags::body::{FeatureFlag, FeatureFlagChanges, FeatureFlagPage, NewFeatureFlag};
use crate::path::PathKey;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/platform/v1/flags";

/// The platform's feature flags, by key. They hold for all companies.
#[utoipa::path(
    get,
    path = "/api/platform/v1/flags",
    operation_id = "list_flags",
    params(FlagParameters),
    responses((status = 200, description = "A page of them", body = FeatureFlagPage)),
    security(("operator" = [])),
)]
pub(crate) async fn list(call: OperatorCall, Parameters(pairs): Parameters) -> Result<Json<FeatureFlagPage>, Problem> {
    let page = query::flags(&pairs)?;
    let (rows, next) = app::list(call.context(), &call.operator, page.filter, (page.after, page.limit)).await?;
    Ok(Json(FeatureFlagPage::of(List::PlatformFlags, rows, next)))
}

/// The platform's feature flag of a key.
#[utoipa::path(
    get,
    path = "/api/platform/v1/flags/{key}",
    operation_id = "show_flag",
    params(("key" = String, Path, description = "The flag's key", example = "new_dashboard")),
    responses((status = 200, description = "The flag", body = FeatureFlag, headers(("ETag", description = "Its version")))),
    security(("operator" = [])),
)]
pub(crate) async fn show(call: OperatorCall, PathKey(key): PathKey) -> Result<Versioned<FeatureFlag>, Problem> {
    let listed = app::get(call.context(), &call.operator, &key).await?;
    Ok(versioned(listed.entry.version, listed.into()))
}

/// Makes a feature flag of the platform. It holds for all companies that have none of their own of the key, with the next request on every
/// server.
#[utoipa::path(
    post,
    path = "/api/platform/v1/flags",
    operation_id = "create_flag",
    request_body = NewFeatureFlag,
    responses((status = 201, description = "The flag that was made", body = FeatureFlag,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("operator" = [])),
)]
pub(crate) async fn create(call: OperatorCall, fields: Fields) -> Result<Created<FeatureFlag>, Problem> {
    let new = NewFeatureFlag::read(fields)?;
    let made = app::create(call.context(), &call.operator, new, call.request_id()).await?;
    Ok(created(PATH, made.flag.key.clone(), made.version, made.into()))
}

/// Changes what the body names of a feature flag of the platform. `enabled: false` is the kill switch: no company's own flag of the key counts
/// while it is off.
#[utoipa::path(
    patch,
    path = "/api/platform/v1/flags/{key}",
    operation_id = "change_flag",
    params(("key" = String, Path, description = "The flag's key", example = "new_dashboard"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = FeatureFlagChanges,
    responses((status = 200, description = "The flag as it is now", body = FeatureFlag, headers(("ETag", description = "Its version")))),
    security(("operator" = [])),
)]
pub(crate) async fn change(
    call: OperatorCall,
    PathKey(key): PathKey,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<FeatureFlag>, Problem> {
    let changes = FeatureFlagChanges::read(fields)?;
    let target = Target { id: key, version };
    let flag = app::change(call.context(), &call.operator, target, changes, call.request_id()).await?;
    Ok(versioned(flag.version, flag.into()))
}

/// Deletes a feature flag of the platform.
#[utoipa::path(
    delete,
    path = "/api/platform/v1/flags/{key}",
    operation_id = "delete_flag",
    params(("key" = String, Path, description = "The flag's key", example = "new_dashboard"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("operator" = [])),
)]
pub(crate) async fn delete(
    call: OperatorCall,
    PathKey(key): PathKey,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    app::delete(call.context(), &call.operator, Target { id: key, version }, call.request_id()).await?;
    Ok(StatusCode::NO_CONTENT)
}
