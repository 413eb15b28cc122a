//! Schemas in a few words.

use serde_json::Value;

use super::html::{escaped, inline, table};

/// What a value is: its type, its form and its bounds, with a link where it has a name.
pub(super) fn words(schema: &Value) -> String {
    if let Some(name) = named(schema) {
        return format!("<a href=\"#{0}\">{0}</a>", escaped(name));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema.get(key).and_then(Value::as_array) {
            let parts: Vec<String> = parts.iter().map(words).collect();
            return parts.join(if key == "allOf" { " and " } else { " or " });
        }
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", words(items));
    }
    let mut said = vec![types(schema)];
    said.extend(schema.get("format").and_then(Value::as_str).map(escaped));
    said.extend(BOUNDS.iter().filter_map(|(key, before)| Some(format!("{before} {}", plain(schema.get(key)?)))));
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<String> = choices.iter().map(|choice| format!("<code>{}</code>", plain(choice))).collect();
        said.push(format!("one of {}", choices.join(" ")));
    }
    said.retain(|part| !part.is_empty());
    said.join(", ")
}

const BOUNDS: [(&str, &str); 7] = [
    ("minimum", "from"),
    ("maximum", "to"),
    ("minLength", "at least"),
    ("maxLength", "at most"),
    ("maxItems", "at most"),
    ("pattern", "like"),
    ("default", "if not given"),
];

/// The members of an object as a table.
pub(super) fn members(schema: &Value) -> String {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let row = |(name, member): (&String, &Value)| {
        let description = member.get("description").and_then(Value::as_str).unwrap_or_default();
        let need = if is_required(name) { "yes" } else { "" };
        [format!("<code>{}</code>", escaped(name)), words(member), need.to_owned(), inline(description)]
    };
    table(["member", "is", "always", ""], &members.map(row).collect::<Vec<_>>())
}

/// The name of a schema that is only referred to.
fn named(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

fn types(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().map(plain).collect::<Vec<_>>().join(" or "),
        Some(kind) => plain(kind),
        None => String::new(),
    }
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| escaped(&value.to_string()), escaped)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_said_in_words() {
        for (schema, expected) in [
            (json!({ "type": ["string", "null"], "format": "uuid" }), "string or null, uuid"),
            (
                json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
                "integer, from 1, to 200, if not given 50",
            ),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Pay" } }),
                "list of <a href=\"#Pay\">Pay</a>",
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Pay" }] }),
                "null or <a href=\"#Pay\">Pay</a>",
            ),
            (json!({ "type": "string", "enum": ["a", "<"] }), "string, one of <code>a</code> <code>&lt;</code>"),
        ] {
            assert_eq!(words(&schema), expected);
        }
    }
}
