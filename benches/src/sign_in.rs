//! Whether the time of a refusal tells who has an account.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use tenure_app::sessions::{SignIn, Visitor, begin};
use tenure_app::users::reset_password;
use tenure_app::{Actor, Error, caller, passwords, users};
use tenure_core::sign_in::Origin;
use tenure_db::tenants::Tenant;

use crate::Result;
use crate::bed::Bed;
use crate::report::{Report, median};

/// How many accounts are tried, each once.
const ACCOUNTS: u16 = 60;
const PASSWORD: &str = "a quiet brown rover";

/// Refuses a wrong password for users that there are, for others, and at companies that are not there, in turn. Each attempt comes from an
/// address of its own, so that none has to wait.
pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let made = bed.tenants("signin", 1).await?;
    let (tenant, _) = made.first().ok_or("no tenant was made")?;
    let hash = hash(bed, tenant).await?;
    let mut tx = bed.context.db.begin(tenant.id).await?;
    let insert = format!(
        "INSERT INTO users (id, email, display_name, password_hash, created_at, updated_at)
         SELECT gen_random_uuid(), 'known' || n || '@acme.example', 'Known', $1, now(), now() FROM generate_series(0, {ACCOUNTS}) n"
    );
    sqlx::query(AssertSqlSafe(insert)).bind(hash).execute(&mut *tx).await?;
    tx.commit().await?;
    let (mut known, mut unknown, mut nowhere) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ACCOUNTS {
        known.push(refused(bed, tenant.slug.as_str(), &format!("known{number}@acme.example"), number).await?);
        unknown.push(refused(bed, tenant.slug.as_str(), &format!("nobody{number}@acme.example"), number).await?);
        nowhere.push(refused(bed, &format!("nowhere{number}"), &format!("known{number}@acme.example"), number).await?);
    }
    let known = median(known);
    for (name, times) in [("unknown-user", unknown), ("unknown-company", nowhere)] {
        let ratio = median(times) / known;
        report.at_most(&format!("sign-in/{name}-against-known"), ratio.max(1.0 / ratio), 1.1);
    }
    Ok(())
}

/// The hash of a password that the company's owner has chosen.
async fn hash(bed: &Bed, tenant: &Tenant) -> Result<String> {
    let by = caller::By::Operator { actor: &Actor::System, tenant: tenant.id };
    let owner = users::by_email(&bed.context, tenant.id, &format!("owner@{}.example", tenant.slug)).await?;
    let reset = reset_password(&bed.context, by, owner.id).await?;
    passwords::redeem(&bed.context, visitor(0), &reset.token.reveal(), &PASSWORD.parse()?).await?;
    let mut tx = bed.context.db.begin_read(tenant.id).await?;
    let hash = "SELECT password_hash FROM users WHERE password_hash IS NOT NULL";
    let hash = sqlx::query_scalar(hash).fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    Ok(hash)
}

async fn refused(bed: &Bed, tenant: &str, email: &str, number: u16) -> Result<Duration> {
    let input = SignIn { tenant: tenant.parse()?, email: email.to_owned(), password: "not the right one".parse()? };
    let begun = Instant::now();
    let outcome = begin(&bed.context, visitor(number), &input).await;
    let took = begun.elapsed();
    match outcome {
        Err(Error::Unauthenticated) => Ok(took),
        Err(error) => Err(error.into()),
        Ok(_) => Err("a wrong password was right".into()),
    }
}

fn visitor(number: u16) -> Visitor<'static> {
    let [high, low] = number.to_be_bytes();
    let origin = Origin::from(std::net::IpAddr::from(Ipv4Addr::new(198, 18, high, low)));
    Visitor { origin: Some(origin), user_agent: None, request_id: "bench" }
}
