//! What the parameters of all lists have in common.

use jiff::Timestamp;
use jiff::civil::Date;
use tenure_app::Error;
use tenure_app::error::FieldError;

use crate::fields;

/// How many rows a page holds when nothing is said.
pub(crate) const DEFAULT_LIMIT: u16 = 50;
const LARGEST_LIMIT: u16 = 200;

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

/// A moment.
pub(crate) fn timestamp(value: &str) -> Result<Timestamp, String> {
    value.parse().map_err(|_| "is not a moment like 2026-01-31T09:30:00Z".to_owned())
}
