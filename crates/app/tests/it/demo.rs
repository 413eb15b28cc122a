//! The demo's tenants and tokens.

use jiff::Timestamp;
use tenure_app::Context;
use tenure_app::demo::{COMPANIES, Prepared, prepare, token};
use tenure_app::sample::{RoleUser, users_of_roles};
use tenure_app::tokens::{self, Secret};
use tenure_core::access::BuiltInRole;
use tenure_core::tenant::Transition;
use tenure_db::audit::Actor;
use tenure_db::tenants::{Tenant, change_status};
use tenure_testkit::{NOW, TestInstallation, act};

async fn scene() -> (TestInstallation, Context) {
    let installation = TestInstallation::new().await;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    (installation, context)
}

/// The first company, in a tenant whose name for PostgreSQL differs from that of every other test's.
async fn acme(installation: &TestInstallation, context: &Context) -> Prepared {
    installation.tenant("acme").await;
    prepare(context, &Actor::System, &COMPANIES[0]).await.unwrap()
}

#[tokio::test]
async fn the_companies_are_made_once() {
    // Names of roles are made of the moment, and one server holds the roles of all tests.
    let installation = TestInstallation::new().await;
    let moment = Timestamp::from_second(rand::random_range(0..4_000_000_000)).unwrap();
    let context = Context::repeatable(installation.db.clone(), moment, 1);
    for company in &COMPANIES {
        let first = prepare(&context, &Actor::System, company).await.unwrap();
        let second = prepare(&context, &Actor::System, company).await.unwrap();
        assert!(first.filled && !second.filled, "{first:?} {second:?}");
        assert_eq!(first.tenant, second.tenant);
    }
}

#[tokio::test]
async fn a_tenant_that_was_left_without_people_is_filled() {
    let (installation, context) = scene().await;
    let made = installation.tenant("acme").await;
    let prepared = prepare(&context, &Actor::System, &COMPANIES[0]).await.unwrap();
    assert!(prepared.filled);
    assert_eq!(prepared.tenant.id, made.id);
}

#[tokio::test]
async fn a_suspended_tenant_is_left_alone() {
    let (installation, context) = scene().await;
    let made = installation.tenant("acme").await;
    let suspended = change_status(&installation.db, made.id, Transition::Suspend, &act()).await.unwrap();
    let prepared = prepare(&context, &Actor::System, &COMPANIES[0]).await.unwrap();
    assert_eq!((prepared.tenant, prepared.filled), (suspended, false));
}

async fn auditor(context: &Context, tenant: &Tenant) -> RoleUser {
    let users = users_of_roles(&context.db, tenant.id).await.unwrap();
    users.into_iter().find(|user| user.role == BuiltInRole::Auditor).unwrap()
}

async fn token_for(context: &Context, tenant: &Tenant, remembered: Option<&Secret>) -> Secret {
    let user = auditor(context, tenant).await;
    token(context, &Actor::System, tenant.id, &user, remembered.cloned()).await.unwrap()
}

#[tokio::test]
async fn a_remembered_token_is_kept_while_it_works() {
    let (installation, context) = scene().await;
    let acme = acme(&installation, &context).await.tenant;
    let first = token_for(&context, &acme, None).await;
    let second = token_for(&context, &acme, Some(&first)).await;
    assert_eq!(second.reveal(), first.reveal());

    let made = tokens::list(&context, acme.id).await.unwrap();
    assert_eq!(made.len(), 1, "{made:?}");
    tokens::revoke(&context, &Actor::System, acme.id, made[0].id).await.unwrap();
    let third = token_for(&context, &acme, Some(&first)).await;
    assert_ne!(third.reveal(), first.reveal(), "the revoked token was kept");
}

#[tokio::test]
async fn a_token_of_another_user_or_tenant_is_not_taken_for_this_ones() {
    let (installation, context) = scene().await;
    let acme = acme(&installation, &context).await.tenant;
    installation.tenant("globex").await;
    let globex = prepare(&context, &Actor::System, &COMPANIES[1]).await.unwrap().tenant;
    let of_globex = token_for(&context, &globex, None).await;
    let input = tokens::Create { tenant: acme.id, user: None, name: "test".to_owned(), valid_for: None };
    let of_owner = tokens::create(&context, &Actor::System, &input).await.unwrap().token;
    for remembered in [of_globex, of_owner] {
        let token = token_for(&context, &acme, Some(&remembered)).await;
        assert_ne!(token.reveal(), remembered.reveal());
        assert_eq!(token.tenant(), acme.id);
    }
}
