//! What operators see of the outbox of a tenant, and do about it.

use tenure_core::ids::TenantId;
use tenure_core::mail::State;
use tenure_db::outbox::{self, Kept};
use uuid::Uuid;

use crate::caller;
use crate::context::Context;
use crate::error::{Error, Result};

/// The newest messages of one state or of all. To whom each goes is said by id.
///
/// # Errors
/// `NotFound` (the tenant), `Unavailable`.
pub async fn list(context: &Context, tenant: TenantId, state: Option<State>, limit: u16) -> Result<Vec<Kept>> {
    let mut tx = context.db.begin_snapshot(tenant).await?;
    let found = outbox::list(&mut tx, state, limit).await;
    caller::conclude(tx, found.map_err(Into::into)).await
}

/// Has messages sent at once that have failed or wait for their next attempt: one, or all; gives how many.
///
/// # Errors
/// `NotFound` (the tenant, or such a message), `Denied` (the tenant is not served), `Unavailable`.
pub async fn retry(context: &Context, tenant: TenantId, id: Option<Uuid>) -> Result<u64> {
    let mut tx = context.db.begin(tenant).await?;
    let again = outbox::retry(&mut tx, id, context.now()).await;
    let again = caller::conclude(tx, again.map_err(Into::into)).await?;
    match id {
        Some(id) if again == 0 => {
            Err(Error::NotFound { what: "message that has failed or is tried again", which: id.to_string() })
        }
        _ => Ok(again),
    }
}
