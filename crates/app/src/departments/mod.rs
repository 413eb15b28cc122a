//! Departments: the company's tree, as everybody in it may see and its administrators may change it.

mod change;
mod merge;

use tenure_core::access::Permission;
use tenure_core::ids::DepartmentId;
use tenure_db::TenantTx;
use tenure_db::departments;

pub use tenure_db::departments::{Code, Content, Department, Filter, Name, PageStart};

pub use self::change::{Changes, change, create, delete, relocate};
pub use self::merge::merge;
use crate::caller::{self, Caller};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};

/// Which part of the list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which departments.
    pub filter: Filter,
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many departments a page holds at most.
    pub limit: u16,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The departments, by name.
    pub departments: Vec<Department>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

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
pub async fn list(context: &Context, caller: Caller<'_>, query: Query) -> Result<Page> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::OrganisationRead)?;
        page(tx, &query).await
    })
    .await
}

async fn page(tx: &mut TenantTx, query: &Query) -> Result<Page> {
    // One more than the page holds says whether there is a next page.
    let limit = usize::from(query.limit);
    let mut found = departments::list(tx, query.filter, query.after.as_ref(), query.limit.saturating_add(1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| PageStart { name: last.name.clone(), id: last.id });
    Ok(Page { departments: found, next })
}

async fn read(tx: &mut TenantTx, id: DepartmentId) -> Result<Department> {
    let found = departments::find(tx, id).await?;
    found.ok_or_else(|| Error::NotFound { what: "department", which: id.to_string() })
}

/// The department that is to be changed, if it still is as the caller has read it.
async fn read_for_change(tx: &mut TenantTx, target: Target<DepartmentId>) -> Result<Department> {
    let department = read(tx, target.id).await?;
    if department.version == target.version { Ok(department) } else { Err(Error::Stale("department")) }
}
