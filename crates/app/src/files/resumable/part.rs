//! Taking parts in.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use tenure_core::files::{PartError, check_part};
use tenure_core::ids::UploadId;

use super::super::receive::{self, Received};
use super::super::stored::{self, Part};
use super::super::{Files, keys, records};
use super::{ATTEMPTS, open};
use crate::caller::Caller;
use crate::change;
use crate::context::Context;
use crate::error::{Error, Result};

/// A part as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// From 1 on.
    pub number: u64,
    /// Its SHA-256 in hexadecimal digits, if its sender says it.
    pub sha256: Option<String>,
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
fn only_number(error: PartError) -> Result<()> {
    match error {
        PartError::Number(_) => Err(Error::invalid("part", &error)),
        PartError::Size { .. } => Ok(()),
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

async fn forget(files: &Files, object: &str) {
    if let Err(error) = files.objects.delete(object).await {
        tracing::warn!(%error, "a part that is of no use is removed with its upload");
    }
}
