//! A file in parts: what was sent stays, and what was cut off is sent again.

use std::collections::BTreeSet;
use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tenure_core::files::{UploadState, check_part, missing_parts, parts_of};
use tenure_core::ids::{DocumentId, TenantId, UploadId};
use tenure_db::audit::Actor;
use tenure_store::sealed::{self, object_of};

use super::receive::{self, Received};
use super::records::{self, Found};
use super::stored::{self, Announced, Goal, Part, UploadBody};
use super::upload::{self, Given, New, Ticket};
use super::{Document, Files, away, keys};
use crate::caller::Caller;
use crate::change::{self, Change, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// How often a part is noted again when another was noted at the same moment.
const ATTEMPTS: usize = 20;

/// A file that is to be sent in parts.
#[derive(Debug, Clone)]
pub struct Announce {
    /// Its name and media type.
    pub given: Given,
    /// In bytes.
    pub size: u64,
    /// Of the whole, in hexadecimal digits; it is compared when all is there.
    pub sha256: Option<String>,
}

/// An upload in parts, for whoever has begun it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Where it stands.
    pub state: UploadState,
    /// What the file is called.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Each part but the last has so many bytes.
    pub part_size: u64,
    /// How many parts there are.
    pub part_count: u64,
    /// The parts that are there, by their numbers.
    pub parts: Vec<Part>,
    /// The document that it has become.
    pub document: Option<DocumentId>,
    /// What is not complete then, is removed.
    pub expires_at: Timestamp,
}

/// A part as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// From 1 on.
    pub number: u64,
    /// Its SHA-256 in hexadecimal digits, if its sender says it.
    pub sha256: Option<String>,
}

/// Begins an upload in parts of a new document, or of a new version of one.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied`, `Stale`, `Invalid` (the size), `TooLarge`, `Rule`, `Unavailable`.
pub async fn begin(
    context: &Context,
    caller: Caller<'_>,
    what: Result<New, Target<DocumentId>>,
    announce: Announce,
) -> Result<Upload> {
    let limits = context.files()?.limits;
    if announce.size > limits.max_size {
        return Err(Error::TooLarge(format!("a file has at most {} bytes", limits.max_size)));
    }
    if parts_of(announce.size, limits.part_size).is_none() {
        return Err(Error::invalid("size", "is too small or too large to be sent in parts"));
    }
    let Announce { given, size, sha256 } = announce;
    let announced = Announced { size, part_size: limits.part_size, sha256 };
    let goal = match what {
        Ok(new) => upload::goal_of(new, &given),
        Err(target) => Goal::Version { document: target.id, seen: target.version },
    };
    let begun = change::run(context, caller, async |change| {
        let begun = upload::begin(change, goal, given, Some(announced)).await?;
        Ok((begun.id, begun.body))
    });
    let (id, body) = begun.await?;
    keys::make(context, caller.token.tenant()).await?;
    shown(id, &body)
}

/// What is there of an upload.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that somebody else has begun), `Unavailable`.
pub async fn show(context: &Context, caller: Caller<'_>, id: UploadId) -> Result<Upload> {
    change::run_unkept(context, caller, async |change| {
        let found = own(change, id).await?;
        shown(id, &found.body)
    })
    .await
}

/// Takes a part in. Sent again, it takes the place of what was there.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for an upload that somebody else has begun), `Invalid` (number, size or checksum), `Conflict` (it is
/// complete already), `Unavailable`.
pub async fn put_part(
    context: &Context,
    caller: Caller<'_>,
    id: UploadId,
    sent: Sent,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send,
) -> Result<Part> {
    let caller = caller.unkeyed();
    let files = context.files()?;
    let (tenant, key, announced) = change::run_unkept(context, caller, async |change| {
        let found = open(change, id).await?;
        let announced = found.body.announced.clone().ok_or_else(|| Error::not_found("upload", &id))?;
        check_part(announced.size, announced.part_size, sent.number, u64::MAX).or_else(only_number)?;
        Ok((change.tx.tenant(), keys::existing(change).await?, announced))
    })
    .await?;
    let object = context.id();
    let name = format!("{}/{object}", stored::parts_of(tenant, id));
    let Received { size, sha256 } = receive::bytes(files, (&key, &name), announced.part_size, bytes).await?;
    let part = Part { number: sent.number, size, sha256, object };
    let noted = async {
        check_part(announced.size, announced.part_size, part.number, part.size)
            .map_err(|error| Error::invalid("part", &error))?;
        if sent.sha256.is_some_and(|said| !said.eq_ignore_ascii_case(&part.sha256)) {
            return Err(Error::invalid("sha256", "is not that of what was sent"));
        }
        note(context, caller, id, &part).await
    };
    let gone = match noted.await {
        Ok(before) => before.map(|before| format!("{}/{}", stored::parts_of(tenant, id), before.object)),
        Err(error) => {
            forget(files, &name).await;
            return Err(error);
        }
    };
    if let Some(gone) = gone {
        forget(files, &gone).await;
    }
    Ok(part)
}

