//! Whether the audit log is as it was written.

use tenure_core::audit::{Anchor, Fault, Walk};
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::audit::chain;

use crate::context::Context;
use crate::error::Result;

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries that the chain covers.
    pub entries: i64,
    /// Links of the chain.
    pub links: i64,
    /// How many faults were found.
    pub faults: u64,
    /// Where the chain has come to, to be kept elsewhere.
    pub head: Anchor,
}

/// Computes every hash of a tenant's audit log again, and gives what is wrong to `found`. With an anchor that was kept from an earlier
/// time it also finds a chain that was rewritten as a whole. Everything is seen as it is at one moment, however long it takes. The tenant may
/// be suspended or archived.
///
/// # Errors
/// `NotFound` and `Denied` for a tenant that is not there or not complete, `Rule` when the log's head is gone, `Unavailable`.
pub async fn verify(
    context: &Context,
    tenant: TenantId,
    anchor: Option<Anchor>,
    mut found: impl FnMut(Fault),
) -> Result<Verified> {
    let mut tx = context.db.begin_snapshot(tenant).await?;
    let mut faults = 0;
    let mut count = |fault| {
        faults += 1;
        found(fault);
    };
    let (entries, links, head) = examine(&mut tx, Walk::new(anchor), &mut count).await?;
    tx.commit().await?;
    Ok(Verified { entries, links, faults, head })
}

async fn examine(tx: &mut TenantTx, mut walk: Walk, found: &mut impl FnMut(Fault)) -> Result<(i64, i64, Anchor)> {
    chain::take_time(tx).await?;
    let (mut entries, mut count, mut after) = (0, 0, 0);
    loop {
        let links = chain::links(tx, after).await?;
        let Some(last) = links.last() else { break };
        entries += chain::compare_entries(tx, (after + 1, last.position), found).await?;
        links.iter().flat_map(|link| walk.step(link)).for_each(&mut *found);
        count += i64::try_from(links.len()).unwrap_or(i64::MAX);
        after = last.position;
    }
    chain::find_unlinked(tx, found).await?;
    let head = chain::head(tx).await?;
    walk.end(head).into_iter().for_each(found);
    Ok((entries, count, head))
}
