//! What the parameters of all lists have in common.

use tenure_app::Error;
use tenure_app::error::FieldError;
use tenure_core::ids::UserId;
use uuid::Uuid;

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

/// The one parameter of lists that are a user's.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub(crate) fn user(pairs: &[(String, String)]) -> Result<Option<UserId>, Error> {
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
