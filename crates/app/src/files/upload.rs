//! A file in one request: a new document, or a new version of one.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use jiff::SignedDuration;
use jiff::civil::Date;
use tenure_core::files::{Category, FileName, MAX_VERSIONS, RequestState, State, Title, UploadState};
use tenure_core::ids::{DocumentId, DocumentRequestId, TenantId, UploadId};
use tenure_store::sealed::{TenantKey, object_of};
use uuid::Uuid;

use super::receive::{self, Received};
use super::records::{self, Found};
use super::requests;
use super::rights::Rights;
use super::stored::{Announced, DocumentBody, Goal, Moment, Owner, UploadBody, Version};
use super::take_back::take_back;
use super::{Document, REMIND_DAYS, keys, resumable};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// For so long an upload may take; what it has left then is removed.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What comes with a file.
#[derive(Debug, Clone)]
pub struct Given {
    /// What the file is called.
    pub name: FileName,
    /// The media type that its sender says.
    pub declared: String,
}

/// A document to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Whose it is.
    pub owner: Owner,
    /// What it is; of what was requested, what was requested.
    pub category: Option<Category>,
    /// What it is called; without, as the file.
    pub title: Option<Title>,
    /// The last day on which it is good.
    pub expires_on: Option<Date>,
    /// So many days before that day it is due.
    pub remind_days: Option<u16>,
    /// The request that it answers.
    pub request: Option<DocumentRequestId>,
}

/// An upload under way.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) tenant: TenantId,
    pub(super) id: UploadId,
    pub(super) key: TenantKey,
    pub(super) body: UploadBody,
}

impl Ticket {
    pub(super) fn object(&self) -> String {
        object_of(self.tenant, self.body.document, self.body.version)
    }
}

