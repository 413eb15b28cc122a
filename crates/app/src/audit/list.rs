//! The audit log for those who audit.

use serde_json::{Value, json};
use tenure_core::access::Permission;
use tenure_db::TenantTx;
use tenure_db::audit::{self, Entry, Filter, PageStart, Stored};

use crate::appraisals;
use crate::caller::{self, Caller, Principal};
use crate::context::Context;
use crate::error::Result;

/// Which part of the log is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which entries.
    pub filter: Filter,
    /// Where the page starts; `None` for the first one.
    pub after: Option<PageStart>,
    /// How many entries a page holds at most.
    pub limit: u16,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The entries, newest first.
    pub entries: Vec<Stored>,
    /// Where the next page starts; `None` when this is the last one.
    pub next: Option<PageStart>,
}

/// A page of the log. The entries tell what people are and earn, before and after, so reading them is recorded like reading the people
/// themselves: an auditor is audited too. Of the reader's own appraisals they tell no more than the appraisals do.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, query: Query) -> Result<Page> {
    let (mut tx, actor) = caller::enter(context, caller).await?;
    let outcome = read(context, &mut tx, (&actor, caller.request_id), &query).await;
    caller::conclude(tx, outcome).await
}

async fn read(
    context: &Context,
    tx: &mut TenantTx,
    (actor, request_id): (&Principal, &str),
    query: &Query,
) -> Result<Page> {
    actor.require(Permission::AuditRead)?;
    // One more than the page holds says whether there is a next page.
    let mut entries = audit::list(tx, &query.filter, query.after, query.limit.saturating_add(1)).await?;
    let more = entries.len() > usize::from(query.limit);
    entries.truncate(usize::from(query.limit));
    appraisals::withhold(context, tx, actor, &mut entries).await;
    let next = entries.last().filter(|_| more).map(|last| PageStart { created_at: last.created_at, id: last.id });
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor: &actor.user,
        action: "audit.read",
        entity: "audit_log",
        entity_id: None,
        before: None,
        after: Some(json!({ "entries": entries.len(), "filter": shown(&query.filter) })),
        request_id: Some(request_id),
    };
    audit::record(tx, &entry).await?;
    Ok(Page { entries, next })
}

/// A filter for the log: what it asks for, and nothing of the rest.
fn shown(filter: &Filter) -> Value {
    let Filter { action, entity, entity_id, actor_id, request_id, from, to } = filter;
    let mut shown = json!({
        "action": action, "entity": entity, "entity_id": entity_id, "actor_id": actor_id, "request_id": request_id,
        "from": from, "to": to,
    });
    if let Some(members) = shown.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    shown
}
