//! What operators see of the platform and ask for over HTTP.

pub mod flags;
pub mod operations;
pub mod operators;

use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::backups;
use tenure_db::tenants::{self, Page};
use uuid::Uuid;

use self::operators::Operator;
use crate::context::Context;
use crate::error::Result;
use crate::tenants::TenantRef;

pub use tenure_db::backups::Backup;
pub use tenure_db::tenants::Tenant;

/// Tenants by slug, of one status or of all but the purged, from after a slug on.
///
/// # Errors
/// When the database cannot be read.
pub async fn tenants(
    context: &Context,
    _: &Operator,
    status: Option<TenantStatus>,
    (after, limit): (Option<Slug>, u16),
) -> Result<Vec<Tenant>> {
    Ok(tenants::list(&context.db, status, &Page { after, limit: limit.into() }).await?)
}

/// A tenant, whatever its status.
///
/// # Errors
/// `NotFound`.
pub async fn tenant(context: &Context, _: &Operator, which: &TenantRef) -> Result<Tenant> {
    Ok(which.find(&context.db).await?)
}

/// The newest archives first, of one tenant or of all, from before an id on.
///
/// # Errors
/// `NotFound` for a tenant that is not there.
pub async fn backups(
    context: &Context,
    _: &Operator,
    tenant: Option<&TenantRef>,
    (before, limit): (Option<Uuid>, u16),
) -> Result<Vec<Backup>> {
    let tenant: Option<TenantId> = match tenant {
        Some(tenant) => Some(tenant.find(&context.db).await?.id),
        None => None,
    };
    Ok(backups::list(&context.db, tenant, before, limit).await?)
}

/// An archive.
///
/// # Errors
/// `NotFound`.
pub async fn backup(context: &Context, _: &Operator, id: Uuid) -> Result<Backup> {
    Ok(backups::by_id(&context.db, id).await?)
}
