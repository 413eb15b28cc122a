//! Versions of rows as entity tags: what was read comes with `ETag`, and a change says in `If-Match` what it was made of.

use std::fmt::Display;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use tenure_app::Error;
use tenure_app::change::Target;
use uuid::Uuid;

use crate::problem::{Kind, Problem};

/// A row with its version as a header.
pub(crate) type Versioned<T> = ([(HeaderName, String); 1], Json<T>);

/// An answer of a row.
pub(crate) fn versioned<T>(version: i32, body: T) -> Versioned<T> {
    ([(ETAG, format!("\"{version}\""))], Json(body))
}

/// An answer of a row that was made.
pub(crate) type Created<T> = (StatusCode, [(HeaderName, String); 1], Versioned<T>);

/// The answer of a row that was made below `path`.
pub(crate) fn created<T>(path: &str, id: impl Display, version: i32, body: T) -> Created<T> {
    (StatusCode::CREATED, [(LOCATION, format!("{path}/{id}"))], versioned(version, body))
}

/// The version that a change is made of.
#[derive(Debug)]
pub(crate) struct IfMatch(pub(crate) i32);

impl IfMatch {
    /// The row of an id, as it was in this version.
    pub(crate) fn of<Id: From<Uuid>>(self, id: Uuid) -> Target<Id> {
        Target { id: id.into(), version: self.0 }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(IF_MATCH).iter();
        let Some(value) = values.next() else {
            let words = "a change names the version that it was made of, as the ETag of the answer gave it";
            return Err(Problem::new(Kind::PreconditionRequired, words));
        };
        let version = value.to_str().ok().filter(|_| values.next().is_none()).and_then(version);
        version.map(Self).ok_or_else(|| Error::invalid("If-Match", "is one ETag that this API has given").into())
    }
}

/// The version of a tag as [`versioned`] writes it.
fn version(tag: &str) -> Option<i32> {
    let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_a_number_in_quotes_and_nothing_else() {
        assert_eq!(version("\"12\""), Some(12));
        for bad in ["", "12", "\"\"", "\"a\"", "\"+1\"", "\"-1\"", "*", "W/\"1\"", "\"1\", \"2\"", "\"99999999999\""] {
            assert_eq!(version(bad), None, "{bad}");
        }
    }
}
