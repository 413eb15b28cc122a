//! Finding documents.

use jiff::civil::Date;
use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::custom_fields::Class;
use tenure_core::files::{Category, State};
use tenure_core::ids::DocumentId;
use tenure_db::page::PageStart;
use tenure_store::documents::{Find, Place};
use uuid::Uuid;

use super::Document;
use super::content::{readable, record_opening};
use super::records::{self, Found};
use super::rights::Rights;
use super::stored::{DocumentBody, Owner};
use crate::caller::Caller;
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::error::Result;

pub use tenure_db::page::Page;

/// Whose documents are asked for, and in which order they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those of one owner, the newest first.
    Owner(Owner),
    /// Those of everybody and of the company that expire before a day, the first to expire first.
    ExpiringBefore(Date),
}

/// Which documents are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Whose.
    pub of: Of,
    /// Only those of a category, among those of one owner.
    pub category: Option<Category>,
    /// What was deleted, in place of what is there.
    pub deleted: bool,
    /// Where the page starts.
    pub after: Option<PageStart>,
    /// How many documents a page holds at most.
    pub limit: u16,
}

/// What is known of a document. That one of somebody else was read, the audit log keeps.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that the actor may not open), `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, id: DocumentId) -> Result<Document> {
    change::run_unkept(context, caller, async |change| {
        let found = readable(change, id).await?;
        record_opening(change, &found, "document.metadata_read", &json!({ "title": found.body.title })).await?;
        Ok(Document::of(found, context.today()))
    })
    .await
}

/// A page of the documents that the actor may open. That those of somebody else were read, the audit log keeps.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (the person), `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, filter: Filter) -> Result<Page<Document>> {
    change::run_unkept(context, caller, async |change| {
        let classes = classes(change, &filter).await?;
        let found = match filter.category {
            Some(category) if !classes.contains(&category.class()) => Vec::new(),
            Some(category) if matches!(filter.of, Of::Owner(_)) => {
                search(change, &filter, ("category", category.as_str())).await?
            }
            _ => {
                let mut found = Vec::new();
                for class in &classes {
                    found.extend(search(change, &filter, ("class", class.as_str())).await?);
                }
                found
            }
        };
        Ok(page(context, &filter, found))
    })
    .await
}

/// The classes that the actor may open, after it was recorded that they were read.
async fn classes(change: &mut Change<'_>, filter: &Filter) -> Result<Vec<Class>> {
    let (owner, needed) = match filter.of {
        Of::Owner(owner @ Owner::Person(_)) => (owner, Permission::DocumentsRead),
        Of::Owner(Owner::Company) => (Owner::Company, Permission::OrganisationRead),
        Of::ExpiringBefore(_) => (Owner::Company, Permission::DocumentsRead),
    };
    let rights = Rights::of(&mut change.tx, &change.actor, owner).await?;
    rights.require(if filter.deleted { Permission::DocumentsWrite } else { needed })?;
    let (readable, is_own) = (rights.readable(), rights.is_own());
    let guarded: Vec<&str> =
        readable.iter().filter(|class| **class != Class::Public).map(|class| class.as_str()).collect();
    if !is_own && !guarded.is_empty() {
        let (action, entity, id) = match owner {
            Owner::Person(person) => ("employee.documents_read", "employee", person.uuid()),
            Owner::Company => ("document.list_read", "document", Uuid::nil()),
        };
        let after = Some(json!({ "fields": guarded }));
        change.record(Record { action, entity, id, before: None, after }).await?;
    }
    Ok(readable)
}

async fn search(
    change: &mut Change<'_>,
    filter: &Filter,
    by: (&'static str, &str),
) -> Result<Vec<Found<DocumentBody>>> {
    let state = if filter.deleted { State::Deleted } else { State::Current };
    let after = filter.after.as_ref().map(|start| Place { value: start.name.clone(), id: start.id });
    let find = Find { after: after.as_ref(), limit: u32::from(filter.limit) + 1, ..Find::default() };
    let found = match filter.of {
        Of::Owner(owner) => {
            let owner = owner.word();
            let equal = [("owner", owner.as_str()), ("state", state.as_str()), by];
            records::find(change, &equal, Find { descending: true, ..find }).await?
        }
        Of::ExpiringBefore(day) => {
            let day = day.to_string();
            let find = Find { by: Some("expires_on"), before: Some(&day), ..find };
            records::find(change, &[("state", state.as_str()), by], find).await?
        }
    };
    Ok(found.0)
}

/// The page of what was found class by class, each in order.
fn page(context: &Context, filter: &Filter, mut found: Vec<Found<DocumentBody>>) -> Page<Document> {
    match filter.of {
        Of::Owner(_) => found.sort_by_key(|found| std::cmp::Reverse(found.id)),
        Of::ExpiringBefore(_) => found.sort_by_key(|found| (found.body.expires_on, found.id)),
    }
    let limit = usize::from(filter.limit);
    let more = found.len() > limit;
    found.truncate(limit);
    let start = |last: &Found<DocumentBody>| PageStart {
        name: match filter.of {
            Of::Owner(_) => String::new(),
            Of::ExpiringBefore(_) => last.body.expires_on.map(|day| day.to_string()).unwrap_or_default(),
        },
        id: last.id,
    };
    let next = found.last().filter(|_| more).map(start);
    let today = context.today();
    Page { rows: found.into_iter().map(|found| Document::of(found, today)).collect(), next }
}
