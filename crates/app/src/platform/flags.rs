//! The platform's flags, as operators list and change them over HTTP.

use tenure_core::flags::{Flag, Key};

use super::operators::Operator;
use crate::change::Target;
use crate::context::Context;
use crate::error::Result;
use crate::flags::{self, Changes, Entry, Listed};

/// The flags of the platform, by key: after `after`, at most `limit`; only those that are stale or are not, if that is said. The second is
/// the key to go on after, if there are more.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    context: &Context,
    _: &Operator,
    stale: Option<bool>,
    (after, limit): (Option<String>, u16),
) -> Result<(Vec<Listed>, Option<String>)> {
    flags::list_of_platform(context, stale, after, limit).await
}

/// The flag of a key.
///
/// # Errors
/// `NotFound`; when the database cannot be read.
pub async fn get(context: &Context, _: &Operator, key: &Key) -> Result<Listed> {
    flags::get_of_platform(context, key).await
}

/// Makes a flag.
///
/// # Errors
/// `Invalid` (everything that is wrong), `Taken` (the key), `Rule` (there are too many), `Unavailable`.
pub async fn create(context: &Context, operator: &Operator, new: Flag, request_id: &str) -> Result<Entry> {
    flags::create_of_platform(context, &operator.act(context, request_id), new).await
}

/// Changes a flag.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid` (everything that is wrong), `Unavailable`.
pub async fn change(
    context: &Context,
    operator: &Operator,
    target: Target<Key>,
    changes: Changes,
    request_id: &str,
) -> Result<Entry> {
    flags::change_of_platform(context, &operator.act(context, request_id), target, changes).await
}

/// Deletes a flag.
///
/// # Errors
/// `NotFound`, `Stale`, `Rule` (another flag needs it), `Unavailable`.
pub async fn delete(context: &Context, operator: &Operator, target: Target<Key>, request_id: &str) -> Result<()> {
    let act = operator.act(context, request_id);
    flags::delete_of_platform(context, &act, &target.id, Some(target.version)).await
}
