//! Making, changing and deleting a company's own flags.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use tenure_core::access::Permission;
use tenure_core::flags::{Fault, Flag, Key, Prerequisite, Rule, check, check_prerequisites};
use tenure_core::stamps::Area;
use tenure_db::stamps;

use super::local::{Platform, platform};
use super::{Body, Entry, KIND, MOST_FLAGS, document_id, read_own};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::documents::{Collection, Stored};
use crate::error::{Error, FieldError, Result};
use crate::kept;

/// New values of a flag; what is `None` stays, what is `Some(None)` is emptied. Key and kind never change.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What it is for.
    pub description: Option<Option<String>>,
    /// False is the kill switch.
    pub enabled: Option<bool>,
    /// All values by name.
    pub variants: Option<BTreeMap<String, Value>>,
    /// What those get whom no rule gives anything.
    pub default_variant: Option<String>,
    /// What everybody gets while it is off.
    pub off_variant: Option<String>,
    /// Its first moment.
    pub from: Option<Option<Timestamp>>,
    /// The first moment after it.
    pub until: Option<Option<Timestamp>>,
    /// All rules.
    pub rules: Option<Vec<Rule>>,
    /// All prerequisites.
    pub prerequisites: Option<Vec<Prerequisite>>,
}

/// Makes a flag. One of a key that the platform has takes the place of that one in the company, unless that is killed.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (everything that is wrong), `Taken` (the key), `Rule` (there are too many), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: Flag) -> Result<Entry> {
    let platform = platform(context, &kept::enter(context, caller).await?).await?;
    change::run(context, caller, async |change| {
        change.require(Permission::FlagsWrite)?;
        make(change, new.clone(), &platform).await
    })
    .await
}

/// Changes a flag of the company's own.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also for one of the platform's), `Stale`, `Invalid` (everything that is wrong), `Unavailable`.
pub async fn change(context: &Context, caller: Caller<'_>, target: Target<Key>, changes: Changes) -> Result<Entry> {
    let platform = platform(context, &kept::enter(context, caller).await?).await?;
    change::run(context, caller, async |change| {
        change.require(Permission::FlagsWrite)?;
        let own = lock(change).await?;
        let stored = read_for_change(change, &target).await?;
        let wanted = apply(stored.body.flag.clone(), changes.clone());
        check_all(&wanted, &own, &platform)?;
        save(change, stored, wanted).await
    })
    .await
}

/// Deletes a flag of the company's own. One of the platform's of the same key holds again.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (another flag needs it), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<Key>) -> Result<()> {
    let platform = platform(context, &kept::enter(context, caller).await?).await?;
    change::run(context, caller, async |change| {
        change.require(Permission::FlagsWrite)?;
        let own = lock(change).await?;
        let stored = read_for_change(change, &target).await?;
        remove(change, stored, &own, &platform).await
    })
    .await
}

/// Locks the company's flags against other changes, so that two that are each right do not together make a circle, and reads them.
pub(super) async fn lock(change: &mut Change<'_>) -> Result<Vec<Entry>> {
    stamps::lock(&mut change.tx, Area::Flags).await?;
    read_own(change.context, &mut change.tx).await
}

pub(super) async fn find(change: &mut Change<'_>, key: &Key) -> Result<Option<Stored<Body>>> {
    Ok(change.documents().get(Collection::FeatureFlags, document_id(key)).await?)
}

async fn read_for_change(change: &mut Change<'_>, target: &Target<Key>) -> Result<Stored<Body>> {
    let stored = find(change, &target.id).await?.ok_or_else(|| Error::not_found("flag", &target.id))?;
    target.check("flag", stored.version)?;
    Ok(stored)
}

async fn make(change: &mut Change<'_>, new: Flag, platform: &Platform) -> Result<Entry> {
    let own = lock(change).await?;
    if own.iter().any(|entry| entry.flag.key == new.key) {
        return Err(taken());
    }
    check_kind(&new, platform)?;
    check_all(&new, &own, platform)?;
    insert(change, new, &own).await
}

