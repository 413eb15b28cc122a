//! The platform's flags, as those who operate Tenure list and change them. Whoever calls this has found out that they may.

use tenure_core::flags::{Flag, Key, check, check_prerequisites};
use tenure_core::settings::{Chosen, Number};
use tenure_db::platform_flags::{self, StoredFlag};
use tenure_db::tenants::Act;

use super::change::{Changes, apply, invalid, taken, too_many};
use super::{Entry, Listed, MOST_FLAGS, listed_as, page};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};

/// The flags of the platform, by key: after `after`, at most `limit`; only those that are stale or are not, if that is said. The second is
/// the key to go on after, if there are more.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_of_platform(
    context: &Context,
    stale: Option<bool>,
    after: Option<String>,
    limit: u16,
) -> Result<(Vec<Listed>, Option<String>)> {
    let all = platform_flags::all(&context.db).await?.1;
    Ok(page(all.into_iter().map(|stored| listed(context, stored)), stale, after.as_deref(), limit))
}

/// The flag of the platform of a key.
///
/// # Errors
/// `NotFound`; when the database cannot be read.
pub async fn get_of_platform(context: &Context, key: &Key) -> Result<Listed> {
    let all = platform_flags::all(&context.db).await?.1;
    let found = all.into_iter().find(|stored| stored.flag.key == *key);
    found.map(|stored| listed(context, stored)).ok_or_else(|| Error::not_found("flag", key))
}

/// Of the platform's flags none has chosen after how long they are stale.
pub(super) fn listed(context: &Context, stored: StoredFlag) -> Listed {
    listed_as(context, &stored.into(), Chosen::default().number(Number::FlagStaleDays))
}

/// Makes a flag of the platform.
///
/// # Errors
/// `Invalid` (everything that is wrong), `Taken` (the key), `Rule` (there are too many), `Unavailable`.
pub async fn create_of_platform(context: &Context, act: &Act, new: Flag) -> Result<Entry> {
    let key = new.key.clone();
    write(context, act, &key, |before| if before.is_some() { Err(taken()) } else { Ok(new) }).await
}

/// Changes a flag of the platform.
///
/// # Errors
/// `NotFound`, `Stale`, `Invalid` (everything that is wrong), `Unavailable`.
pub async fn change_of_platform(context: &Context, act: &Act, target: Target<Key>, changes: Changes) -> Result<Entry> {
    let change = |before: Option<&StoredFlag>| {
        let before = before.ok_or_else(|| Error::not_found("flag", &target.id))?;
        target.check("flag", before.version)?;
        Ok(apply(before.flag.clone(), changes))
    };
    write(context, act, &target.id, change).await
}

/// Deletes a flag of the platform; of any version, or only of the one that was read.
///
/// # Errors
/// `NotFound`, `Stale`, `Rule` (another flag needs it), `Unavailable`.
pub async fn delete_of_platform(context: &Context, act: &Act, key: &Key, version: Option<i32>) -> Result<()> {
    let wanted = |before: Option<&StoredFlag>, all: &[StoredFlag]| {
        let before = before.ok_or_else(|| Error::not_found("flag", key))?;
        Target { id: key, version: version.unwrap_or(before.version) }.check("flag", before.version)?;
        let needing = all.iter().find(|other| other.flag.prerequisites.iter().any(|one| one.flag == *key));
        match needing {
            Some(needing) => Err(Error::Rule(format!("the flag {} needs this one", needing.flag.key))),
            None => Ok(None),
        }
    };
    platform_flags::change(&context.db, key, act, wanted).await.map(drop)
}

/// Puts a flag in the place of the one that is there, if any.
pub(super) async fn write(
    context: &Context,
    act: &Act,
    key: &Key,
    wanted: impl FnOnce(Option<&StoredFlag>) -> Result<Flag>,
) -> Result<Entry> {
    let checked = |before: Option<&StoredFlag>, all: &[StoredFlag]| {
        let flag = wanted(before)?;
        check(&flag).map_err(invalid)?;
        check_prerequisites(&flag, all.iter().map(|stored| &stored.flag)).map_err(invalid)?;
        let is_one_more = before.is_none() && u32::try_from(all.len()).is_ok_and(|number| number >= MOST_FLAGS);
        if is_one_more { Err(too_many()) } else { Ok(Some(flag)) }
    };
    let stored = platform_flags::change(&context.db, key, act, checked).await?;
    stored.map(Entry::from).ok_or_else(|| Error::not_found("flag", key))
}
