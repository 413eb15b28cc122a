//! Departments: the company's tree, as everybody in it may see and its administrators may change it.

mod change;
mod merge;

use tenure_core::access::Permission;
use tenure_core::ids::DepartmentId;
use tenure_db::TenantTx;
use tenure_db::departments;

pub use tenure_db::departments::{Code, Content, Department, Filter, Name};

pub use self::change::{Changes, change, create, delete, relocate, restore};
pub use self::merge::merge;
use crate::caller::{self, Caller};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::organisation::may_list;
use crate::{Page, Part};

/// One department.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: DepartmentId) -> Result<Department> {
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
pub async fn list(context: &Context, caller: Caller<'_>, filter: Filter, part: Part) -> Result<Page<Department>> {
    caller::read(context, caller, async |tx, actor| {
        may_list(actor, &part)?;
        Ok(departments::list(tx, filter, &part).await?)
    })
    .await
}

async fn read(tx: &mut TenantTx, id: DepartmentId) -> Result<Department> {
    departments::find(tx, id).await?.ok_or_else(|| Error::not_found("department", &id))
}

/// The department that is to be changed, if it still is as the caller has read it.
async fn read_for_change(tx: &mut TenantTx, target: Target<DepartmentId>) -> Result<Department> {
    let department = read(tx, target.id).await?;
    target.check("department", department.version)?;
    Ok(department)
}

/// The same for one that was deleted.
async fn read_deleted(tx: &mut TenantTx, target: Target<DepartmentId>) -> Result<Department> {
    let found = departments::find_deleted(tx, target.id).await?;
    let department = found.ok_or_else(|| Error::not_found("deleted department", &target.id))?;
    target.check("department", department.version)?;
    Ok(department)
}
