//! Writers of one company, who follow each other through its chain of audit entries, against as many who never meet.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tenure_core::ids::TenantId;
use tenure_db::audit::{self, Actor, Entry};
use uuid::Uuid;

use crate::Result;
use crate::bed::Bed;
use crate::report::{Report, median};

/// As many as there are connections.
const WRITERS: usize = 16;
/// What each of them commits in a round.
const CHANGES: usize = 100;
const ROUNDS: usize = 7;

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let tenants: Vec<TenantId> =
        bed.tenants("audit", WRITERS).await?.into_iter().map(|(tenant, _)| tenant.id).collect();
    let one = vec![*tenants.first().ok_or("no tenant")?; WRITERS];
    let (mut together, mut apart) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        together.push(round(bed, &one).await?);
        apart.push(round(bed, &tenants).await?);
    }
    let (together, apart) = (median(together), median(apart));
    let rate = |seconds: f64| f64::from(u32::try_from(WRITERS * CHANGES).unwrap_or(u32::MAX)) / seconds;
    eprintln!("{:.0} changes a second in one company, {:.0} in {WRITERS}", rate(together), rate(apart));
    report.at_least("audit/writers-of-one-company-against-many", apart / together, 0.5);
    Ok(())
}

/// Every writer makes its changes one after the other, in the company given to it.
async fn round(bed: &Bed, writers: &[TenantId]) -> Result<Duration> {
    let begun = Instant::now();
    try_join_all(writers.iter().map(|tenant| write(bed, *tenant))).await?;
    Ok(begun.elapsed())
}

async fn write(bed: &Bed, tenant: TenantId) -> Result<()> {
    for number in 0..CHANGES {
        let id: Uuid = bed.context.id();
        let mut tx = bed.context.db.begin(tenant).await?;
        let insert = "INSERT INTO locations (id, name, created_at, updated_at) VALUES ($1, $2, now(), now())";
        sqlx::query(insert).bind(id).bind(format!("{number} {id}")).execute(&mut *tx).await?;
        let entry = Entry {
            id: bed.context.id(),
            now: bed.context.now(),
            actor: &Actor::System,
            action: "location.created",
            entity: "location",
            entity_id: Some(id),
            before: None,
            after: Some(serde_json::json!({ "id": id, "name": number })),
            request_id: None,
        };
        audit::record(&mut tx, &entry).await?;
        tx.commit().await?;
    }
    Ok(())
}