pub(super) async fn insert(change: &mut Change<'_>, new: Flag, own: &[Entry]) -> Result<Entry> {
    if u32::try_from(own.len()).is_ok_and(|number| number >= MOST_FLAGS) {
        return Err(too_many());
    }
    let (id, now) = (document_id(&new.key), change.context.now());
    let body = Body { kind: KIND.to_owned(), key: new.key.to_string(), flag: new };
    let stored = change.documents().insert(Collection::FeatureFlags, id, body, now, None).await?;
    change.record(Record::of("flag.created", id, None, Some(&stored.body.flag))).await?;
    Ok(stored.into())
}

/// Writes a flag; one that stays as it is keeps its version.
pub(super) async fn save(change: &mut Change<'_>, mut stored: Stored<Body>, wanted: Flag) -> Result<Entry> {
    let before = std::mem::replace(&mut stored.body.flag, wanted);
    if before == stored.body.flag {
        return Ok(stored.into());
    }
    let now = change.context.now();
    change.documents().replace(Collection::FeatureFlags, &mut stored, now).await?;
    change.record(Record::of("flag.updated", stored.id, Some(&before), Some(&stored.body.flag))).await?;
    Ok(stored.into())
}

pub(super) async fn remove(
    change: &mut Change<'_>,
    stored: Stored<Body>,
    own: &[Entry],
    platform: &Platform,
) -> Result<()> {
    let key = &stored.body.flag.key;
    let needing = own.iter().find(|entry| entry.flag.prerequisites.iter().any(|one| one.flag == *key));
    let has_other = platform.flags().any(|other| other.key == *key);
    if let Some(needing) = needing.filter(|_| !has_other) {
        return Err(Error::Rule(format!("the flag {} needs this one", needing.flag.key)));
    }
    change.documents().delete(Collection::FeatureFlags, stored.id, stored.version).await?;
    change.record(Record::of("flag.deleted", stored.id, Some(&stored.body.flag), None)).await
}

/// Checks a flag by itself, and together with those that it needs and that need it.
pub(super) fn check_all(flag: &Flag, own: &[Entry], platform: &Platform) -> Result<()> {
    check(flag).map_err(invalid)?;
    let others = platform.flags().chain(own.iter().map(|entry| &entry.flag));
    check_prerequisites(flag, others).map_err(invalid)
}

/// Checks a flag that is new against the one of the platform whose place it takes.
pub(super) fn check_kind(flag: &Flag, platform: &Platform) -> Result<()> {
    let replaced = platform.flags().find(|other| other.key == flag.key);
    let other = replaced.filter(|other| other.kind != flag.kind);
    let words = |other: &Flag| format!("is {} in the platform's flag of this key", other.kind);
    other.map_or(Ok(()), |other| Err(Error::invalid("kind", &words(other))))
}

pub(super) fn taken() -> Error {
    Error::Taken(FieldError { field: "key".to_owned(), message: "is in use already".to_owned() })
}

pub(super) fn too_many() -> Error {
    Error::Rule(format!("there are {MOST_FLAGS} flags already; delete stale ones first"))
}

pub(super) fn invalid(faults: Vec<Fault>) -> Error {
    Error::Invalid(faults.into_iter().map(|fault| FieldError { field: fault.field, message: fault.message }).collect())
}

pub(super) fn apply(mut flag: Flag, changes: Changes) -> Flag {
    put_or_empty(&mut flag.description, changes.description);
    put(&mut flag.enabled, changes.enabled);
    put(&mut flag.variants, changes.variants);
    put(&mut flag.default_variant, changes.default_variant);
    put(&mut flag.off_variant, changes.off_variant);
    put_or_empty(&mut flag.window.from, changes.from);
    put_or_empty(&mut flag.window.until, changes.until);
    put(&mut flag.rules, changes.rules);
    put(&mut flag.prerequisites, changes.prerequisites);
    flag
}
