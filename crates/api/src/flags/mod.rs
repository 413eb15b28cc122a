//! `/api/v1/flags`

pub(crate) mod body;
mod query;

use axum::http::StatusCode;
use axum::response::Response;
use tenure_app::change::Target;
use tenure_app::{Error, flags};

use self::body::{FeatureFlag, FeatureFlagChanges, FeatureFlagPage, NewFeatureFlag};
use self::query::ListParameters;
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathKey;
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/flags";

/// A page of the feature flags that hold for the company, by key: its own and those of the platform.
#[utoipa::path(
    get,
    path = "/api/v1/flags",
    tag = "flags",
    operation_id = "list_flags",
    params(ListParameters),
    responses((status = 200, description = "A page of the list", body = FeatureFlagPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<FeatureFlagPage, Error> {
    let query = query::read(&asked.parameters)?;
    let page = flags::list(asked.call.context(), asked.call.caller(), query.filter, query.after, query.limit).await?;
    let (rows, next) = page;
    Ok(FeatureFlagPage::of(List::Flags, rows, next))
}

/// The feature flag of a key that holds for the company.
#[utoipa::path(
    get,
    path = "/api/v1/flags/{key}",
    tag = "flags",
    operation_id = "show_flag",
    params(("key" = String, Path, description = "The flag's key")),
    responses((status = 200, description = "The flag", body = FeatureFlag, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathKey(key): PathKey) -> Result<Versioned<FeatureFlag>, Problem> {
    let listed = flags::get(call.context(), call.caller(), key.as_str()).await?;
    Ok(versioned(listed.entry.version, listed.into()))
}

/// Makes a feature flag of the company's own. One of a key that the platform has takes that one's place in the company, unless that is
/// killed.
#[utoipa::path(
    post,
    path = "/api/v1/flags",
    tag = "flags",
    operation_id = "create_flag",
    request_body = NewFeatureFlag,
    responses((status = 201, description = "The flag that was made", body = FeatureFlag,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, fields: Fields) -> Result<Created<FeatureFlag>, Problem> {
    let new = NewFeatureFlag::read(fields)?;
    let made = flags::create(call.context(), call.caller(), new).await?;
    Ok(created(PATH, made.flag.key.clone(), made.version, made.into()))
}

/// Changes what the body names of a feature flag of the company's own.
#[utoipa::path(
    patch,
    path = "/api/v1/flags/{key}",
    tag = "flags",
    operation_id = "change_flag",
    params(("key" = String, Path, description = "The flag's key"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = FeatureFlagChanges,
    responses((status = 200, description = "The flag as it is now", body = FeatureFlag, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathKey(key): PathKey,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<FeatureFlag>, Problem> {
    let changes = FeatureFlagChanges::read(fields)?;
    let flag = flags::change(call.context(), call.caller(), Target { id: key, version }, changes).await?;
    Ok(versioned(flag.version, flag.into()))
}

/// Deletes a feature flag of the company's own. If the platform has one of the key, that one holds again.
#[utoipa::path(
    delete,
    path = "/api/v1/flags/{key}",
    tag = "flags",
    operation_id = "delete_flag",
    params(("key" = String, Path, description = "The flag's key"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(
    call: Call,
    PathKey(key): PathKey,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, Problem> {
    flags::delete(call.context(), call.caller(), Target { id: key, version }).await?;
    Ok(StatusCode::NO_CONTENT)
}
