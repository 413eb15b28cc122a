//! Removing what uploads have left that came to nothing.

use tenure_core::files::UploadState;
use tenure_core::ids::{TenantId, UploadId};
use tenure_db::audit::Actor;
use tenure_store::sealed::{self, object_of};

use super::stored::{self, UploadBody};
use super::{away, records, upload};
use crate::change;
use crate::context::Context;
use crate::error::Result;

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
    // What one of them does not let go keeps the other from nothing.
    let object = files.objects.delete(&object_of(tenant, body.document, body.version)).await;
    let parts = files.objects.delete_below(&stored::parts_of(tenant, id)).await;
    object.and(parts).map_err(removed)?;
    change::run_as_operator(context, &Actor::System, tenant, async |change| {
        match records::get::<UploadBody>(change, id.uuid()).await? {
            Some(found) => records::delete(change, found).await,
            None => Ok(()),
        }
    })
    .await
}
