//! Locations: the company's places of work, as everybody in it may see and its administrators may change them.

mod change;

use tenure_core::access::Permission;
use tenure_core::ids::LocationId;
use tenure_db::TenantTx;
use tenure_db::locations;

pub use tenure_db::locations::{Address, City, Code, Content, Location, Name, PostalCode};

pub use self::change::{Changes, change, create, delete, restore};
use crate::caller::{self, Caller};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::organisation::may_list;
use crate::{Page, Part};

/// One location.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: LocationId) -> Result<Location> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::OrganisationRead)?;
        read(tx, id).await
    })
    .await
}

/// A page of the list.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, part: Part) -> Result<Page<Location>> {
    caller::read(context, caller, async |tx, actor| {
        may_list(actor, &part)?;
        Ok(locations::list(tx, &part).await?)
    })
    .await
}

async fn read(tx: &mut TenantTx, id: LocationId) -> Result<Location> {
    locations::find(tx, id).await?.ok_or_else(|| Error::not_found("location", &id))
}

/// The location that is to be changed, if it still is as the caller has read it.
async fn read_for_change(tx: &mut TenantTx, target: Target<LocationId>) -> Result<Location> {
    let location = read(tx, target.id).await?;
    target.check("location", location.version)?;
    Ok(location)
}

/// The same for one that was deleted.
async fn read_deleted(tx: &mut TenantTx, target: Target<LocationId>) -> Result<Location> {
    let found = locations::find_deleted(tx, target.id).await?;
    let location = found.ok_or_else(|| Error::not_found("deleted location", &target.id))?;
    target.check("location", location.version)?;
    Ok(location)
}
