//! Feature flags as they look on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::flags as app;
use tenure_core::flags::{Flag, Kind, Prerequisite, Rule, Written};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::fields::{Fields, boolean, nullable, object, text};
use crate::listing::Listing;
use crate::words::{flag_by, flag_kind, flag_operator, flag_origin};

/// A feature flag.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeatureFlag {
    key: String,
    #[schema(schema_with = flag_kind)]
    kind: Kind,
    description: Option<String>,
    /// False is the kill switch: everybody gets the off variant.
    enabled: bool,
    /// The values by name, all of the flag's kind.
    #[schema(value_type = Object)]
    variants: BTreeMap<String, Value>,
    /// What those get whom no rule gives anything.
    default_variant: String,
    /// What everybody gets while the flag is off, out of its time, or lacks a prerequisite.
    off_variant: String,
    /// Its first moment; null for ever before.
    from: Option<Timestamp>,
    /// The first moment after it; null for ever after.
    until: Option<Timestamp>,
    /// The first rule that gives somebody something counts.
    #[schema(value_type = Vec<FeatureFlagRule>)]
    rules: Vec<Rule>,
    /// What other flags have to give for this one to be on.
    #[schema(value_type = Vec<FeatureFlagPrerequisite>)]
    prerequisites: Vec<Prerequisite>,
    #[schema(schema_with = flag_origin)]
    origin: app::Origin,
    /// The variant that everybody gets, if the flag was not changed for long; else null.
    stale_variant: Option<String>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Who gets what.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read by the rules' own type")]
pub(crate) struct FeatureFlagRule {
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// All have to hold; none hold for everybody.
    #[schema(max_items = 20, required = false)]
    conditions: Vec<FeatureFlagCondition>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// What those get for whom the conditions hold. Either this or `split`.
    #[schema(examples("on"))]
    variant: Option<String>,
    /// Which parts of them get what; whoever is in no part goes on to the next rule.
    #[schema(required = false)]
    split: Vec<FeatureFlagShare>,
    #[schema(schema_with = flag_by, required = false)]
    by: String,
}

/// One thing that has to be so of somebody.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read by the rules' own type")]
pub(crate) struct FeatureFlagCondition {
    /// `tenant`, `plan`, `role`, `user`, or any attribute of the evaluation context.
    #[schema(min_length = 1, max_length = 63, examples("plan"))]
    attribute: String,
    #[schema(schema_with = flag_operator)]
    operator: String,
    /// Any of these will do; empty for `exists` and `missing`.
    #[schema(value_type = Vec<Value>, max_items = 1000, required = false, examples(json!(["gold"])))]
    values: Vec<Value>,
}

/// A part of those for whom a rule holds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read by the rules' own type")]
pub(crate) struct FeatureFlagShare {
    variant: String,
    /// A decimal number as text, with up to three decimals.
    #[schema(pattern = "^[0-9]{1,3}([.][0-9]{1,3})?$", examples("12.5"))]
    percent: String,
}

/// What another flag has to give.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read by the rules' own type")]
pub(crate) struct FeatureFlagPrerequisite {
    /// Its key.
    flag: String,
    /// Any of these variants will do.
    #[schema(min_items = 1)]
    variants: Vec<String>,
}

/// A feature flag to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewFeatureFlag {
    #[schema(pattern = "^[a-z][a-z0-9_.-]{0,62}$", examples("new_dashboard"))]
    key: String,
    #[schema(schema_with = flag_kind)]
    kind: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(default = true, nullable = false)]
    enabled: Option<bool>,
    /// The values by name. A boolean flag has `on` and `off` when nothing is said.
    #[schema(value_type = Object, required = false)]
    variants: Option<Value>,
    /// `off` when nothing is said.
    #[schema(nullable = false)]
    default_variant: Option<String>,
    /// The default variant when nothing is said.
    #[schema(nullable = false)]
    off_variant: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    #[schema(max_items = 100, nullable = false)]
    rules: Option<Vec<FeatureFlagRule>>,
    #[schema(max_items = 10, nullable = false)]
    prerequisites: Option<Vec<FeatureFlagPrerequisite>>,
}

