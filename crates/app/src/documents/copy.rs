//! Moving documents between places: of one tenant after the other, from where they lie to another.

use serde::Serialize;
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_db::audit::Actor;
use tenure_db::tenants::{self, Tenant, documents_at};
use tenure_store::documents::{Collection, Digest, Documents, TenantDocuments};

use super::record;
use crate::caller;
use crate::context::Context;
use crate::error::{Error, Result};

/// How many tenants are listed at once.
const TENANTS: u32 = 500;

/// What was done with a collection of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Which collection.
    pub collection: &'static str,
    /// How many documents both stores have now.
    pub documents: u64,
    /// The SHA-256 of all of them, which is the same in both.
    pub sha256: String,
    /// False when both stores had the same before.
    pub was_written: bool,
}

/// The tenants that have a schema, by slug.
///
/// # Errors
/// `Unavailable`.
pub async fn tenants(context: &Context) -> Result<Vec<Tenant>> {
    let mut all: Vec<Tenant> = Vec::new();
    loop {
        let after = all.last().map(|tenant| tenant.slug.clone());
        let found = tenants::list(&context.db, None, &tenants::Page { after, limit: TENANTS }).await?;
        if found.is_empty() {
            return Ok(all);
        }
        all.extend(found);
    }
}

/// Copies a tenant's documents into another place, compares both, and says that they lie there from now on. What had broken off is completed before,
/// and until it is done no change of the tenant ends, which may be suspended or archived. A collection of which both have the same is left alone, so
/// that a copy that was cut off goes on when it is run again. Of a tenant whose documents lie there already nothing is done. `on_page` is told how
/// many documents were written.
///
/// # Errors
/// `NotFound` and `Denied` for a tenant that is not there or not complete, `Conflict` when both differ afterwards, or changes do not end,
/// `Unavailable`, also when they lie in a place that this program was not told of.
pub async fn copy(
    context: &Context,
    actor: &Actor,
    to: &Documents,
    tenant: TenantId,
    on_page: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Copied>> {
    let hold = record::hold(context, tenant).await?;
    // Asked while it is held: of two at once, the second finds what the first has done.
    let copied = match documents_at(&context.db, tenant).await {
        Ok(from) if from.place.as_ref() == Some(to.place()) => Ok(None),
        Ok(_) => copy_held(context, to, tenant, on_page).await.map(Some),
        Err(error) => Err(error.into()),
    };
    if let Ok(Some((from, copied))) = copied {
        hold.move_documents(tenant, (&from, to.place()), &context.act(actor)).await?;
        return Ok(copied);
    }
    hold.release().await?;
    copied.map(|_| Vec::new())
}

async fn copy_held(
    context: &Context,
    to: &Documents,
    tenant: TenantId,
    on_page: &(dyn Fn(usize) + Sync),
) -> Result<(DocumentAddress, Vec<Copied>)> {
    let mut from_tx = context.db.begin_snapshot(tenant).await?;
    let from = from_tx.documents_at().clone();
    let there = DocumentAddress { place: Some(to.place().clone()), home: from.home };
    let writes = there.is_in_schema();
    let to_tx = if writes { context.db.begin_upkeep(tenant).await } else { context.db.begin_snapshot(tenant).await };
    let mut to_tx = to_tx?;
    let mut copied = Vec::new();
    let copying = async {
        let (mut source, mut target) = (context.documents.of(&from, &mut from_tx), to.of(&there, &mut to_tx));
        for collection in Collection::ALL {
            copied.push(copy_one(context, &mut source, &mut target, collection, on_page).await?);
        }
        Ok(())
    };
    let done = copying.await;
    caller::conclude(to_tx, done).await?;
    caller::conclude(from_tx, Ok((from, copied))).await
}

async fn copy_one(
    context: &Context,
    source: &mut TenantDocuments<'_>,
    target: &mut TenantDocuments<'_>,
    collection: Collection,
    on_page: &(dyn Fn(usize) + Sync),
) -> Result<Copied> {
    let now = context.now();
    let before = source.digest(collection, now).await?;
    let copied = |Digest { documents, sha256 }, was_written| Copied {
        collection: collection.name(),
        documents,
        sha256,
        was_written,
    };
    if target.digest(collection, now).await? == before {
        return Ok(copied(before, false));
    }
    target.copy_from(source, collection, on_page).await?;
    let (after, there) = (source.digest(collection, now).await?, target.digest(collection, now).await?);
    if after == there {
        return Ok(copied(there, true));
    }
    let words =
        format!("{collection} differs after it was copied: something else writes there; look at what, and copy again");
    Err(Error::Conflict(words))
}
