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

/// Moves a tenant's documents into another place: copies them, compares both, and says that they lie there from now on. They are copied while the
/// tenant's changes go on, and then, when what had broken off is completed and no change ends any more, what has changed meanwhile is copied once
/// more. The tenant may be suspended or archived. A collection of which both have the same is left alone, so that a copy that was cut off goes on
/// when it is run again. Of a tenant whose documents lie there already nothing is done. `on_page` is told how many documents were written.
///
/// # Errors
/// `NotFound` and `Denied` for a tenant that is not there or not complete, `Conflict` when both differ afterwards, or changes, archives or restores
/// do not end, `Unavailable`, also when they lie in a place that this program was not told of.
pub async fn copy(
    context: &Context,
    actor: &Actor,
    to: &Documents,
    tenant: TenantId,
    on_page: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Copied>> {
    let mut moving = context.db.begin_move(tenant).await?;
    // Asked when others have ended: of two at once, the second finds what the first has done.
    if documents_at(&context.db, tenant).await?.place.as_ref() == Some(to.place()) {
        moving.give_up().await?;
        return Ok(Vec::new());
    }
    let mut copying = Copying { context, to, tenant, on_page, is_last: false };
    let (_, ahead) = moving.keep(Box::pin(copying.copy_all())).await??;
    record::hold(context, &mut moving, tenant).await?;
    copying.is_last = true;
    let (from, mut copied) = moving.keep(Box::pin(copying.copy_all())).await??;
    for (copied, ahead) in copied.iter_mut().zip(ahead) {
        copied.was_written |= ahead.was_written;
    }
    moving.end((&from, to.place()), &context.act(actor)).await?;
    Ok(copied)
}

struct Copying<'a> {
    context: &'a Context,
    to: &'a Documents,
    tenant: TenantId,
    on_page: &'a (dyn Fn(usize) + Sync),
    /// Whether no change of the tenant ends meanwhile, so that both have to be the same afterwards.
    is_last: bool,
}

impl Copying<'_> {
    async fn copy_all(&self) -> Result<(DocumentAddress, Vec<Copied>)> {
        let db = &self.context.db;
        let mut from_tx = db.begin_snapshot(self.tenant).await?;
        let from = from_tx.documents_at().clone();
        let there = DocumentAddress { place: Some(self.to.place().clone()), home: from.home };
        let writes = there.is_in_schema();
        let to_tx = if writes { db.begin_upkeep(self.tenant).await } else { db.begin_snapshot(self.tenant).await };
        let mut to_tx = to_tx?;
        let mut copied = Vec::new();
        let copying = async {
            from_tx.take_time().await?;
            to_tx.take_time().await?;
            let mut source = self.context.documents.of(&from, &mut from_tx);
            let mut target = self.to.of(&there, &mut to_tx);
            for collection in Collection::ALL {
                copied.push(self.copy_one(&mut source, &mut target, collection).await?);
            }
            Ok(())
        };
        let done = copying.await;
        caller::conclude(to_tx, done).await?;
        caller::conclude(from_tx, Ok((from, copied))).await
    }

    async fn copy_one(
        &self,
        source: &mut TenantDocuments<'_>,
        target: &mut TenantDocuments<'_>,
        collection: Collection,
    ) -> Result<Copied> {
        let now = self.context.now();
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
        target.copy_from(source, collection, self.on_page).await?;
        if !self.is_last {
            return Ok(copied(before, true));
        }
        let (after, there) = (source.digest(collection, now).await?, target.digest(collection, now).await?);
        if after == there {
            return Ok(copied(there, true));
        }
        let words = format!(
            "{collection} differs after it was copied: something else writes there; look at what, and copy again"
        );
        Err(Error::Conflict(words))
    }
}
