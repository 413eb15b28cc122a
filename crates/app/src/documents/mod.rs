//! The documents of a tenant: what is kept as a body of JSON, in the tenant's schema or in MongoDB. What they hold lies there whole: no
//! change needs rows of tables and documents to change together, but for the audit log.

pub mod copy;
pub mod expiry;
pub(crate) mod record;

use std::time::Duration;

pub use record::{Healed, heal};
use tenure_core::document_address::DocumentPlace;
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::archive;
use tenure_db::tenants;
use tenure_store::documents::TenantDocuments;
pub use tenure_store::documents::{
    Collection, Documents, Error as DocumentsError, Find, Found, Patience, Place, Stored, id_of,
};

use crate::change::Change;
use crate::context::Context;

/// After how long a MongoDB that is away is asked again at the start.
const AGAIN: Duration = Duration::from_secs(10);

/// The documents of the tenant whose transaction this is, for reading; a change has a way of its own to them.
#[must_use]
pub fn of<'a>(context: &'a Context, tx: &'a mut TenantTx) -> TenantDocuments<'a> {
    let address = tx.documents_at().clone();
    context.documents.of(&address, tx)
}

impl Change<'_> {
    /// The documents of the tenant. What is done to them is kept if the change is.
    pub(crate) fn documents(&mut self) -> TenantDocuments<'_> {
        let address = self.tx.documents_at().clone();
        self.context.documents.within(&address, &mut self.tx, &mut self.work)
    }
}

/// How long MongoDB took to answer; `None` where documents lie in PostgreSQL.
///
/// # Errors
/// Why it did not answer.
pub async fn check(context: &Context) -> Result<Option<Duration>, DocumentsError> {
    context.documents.check().await
}

/// Makes what MongoDB needs and looks whether it is as it has to be, as soon as it answers; what is wrong goes to the log.
pub async fn prepare(context: &Context) {
    while let Err(error) = context.documents.prepare().await {
        tracing::warn!(%error, "documents cannot be changed yet; trying again");
        tokio::time::sleep(AGAIN).await;
    }
}

/// Says of documents that nobody has said it of where they lie: of companies that are older than the names of places.
///
/// # Errors
/// `Unavailable`.
pub async fn settle(context: &Context) -> crate::Result<()> {
    let place = context.documents.oldest_place();
    let settled = tenants::settle_documents(&context.db, place).await?;
    if settled > 0 {
        tracing::info!(companies = settled, %place, "it was noted where the documents of companies lie");
    }
    Ok(())
}

/// Up to so many tenants with documents in a place that this program was not told of, by slug.
///
/// # Errors
/// `Unavailable`.
pub async fn elsewhere(context: &Context, limit: u16) -> crate::Result<Vec<(String, DocumentPlace)>> {
    Ok(tenants::with_documents_elsewhere(&context.db, &context.documents.places(), limit).await?)
}

/// In what MongoDB differs from what is needed, one line each.
///
/// # Errors
/// `WithoutTransactions`, and why it did not answer.
pub async fn differences(context: &Context) -> Result<Vec<String>, DocumentsError> {
    context.documents.prepare().await?;
    context.documents.differences().await
}

/// Removes what lies outside PostgreSQL of a tenant that is purged; gives the number of documents. To be repeated when it fails.
///
/// # Errors
/// `Unavailable`, also when they lie in a place that this program was not told of.
pub async fn remove(context: &Context, tenant: TenantId) -> crate::Result<u64> {
    let removed = context.documents.remove(&tenants::documents_at(&context.db, tenant).await?).await?;
    context.documents.forget(tenant).await?;
    Ok(removed)
}

/// Removes what lies outside PostgreSQL and no schema needs any more, as after a restore that was cut off or the end of what a restore kept;
/// gives the number of documents.
///
/// # Errors
/// `Unavailable`.
pub async fn remove_leftovers(context: &Context) -> crate::Result<u64> {
    let mut removed = 0;
    while let Some(leftover) = archive::Leftover::next(&context.db, &context.documents.places()).await? {
        removed += context.documents.remove(&leftover.address).await?;
        leftover.is_gone().await?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
