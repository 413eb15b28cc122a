//! Designations: the company's job titles, as everybody in it may see and its administrators may change them.

mod change;

use tenure_core::access::Permission;
use tenure_core::ids::DesignationId;
use tenure_db::TenantTx;
use tenure_db::designations;

pub use tenure_db::designations::{Code, Content, Description, Designation, Grade, PageStart, Title};

pub use self::change::{Changes, change, create, delete};
use crate::caller::{self, Caller};
use crate::change::Target;
use crate::context::Context;
use crate::error::{Error, Result};

/// Which part of the list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many designations a page holds at most.
    pub limit: u16,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The designations, by title.
    pub designations: Vec<Designation>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

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
    let mut found = designations::list(tx, query.after.as_ref(), query.limit.saturating_add(1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| PageStart { title: last.title.clone(), id: last.id });
    Ok(Page { designations: found, next })
}

async fn read(tx: &mut TenantTx, id: DesignationId) -> Result<Designation> {
    let found = designations::find(tx, id).await?;
    found.ok_or_else(|| Error::NotFound { what: "designation", which: id.to_string() })
}

/// The designation that is to be changed, if it still is as the caller has read it.
async fn read_for_change(tx: &mut TenantTx, target: Target<DesignationId>) -> Result<Designation> {
    let designation = read(tx, target.id).await?;
    if designation.version == target.version { Ok(designation) } else { Err(Error::Stale("designation")) }
}
