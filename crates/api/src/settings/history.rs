//! What settings were, and who changed them.

use axum::Json;
use axum::response::Response;
use tenure_app::documents::Place;
use tenure_app::{Error, settings};
use utoipa::IntoParams;

use super::body::{
    Settings, SettingsChangePage, SettingsDifferences, SettingsRollBack, SettingsVersion, SettingsVersionPage,
};
use crate::caller::Call;
use crate::cursor::{self, List};
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathNumber;
use crate::problem::Problem;
use crate::query::{self, DEFAULT_LIMIT, Parameters};
use crate::version::{IfMatch, Versioned, versioned};

/// What the lists take, for the API's description. [`read`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct HistoryParameters {
    /// How many rows a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Two versions, for the API's description. [`two`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct DiffParameters {
    /// The number of the one version; 0 is before the first change.
    #[param(minimum = 0, maximum = 2_147_483_647, default = 0)]
    from: Option<i32>,
    /// The number of the other; without it, what holds now.
    #[param(minimum = 0, maximum = 2_147_483_647)]
    to: Option<i32>,
}

/// A page of the versions of the settings, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/settings/versions",
    tag = "settings",
    operation_id = "list_settings_versions",
    params(HistoryParameters),
    responses((status = 200, description = "A page of the versions", body = SettingsVersionPage)),
    security(("token" = [])),
)]
pub(crate) async fn versions(asked: PageRequest) -> Result<Response, Problem> {
    asked
        .answer(async |asked: PageRequest| -> Result<SettingsVersionPage, Error> {
            let query = read(List::SettingsVersions, &asked.parameters)?;
            Ok(settings::versions(asked.call.context(), asked.call.caller(), query).await?.into())
        })
        .await
}

/// A version of the settings.
#[utoipa::path(
    get,
    path = "/api/v1/settings/versions/{number}",
    tag = "settings",
    operation_id = "show_settings_version",
    params(("number" = i32, Path, description = "The version's number")),
    responses((status = 200, description = "The version", body = SettingsVersion)),
    security(("token" = [])),
)]
pub(crate) async fn version(call: Call, PathNumber(number): PathNumber) -> Result<Json<SettingsVersion>, Problem> {
    Ok(Json(settings::version(call.context(), call.caller(), number).await?.into()))
}

/// What is not the same from one version of the settings to another.
#[utoipa::path(
    get,
    path = "/api/v1/settings/diff",
    tag = "settings",
    operation_id = "diff_settings",
    params(DiffParameters),
    responses((status = 200, description = "The differences", body = SettingsDifferences)),
    security(("token" = [])),
)]
pub(crate) async fn diff(call: Call, Parameters(pairs): Parameters) -> Result<Json<SettingsDifferences>, Problem> {
    let (from, to) = two(&pairs)?;
    let differences = settings::differences(call.context(), call.caller(), from, to).await?;
    Ok(Json(differences.into()))
}

/// Brings back the settings of an earlier version, as a new one. 0 brings back every default.
#[utoipa::path(
    post,
    path = "/api/v1/settings/versions/{number}/roll-back",
    tag = "settings",
    operation_id = "roll_back_settings",
    params(("number" = i32, Path, description = "The number of the version that comes back"),
        ("If-Match" = String, Header, description = "The ETag of the settings that was read")),
    request_body = SettingsRollBack,
    responses((status = 200, description = "The settings as they are now", body = Settings, headers(("ETag", description = "Their version")))),
    security(("token" = [])),
)]
pub(crate) async fn roll_back(
    call: Call,
    PathNumber(number): PathNumber,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<Settings>, Problem> {
    let reason = SettingsRollBack::read(fields)?;
    let settings = settings::roll_back(call.context(), call.caller(), version, number, reason).await?;
    Ok(versioned(settings.version, settings.into()))
}

/// A page of the changes of settings, newest first: who, when, why and what. They are kept for as many days as the setting
/// `audit.settings_kept_days` said when they were made.
#[utoipa::path(
    get,
    path = "/api/v1/settings/changes",
    tag = "settings",
    operation_id = "list_settings_changes",
    params(HistoryParameters),
    responses((status = 200, description = "A page of the changes", body = SettingsChangePage)),
    security(("token" = [])),
)]
pub(crate) async fn changes(asked: PageRequest) -> Result<Response, Problem> {
    asked
        .answer(async |asked: PageRequest| -> Result<SettingsChangePage, Error> {
            let query = read(List::SettingsChanges, &asked.parameters)?;
            Ok(settings::changes(asked.call.context(), asked.call.caller(), query).await?.into())
        })
        .await
}

fn read(list: List, Parameters(pairs): &Parameters) -> Result<settings::Query, Error> {
    let mut found = settings::Query { after: None, limit: DEFAULT_LIMIT };
    query::read(pairs, |name, value| {
        match name {
            "limit" => found.limit = query::limit(value)?,
            "cursor" => {
                let (id, [value]) = cursor::decode(list, value)?;
                found.after = Some(Place { value, id });
            }
            _ => return Err("is not a parameter here; there are limit and cursor".to_owned()),
        }
        Ok(())
    })?;
    Ok(found)
}

fn two(pairs: &[(String, String)]) -> Result<(i32, Option<i32>), Error> {
    let (mut from, mut to) = (0, None);
    query::read(pairs, |name, value| {
        let number = || value.parse().ok().filter(|number| *number >= 0).ok_or("is not the number of a version");
        match name {
            "from" => from = number()?,
            "to" => to = Some(number()?),
            _ => return Err("is not a parameter here; there are from and to".to_owned()),
        }
        Ok(())
    })?;
    Ok((from, to))
}
