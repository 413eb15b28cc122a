//! What settings there are and what each may be, as JSON Schema.

use std::sync::LazyLock;

use axum::Json;
use serde_json::{Map, Value, json};
use tenure_core::settings::{DEFINITIONS, Definition, Usual};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let properties: Map<String, Value> = DEFINITIONS.iter().map(|one| (one.key.to_owned(), property(one))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of a company",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
});

/// The settings that there are, with what each may be, its default and what it decides, as JSON Schema (2020-12). Beside the schema's own
/// words, `x-group` is the group, and `x-in-use` says whether Tenure itself goes by the setting.
#[utoipa::path(
    get,
    path = "/api/v1/settings/schema",
    tag = "settings",
    operation_id = "show_settings_schema",
    responses((status = 200, description = "The schema", body = Object)),
)]
pub(crate) async fn schema() -> Json<Value> {
    Json(SCHEMA.clone())
}

fn property(definition: &Definition) -> Value {
    let mut schema = definition.kind.schema();
    if let Some(members) = schema.as_object_mut() {
        if definition.usual == Usual::Nothing
            && let Some(kind) = members.get("type").cloned()
        {
            members.insert("type".to_owned(), json!([kind, "null"]));
        }
        members.insert("title".to_owned(), definition.title.into());
        members.insert("description".to_owned(), definition.description.into());
        members.insert("default".to_owned(), definition.usual.value());
        members.insert("x-group".to_owned(), definition.group().into());
        members.insert("x-in-use".to_owned(), definition.in_use.into());
    }
    schema
}
