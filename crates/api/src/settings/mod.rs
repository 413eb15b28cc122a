//! `/api/v1/settings`

mod body;
mod history;
mod schema;

use tenure_app::settings;

pub(crate) use self::body::Settings;
use self::body::SettingsChanges;
pub(crate) use self::history::{
    __path_changes, __path_diff, __path_roll_back, __path_version, __path_versions, changes, diff, roll_back, version,
    versions,
};
pub(crate) use self::schema::{__path_schema, schema};
use crate::caller::Call;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};

/// The company's settings as they are: each that there is, and whether it was set or is the default.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    tag = "settings",
    operation_id = "show_settings",
    responses((status = 200, description = "The settings", body = Settings, headers(("ETag", description = "Their version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call) -> Result<Versioned<Settings>, Problem> {
    let found = settings::get(call.context(), call.caller()).await?;
    let settings = found.get()?;
    Ok(versioned(settings.version, settings.clone().into()))
}

/// Changes those settings that the body names; null sets one back to its default. Everything that is wrong is told at once.
#[utoipa::path(
    patch,
    path = "/api/v1/settings",
    tag = "settings",
    operation_id = "change_settings",
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = SettingsChanges,
    responses((status = 200, description = "The settings as they are now", body = Settings, headers(("ETag", description = "Their version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    IfMatch(version): IfMatch,
    fields: Fields,
) -> Result<Versioned<Settings>, Problem> {
    let changes = SettingsChanges::read(fields)?;
    let settings = settings::change(call.context(), call.caller(), version, changes).await?;
    Ok(versioned(settings.version, settings.into()))
}
