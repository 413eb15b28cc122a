//! Asking a person for a document.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::custom_fields::Class;
use tenure_core::files::{Category, ContentKind, RequestState, Title};
use tenure_core::ids::{DocumentId, DocumentRequestId, EmployeeId};
use tenure_db::page::{Page, PageStart};
use tenure_store::documents::{Find, Place};

use super::records::{self, Found};
use super::remind::tell_of_request;
use super::rights::Rights;
use super::stored::{Owner, RequestBody, Version};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// How many requests are read together.
const AT_ONCE: u32 = 100;

/// A request that a person send a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequest {
    /// Its id.
    pub id: DocumentRequestId,
    /// Who is asked.
    pub person: Option<EmployeeId>,
    /// Where it stands.
    pub state: RequestState,
    /// What is asked for.
    pub category: Category,
    /// In words.
    pub title: String,
    /// The endings of the names of files that are taken; none for all that are kept.
    pub formats: Vec<String>,
    /// In bytes.
    pub max_size: Option<u64>,
    /// By when.
    pub due_on: Option<Date>,
    /// What was sent.
    pub document: Option<DocumentId>,
    /// The version of the request.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A request to be made.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// What is asked for.
    pub category: Category,
    /// In words.
    pub title: Title,
    /// The endings of the names of files that are taken; none for all that are kept.
    pub formats: Vec<String>,
    /// In bytes.
    pub max_size: Option<u64>,
    /// By when.
    pub due_on: Option<Date>,
}

impl DocumentRequest {
    fn of(found: Found<RequestBody>) -> Self {
        let body = found.body;
        Self {
            id: found.id.into(),
            person: body.owner.person(),
            state: body.state,
            category: body.category,
            title: body.title,
            formats: body.formats,
            max_size: body.max_size,
            due_on: body.due_on,
            document: body.document,
            version: found.version,
            created_at: found.created_at,
            updated_at: found.updated_at,
        }
    }
}

/// Asks a person for a document. It takes what filing the document takes.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (the person), `Denied`, `Invalid` (an unknown format), `Unavailable`.
pub async fn request(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    new: NewRequest,
) -> Result<DocumentRequest> {
    change::run(context, caller, async |change| {
        let rights = Rights::of(&mut change.tx, &change.actor, Owner::Person(person)).await?;
        rights.require(Permission::DocumentsWrite)?;
        rights.require_write(new.category.class())?;
        if let Some(unknown) = new.formats.iter().find(|ending| ContentKind::of_ending(ending).is_none()) {
            return Err(Error::invalid(
                "formats",
                &format!("{unknown:?} is no ending of files that are kept, like pdf"),
            ));
        }
        let body = RequestBody {
            owner: Owner::Person(person),
            state: RequestState::Open,
            category: new.category,
            title: new.title.into(),
            formats: new.formats,
            max_size: new.max_size,
            due_on: new.due_on,
            document: None,
        };
        let id = context.id();
        let made = records::insert(change, id, body.clone()).await?;
        change.record(Record::of("document_request.created", id, None, Some(&body))).await?;
        tell_of_request(context, &mut change.tx, id.into(), &body).await?;
        Ok(DocumentRequest::of(made))
    })
    .await
}

/// A page of what a person is and was asked for, the newest first: to the person all of it, to others what they may open of it. That it was
/// read of somebody else is in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (the person), `Denied`, `Unavailable`.
pub async fn list(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    (after, limit): (Option<PageStart>, u16),
) -> Result<Page<DocumentRequest>> {
    change::run_unkept(context, caller, async |change| {
        let owner = Owner::Person(person);
        let rights = Rights::of(&mut change.tx, &change.actor, owner).await?;
        rights.require(Permission::DocumentsRead)?;
        let (is_own, readable) = (rights.is_own(), rights.readable());
        let is_told = |found: &Found<RequestBody>| is_own || readable.contains(&found.body.category.class());
        let limit = usize::from(limit);
        let mut after = after.map(|start| Place { value: String::new(), id: start.id });
        let mut rows = Vec::new();
        // Nothing in a page tells of those that are left out, not even that it is shorter.
        while rows.len() <= limit {
            let find = Find { descending: true, after: after.as_ref(), limit: AT_ONCE, ..Find::default() };
            let (found, next) = records::find(change, &[("owner", &owner.word())], find).await?;
            rows.extend(found.into_iter().filter(is_told).map(DocumentRequest::of));
            after = next;
            if after.is_none() {
                break;
            }
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| PageStart { name: String::new(), id: last.id.uuid() });
        record_reading(change, person, is_own, &rows).await?;
        Ok(Page { rows, next })
    })
    .await
}

