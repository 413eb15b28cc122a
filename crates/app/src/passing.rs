//! What companies keep for a time only: first answers to requests with a key, counts of who failed to sign in, tokens for a new password
//! and sessions. Whoever comes upon an old one does not count it; here they go by themselves.

use jiff::SignedDuration;
use tenure_core::ids::TenantId;
use tenure_core::sign_in::Subject;
use tenure_core::tenant::TenantStatus;
use tenure_db::passing::{self, Until};

use crate::caller;
use crate::context::Context;
use crate::documents;
use crate::error::Result;
use crate::once;

/// How many rows of a table are removed in one transaction.
const AT_ONCE: u32 = 5000;

/// Removes what is over from all companies that have a schema. What one company's failure is about goes to the log, and does not stop the
/// others.
///
/// # Errors
/// `Unavailable` when the companies cannot be listed.
pub async fn remove(context: &Context) -> Result<()> {
    for tenant in documents::copy::tenants(context).await? {
        if !matches!(tenant.status, TenantStatus::Active | TenantStatus::Suspended) {
            continue;
        }
        if let Err(error) = remove_of(context, tenant.id).await {
            tracing::warn!(tenant = %tenant.slug, %error, "what is over was not removed");
        }
    }
    Ok(())
}

async fn remove_of(context: &Context, tenant: TenantId) -> Result<()> {
    let before = |time: SignedDuration| context.now().checked_sub(time).unwrap_or_default();
    let until = Until {
        answered: before(once::KEPT),
        failed: before(Subject::FORGOTTEN_AFTER),
        // Where an account was signed in from is of use for as long as that.
        expired: before(Subject::KNOWN_FOR),
    };
    loop {
        let mut tx = context.db.begin_upkeep(tenant).await?;
        let removed = passing::remove(&mut tx, until, i64::from(AT_ONCE)).await;
        if caller::conclude(tx, removed.map_err(Into::into)).await? < u64::from(AT_ONCE) {
            return Ok(());
        }
    }
}
