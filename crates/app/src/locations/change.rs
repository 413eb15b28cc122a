//! Making, changing and deleting a location.

use serde_json::{Map, Value};
use tenure_core::access::Permission;
use tenure_core::custom_fields::Entity;
use tenure_core::ids::LocationId;
use tenure_core::place::{CountryCode, TimeZoneName};
use tenure_db::employment;
use tenure_db::locations::{self, Address, City, Code, Content, Location, Name, PostalCode};

use super::{read_deleted, read_for_change};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::custom_fields;
use crate::error::{Error, Result};

/// New values of a location; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The name.
    pub name: Option<Name>,
    /// The company's short word for it.
    pub code: Option<Option<Code>>,
    /// Street and number.
    pub address: Option<Option<Address>>,
    /// City.
    pub city: Option<Option<City>>,
    /// State, province or region.
    pub region: Option<Option<City>>,
    /// Postal code.
    pub postal_code: Option<Option<PostalCode>>,
    /// The country.
    pub country_code: Option<Option<CountryCode>>,
    /// The time zone.
    pub time_zone: Option<Option<TimeZoneName>>,
    /// The company's own fields, all of them.
    pub custom: Option<Map<String, Value>>,
}

/// Makes a location.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (own fields), `Taken` (name or code), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: Content) -> Result<Location> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes a location.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (own fields), `Taken` (name or code), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<LocationId>,
    changes: Changes,
) -> Result<Location> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        apply(change, target, changes).await
    })
    .await
}

/// Deletes a location at which nobody works.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (somebody works there), `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<LocationId>) -> Result<()> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        remove(change, target).await
    })
    .await
}

/// Brings back a location that was deleted.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also when it is not deleted), `Stale`, `Taken` (name or code), `Unavailable`.
pub async fn restore(context: &Context, caller: Caller<'_>, target: Target<LocationId>) -> Result<Location> {
    change::run(context, caller, async |change| {
        change.require(Permission::OrganisationWrite)?;
        bring_back(change, target).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &Content) -> Result<Location> {
    custom_fields::check(change, Entity::Location, None, &new.custom).await?;
    let (id, now) = (change.context.id(), change.context.now());
    let made = locations::insert(&mut change.tx, id, new, now).await?;
    change.record(Record::of("location.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(change: &mut Change<'_>, target: Target<LocationId>, changes: Changes) -> Result<Location> {
    locations::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    let mut wanted = before.clone();
    put(&mut wanted.name, changes.name);
    put_or_empty(&mut wanted.code, changes.code);
    put_or_empty(&mut wanted.address, changes.address);
    put_or_empty(&mut wanted.city, changes.city);
    put_or_empty(&mut wanted.region, changes.region);
    put_or_empty(&mut wanted.postal_code, changes.postal_code);
    put_or_empty(&mut wanted.country_code, changes.country_code);
    put_or_empty(&mut wanted.time_zone, changes.time_zone);
    if let Some(custom) = &changes.custom {
        custom_fields::check(change, Entity::Location, before.custom.as_object(), custom).await?;
    }
    put(&mut wanted.custom, changes.custom);
    if wanted == before {
        return Ok(wanted);
    }
    let after = locations::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(Record::of("location.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, target: Target<LocationId>) -> Result<()> {
    locations::lock(&mut change.tx).await?;
    let before = read_for_change(&mut change.tx, target).await?;
    employment::lock(&mut change.tx).await?;
    if locations::is_in_use(&mut change.tx, target.id).await? {
        return Err(Error::Rule("people work at this location, or are to; give them another first".to_owned()));
    }
    locations::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("location.deleted", target.id, Some(&before), None)).await
}

async fn bring_back(change: &mut Change<'_>, target: Target<LocationId>) -> Result<Location> {
    locations::lock(&mut change.tx).await?;
    let before = read_deleted(&mut change.tx, target).await?;
    let after = locations::restore(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("location.restored", target.id, Some(&before), Some(&after))).await?;
    Ok(after)
}