/// What is to change in a feature flag. Absent members stay as they are; lists are replaced whole.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct FeatureFlagChanges {
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(nullable = false)]
    enabled: Option<bool>,
    #[schema(value_type = Object, required = false)]
    variants: Option<Value>,
    #[schema(nullable = false)]
    default_variant: Option<String>,
    #[schema(nullable = false)]
    off_variant: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    #[schema(max_items = 100, nullable = false)]
    rules: Option<Vec<FeatureFlagRule>>,
    #[schema(max_items = 10, nullable = false)]
    prerequisites: Option<Vec<FeatureFlagPrerequisite>>,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeatureFlagPage {
    /// By key.
    data: Vec<FeatureFlag>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for FeatureFlagPage {
    const FILE: &'static str = "flags";
    const COLUMNS: &'static [&'static str] = &[
        "key",
        "kind",
        "description",
        "enabled",
        "variants",
        "default_variant",
        "off_variant",
        "from",
        "until",
        "rules",
        "prerequisites",
        "origin",
        "stale_variant",
        "version",
        "created_at",
        "updated_at",
    ];
}

impl NewFeatureFlag {
    pub(crate) fn read(mut fields: Fields) -> Result<Flag, Error> {
        let key = fields.required("key", text);
        let kind = fields.required("kind", |value| kind(&value));
        let description = fields.optional("description", nullable(string)).flatten();
        let enabled = fields.optional("enabled", boolean);
        let variants = fields.optional("variants", variants);
        let default_variant = fields.optional("default_variant", string);
        let off_variant = fields.optional("off_variant", string);
        let from = fields.optional("from", nullable(text)).flatten();
        let until = fields.optional("until", nullable(text)).flatten();
        let rules = fields.optional("rules", items);
        let prerequisites = fields.optional("prerequisites", items);
        let written = |kind| Written {
            key: None,
            kind,
            description,
            enabled,
            variants,
            default_variant,
            off_variant,
            from,
            until,
            rules,
            prerequisites,
        };
        fields.finish(key.zip(kind).map(|(key, kind)| written(kind).complete(key)))
    }
}

impl FeatureFlagChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            description: fields.optional("description", nullable(string)),
            enabled: fields.optional("enabled", boolean),
            variants: fields.optional("variants", variants),
            default_variant: fields.optional("default_variant", string),
            off_variant: fields.optional("off_variant", string),
            from: fields.optional("from", nullable(text)),
            until: fields.optional("until", nullable(text)),
            rules: fields.optional("rules", items),
            prerequisites: fields.optional("prerequisites", items),
        };
        fields.finish(Some(changes))
    }
}

fn kind(value: &Value) -> Result<Kind, String> {
    let known = Kind::ALL.into_iter().find(|kind| *value == kind.word());
    known.ok_or_else(|| format!("is not one of {}", Kind::ALL.map(Kind::word).join(", ")))
}

fn string(value: Value) -> Result<String, String> {
    let Value::String(text) = value else { return Err("is not a text".to_owned()) };
    if text.contains('\0') { Err("has a NUL character".to_owned()) } else { Ok(text) }
}

fn variants(value: Value) -> Result<BTreeMap<String, Value>, String> {
    Ok(object(value)?.into_iter().collect())
}

/// Reads a list of parts, each of which has a form of its own.
fn items<T: DeserializeOwned>(value: Value) -> Result<Vec<T>, String> {
    let Value::Array(items) = value else { return Err("is not a list".to_owned()) };
    let read = |(at, item): (usize, Value)| {
        // NUL is found wherever it stands.
        object(item.clone()).map_err(|message| format!("{at}: {message}"))?;
        serde_json::from_value(item).map_err(|error| format!("{at}: {error}"))
    };
    items.into_iter().enumerate().map(read).collect()
}

impl FeatureFlagPage {
    pub(crate) fn of(list: List, rows: Vec<app::Listed>, next: Option<String>) -> Self {
        let next_cursor = next.map(|key| cursor::encode(list, Uuid::nil(), [&key]));
        Self { data: rows.into_iter().map(FeatureFlag::from).collect(), next_cursor }
    }
}

impl From<app::Listed> for FeatureFlag {
    fn from(listed: app::Listed) -> Self {
        Self { stale_variant: listed.stale, ..listed.entry.into() }
    }
}

impl From<app::Entry> for FeatureFlag {
    fn from(entry: app::Entry) -> Self {
        let app::Entry { flag, origin, version, created_at, updated_at } = entry;
        Self {
            key: flag.key.into(),
            kind: flag.kind,
            description: flag.description,
            enabled: flag.enabled,
            variants: flag.variants,
            default_variant: flag.default_variant,
            off_variant: flag.off_variant,
            from: flag.window.from,
            until: flag.window.until,
            rules: flag.rules,
            prerequisites: flag.prerequisites,
            origin,
            stale_variant: None,
            version,
            created_at,
            updated_at,
        }
    }
}
