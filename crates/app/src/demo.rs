//! The demo: two tenants with a sample company each, and a token for each role.

use jiff::tz::TimeZone;
use tenure_core::access::BuiltInRole;
use tenure_core::ids::TenantId;
use tenure_core::sample::Plan;
use tenure_core::sign_in::Password;
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::audit::Actor;
use tenure_db::tenants::{Tenant, by_slug};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::sample::{self, RoleUser};
use crate::tenants;
use crate::tokens::{self, Secret};
use crate::{caller, change, passwords, users};

/// A company of the demo.
#[derive(Debug, Clone, Copy)]
pub struct DemoCompany {
    /// The slug of its tenant.
    pub slug: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How many people it has, leavers included.
    pub size: u32,
    /// The roles for which the demo shows a token.
    pub roles: &'static [BuiltInRole],
    currency: &'static str,
    seed: u64,
}

/// The companies of the demo. Their seeds never change, so that a demo looks the same everywhere.
pub const COMPANIES: [DemoCompany; 2] = [
    DemoCompany { slug: "acme", name: "Acme", size: 60, roles: &BuiltInRole::ALL, currency: "USD", seed: 1 },
    DemoCompany { slug: "globex", name: "Globex", size: 500, roles: &[BuiltInRole::Owner], currency: "EUR", seed: 2 },
];

/// What became of a company's tenant.
#[derive(Debug)]
pub struct Prepared {
    /// The tenant.
    pub tenant: Tenant,
    /// Whether its people were written now.
    pub filled: bool,
}

/// Makes a company's tenant and fills it, whichever of the two is missing. One that is not active is left alone.
///
/// # Errors
/// As [`tenants::create`] and [`sample::fill_with_reviews`].
pub async fn prepare(context: &Context, actor: &Actor, company: &DemoCompany) -> Result<Prepared> {
    let slug: Slug = company.slug.parse().map_err(|error| Error::invalid("slug", &error))?;
    let tenant = match by_slug(&context.db, &slug).await {
        Err(tenure_db::Error::NotFound { .. }) => make(context, actor, company, slug.clone()).await?,
        found => found?,
    };
    if tenant.status != TenantStatus::Active {
        return Ok(Prepared { tenant, filled: false });
    }
    let currency = company.currency.parse().map_err(|error| Error::invalid("currency", &error))?;
    let today = context.now().to_zoned(TimeZone::UTC).date();
    let plan = Plan { seed: company.seed, size: company.size, today, slug, currency };
    let filled = sample::fill_with_reviews(context, actor, tenant.id, &plan).await?;
    Ok(Prepared { tenant, filled })
}

async fn make(context: &Context, actor: &Actor, company: &DemoCompany, slug: Slug) -> Result<Tenant> {
    let name = company.name.parse().map_err(|error| Error::invalid("name", &error))?;
    let owner_email = format!("{}@{slug}.example", BuiltInRole::Owner);
    let made = tenants::create(context, actor, tenants::Create { slug: slug.clone(), name, owner_email }).await;
    match made {
        // Another demo was faster.
        Err(Error::Conflict(_)) => Ok(by_slug(&context.db, &slug).await?),
        made => made,
    }
}

/// The token by which a user signs in: the remembered one while it works for this user, else a new one.
///
/// # Errors
/// As [`tokens::create`].
pub async fn token(
    context: &Context,
    actor: &Actor,
    tenant: TenantId,
    user: &RoleUser,
    remembered: Option<Secret>,
) -> Result<Secret> {
    if let Some(secret) = remembered.filter(|secret| secret.tenant() == tenant)
        && belongs_to(context, &secret, user).await?
    {
        return Ok(secret);
    }
    let name = format!("demo {}", user.role);
    let new = tokens::Create { tenant, user: Some(user.email.clone()), name, valid_for: None };
    Ok(tokens::create(context, actor, &new).await?.token)
}

/// The password by which a user signs in: the remembered one while it is the user's, else a new one.
///
/// # Errors
/// As [`tenure_db::Database::begin`]; `Unavailable` when passwords cannot be hashed.
pub async fn password(
    context: &Context,
    actor: &Actor,
    tenant: TenantId,
    user: &RoleUser,
    remembered: Option<Password>,
) -> Result<Password> {
    let id = users::by_email(context, tenant, &user.email).await?.id;
    let stored = passwords::hash_of(context, tenant, id).await?;
    let turn = context.hasher.line_up(None)?;
    if let Some(password) = remembered
        && context.hasher.compare(&turn, &password, stored.as_deref()).await?.is_right
    {
        return Ok(password);
    }
    let password = made_up(context)?;
    let hash = context.hash(&turn, &password).await?;
    change::run_as_operator(context, actor, tenant, async |change| passwords::set_by_operator(change, id, &hash).await)
        .await?;
    Ok(password)
}

/// Twenty letters, which is more than anybody guesses, in groups that can be typed.
fn made_up(context: &Context) -> Result<Password> {
    let letters: Vec<char> = context.random_bytes::<20>().iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    groups.join("-").parse().map_err(|error| Error::invalid("password", &error))
}

async fn belongs_to(context: &Context, secret: &Secret, user: &RoleUser) -> Result<bool> {
    let mut tx = context.db.begin_read(secret.tenant()).await?;
    let bearer = caller::bearer(context, &mut tx, secret).await;
    tx.rollback().await?;
    match bearer {
        Ok(bearer) => Ok(bearer.email == user.email),
        Err(Error::Unauthenticated) => Ok(false),
        Err(error) => Err(error),
    }
}