/// Of a page one entry, whatever it holds.
async fn record_reading(
    change: &mut Change<'_>,
    person: EmployeeId,
    is_own: bool,
    rows: &[DocumentRequest],
) -> Result<()> {
    let classes = rows.iter().map(|row| row.category.class()).filter(|class| *class != Class::Public);
    let guarded: BTreeSet<&str> = classes.map(Class::as_str).collect();
    if is_own || guarded.is_empty() {
        return Ok(());
    }
    let after = Some(json!({ "fields": guarded }));
    let id = person.uuid();
    change
        .record(Record { action: "employee.document_requests_read", entity: "employee", id, before: None, after })
        .await
}

/// One request.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one of a document that the actor may not open), `Unavailable`.
pub async fn show(context: &Context, caller: Caller<'_>, id: DocumentRequestId) -> Result<DocumentRequest> {
    change::run_unkept(context, caller, async |change| {
        let (found, is_own) = visible(change, id).await?;
        let shown = DocumentRequest::of(found);
        if let Some(person) = shown.person {
            record_reading(change, person, is_own, std::slice::from_ref(&shown)).await?;
        }
        Ok(shown)
    })
    .await
}

/// Withdraws a request that is open.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied`, `Stale`, `Rule` (it is not open), `Unavailable`.
pub async fn withdraw(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DocumentRequestId>,
) -> Result<DocumentRequest> {
    change::run(context, caller, async |change| {
        let (found, _) = visible(change, target.id).await?;
        let rights = Rights::of(&mut change.tx, &change.actor, found.body.owner).await?;
        rights.require_write(found.body.category.class())?;
        target.check("document request", found.version)?;
        let wanted = RequestBody { state: RequestState::Withdrawn, ..found.body.clone() };
        Ok(DocumentRequest::of(settle(change, found, wanted, "document_request.withdrawn").await?))
    })
    .await
}

/// The request, whoever may see it.
pub(super) async fn find(change: &mut Change<'_>, id: DocumentRequestId) -> Result<Found<RequestBody>> {
    records::get(change, id.uuid()).await?.ok_or_else(|| Error::not_found("document request", &id))
}

/// Notes that a request was answered by a document, if that is what was asked for.
pub(super) async fn fulfil(
    change: &mut Change<'_>,
    id: DocumentRequestId,
    document: DocumentId,
    version: &Version,
) -> Result<()> {
    let found = find(change, id).await?;
    let ending = version.name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if !found.body.formats.is_empty() && !found.body.formats.contains(&ending) {
        return Err(Error::invalid("file", &format!("is asked for as {}", found.body.formats.join(", "))));
    }
    if let Some(most) = found.body.max_size.filter(|most| version.size > *most) {
        return Err(Error::invalid("file", &format!("has more than the {most} bytes that are asked for")));
    }
    let wanted = RequestBody { state: RequestState::Fulfilled, document: Some(document), ..found.body.clone() };
    settle(change, found, wanted, "document_request.fulfilled").await.map(|_| ())
}

async fn settle(
    change: &mut Change<'_>,
    found: Found<RequestBody>,
    wanted: RequestBody,
    action: &'static str,
) -> Result<Found<RequestBody>> {
    if found.body.state != RequestState::Open {
        return Err(Error::Rule(format!("the request is {}", found.body.state)));
    }
    let (id, before) = (found.id, found.body.clone());
    let after = records::replace(change, found, wanted).await?;
    change.record(Record::of(action, id, Some(&before), Some(&after.body))).await?;
    Ok(after)
}

/// A request that the actor is told of, and whether it is asked of the actor.
async fn visible(change: &mut Change<'_>, id: DocumentRequestId) -> Result<(Found<RequestBody>, bool)> {
    let found = find(change, id).await?;
    let not_found = || Error::not_found("document request", &id);
    let rights = match Rights::of(&mut change.tx, &change.actor, found.body.owner).await {
        Err(Error::NotFound { .. }) => return Err(not_found()),
        rights => rights?,
    };
    rights.require(Permission::DocumentsRead).map_err(|_| not_found())?;
    let is_own = rights.is_own();
    if is_own || rights.may_read(found.body.category.class()) { Ok((found, is_own)) } else { Err(not_found()) }
}
