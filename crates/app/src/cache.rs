//! Looking after the cache.

use std::time::Duration;

use serde_json::json;
use tenure_core::ids::TenantId;
use tenure_db::audit::{self, Actor, Entry};
use tenure_store::cache::Group;
pub use tenure_store::cache::{Error as CacheError, Patience, Statistics};

use crate::context::Context;
use crate::error::Result;

/// What this process has counted.
#[must_use]
pub fn statistics(context: &Context) -> Statistics {
    context.cache.statistics()
}

/// How long Redis took to answer; `None` when the cache is this process' memory alone.
///
/// # Errors
/// Why it did not answer.
pub async fn check(context: &Context) -> Result<Option<Duration>, CacheError> {
    context.cache.check().await
}

/// Makes that nothing that is cached of a tenant is found any more, at once and on every node, whether or not Redis answers: for what was
/// changed past the program. Returns whether Redis let go of the memory too.
///
/// # Errors
/// `NotFound`, `Denied` for a tenant that is not active, `Unavailable`.
pub async fn flush(context: &Context, actor: &Actor, tenant: TenantId) -> Result<bool> {
    let mut tx = context.db.begin(tenant).await?;
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor,
        action: "cache.flushed",
        entity: "cache",
        entity_id: None,
        before: None,
        after: Some(json!({})),
        request_id: None,
    };
    // This entry renews every stamp, as any would that is not known to change less.
    audit::record(&mut tx, &entry).await?;
    tx.commit().await?;
    let removed = context.cache.invalidate_group(&Group::all(tenant)).await;
    Ok(removed.inspect_err(|error| tracing::warn!(%error, "what was flushed still takes room in Redis")).is_ok())
}
