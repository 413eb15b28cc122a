//! Examples of what is sent and answered, made from the schemas: from what a schema says of itself, and else from types and names.
//! Problems have one of their own.

use serde_json::{Map, Value, json};
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Content, OpenApi as Document, RefOr};

use crate::problem::MEDIA_TYPE;

/// Adds an example to each body that is sent or answered.
pub(crate) struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut Document) {
        let schemas = document.components.as_ref().map(|components| &components.schemas);
        let schemas = serde_json::to_value(schemas).unwrap_or_default();
        for item in document.paths.paths.values_mut() {
            let PathItem { get, put, post, patch, delete, .. } = item;
            for operation in [get, put, post, patch, delete].into_iter().flatten() {
                add(
                    operation,
                    &Samples { schemas: &schemas, whole: false },
                    &Samples { schemas: &schemas, whole: true },
                );
            }
        }
    }
}

fn add(operation: &mut Operation, sent: &Samples<'_>, answered: &Samples<'_>) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| sent.fill(content));
    }
    for answer in operation.responses.responses.values_mut() {
        if let RefOr::T(answer) = answer {
            let contents = answer.content.iter_mut().filter(|(kind, _)| *kind != MEDIA_TYPE);
            contents.for_each(|(_, content)| answered.fill(content));
        }
    }
}

/// Makes examples of schemas.
struct Samples<'a> {
    /// Those that have a name.
    schemas: &'a Value,
    /// With all members of an object, or only with those that have to be there or have an example of their own.
    whole: bool,
}

impl Samples<'_> {
    fn fill(&self, content: &mut RefOr<Content>) {
        let RefOr::T(content) = content else { return };
        if content.example.is_none() && content.examples.is_empty() {
            let schema = serde_json::to_value(&content.schema).unwrap_or_default();
            content.example = Some(self.of(&schema, ""));
        }
    }

    /// An example of a schema, which is that of the member of this name.
    fn of(&self, schema: &Value, name: &str) -> Value {
        let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|values| values.first());
        if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
            let named = path.rsplit('/').next().and_then(|named| self.schemas.get(named));
            return named.map(|schema| self.of(schema, name)).unwrap_or_default();
        }
        if let Some(value) = first("examples").or(schema.get("example")).or(first("enum")) {
            return value.clone();
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.together(parts, name);
        }
        for key in ["oneOf", "anyOf"] {
            let choices = schema.get(key).and_then(Value::as_array).into_iter().flatten();
            if let Some(choice) = choices.clone().find(|choice| type_of(choice) != Some("null")) {
                return self.of(choice, name);
            }
        }
        self.of_type(schema, name)
    }

    fn of_type(&self, schema: &Value, name: &str) -> Value {
        match type_of(schema) {
            Some("object") => self.object(schema),
            Some("array") => schema.get("items").map(|items| json!([self.of(items, name)])).unwrap_or_default(),
            Some("string") => text(schema, name),
            Some("integer") => schema.get("default").or(schema.get("minimum")).cloned().unwrap_or(json!(1)),
            Some("number") => json!(1.5),
            Some("boolean") => json!(true),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let Some(members) = schema.get("properties").and_then(Value::as_object) else { return json!({}) };
        let required = schema.get("required").and_then(Value::as_array);
        let is_shown = |(name, member): &(&String, &Value)| {
            let is_required = required.is_some_and(|names| names.iter().any(|required| required == name.as_str()));
            self.whole || is_required || member.get("examples").is_some()
        };
        let mut shown: Vec<_> = members.iter().filter(is_shown).collect();
        if shown.is_empty() {
            shown.extend(
                members.iter().find(|(_, member)| type_of(member) == Some("string") && member.get("format").is_none()),
            );
        }
        shown.into_iter().map(|(name, member)| (name.clone(), self.of(member, name))).collect::<Map<_, _>>().into()
    }

    fn together(&self, parts: &[Value], name: &str) -> Value {
        let members = parts.iter().filter_map(|part| match self.of(part, name) {
            Value::Object(members) => Some(members),
            _ => None,
        });
        members.flatten().collect::<Map<_, _>>().into()
    }
}

/// The type of a schema; of several the first that is not null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    }
}

/// A text by its format, or else by the name of the member that it is.
fn text(schema: &Value, name: &str) -> Value {
    let known =
        |words: &[(&str, &str)], key: &str| words.iter().find(|(word, _)| *word == key).map(|(_, text)| json!(text));
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    known(FORMATS, format).or_else(|| known(NAMES, name)).unwrap_or_else(|| json!(name.replace('_', " ")))
}

const FORMATS: &[(&str, &str)] = &[
    ("uuid", "0198f3c2-0000-7000-8000-000000000001"),
    ("date", "2026-01-15"),
    ("date-time", "2026-01-15T09:30:00Z"),
    ("email", "ada@acme.example"),
];

const NAMES: &[(&str, &str)] = &[
    ("account_number", "DE02120300000000202051"),
    ("actor", "ada@acme.example"),
    ("amount", "50000.00"),
    ("bank_code", "BYLADEM1001"),
    ("base", "50000.00"),
    ("city", "London"),
    ("code", "RES"),
    ("cost_centre", "4711"),
    ("country_code", "GB"),
    ("currency", "EUR"),
    ("department", "Research"),
    ("designation", "Engineer"),
    ("display_name", "Ada Lovelace"),
    ("email", "ada@acme.example"),
    ("employee_number", "E-1"),
    ("first_name", "Ada"),
    ("full_name", "Ada Lovelace"),
    ("grade", "G5"),
    ("last_name", "Lovelace"),
    ("name", "Research"),
    ("next_cursor", "AgEAAAAAAAAAAAAAAAAAAAABTG92ZWxhY2UAQWRh"),
    ("personal_email", "ada@home.example"),
    ("phone", "+44 20 7946 0000"),
    ("request_id", "0198f3c2-0000-7000-8000-000000000002"),
    ("time_zone", "Europe/London"),
    ("title", "Engineer"),
    ("work_email", "ada@acme.example"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_of_the_description_has_an_example() {
        let document: Value = serde_json::from_str(crate::document()).unwrap();
        let mut bodies = Vec::new();
        let operations = document.get("paths").and_then(Value::as_object).unwrap().values();
        for operation in operations.flat_map(|item| item.as_object().unwrap().values()) {
            bodies.extend(operation.get("requestBody"));
            bodies.extend(operation.get("responses").and_then(Value::as_object).into_iter().flat_map(Map::values));
        }
        let contents = bodies.iter().filter_map(|body| body.get("content")?.as_object()).flatten();
        let contents: Vec<_> = contents.filter(|(kind, _)| *kind != MEDIA_TYPE).map(|(_, content)| content).collect();
        assert!(contents.len() > 20, "{}", contents.len());
        for content in contents {
            assert!(content.get("example").is_some(), "{content:#}");
        }
    }

    #[test]
    fn an_example_follows_its_schema() {
        let schemas = json!({ "Place": { "type": "object", "required": ["city"], "properties": {
            "city": { "type": "string" }, "since": { "type": ["string", "null"], "format": "date" } } } });
        let schema = json!({ "allOf": [{ "$ref": "#/components/schemas/Place" }, { "type": "object", "properties": {
            "kind": { "enum": ["office", "home"] }, "beds": { "type": "integer", "examples": [2] } } }] });
        let example = |whole| Samples { schemas: &schemas, whole }.of(&schema, "");
        assert_eq!(example(true), json!({ "city": "London", "since": "2026-01-15", "kind": "office", "beds": 2 }));
        assert_eq!(example(false), json!({ "city": "London", "beds": 2 }));
    }
}
