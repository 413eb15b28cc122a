//! Removing what is of no use: uploads that came to nothing, and deleted documents whose time is over.
//!
//! What is removed is on record from before its first byte was written, so nothing has to be looked for in the store. Several servers may
//! do this at once: each step says on the record what comes next, and finds it done when another was first.

use tenure_core::files::{State, UploadState, may_purge};
use tenure_core::ids::{TenantId, UploadId};
use tenure_db::audit::Actor;
use tenure_store::documents::{Find, Place};
use tenure_store::sealed::{self, object_of};
use uuid::Uuid;

use super::records::{self, Found};
use super::stored::{self, DocumentBody, Kind, Moment, UploadBody};
use super::take_back::try_to_take_back;
use super::{Files, away};
use crate::change::{self, Record};
use crate::context::Context;
use crate::error::{Error, Result};

/// How many records are looked at together.
const AT_ONCE: u32 = 100;

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Uploads.
    pub uploads: usize,
    /// Documents.
    pub documents: usize,
    /// Those that could not be removed, for which the log has the cause. They are tried again the next time.
    pub failed: usize,
}

/// Removes what is of no use to a tenant. What cannot be removed keeps nothing else.
///
/// # Errors
/// `NotFound`, `Denied` (the tenant is not served), `Unavailable` (also when the place of files does not answer); what was removed before
/// stays so.
pub async fn sweep(context: &Context, tenant: TenantId) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut after = None;
    loop {
        let (uploads, next) = due::<UploadBody>(context, tenant, after).await?;
        for found in uploads {
            let removed = remove_upload(context, tenant, &found).await;
            note(context, (tenant, found.id), removed, (&mut swept.uploads, &mut swept.failed)).await?;
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let (documents, next) = due::<DocumentBody>(context, tenant, after).await?;
        for found in documents {
            let removed = remove_document(context, tenant, &found).await;
            note(context, (tenant, found.id), removed, (&mut swept.documents, &mut swept.failed)).await?;
        }
        after = next;
        if after.is_none() {
            return Ok(swept);
        }
    }
}

/// Counts what was removed and what was not. When nothing can be removed at the moment, the rest is left for the next time.
async fn note(
    context: &Context,
    (tenant, id): (TenantId, Uuid),
    removed: Result<()>,
    (done, failed): (&mut usize, &mut usize),
) -> Result<()> {
    match removed {
        Ok(()) => *done += 1,
        Err(error) => {
            tracing::warn!(%tenant, record = %id, %error, "a file that is of no use could not be removed; it is tried again");
            context.files()?.check().await?;
            *failed += 1;
        }
    }
    Ok(())
}

impl Files {
    /// Removes all objects of a tenant that is gone for good. They cannot be read any more before that, as their key went with the records.
    ///
    /// # Errors
    /// `Unavailable`; some are gone then, and it can be done again.
    pub async fn purge(&self, tenant: TenantId) -> Result<()> {
        let removed = self.objects.delete_below(&sealed::folder_of(tenant)).await;
        removed.map_err(|error| away(&sealed::Error::Store(error)))
    }
}

/// A page of the records of a kind whose time is over, and where the next one starts.
async fn due<T: Kind>(
    context: &Context,
    tenant: TenantId,
    after: Option<Place>,
) -> Result<(Vec<Found<T>>, Option<Place>)> {
    let now = Moment(context.now()).word();
    change::run_as_operator(context, &Actor::System, tenant, async |change| {
        let after = after.as_ref();
        let find = Find { by: Some("sweep_at"), before: Some(&now), after, limit: AT_ONCE, ..Find::default() };
        records::find(change, &[], find).await
    })
    .await
}

/// One that is complete leaves its parts, if they could not be removed then; any other leaves all that it was.
async fn remove_upload(context: &Context, tenant: TenantId, found: &Found<UploadBody>) -> Result<()> {
    let id = UploadId::from(found.id);
    if found.body.state != UploadState::Done {
        return try_to_take_back(context, tenant, id, &found.body).await;
    }
    let files = context.files()?;
    let removed = files.objects.delete_below(&stored::parts_of(tenant, id)).await;
    removed.map_err(|error| away(&sealed::Error::Store(error)))?;
    change::run_as_operator(context, &Actor::System, tenant, async |change| {
        match records::get::<UploadBody>(change, found.id).await? {
            Some(found) => records::delete(change, found).await,
            None => Ok(()),
        }
    })
    .await
}

/// First the record says that nothing brings the document back; then its objects go; then the record.
async fn remove_document(context: &Context, tenant: TenantId, found: &Found<DocumentBody>) -> Result<()> {
    let versions = change::run_as_operator(context, &Actor::System, tenant, async |change| {
        let Some(found) = records::get::<DocumentBody>(change, found.id).await? else { return Ok(Vec::new()) };
        let body = &found.body;
        let sweep_at = body.sweep_at.map(|moment| moment.0);
        may_purge(body.state, sweep_at, body.legal_hold, context.now())
            .map_err(|error| Error::Rule(error.to_string()))?;
        let versions: Vec<_> = body.versions.iter().map(|version| version.id).collect();
        let body = DocumentBody { state: State::Purging, ..found.body.clone() };
        records::replace(change, found, body).await?;
        Ok(versions)
    })
    .await;
    let versions = match versions {
        // Somebody has brought it back at this moment.
        Err(Error::Rule(_) | Error::Stale(_)) => return Ok(()),
        versions => versions?,
    };
    let files = context.files()?;
    let mut removed = Ok(());
    for version in versions {
        let object = object_of(tenant, found.id.into(), version);
        removed = removed.and(files.objects.delete(&object).await);
    }
    removed.map_err(|error| away(&sealed::Error::Store(error)))?;
    change::run_as_operator(context, &Actor::System, tenant, async |change| {
        let Some(found) = records::get::<DocumentBody>(change, found.id).await? else { return Ok(()) };
        let (id, before) = (found.id, found.body.clone());
        records::delete(change, found).await?;
        change.record(Record::of("document.purged", id, Some(&before), None)).await
    })
    .await
}
