//! The list of employees: a page of it.

use jiff::civil::Date;
use tenure_core::access::Permission;
use tenure_db::TenantTx;
use tenure_db::employees::{self, AsOfDay, Filter, PageStart, Sort, WorkFields};

use crate::caller::{self, Caller, Principal};
use crate::context::Context;
use crate::error::{Error, Result};

/// Which part of the list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Who is listed; `visible`, `viewer` and `as_of` are filled in here.
    pub filter: Filter,
    /// The day on which people are looked at; `None` for today.
    pub as_of: Option<Date>,
    /// The order.
    pub sort: Sort,
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many people a page holds at most.
    pub limit: u16,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The people, in the order asked for.
    pub employees: Vec<WorkFields>,
    /// The order.
    pub sort: Sort,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

/// A page of the list: work fields alone, of those whom the actor may see. Those who were deleted are shown to whoever may write
/// employees.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also when the tenant is not served), `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, query: Query) -> Result<Page> {
    caller::read(context, caller, async |tx, actor| {
        let filter = filter(context, actor, &query)?;
        page(tx, &filter, &query).await
    })
    .await
}

/// The filter of a query, narrowed to whom the actor may see.
pub(super) fn filter(context: &Context, actor: &Principal, query: &Query) -> Result<Filter> {
    let permission = if query.filter.deleted { Permission::EmployeesWrite } else { Permission::EmployeesRead };
    let visible = actor.grants.scopes(permission);
    if visible.is_empty() {
        return Err(Error::Denied(format!("this list of employees needs the permission {permission}")));
    }
    let today = context.today();
    let as_of = query.as_of.map(|on| AsOfDay { on, today });
    Ok(Filter { visible, viewer: actor.employee, as_of, ..query.filter.clone() })
}

/// The people from a query's place on, and where the next page starts.
async fn page(tx: &mut TenantTx, filter: &Filter, query: &Query) -> Result<Page> {
    let Query { sort, ref after, limit, .. } = *query;
    // One more than the page holds says whether there is a next page.
    let mut found = employees::list(tx, filter, sort, after.as_ref(), limit.saturating_add(1)).await?;
    let more = found.len() > usize::from(limit);
    found.truncate(usize::from(limit));
    let next = found.last().filter(|_| more).map(|last| PageStart::of(last, sort));
    Ok(Page { employees: found, sort, next })
}
