//! The stamps of a tenant's data, by which cached values are found.

use std::collections::BTreeSet;

use tenure_core::ids::TenantId;
use tenure_core::stamps::{Area, Stamps};
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A tenant's stamps as a statement of a transaction has seen them. Nothing but such a statement makes one, so that no name of a cached value
/// can be made without having been let into the tenant.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    tenant: TenantId,
    stamps: Stamps,
}

impl Seen {
    pub(crate) fn new(tx: &TenantTx, areas: &[String], stamps: &[Uuid]) -> Self {
        let pairs = areas.iter().map(String::as_str).zip(stamps.iter().copied());
        Self { tenant: tx.tenant(), stamps: Stamps::of(pairs) }
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The state of some areas; `None` when it is not known.
    #[must_use]
    pub fn over(&self, areas: &[Area]) -> Option<String> {
        self.stamps.over(areas)
    }
}

/// The stamps as they are now. What is read after this in the same transaction is of this state or a later one.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(tx: &mut TenantTx) -> Result<Seen> {
    let row = sqlx::query!(
        r#"SELECT ARRAY(SELECT area FROM cache_stamps ORDER BY area) AS "areas!",
                  ARRAY(SELECT stamp FROM cache_stamps ORDER BY area) AS "stamps!""#
    )
    .fetch_one(tx.with_own_plan())
    .await?;
    Ok(Seen::new(tx, &row.areas, &row.stamps))
}

/// Makes those who change an area one after the other, from here to the end of their transactions, wherever what they change is kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn lock(tx: &mut TenantTx, area: Area) -> Result<()> {
    sqlx::query!("SELECT stamp FROM cache_stamps WHERE area = $1 FOR UPDATE", area.word())
        .fetch_optional(tx.with_own_plan())
        .await?;
    Ok(())
}

/// Gives areas a new stamp, which has to be one that was never used. The areas come in one order, as writers wait for each other here.
pub(crate) async fn renew(tx: &mut TenantTx, areas: &BTreeSet<Area>, stamp: Uuid) -> Result<()> {
    if areas.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = areas.iter().map(Area::to_string).collect();
    sqlx::query!(
        "INSERT INTO cache_stamps (area, stamp) SELECT n.area, $2 FROM unnest($1::text[]) AS n (area)
         ON CONFLICT (area) DO UPDATE SET stamp = EXCLUDED.stamp",
        &words,
        stamp,
    )
    .execute(tx.with_own_plan())
    .await?;
    Ok(())
}
