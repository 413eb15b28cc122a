//! Settings as they look on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_app::Error;
use tenure_app::documents::Place;
use tenure_app::settings as app;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::fields::{Fields, nullable, object, text};
use crate::listing::Listing;

/// The company's settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct Settings {
    /// How often they were changed; the `ETag` to give as `If-Match`.
    version: i32,
    /// Each setting by its key. `/api/v1/settings/schema` says what each may be.
    #[schema(value_type = Object, example = json!({ "regional.currency": { "value": "EUR", "origin": "default" } }))]
    settings: BTreeMap<&'static str, Setting>,
}

/// What a setting is.
#[derive(Serialize)]
struct Setting {
    value: Value,
    /// `set` when the company has chosen it, else `default`.
    origin: &'static str,
}

/// What is to change in the settings.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct SettingsChanges {
    /// New values by their keys; null sets one back to its default.
    #[schema(value_type = Object, example = json!({ "regional.currency": "CHF", "regional.locale": null }))]
    settings: Value,
    /// Why, for those who look at the changes later.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Why an earlier version is brought back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct SettingsRollBack {
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// The settings as they were after a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsVersion {
    /// Counted from 1 on; 0 is before the first change, with every default.
    number: i32,
    /// What the company had chosen, by key; everything else had its default.
    #[schema(value_type = Object)]
    settings: Value,
    reason: Option<String>,
    /// Who made the change, in words.
    actor: String,
    /// The user who made it; null for an operator.
    actor_id: Option<Uuid>,
    /// The version that came back by it.
    rolled_back_to: Option<i32>,
    created_at: Timestamp,
}

/// A page of the versions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsVersionPage {
    /// The newest first.
    data: Vec<SettingsVersion>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A change of settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsChange {
    id: Uuid,
    /// The version that it made.
    number: i32,
    /// Who made it, in words.
    actor: String,
    /// The user who made it; null for an operator.
    actor_id: Option<Uuid>,
    reason: Option<String>,
    /// What changed.
    differences: Vec<SettingsDifference>,
    created_at: Timestamp,
}

/// A page of the changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsChangePage {
    /// The newest first.
    data: Vec<SettingsChange>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A setting that is not the same in two versions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsDifference {
    key: String,
    /// What it is in the one; a default is shown as what it is.
    #[schema(value_type = Value)]
    before: Value,
    /// What it is in the other.
    #[schema(value_type = Value)]
    after: Value,
}

/// What is not the same in two versions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsDifferences {
    /// By key.
    differences: Vec<SettingsDifference>,
}

impl Listing for SettingsVersionPage {
    const FILE: &'static str = "settings-versions";
    const COLUMNS: &'static [&'static str] =
        &["number", "settings", "reason", "actor", "actor_id", "rolled_back_to", "created_at"];
}

impl Listing for SettingsChangePage {
    const FILE: &'static str = "settings-changes";
    const COLUMNS: &'static [&'static str] =
        &["id", "number", "actor", "actor_id", "reason", "differences", "created_at"];
}

impl SettingsChanges {
    pub(super) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let settings: Option<Map<String, Value>> = fields.required("settings", object);
        let reason = fields.optional("reason", nullable(text)).flatten();
        fields.finish(settings.map(|settings| app::Changes { settings, reason }))
    }
}

impl SettingsRollBack {
    pub(super) fn read(mut fields: Fields) -> Result<Option<app::Reason>, Error> {
        let reason = fields.optional("reason", nullable(text)).flatten();
        fields.finish(Some(reason))
    }
}

impl From<app::Settings> for Settings {
    fn from(settings: app::Settings) -> Self {
        let one = |(definition, value, chosen): (&tenure_core::settings::Definition, Value, bool)| {
            (definition.key, Setting { value, origin: if chosen { "set" } else { "default" } })
        };
        Self { version: settings.version, settings: settings.chosen.effective().into_iter().map(one).collect() }
    }
}

impl From<(Vec<app::Version>, Option<Place>)> for SettingsVersionPage {
    fn from((versions, next): (Vec<app::Version>, Option<Place>)) -> Self {
        let next_cursor = next.map(|place| cursor::encode(List::SettingsVersions, place.id, [&place.value]));
        Self { data: versions.into_iter().map(SettingsVersion::from).collect(), next_cursor }
    }
}

impl From<app::Version> for SettingsVersion {
    fn from(version: app::Version) -> Self {
        Self {
            number: version.number,
            settings: serde_json::json!(version.chosen),
            reason: version.reason,
            actor: version.actor,
            actor_id: version.actor_id,
            rolled_back_to: version.rolled_back_to,
            created_at: version.created_at,
        }
    }
}

impl From<(Vec<app::Made>, Option<Place>)> for SettingsChangePage {
    fn from((changes, next): (Vec<app::Made>, Option<Place>)) -> Self {
        let next_cursor = next.map(|place| cursor::encode(List::SettingsChanges, place.id, [&place.value]));
        Self { data: changes.into_iter().map(SettingsChange::from).collect(), next_cursor }
    }
}

impl From<app::Made> for SettingsChange {
    fn from(made: app::Made) -> Self {
        Self {
            id: made.id,
            number: made.number,
            actor: made.actor,
            actor_id: made.actor_id,
            reason: made.reason,
            differences: made.differences.into_iter().map(SettingsDifference::from).collect(),
            created_at: made.created_at,
        }
    }
}

impl From<tenure_core::settings::Difference> for SettingsDifference {
    fn from(difference: tenure_core::settings::Difference) -> Self {
        Self { key: difference.key, before: difference.before, after: difference.after }
    }
}

impl From<Vec<tenure_core::settings::Difference>> for SettingsDifferences {
    fn from(differences: Vec<tenure_core::settings::Difference>) -> Self {
        Self { differences: differences.into_iter().map(SettingsDifference::from).collect() }
    }
}