/// Files a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (the person, or the request), `Denied`, `Invalid` (what the file is), `TooLarge`, `Rule` (the request is not
/// open), `Conflict`, `Unavailable` (also when the store of files is away; nothing is kept then).
pub async fn upload(
    context: &Context,
    caller: Caller<'_>,
    new: New,
    given: Given,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<Document> {
    let begin = async |change: &mut Change<'_>| begin(change, goal_of(new, &given), given, None).await;
    send(context, caller, begin, bytes).await
}

/// Files a new version of a document.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied`, `Stale`, `Invalid` (what the file is), `TooLarge`, `Rule` (too many versions), `Conflict`,
/// `Unavailable`.
pub async fn add_version(
    context: &Context,
    caller: Caller<'_>,
    target: Target<DocumentId>,
    given: Given,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<Document> {
    let goal = Goal::Version { document: target.id, seen: target.version };
    let begin = async |change: &mut Change<'_>| begin(change, goal, given, None).await;
    send(context, caller, begin, bytes).await
}

async fn send(
    context: &Context,
    caller: Caller<'_>,
    begin: impl AsyncFnOnce(&mut Change<'_>) -> Result<Begun>,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<Document> {
    let (files, caller) = (context.files()?, caller.unkeyed());
    let ticket = with_key(context, change::run_unkept(context, caller, begin).await?).await?;
    let done = async {
        let (object, given) = (ticket.object(), ticket.given()?);
        let most = most(context, &ticket.body);
        let (received, kind) = receive::file(files, (&ticket.key, &object), &given, most?, bytes).await?;
        finish(context, caller, &ticket, received, kind).await
    };
    let done = done.await;
    if done.is_err() {
        take_back(context, ticket.tenant, ticket.id, &ticket.body).await;
    }
    done
}

impl Ticket {
    pub(super) fn given(&self) -> Result<Given> {
        let name = self.body.name.parse().map_err(|error| Error::invalid("name", &error))?;
        Ok(Given { name, declared: self.body.declared.clone() })
    }
}

/// An upload that is on record, without a key where there is none yet.
pub(super) struct Begun {
    tenant: TenantId,
    pub(super) id: UploadId,
    key: Option<TenantKey>,
    pub(super) body: UploadBody,
}

pub(super) async fn with_key(context: &Context, begun: Begun) -> Result<Ticket> {
    let Begun { tenant, id, key, body } = begun;
    let key = match key {
        Some(key) => key,
        None => keys::make(context, tenant).await?,
    };
    Ok(Ticket { tenant, id, key, body })
}

/// What a new document becomes of what is said of it.
pub(super) fn goal_of(new: New, given: &Given) -> Goal {
    Goal::Document {
        owner: new.owner,
        category: new.category.unwrap_or(Category::Other),
        title: new.title.map_or_else(|| given.name.to_string(), String::from),
        expires_on: new.expires_on,
        remind_days: new.remind_days.unwrap_or(REMIND_DAYS),
        request: new.request,
    }
}

/// Lets an upload begin that may become what it is for, and puts it on record.
pub(super) async fn begin(
    change: &mut Change<'_>,
    mut goal: Goal,
    given: Given,
    announced: Option<Announced>,
) -> Result<Begun> {
    change.context.files()?;
    let document = match &mut goal {
        Goal::Document { owner, category, request, .. } => {
            *category = may_file(change, *owner, *category, *request).await?;
            change.context.id()
        }
        Goal::Version { document, seen } => {
            let found = current(change, *document).await?;
            Target { id: *document, version: *seen }.check("document", found.version)?;
            *document
        }
    };
    let body = UploadBody {
        by: change.actor.user_id().to_string(),
        goal,
        document,
        version: change.context.id(),
        name: given.name.into(),
        declared: given.declared,
        announced,
        parts: Vec::new(),
        state: UploadState::Open,
        sweep_at: Moment(change.context.now() + LONGEST),
    };
    let (tenant, id) = (change.tx.tenant(), change.context.id::<UploadId>());
    records::insert(change, id.uuid(), body.clone()).await?;
    Ok(Begun { tenant, id, key: keys::find(change).await?, body })
}

/// Whether the actor may file documents of a category for an owner: by right, or as the person who was asked for one. The second takes the
/// category that was asked for.
async fn may_file(
    change: &mut Change<'_>,
    owner: Owner,
    category: Category,
    request: Option<DocumentRequestId>,
) -> Result<Category> {
    let Some(request) = request else {
        let rights = Rights::of(&mut change.tx, &change.actor, owner).await?;
        rights.require_write(category.class())?;
        return Ok(category);
    };
    let asked = requests::find(change, request).await?;
    if asked.body.owner != owner {
        return Err(Error::not_found("document request", &request));
    }
    if asked.body.state != RequestState::Open {
        return Err(Error::Rule(format!("the request is {}", asked.body.state)));
    }
    let rights = Rights::of(&mut change.tx, &change.actor, owner).await?;
    if !rights.is_own() {
        rights.require_write(asked.body.category.class())?;
    }
    Ok(asked.body.category)
}

/// The document, which is there and which the actor may change.
pub(super) async fn current(change: &mut Change<'_>, id: DocumentId) -> Result<Found<DocumentBody>> {
    let found = records::document(change, id, State::Current).await?;
    let rights = Rights::of(&mut change.tx, &change.actor, found.body.owner).await?;
    if !rights.may_read(found.body.class) {
        return Err(Error::not_found("document", &id));
    }
    rights.require_write(found.body.class)?;
    Ok(found)
}

/// The most bytes that the file may have.
pub(super) fn most(context: &Context, body: &UploadBody) -> Result<u64> {
    let most = context.files()?.limits.max_size;
    Ok(body.announced.as_ref().map_or(most, |announced| announced.size.min(most)))
}

/// Makes a document, or a version of one, of an upload whose object is there.
pub(super) async fn finish(
    context: &Context,
    caller: Caller<'_>,
    ticket: &Ticket,
    received: Received,
    content_type: &'static str,
) -> Result<Document> {
    let version = Version {
        id: ticket.body.version,
        number: 1,
        name: ticket.body.name.clone(),
        content_type: content_type.to_owned(),
        size: received.size,
        sha256: received.sha256,
        uploaded_at: context.now(),
        uploaded_by: None,
    };
    change::run_unkept(context, caller, async |change| {
        let upload = resumable::find(change, ticket.id).await?;
        if !upload.body.state.may_become(UploadState::Done) {
            return Err(Error::Conflict(format!("the upload is {}", upload.body.state)));
        }
        let version = Version { uploaded_by: change.actor.user.user_id().map(Into::into), ..version };
        let document = match upload.body.goal.clone() {
            Goal::Version { document, seen } => append(change, Target { id: document, version: seen }, version).await?,
            goal @ Goal::Document { .. } => make(change, upload.body.document, goal, version).await?,
        };
        close(change, upload).await?;
        Ok(document)
    })
    .await
}

async fn make(change: &mut Change<'_>, id: DocumentId, goal: Goal, version: Version) -> Result<Document> {
    let Goal::Document { owner, category, title, expires_on, remind_days, request } = goal else {
        return Err(Error::not_found("upload", &id));
    };
    let category = may_file(change, owner, category, request).await?;
    if let Some(request) = request {
        requests::fulfil(change, request, id, &version).await?;
    }
    let body = DocumentBody {
        owner,
        category,
        class: category.class(),
        state: State::Current,
        title,
        expires_on,
        remind_days,
        legal_hold: false,
        versions: vec![version],
        deleted_at: None,
        sweep_at: None,
    };
    let made = records::insert(change, id.uuid(), body.clone()).await?;
    change.record(Record::of("document.created", id, None, Some(&body))).await?;
    Ok(Document::of(made, change.context.today()))
}

async fn append(change: &mut Change<'_>, target: Target<DocumentId>, version: Version) -> Result<Document> {
    let found = current(change, target.id).await?;
    target.check("document", found.version)?;
    if found.body.versions.len() >= MAX_VERSIONS {
        return Err(Error::Rule(format!("a document has at most {MAX_VERSIONS} versions; file a new one")));
    }
    let before = found.body.clone();
    let number = before.versions.last().map_or(1, |last| last.number.saturating_add(1));
    let mut wanted = before.clone();
    wanted.versions.push(Version { number, ..version });
    let after = records::replace(change, found, wanted).await?;
    change.record(Record::of("document.version_added", target.id, Some(&before), Some(&after.body))).await?;
    Ok(Document::of(after, change.context.today()))
}

/// Ends the record of an upload. One in parts stays for a while, so that whoever has lost the answer finds what became of it.
async fn close(change: &mut Change<'_>, upload: Found<UploadBody>) -> Result<()> {
    if upload.body.announced.is_none() {
        return records::delete(change, upload).await;
    }
    let body = UploadBody { state: UploadState::Done, ..upload.body.clone() };
    records::replace(change, upload, body).await.map(|_| ())
}

/// Whether a version is one of a document.
pub(super) async fn is_version(change: &mut Change<'_>, document: DocumentId, version: Uuid) -> Result<bool> {
    let found = records::get::<DocumentBody>(change, document.uuid()).await?;
    Ok(found.is_some_and(|found| found.body.versions.iter().any(|one| one.id == version)))
}
