//! Bodies as MongoDB keeps them. Names of fields that mean something to MongoDB or to servers like it are written in another way.

use std::fmt::Write;

use jiff::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, doc};
use serde_json::{Map, Number, Value};
use tenure_core::ids::DocumentHome;
use uuid::Uuid;

use super::super::stored::Raw;

/// The key of a document: one id may be in the parts of several tenants.
pub(super) fn key(home: DocumentHome, id: Uuid) -> String {
    format!("{home}:{id}")
}

pub(super) fn date(moment: Timestamp) -> DateTime {
    DateTime::from_millis(moment.as_millisecond())
}

pub(super) fn moment(date: DateTime) -> Timestamp {
    Timestamp::from_millisecond(date.timestamp_millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn to_document(home: DocumentHome, raw: &Raw) -> Document {
    let mut document = doc! {
        "_id": key(home, raw.id),
        "tenant_id": home.to_string(),
        "id": raw.id.to_string(),
        "version": raw.version,
        "created_at": date(raw.created_at),
        "updated_at": date(raw.updated_at),
        "body": fields_to_bson(&raw.body),
    };
    if let Some(expires_at) = raw.expires_at {
        document.insert("expires_at", date(expires_at));
    }
    document
}

/// `None` for a document that Tenure has not written.
pub(super) fn from_document(mut document: Document) -> Option<Raw> {
    let Some(Bson::Document(body)) = document.remove("body") else { return None };
    Some(Raw {
        id: document.get_str("id").ok()?.parse().ok()?,
        version: document.get_i32("version").ok()?,
        created_at: moment(*document.get_datetime("created_at").ok()?),
        updated_at: moment(*document.get_datetime("updated_at").ok()?),
        expires_at: document.get_datetime("expires_at").ok().copied().map(moment),
        body: fields_from_bson(body),
    })
}

fn fields_to_bson(fields: &Map<String, Value>) -> Document {
    fields.iter().map(|(name, value)| (escape(name), to_bson(value))).collect()
}

fn fields_from_bson(document: Document) -> Map<String, Value> {
    document.into_iter().map(|(name, value)| (unescape(&name), from_bson(value))).collect()
}

fn to_bson(value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(value) => Bson::Boolean(*value),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Bson::Double(number.as_f64().unwrap_or_default()), Bson::Int64)
        }
        Value::String(text) => Bson::String(text.clone()),
        Value::Array(values) => Bson::Array(values.iter().map(to_bson).collect()),
        Value::Object(fields) => Bson::Document(fields_to_bson(fields)),
    }
}

/// Of the kinds that JSON does not have none is ever written.
fn from_bson(value: Bson) -> Value {
    match value {
        Bson::Boolean(value) => Value::Bool(value),
        Bson::Int32(number) => number.into(),
        Bson::Int64(number) => number.into(),
        Bson::Double(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Bson::String(text) => Value::String(text),
        Bson::Array(values) => Value::Array(values.into_iter().map(from_bson).collect()),
        Bson::Document(document) => Value::Object(fields_from_bson(document)),
        _ => Value::Null,
    }
}

/// `.` and `$` lead to parts of documents and to operators, and some servers refuse them in names.
fn escape(name: &str) -> String {
    if !name.is_empty() && !name.contains(['.', '$', '%']) {
        return name.to_owned();
    }
    let mut escaped = String::with_capacity(name.len() + 8);
    for character in name.chars() {
        match character {
            // What is written into a text does not fail.
            '.' | '$' | '%' => drop(write!(escaped, "%{:02x}", u32::from(character))),
            other => escaped.push(other),
        }
    }
    if escaped.is_empty() { "%".to_owned() } else { escaped }
}

fn unescape(name: &str) -> String {
    match name {
        "%" => String::new(),
        name => name.replace("%2e", ".").replace("%24", "$").replace("%25", "%"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_comes_back_as_it_was(name in "[a.$%245e]{0,12}") {
            let escaped = escape(&name);
            prop_assert!(!escaped.contains(['.', '$']) && !escaped.is_empty());
            prop_assert_eq!(unescape(&escaped), name);
        }
    }
}
