//! Removing what has expired, where the back end does not do so by itself.

use tenure_core::ids::TenantId;
use tenure_db::tenants::active_with_documents_in;

use crate::caller;
use crate::context::Context;
use crate::error::Result;

/// How many documents of a collection are removed in one transaction.
const AT_ONCE: u32 = 1000;

/// Removes the expired documents of all active tenants; gives how many. What one tenant's failure is about goes to the log, and does not
/// stop the others.
///
/// # Errors
/// `Unavailable` when the tenants cannot be listed, or MongoDB does not answer.
pub async fn expire(context: &Context) -> Result<u64> {
    let (places, mut removed) = (context.documents.places_to_sweep().await?, 0);
    for (tenant, slug) in active_with_documents_in(&context.db, &places, context.documents.oldest_place()).await? {
        match expire_of(context, tenant).await {
            Ok(count) => removed += count,
            Err(error) => tracing::warn!(tenant = slug, %error, "expired documents were not removed"),
        }
    }
    Ok(removed)
}

async fn expire_of(context: &Context, tenant: TenantId) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut tx = context.db.begin(tenant).await?;
        let expired = super::of(context, &mut tx).expire(context.now(), AT_ONCE).await;
        let count = caller::conclude(tx, expired.map_err(Into::into)).await?;
        removed += count;
        if count < u64::from(AT_ONCE) {
            return Ok(removed);
        }
    }
}
