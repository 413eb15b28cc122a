//! Tenants with people, each with a token that reads any of them and nothing that has to be audited.

use jiff::civil::date;
use sqlx::query_scalar;
use tenure_app::sample;
use tenure_app::tokens::Secret;
use tenure_core::ids::EmployeeId;
use tenure_core::sample::Plan;
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use crate::Result;
use crate::bed::Bed;
use crate::reader;

const PEOPLE: u32 = 40;

pub(crate) struct Company {
    pub(crate) tenant: Tenant,
    pub(crate) token: Secret,
    pub(crate) people: Vec<EmployeeId>,
}

pub(crate) async fn make(bed: &Bed, count: usize) -> Result<Vec<Company>> {
    make_of(bed, count, PEOPLE).await
}

/// The same with so many people each.
pub(crate) async fn make_of(bed: &Bed, count: usize, size: u32) -> Result<Vec<Company>> {
    let mut companies = Vec::with_capacity(count);
    for (seed, (tenant, _)) in (0..).zip(bed.tenants("http", count).await?) {
        let plan = Plan { seed, size, today: date(2025, 1, 1), slug: tenant.slug.clone(), currency: "EUR".parse()? };
        sample::fill(&bed.context, &Actor::System, tenant.id, &plan).await?;
        let token = reader::add(bed, &tenant).await?;
        let people = people(bed, &tenant).await?;
        companies.push(Company { tenant, token, people });
    }
    // What a server that runs for some minutes has: statistics, and pages without dead rows.
    sqlx::raw_sql("VACUUM ANALYZE").execute(bed.context.db.owner_pool()).await?;
    Ok(companies)
}

async fn people(bed: &Bed, tenant: &Tenant) -> Result<Vec<EmployeeId>> {
    let mut tx = bed.context.db.begin(tenant.id).await?;
    let people: Vec<Uuid> = query_scalar("SELECT id FROM employees").fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(people.into_iter().map(EmployeeId::from).collect())
}