/// A number that is wrong is said before anything is taken in; the size, afterwards.
fn only_number(error: tenure_core::files::PartError) -> Result<()> {
    match error {
        tenure_core::files::PartError::Number(_) => Err(Error::invalid("part", &error)),
        tenure_core::files::PartError::Size { .. } => Ok(()),
    }
}

/// Notes that a part is there, and gives the one whose place it takes.
async fn note(context: &Context, caller: Caller<'_>, id: UploadId, part: &Part) -> Result<Option<Part>> {
    for _ in 0..ATTEMPTS {
        let noted = change::run_unkept(context, caller, async |change| {
            let found = open(change, id).await?;
            let mut body = found.body.clone();
            let at = body.parts.iter().position(|there| there.number == part.number);
            let before = at.map(|at| body.parts.remove(at));
            body.parts.push(part.clone());
            body.parts.sort_unstable_by_key(|part| part.number);
            records::replace(change, found, body).await?;
            Ok(before)
        });
        match noted.await {
            Err(Error::Stale(_)) => {}
            done => return done,
        }
    }
    Err(Error::Conflict("too many parts were sent at once; send this one again".to_owned()))
}

/// Makes the document of the parts. Asked again, it answers the same.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for an upload that somebody else has begun), `Denied`, `Rule` (parts are missing), `Invalid` (what the
/// file is, or its checksum), `Stale`, `Conflict`, `Unavailable`.
pub async fn complete(context: &Context, caller: Caller<'_>, id: UploadId) -> Result<Document> {
    let caller = caller.unkeyed();
    let files = context.files()?;
    let ticket = match frozen(context, caller, id).await? {
        Frozen::Done(document) => return Ok(*document),
        Frozen::Ready(ticket) => *ticket,
    };
    match assemble(context, files, caller, &ticket).await {
        Ok(document) => {
            if let Err(error) = files.objects.delete_below(&stored::parts_of(ticket.tenant, id)).await {
                tracing::warn!(%error, "the parts of an upload are removed later");
            }
            Ok(document)
        }
        // Another may have completed it at the same time, and have taken the parts away.
        Err(error) => match frozen(context, caller, id).await {
            Ok(Frozen::Done(document)) => Ok(*document),
            _ => Err(error),
        },
    }
}

/// Freezes an upload; of two who do so at once, the second finds it frozen.
async fn frozen(context: &Context, caller: Caller<'_>, id: UploadId) -> Result<Frozen> {
    let mut last = Err(Error::Stale("upload"));
    for _ in 0..ATTEMPTS {
        last = change::run_unkept(context, caller, async |change| freeze(change, id).await).await;
        if !matches!(last, Err(Error::Stale(_))) {
            break;
        }
    }
    last
}

enum Frozen {
    Ready(Box<Ticket>),
    Done(Box<Document>),
}

/// From here on the parts stay as they are, so that two who complete an upload write the same.
async fn freeze(change: &mut Change<'_>, id: UploadId) -> Result<Frozen> {
    let found = own(change, id).await?;
    if found.body.state == UploadState::Done {
        let done = records::get(change, found.body.document.uuid()).await?;
        let done = done.ok_or_else(|| Error::not_found("document", &found.body.document))?;
        return Ok(Frozen::Done(Box::new(Document::of(done, change.context.today()))));
    }
    if !found.body.state.may_become(UploadState::Frozen) {
        return Err(Error::Conflict(format!("the upload is {}", found.body.state)));
    }
    if let Some(announced) = &found.body.announced {
        let there: BTreeSet<u64> = found.body.parts.iter().map(|part| part.number).collect();
        missing_parts(announced.size, announced.part_size, &there).map_err(|error| Error::Rule(error.to_string()))?;
    }
    let body = UploadBody { state: UploadState::Frozen, ..found.body.clone() };
    let body = if found.body == body { body } else { records::replace(change, found, body).await?.body };
    let key = keys::existing(change).await?;
    Ok(Frozen::Ready(Box::new(Ticket { tenant: change.tx.tenant(), id, key, body })))
}

