//! The chart of who reports to whom, as far as the actor may see it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::access::{Permission, ScopeSet};
use tenure_core::ids::{EmployeeId, TenantId};
use tenure_core::organisation::chart::{Reports, reports};
use tenure_core::stamps::Area;
use tenure_db::TenantTx;
use tenure_db::org_chart::{self, Part};

pub use tenure_db::org_chart::Place;

use crate::caller::{Caller, Principal};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::kept::{self, Kept, Subject};

static CHART: Subject = Subject::new("org:chart", 1, 60, &[Area::Organisation, Area::People]);

/// The most people below whom a chart counts: it bounds what one request reads.
pub const MOST_PEOPLE: u32 = 100_000;
/// The most people that an answer names.
pub const MOST_NAMED: usize = 10_000;

/// Which part of the chart is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// From whom; `None` for everybody who has no manager in the chart.
    pub root: Option<EmployeeId>,
    /// How many levels below.
    pub depth: u16,
    /// The day to show; `None` for today.
    pub as_of: Option<Date>,
}

impl Query {
    /// The first levels of today's chart, as whoever says nothing gets them.
    pub const WHOLE: Self = Self { root: None, depth: 3, as_of: None };
}

/// Somebody in the chart, with how many are below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The person and the person's place.
    pub place: Place,
    /// How many employed people whom the actor may see report to the person, also further down than was asked for.
    pub reports: Reports,
}

/// A part of the chart, from the top down, each level by name.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (no such root, also one who has left or whom the actor may not see), `Rule` (it is too
/// large), `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, query: Query) -> Result<Kept<Vec<Node>>> {
    let actor = kept::enter(context, caller).await?;
    find(context, caller.token.tenant(), &actor, query).await
}

pub(crate) async fn find(
    context: &Context,
    tenant: TenantId,
    actor: &Principal,
    query: Query,
) -> Result<Kept<Vec<Node>>> {
    let (visible, Query { root, depth, as_of }) = (visible(actor)?, query);
    let root = root.map_or_else(|| "top".to_owned(), |root| root.to_string());
    let as_of = as_of.map_or_else(|| "today".to_owned(), |day| day.to_string());
    let which = format!("{}:{root}:{depth}:{as_of}", kept::view(visible, actor.employee));
    let load = async |tx: &mut TenantTx| read(tx, actor, query).await;
    kept::find(context, (tenant, actor), &CHART, &which, load).await
}

fn visible(actor: &Principal) -> Result<ScopeSet> {
    let visible = actor.grants.scopes(Permission::EmployeesRead);
    if visible.is_empty() {
        return Err(Error::Denied("reading the chart needs the permission employees.read".to_owned()));
    }
    Ok(visible)
}

async fn read(tx: &mut TenantTx, actor: &Principal, query: Query) -> Result<Vec<Node>> {
    let (visible, Query { root, depth, as_of }) = (visible(actor)?, query);
    // One more than is allowed says whether there are more.
    let part = Part { root, depth, visible, viewer: actor.employee, limit: MOST_PEOPLE + 1 };
    let mut places = match as_of {
        Some(day) => org_chart::read_as_of(tx, &part, day).await?,
        None => org_chart::read(tx, &part).await?,
    };
    if let (Some(root), true) = (root, places.is_empty()) {
        return Err(Error::NotFound { what: "employee in the chart", which: root.to_string() });
    }
    let too_many_people = usize::try_from(MOST_PEOPLE).is_ok_and(|most| places.len() > most);
    // A root reports to nobody in its own chart, not even when the managers form a loop.
    let people: Vec<_> = places.iter().map(|at| (at.id, at.manager_id.filter(|_| at.level > 0))).collect();
    places.retain(|place| place.level <= i32::from(depth));
    if too_many_people || places.len() > MOST_NAMED {
        let words = format!(
            "the chart is larger than {MOST_NAMED} people named or {MOST_PEOPLE} counted; ask for a root further down or less depth"
        );
        return Err(Error::Rule(words));
    }
    let reports = reports(&people);
    let count = |place: &Place| reports.get(&place.id).copied().unwrap_or_default();
    Ok(places.into_iter().map(|place| Node { reports: count(&place), place }).collect())
}
