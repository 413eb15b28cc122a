//! A JSON body, read field by field, so that each error names its own and all are told at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use jiff::civil::Date;
use serde_json::{Map, Value};
use tenure_app::Error;
use tenure_app::error::FieldError;
use uuid::Uuid;

use crate::problem::{Kind, Problem};

/// The members of a body that have not been read yet, and what was wrong with the others.
pub(crate) struct Fields {
    left: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads a member; `None` when it is absent or wrong.
    pub(crate) fn optional<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        let value = self.left.remove(name)?;
        match read(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.errors.push(FieldError { field: name.to_owned(), message });
                None
            }
        }
    }

    /// Reads a member that has to be there.
    pub(crate) fn required<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Result<T, String>) -> Option<T> {
        if !self.left.contains_key(name) {
            self.errors.push(FieldError { field: name.to_owned(), message: "is missing".to_owned() });
        }
        self.optional(name, read)
    }

    /// All members as they are, for a body that is an object of the company's own fields, which errors call `what`.
    ///
    /// # Errors
    /// `Invalid` with the members that PostgreSQL would not take.
    pub(crate) fn members(self, what: &str) -> Result<Map<String, Value>, Error> {
        let unfit = |(name, value): &(&String, &Value)| name.contains('\0') || has_nul(value);
        let wrong = |(name, _): (&String, _)| FieldError {
            field: format!("{what}.{}", name.replace('\0', "\u{fffd}")),
            message: "has a NUL character".to_owned(),
        };
        let errors: Vec<FieldError> = self.left.iter().filter(unfit).map(wrong).collect();
        if errors.is_empty() { Ok(self.left) } else { Err(Error::Invalid(errors)) }
    }

    /// What was made of the members, if nothing was wrong and none is left.
    ///
    /// # Errors
    /// `Invalid` with everything that was wrong.
    pub(crate) fn finish<T>(mut self, made: Option<T>) -> Result<T, Error> {
        let unknown = |field| FieldError { field, message: "is not a field here".to_owned() };
        self.errors.extend(self.left.into_iter().map(|(field, _)| unknown(field)));
        match made {
            Some(made) if self.errors.is_empty() => Ok(made),
            _ => Err(Error::Invalid(self.errors)),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = kind.split(';').next().unwrap_or_default().trim();
        if !["application/json", "application/merge-patch+json"]
            .iter()
            .any(|json| json.eq_ignore_ascii_case(media_type))
        {
            return Err(Problem::new(Kind::UnsupportedMediaType, "the body has the Content-Type application/json"));
        }
        let bytes = bytes(request, state).await?;
        match serde_json::from_slice(&bytes) {
            Ok(left) => Ok(Self { left, errors: Vec::new() }),
            Err(error) => Err(Problem::new(Kind::Invalid, format!("the body is not a JSON object: {error}"))),
        }
    }
}

/// The bytes of a body that is not longer than allowed.
pub(crate) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let bytes = Bytes::from_request(request, state).await;
    bytes.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::BodyTooLarge, "the body is longer than allowed"),
        _ => Problem::new(Kind::Invalid, "the body could not be read"),
    })
}

/// A reader that takes null for nothing.
pub(crate) fn nullable<T>(
    read: impl FnOnce(Value) -> Result<T, String>,
) -> impl FnOnce(Value) -> Result<Option<T>, String> {
    |value| if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

/// Reads a text of some form.
pub(crate) fn text<T: FromStr<Err: Display>>(value: Value) -> Result<T, String> {
    let Value::String(text) = value else { return Err("is not a text".to_owned()) };
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// Reads true or false.
pub(crate) fn boolean(value: Value) -> Result<bool, String> {
    serde_json::from_value(value).map_err(|_| "is neither true nor false".to_owned())
}

/// Reads a whole number.
pub(crate) fn whole(value: Value, range: RangeInclusive<i32>) -> Result<i32, String> {
    let number = serde_json::from_value(value).ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("is not a whole number from {} to {}", range.start(), range.end()))
}

/// Reads a list.
pub(crate) fn list<T>(value: Value, read: impl Fn(Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    let Value::Array(items) = value else { return Err("is not a list".to_owned()) };
    items.into_iter().map(|item| read(item).map_err(|message| format!("holds something that {message}"))).collect()
}

/// Reads an id.
pub(crate) fn id<T: From<Uuid>>(value: Value) -> Result<T, String> {
    let Value::String(text) = value else { return Err("is not a UUID".to_owned()) };
    Uuid::try_parse(&text).map(T::from).map_err(|_| "is not a UUID".to_owned())
}

/// Reads a day of the calendar.
pub(crate) fn date(value: Value) -> Result<Date, String> {
    let Value::String(text) = value else { return Err(NO_DAY.to_owned()) };
    day(&text)
}

/// A day from its text, within the years that are stored.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let day: Date = text.parse().ok().filter(|_| text.len() == 10).ok_or(NO_DAY)?;
    if (1900..2200).contains(&day.year()) { Ok(day) } else { Err("is not a day of the years 1900 to 2199".to_owned()) }
}

const NO_DAY: &str = "is not a day like 2026-01-31";

/// Reads a company's own fields. PostgreSQL takes no NUL, in names and in values.
pub(crate) fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        object if has_nul(&object) => Err("has a NUL character".to_owned()),
        Value::Object(members) => Ok(members),
        _ => Err("is not an object".to_owned()),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenure_core::text::Line;

    use super::*;

    fn fields(body: Value) -> Fields {
        let Value::Object(left) = body else { panic!("{body} is no object") };
        Fields { left, errors: Vec::new() }
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let mut fields = fields(json!({ "name": " ", "head_id": 7, "odd": true, "custom": { "a": ["\0"] } }));
        let name = fields.required("name", text::<Line<5>>);
        fields.required("code", text::<Line<5>>);
        fields.optional("head_id", id::<Uuid>);
        fields.optional("custom", object);
        let Err(Error::Invalid(errors)) = fields.finish(name) else { panic!("it was taken") };
        let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["name", "code", "head_id", "custom", "odd"]);
    }

    #[test]
    fn absent_and_null_are_told_apart() {
        let mut fields = fields(json!({ "code": null }));
        assert_eq!(fields.optional("code", nullable(text::<Line<5>>)), Some(None));
        assert_eq!(fields.optional("cost_centre", nullable(text::<Line<5>>)), None);
        fields.finish(Some(())).unwrap();
    }
}