/// Reads the parts one after the other into the object of the version.
async fn assemble(context: &Context, files: &Files, caller: Caller<'_>, ticket: &Ticket) -> Result<Document> {
    let parts = ticket.body.parts.clone();
    let below = stored::parts_of(ticket.tenant, ticket.id);
    let (objects, key) = (files.objects.clone(), ticket.key.clone());
    let read = stream::iter(parts).then(move |part| {
        let (objects, key, name) = (objects.clone(), key.clone(), format!("{below}/{}", part.object));
        async move { sealed::download(&objects, &key, &name, part.size, 0..part.size).await }
    });
    let bytes = read.try_flatten().map_err(io::Error::other);
    let most = upload::most(context, &ticket.body)?;
    let (object, given) = (ticket.object(), ticket.given()?);
    let (received, kind) = receive::file(files, (&ticket.key, &object), &given, most, bytes).await?;
    let announced = ticket.body.announced.as_ref().and_then(|announced| announced.sha256.as_ref());
    if announced.is_some_and(|said| !said.eq_ignore_ascii_case(&received.sha256)) {
        return Err(Error::invalid("sha256", "is not that of the parts together; begin a new upload"));
    }
    upload::finish(context, caller, ticket, received, kind).await
}

/// Gives an upload up, and removes what was sent.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that somebody else has begun), `Rule` (it is complete), `Unavailable`.
pub async fn give_up(context: &Context, caller: Caller<'_>, id: UploadId) -> Result<()> {
    let (tenant, body) = change::run_unkept(context, caller.unkeyed(), async |change| {
        let found = own(change, id).await?;
        if !found.body.state.may_become(UploadState::Abandoned) {
            return Err(Error::Rule("the upload is complete; delete its document instead".to_owned()));
        }
        Ok((change.tx.tenant(), found.body))
    })
    .await?;
    take_back(context, tenant, id, &body).await;
    Ok(())
}

/// Removes what an upload has left that came to nothing. What cannot be removed now, the sweeper removes.
pub(super) async fn take_back(context: &Context, tenant: TenantId, id: UploadId, body: &UploadBody) {
    if let Err(error) = try_to_take_back(context, tenant, id, body).await {
        tracing::warn!(%error, "what a failed upload has left is removed later");
    }
}

/// First the record says that the upload comes to nothing, so that nobody completes it any more; then its objects go; then the record.
pub(super) async fn try_to_take_back(
    context: &Context,
    tenant: TenantId,
    id: UploadId,
    body: &UploadBody,
) -> Result<()> {
    let files = context.files()?;
    let abandoned = change::run_as_operator(context, &Actor::System, tenant, async |change| {
        let found = records::get::<UploadBody>(change, id.uuid()).await?;
        let is_used = upload::is_version(change, body.document, body.version).await?;
        let Some(found) = found else { return Ok(!is_used) };
        if is_used || !found.body.state.may_become(UploadState::Abandoned) {
            return Ok(false);
        }
        let body = UploadBody { state: UploadState::Abandoned, ..found.body.clone() };
        records::replace(change, found, body).await?;
        Ok(true)
    });
    if !abandoned.await? {
        return Ok(());
    }
    let removed = |error| away(&sealed::Error::Store(error));
    files.objects.delete(&object_of(tenant, body.document, body.version)).await.map_err(removed)?;
    files.objects.delete_below(&stored::parts_of(tenant, id)).await.map_err(removed)?;
    change::run_as_operator(context, &Actor::System, tenant, async |change| {
        match records::get::<UploadBody>(change, id.uuid()).await? {
            Some(found) => records::delete(change, found).await,
            None => Ok(()),
        }
    })
    .await
}

async fn forget(files: &Files, object: &str) {
    if let Err(error) = files.objects.delete(object).await {
        tracing::warn!(%error, "a part that is of no use is removed with its upload");
    }
}

/// The upload, whoever has begun it.
pub(super) async fn find(change: &mut Change<'_>, id: UploadId) -> Result<Found<UploadBody>> {
    records::get(change, id.uuid()).await?.ok_or_else(|| Error::not_found("upload", &id))
}

/// The upload in parts, if it is the actor's own.
async fn own(change: &mut Change<'_>, id: UploadId) -> Result<Found<UploadBody>> {
    let found = find(change, id).await?;
    let is_own = found.body.by == change.actor.user_id().to_string() && found.body.announced.is_some();
    if is_own { Ok(found) } else { Err(Error::not_found("upload", &id)) }
}

/// The same, which takes parts.
async fn open(change: &mut Change<'_>, id: UploadId) -> Result<Found<UploadBody>> {
    let found = own(change, id).await?;
    if found.body.state == UploadState::Open {
        Ok(found)
    } else {
        Err(Error::Conflict(format!("the upload is {}, and takes no more parts", found.body.state)))
    }
}

fn shown(id: UploadId, body: &UploadBody) -> Result<Upload> {
    let announced = body.announced.as_ref().ok_or_else(|| Error::not_found("upload", &id))?;
    Ok(Upload {
        id,
        state: body.state,
        name: body.name.clone(),
        size: announced.size,
        part_size: announced.part_size,
        part_count: parts_of(announced.size, announced.part_size).unwrap_or_default(),
        parts: body.parts.clone(),
        document: (body.state == UploadState::Done).then_some(body.document),
        expires_at: body.sweep_at.0,
    })
}
