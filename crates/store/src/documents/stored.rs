//! A document as it is kept: its body, and what the store knows of it.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Error;
use super::collection::{Collection, LONGEST_INDEXED};

/// The largest body, in bytes of JSON. MongoDB's own limit is at four times as much.
const LARGEST: usize = 4 << 20;

/// The deepest nesting of a body: MongoDB's own limit is 100.
const DEEPEST: usize = 80;

/// A document that was read or written.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T> {
    /// Which one; unique in the collection of the tenant.
    pub id: Uuid,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// It is removed soon after this time, if there is one.
    pub expires_at: Option<Timestamp>,
    /// What it says.
    pub body: T,
    /// Fields of the body that this program does not know, which a later one has written. They are written back with a change.
    unknown: Map<String, Value>,
}

/// The same with the body as it lies in the store.
pub(super) struct Raw {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) body: Map<String, Value>,
}

impl Raw {
    /// The text of a field; nothing when there is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

impl<T: Serialize> Stored<T> {
    /// A document that is new.
    pub(super) fn new(id: Uuid, body: T, now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        let now = in_millis(now);
        let expires_at = expires_at.map(in_millis);
        Self { id, version: 1, created_at: now, updated_at: now, expires_at, body, unknown: Map::new() }
    }

    /// What is to be written of it.
    pub(super) fn to_raw(&self, collection: Collection) -> Result<Raw, Error> {
        let unstorable = |words: String| Error::Unstorable { collection, words };
        let known = serde_json::to_value(&self.body).map_err(|error| unstorable(error.to_string()))?;
        let Value::Object(known) = known else { return Err(unstorable("it is no JSON object".to_owned())) };
        let mut body = self.unknown.clone();
        body.extend(known);
        check(collection, &body).map_err(unstorable)?;
        Ok(Raw {
            id: self.id,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at.map(in_millis),
            body,
        })
    }
}

impl<T: Serialize + DeserializeOwned> Stored<T> {
    pub(super) fn of(collection: Collection, raw: Raw) -> Result<Self, Error> {
        let unreadable = |error: serde_json::Error| Error::Unreadable { collection, id: raw.id, source: error };
        let body: T = serde_json::from_value(Value::Object(raw.body.clone())).map_err(unreadable)?;
        let known = serde_json::to_value(&body).map_err(unreadable)?;
        let mut unknown = raw.body;
        unknown.retain(|field, _| known.get(field).is_none());
        Ok(Self {
            id: raw.id,
            version: raw.version,
            created_at: raw.created_at,
            updated_at: raw.updated_at,
            expires_at: raw.expires_at,
            body,
            unknown,
        })
    }
}

/// The times of MongoDB have no smaller parts.
pub(super) fn in_millis(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// Refuses what one of the back ends could not keep, or not find again, so that both keep the same.
fn check(collection: Collection, body: &Map<String, Value>) -> Result<(), String> {
    for field in collection.indexed_fields() {
        match body.get(field) {
            None => {}
            Some(Value::String(value)) if value.len() <= LONGEST_INDEXED => {}
            Some(Value::String(_)) => return Err(format!("{field} has more than {LONGEST_INDEXED} bytes")),
            Some(_) => return Err(format!("{field} is no text")),
        }
    }
    for (field, value) in body {
        check_text(field)?;
        check_value(value, 1)?;
    }
    let size = serde_json::to_vec(body).map_err(|error| error.to_string())?.len();
    if size > LARGEST { Err(format!("it has {size} bytes, and may have {LARGEST}")) } else { Ok(()) }
}

fn check_value(value: &Value, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("it is nested deeper than {DEEPEST} levels"));
    }
    match value {
        Value::String(text) => check_text(text),
        Value::Number(number) if number.is_u64() && !number.is_i64() => Err(format!("{number} is too large a number")),
        Value::Array(values) => values.iter().try_for_each(|value| check_value(value, depth + 1)),
        Value::Object(fields) => fields.iter().try_for_each(|(field, value)| {
            check_text(field)?;
            check_value(value, depth + 1)
        }),
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("a text in it contains the character U+0000".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Flag {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }

    fn raw(body: &Value) -> Raw {
        let at = Timestamp::UNIX_EPOCH;
        let body = body.as_object().unwrap().clone();
        Raw { id: Uuid::nil(), version: 3, created_at: at, updated_at: at, expires_at: None, body }
    }

    #[test]
    fn fields_of_a_later_program_are_written_back() {
        let later = json!({ "kind": "flag", "note": "old", "colour": { "of": "later" } });
        let mut read = Stored::<Flag>::of(Collection::FeatureFlags, raw(&later)).unwrap();
        read.body.note = None;
        let written = read.to_raw(Collection::FeatureFlags).unwrap().body;
        assert_eq!(Value::Object(written), json!({ "kind": "flag", "colour": { "of": "later" } }));
    }

    #[test]
    fn what_one_back_end_could_not_keep_is_refused_for_both() {
        let deep = (0..DEEPEST).fold(json!(1), |inner, _| json!([inner]));
        for (body, words) in [
            (json!(["a"]), "no JSON object"),
            (json!({ "kind": 1 }), "kind is no text"),
            (json!({ "key": "x".repeat(501) }), "more than 500 bytes"),
            (json!({ "a": { "b": ["x\0y"] } }), "U+0000"),
            (json!({ "a": { "b\0": 1 } }), "U+0000"),
            (json!({ "a": u64::MAX }), "too large a number"),
            (json!({ "a": deep }), "nested deeper"),
            (json!({ "a": "x".repeat(LARGEST) }), "bytes, and may have"),
        ] {
            let stored = Stored::new(Uuid::nil(), body, Timestamp::UNIX_EPOCH, None);
            let refused = stored.to_raw(Collection::FeatureFlags).err().unwrap().to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
