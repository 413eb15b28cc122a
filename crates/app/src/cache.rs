//! Looking after the cache.

use std::time::Duration;

use serde_json::json;
use tenure_core::ids::TenantId;
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::{platform_flags, stamps};
use tenure_store::cache::Group;
pub use tenure_store::cache::{Error as CacheError, Patience, SharedStatistics, Statistics};

use crate::caller::{self, Principal};
use crate::context::Context;
use crate::error::Result;
use crate::{dashboard, org_chart};

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

/// What Redis has counted; `None` when the cache is this process' memory alone.
///
/// # Errors
/// Why it did not answer.
pub async fn shared_statistics(context: &Context) -> Result<Option<SharedStatistics>, CacheError> {
    context.cache.shared_statistics().await
}

/// Computes what is asked for most of a tenant, as those see it who see everybody: the figures and the chart of today.
///
/// # Errors
/// `NotFound`, `Denied` for a tenant that is not active, `Rule` for a chart that is too large, `Unavailable`.
pub async fn warm(context: &Context, tenant: TenantId) -> Result<()> {
    let mut tx = context.db.begin_read(tenant).await?;
    let seen = stamps::read(&mut tx).await;
    let seen = caller::conclude(tx, seen.map_err(Into::into)).await?;
    let actor = Principal { stamps: Some(seen), ..Principal::operator(&Actor::System) };
    dashboard::find(context, tenant, &actor, context.today()).await?;
    org_chart::find(context, tenant, &actor, org_chart::Query::WHOLE).await?;
    Ok(())
}

/// Makes that every process reads the platform's flags again, at once: for what was changed past the program.
///
/// # Errors
/// `Unavailable`.
pub async fn flush_platform(context: &Context, actor: &Actor) -> Result<()> {
    Ok(platform_flags::flush(&context.db, &context.act(actor)).await?)
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
