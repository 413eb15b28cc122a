//! What the parameters of all lists have in common.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use tenure_app::error::FieldError;
use tenure_app::{Error, PageStart, Part};
use tenure_core::ids::UserId;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::fields;
use crate::problem::{Kind, Problem};

/// How many rows a page holds when nothing is said.
pub(crate) const DEFAULT_LIMIT: u16 = 50;
const LARGEST_LIMIT: u16 = 200;
/// 1900-01-01 and 2200-01-01, the bounds of all that is stored.
const EARLIEST: Timestamp = Timestamp::constant(-2_208_988_800, 0);
const LATEST: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// Gives each parameter to `set`, which says what is wrong with it.
///
/// # Errors
/// `Invalid` with everything that is wrong: what `set` refuses, and names given twice.
pub(crate) fn read(
    pairs: &[(String, String)],
    mut set: impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), Error> {
    let mut errors = Vec::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let twice = pairs.iter().take(index).any(|(earlier, _)| earlier == name);
        let outcome = if twice { Err("is given twice".to_owned()) } else { set(name, value) };
        errors.extend(outcome.err().map(|message| FieldError { field: name.clone(), message }));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// How many rows a page shall hold.
pub(crate) fn limit(value: &str) -> Result<u16, String> {
    let limit = value.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("is a whole number from 1 to {LARGEST_LIMIT}"))
}

/// A day.
pub(crate) fn date(value: &str) -> Result<Date, String> {
    fields::day(value)
}

/// A moment. Those that the database has no place for lie before or after everything, as do the ends of what it has.
pub(crate) fn moment(value: &str) -> Result<Timestamp, String> {
    let moment: Timestamp = value.parse().map_err(|_| "is a moment like 2026-01-15T09:30:00Z".to_owned())?;
    Ok(storable(moment))
}

/// The moment, or the nearest that the database has a place for.
pub(crate) fn storable(moment: Timestamp) -> Timestamp {
    moment.clamp(EARLIEST, LATEST)
}

/// The parameters of a request, as they were written.
#[derive(Debug, Clone)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    /// The same with these in the place of those of their names.
    pub(crate) fn with(mut self, others: [(&str, String); 2]) -> Self {
        self.0.retain(|(name, _)| others.iter().all(|(other, _)| name != other));
        self.0.extend(others.map(|(name, value)| (name.to_owned(), value)));
        self
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // What is no UTF-8 would be read as something else than what was asked for.
        let query = parts.uri.query().unwrap_or_default();
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Problem::new(Kind::Invalid, "the query holds bytes that are no UTF-8"));
        }
        let pairs: Result<_, QueryRejection> = Query::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|rejection| Problem::new(Kind::Invalid, rejection.body_text()))?;
        Ok(Self(pairs))
    }
}

/// What every list by name takes, for the API's description. [`part`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct PartParameters {
    /// How many rows a page holds at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    cursor: Option<String>,
    /// `true` for those that were deleted, in place of those that are there. Needs the permission to restore them.
    #[param(default = false)]
    deleted: Option<bool>,
}

/// Reads the parameters of a list by name. `own` reads those that the list has besides, whose `names` it gives, and answers `None` to
/// what it does not know.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn part(
    list: List,
    Parameters(pairs): &Parameters,
    names: &str,
    mut own: impl FnMut(&str, &str) -> Option<Result<(), String>>,
) -> Result<Part, Error> {
    let mut part = Part { deleted: false, after: None, limit: DEFAULT_LIMIT };
    read(pairs, |name, value| {
        match name {
            "limit" => part.limit = limit(value)?,
            "cursor" => part.after = Some(place(list, value)?),
            "deleted" => part.deleted = value.parse().map_err(|_| "is true or false".to_owned())?,
            _ => {
                let unknown = || Err(format!("is not a parameter here; there are limit, cursor, deleted{names}"));
                return own(name, value).unwrap_or_else(unknown);
            }
        }
        Ok(())
    })?;
    Ok(part)
}

fn place(list: List, value: &str) -> Result<PageStart, String> {
    let (id, [name]) = cursor::decode(list, value)?;
    Ok(PageStart { name, id })
}

/// The cursor of the page that follows, where there is one.
pub(crate) fn next_cursor(list: List, next: Option<&PageStart>) -> Option<String> {
    next.map(|start| cursor::encode(list, start.id, [&start.name]))
}

/// The one parameter of lists that are a user's.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn user(Parameters(pairs): &Parameters) -> Result<Option<UserId>, Error> {
    let mut user = None;
    read(pairs, |name, value| match name {
        "user_id" => {
            user = Some(Uuid::try_parse(value).map_err(|_| "is not a UUID".to_owned())?.into());
            Ok(())
        }
        _ => Err("is not a parameter here; there is user_id".to_owned()),
    })?;
    Ok(user)
}
