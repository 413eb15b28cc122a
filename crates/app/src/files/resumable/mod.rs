//! A file in parts: what was sent stays, and what was cut off is sent again.

mod complete;
mod part;

use jiff::Timestamp;
use tenure_core::files::{UploadState, parts_of};
use tenure_core::ids::{DocumentId, UploadId};

pub use self::complete::complete;
pub use self::part::{Sent, put_part};
use super::keys;
use super::records::{self, Found};
use super::stored::{Announced, Goal, Part, UploadBody};
use super::take_back::take_back;
use super::upload::{self, Given, New};
use crate::caller::Caller;
use crate::change::{self, Change, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// How often a record is changed again when another was changing it at the same moment.
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
