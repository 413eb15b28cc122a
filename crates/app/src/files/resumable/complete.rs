//! Making a document of parts.

use std::collections::BTreeSet;
use std::io;

use futures_util::{StreamExt, TryStreamExt, stream};
use tenure_core::files::{UploadState, missing_parts};
use tenure_core::ids::UploadId;
use tenure_store::sealed;

use super::super::stored::{self, UploadBody};
use super::super::upload::{self, Ticket};
use super::super::{Document, Files, keys, receive, records};
use super::{ATTEMPTS, own};
use crate::caller::Caller;
use crate::change::{self, Change};
use crate::context::Context;
use crate::error::{Error, Result};

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
