//! Designations: the company's job titles, as everybody in it may see and its administrators may change them.

mod change;

use tenure_core::access::Permission;
use tenure_core::ids::DesignationId;
use tenure_db::TenantTx;
use tenure_db::designations;

pub use tenure_db::designations::{Code, Content, Description, Designation, Grade, Title};

pub use self::change::{Changes, change, create, delete, restore};
use crate::caller::{self, Caller};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::organisation::may_list;
use crate::{Page, Part};

/// One designation.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: DesignationId) -> Result<Designation> {
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
pub async fn list(context: &Context, caller: Caller<'_>, part: Part) -> Result<Page<Designation>> {
    caller::read(context, caller, async |tx, actor| {
        may_list(actor, &part)?;
        Ok(designations::list(tx, &part).await?)
    })
    .await
}

async fn read(tx: &mut TenantTx, id: DesignationId) -> Result<Designation> {
    designations::find(tx, id).await?.ok_or_else(|| Error::not_found("designation", &id))
}

/// The designation that is to be changed, if it still is as the caller has read it.
async fn read_for_change(tx: &mut TenantTx, target: Target<DesignationId>) -> Result<Designation> {
    let designation = read(tx, target.id).await?;
    target.check("designation", designation.version)?;
    Ok(designation)
}

/// The same for one that was deleted.
async fn read_deleted(tx: &mut TenantTx, target: Target<DesignationId>) -> Result<Designation> {
    let found = designations::find_deleted(tx, target.id).await?;
    let designation = found.ok_or_else(|| Error::not_found("deleted designation", &target.id))?;
    target.check("designation", designation.version)?;
    Ok(designation)
}
