//! Fills a tenant with a sample company, for demos, tests and benchmarks.

use serde_json::json;
use tenure_core::access::BuiltInRole;
use tenure_core::ids::{EmployeeId, TenantId};
use tenure_core::sample::{Company, Plan, company, reviews};
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::sample::{self, CompanyIds, NewUser};
use tenure_db::{Database, TenantTx};

pub use tenure_db::sample::RoleUser;

use crate::appraisals;
use crate::context::Context;
use crate::error::Result;

/// Writes the company of a plan into a tenant that has no employees, and makes a user for each built-in role, the owner's
/// aside. All of it in one transaction: cut off anywhere, the tenant is as it was. `false` when the tenant has employees, and
/// nothing was done.
///
/// # Errors
/// `Internal` when the company clashes with what else is in the tenant; otherwise as [`Database::begin`].
pub async fn fill(context: &Context, actor: &Actor, tenant: TenantId, plan: &Plan) -> Result<bool> {
    write(context, actor, tenant, (plan, false)).await
}

/// The same with what its people say of each other: a cycle of appraisals that is under way, goals and feedback. Documents have to lie in the
/// tenant's schema.
///
/// # Errors
/// As [`fill`].
pub async fn fill_with_reviews(context: &Context, actor: &Actor, tenant: TenantId, plan: &Plan) -> Result<bool> {
    write(context, actor, tenant, (plan, true)).await
}

async fn write(
    context: &Context,
    actor: &Actor,
    tenant: TenantId,
    (plan, with_reviews): (&Plan, bool),
) -> Result<bool> {
    let mut tx = context.db.begin(tenant).await?;
    if !sample::is_empty(&mut tx).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let company = company(plan);
    let ids = new_ids(context, &company);
    sample::insert_company(&mut tx, &company, &ids, context.now()).await?;
    let users = new_users(context, plan, &company, &ids.people);
    sample::insert_users(&mut tx, &users, context.now()).await?;
    let reviews = with_reviews.then(|| reviews(plan, &company));
    if let Some(reviews) = &reviews {
        appraisals::sample::insert(context, &mut tx, (&company, &ids.people), reviews).await?;
    }
    let reviews = reviews.map_or(0, |reviews| reviews.reviews.len());
    record(&mut tx, context, actor, (&company, &users, reviews)).await?;
    tx.commit().await?;
    Ok(true)
}

/// For each built-in role the user who stands for it: of the active users who have it, the one who was made first.
///
/// # Errors
/// As [`Database::begin_read`].
pub async fn users_of_roles(db: &Database, tenant: TenantId) -> Result<Vec<RoleUser>> {
    let mut tx = db.begin_read(tenant).await?;
    let users = sample::users_of_roles(&mut tx).await?;
    tx.commit().await?;
    Ok(users)
}

fn new_ids(context: &Context, company: &Company) -> CompanyIds {
    CompanyIds {
        departments: company.departments.iter().map(|_| context.id()).collect(),
        designations: company.designations.iter().map(|_| context.id()).collect(),
        people: company.people.iter().map(|_| context.id()).collect(),
        salaries: company.people.iter().map(|_| context.id()).collect(),
    }
}

/// The manager and the employee are people of the company, who sign in with their work address; the others work in offices
/// that the company's chart does not show.
fn new_users(context: &Context, plan: &Plan, company: &Company, ids: &[EmployeeId]) -> Vec<NewUser> {
    let pair = company.manager_and_report();
    let user = |role: BuiltInRole| match role {
        // Made with the tenant.
        BuiltInRole::Owner => None,
        BuiltInRole::Manager => person_user(context, role, company, ids, pair?.0),
        BuiltInRole::Employee => person_user(context, role, company, ids, pair?.1),
        BuiltInRole::HrAdmin | BuiltInRole::HrManager | BuiltInRole::PayrollAdmin | BuiltInRole::Auditor => {
            let email = format!("{role}@{}.example", plan.slug);
            Some(NewUser { id: context.id(), role, email, display_name: role.name().to_owned(), employee: None })
        }
    };
    BuiltInRole::ALL.into_iter().filter_map(user).collect()
}

fn person_user(
    context: &Context,
    role: BuiltInRole,
    company: &Company,
    ids: &[EmployeeId],
    index: usize,
) -> Option<NewUser> {
    let person = company.people.get(index)?;
    let display_name = format!("{} {}", person.first_name, person.last_name);
    let email = person.work_email.clone();
    Some(NewUser { id: context.id(), role, email, display_name, employee: ids.get(index).copied() })
}

async fn record(
    tx: &mut TenantTx,
    context: &Context,
    actor: &Actor,
    (company, users, reviews): (&Company, &[NewUser], usize),
) -> Result<()> {
    let emails: Vec<&str> = users.iter().map(|user| user.email.as_str()).collect();
    let after = json!({
        "departments": company.departments.len(),
        "designations": company.designations.len(),
        "employees": company.people.len(),
        "users": emails,
        "appraisals": reviews,
    });
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor,
        action: "sample.created",
        entity: "tenant",
        entity_id: Some(tx.tenant().uuid()),
        before: None,
        after: Some(after),
        request_id: None,
    };
    Ok(audit::record(tx, &entry).await?)
}
