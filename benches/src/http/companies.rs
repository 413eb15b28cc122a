//! Tenants with people, each with a token that reads any of them and nothing that has to be audited.

use jiff::civil::date;
use sqlx::query_scalar;
use tenure_app::sample;
use tenure_app::tokens::{self, Secret};
use tenure_core::ids::EmployeeId;
use tenure_core::sample::Plan;
use tenure_db::audit::Actor;
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use crate::Result;
use crate::bed::Bed;

const PEOPLE: u32 = 40;
const READER: &str = "intranet@bench.example";

pub(crate) struct Company {
    pub(crate) tenant: Tenant,
    pub(crate) token: Secret,
    pub(crate) people: Vec<EmployeeId>,
}

pub(crate) async fn make(bed: &Bed, count: usize) -> Result<Vec<Company>> {
    make_of(bed, count, PEOPLE).await
}

/// The same with so many people each.
pub(crate) async fn make_of(bed: &Bed, count: usize, people: u32) -> Result<Vec<Company>> {
    let mut companies = Vec::with_capacity(count);
    for (seed, (tenant, _)) in (0..).zip(bed.tenants("http", count).await?) {
        let plan =
            Plan { seed, size: people, today: date(2025, 1, 1), slug: tenant.slug.clone(), currency: "EUR".parse()? };
        sample::fill(&bed.context, &Actor::System, tenant.id, &plan).await?;
        let people = add_reader(bed, &tenant).await?;
        let token = tokens::Create {
            tenant: tenant.id,
            user: Some(READER.to_owned()),
            name: "intranet".to_owned(),
            valid_for: None,
        };
        let token = tokens::create(&bed.context, &Actor::System, &token).await?.token;
        companies.push(Company { tenant, token, people });
    }
    // What a server that runs for some minutes has: statistics, and pages without dead rows.
    sqlx::raw_sql("VACUUM ANALYZE").execute(bed.context.db.owner_pool()).await?;
    Ok(companies)
}

/// Adds a user whose one role reads everybody's work fields, as a company's intranet does. Gives everybody's id.
async fn add_reader(bed: &Bed, tenant: &Tenant) -> Result<Vec<EmployeeId>> {
    let mut tx = bed.context.db.begin(tenant.id).await?;
    sqlx::query(
        "WITH reader AS (INSERT INTO users (id, email, display_name, created_at, updated_at)
                         VALUES ($1, $3, 'Intranet', now(), now()) RETURNING id),
              role AS (INSERT INTO roles (id, key, name, created_at, updated_at)
                       VALUES ($2, 'intranet', 'Intranet', now(), now()) RETURNING id),
              permission AS (INSERT INTO role_permissions (role_id, permission, scope, created_at)
                             SELECT id, 'employees.read', 'all', now() FROM role)
         INSERT INTO user_roles (user_id, role_id, created_at) SELECT reader.id, role.id, now() FROM reader, role",
    )
    .bind(bed.context.id::<Uuid>())
    .bind(bed.context.id::<Uuid>())
    .bind(READER)
    .execute(&mut *tx)
    .await?;
    let people: Vec<Uuid> = query_scalar("SELECT id FROM employees").fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(people.into_iter().map(EmployeeId::from).collect())
}
