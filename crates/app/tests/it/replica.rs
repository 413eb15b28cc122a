//! What is read on a replica, and what never is.

use tenure_app::caller::Caller;
use tenure_app::employees::{self, Filter, Query, Sort};
use tenure_app::tokens::{self, Create};
use tenure_app::{Context, Error, sample};
use tenure_core::sample::Plan;
use tenure_core::tenant::Transition;
use tenure_db::audit::Actor;
use tenure_db::tenants::change_status;
use tenure_testkit::{NOW, TestInstallation, act};

fn all() -> Query {
    Query { filter: Filter::default(), as_of: None, sort: Sort::default(), after: None, limit: 100 }
}

#[tokio::test]
async fn lists_come_from_the_replica_but_who_may_read_them_is_decided_on_the_primary() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    let create = Create { tenant: tenant.id, user: None, name: "test".to_owned(), valid_for: None };
    let kept = tokens::create(&context, &Actor::System, &create).await.unwrap();
    let revoked = tokens::create(&context, &Actor::System, &create).await.unwrap();

    let installation = installation.with_frozen_replica().await;
    let context = Context::repeatable(installation.db.clone(), NOW, 2);
    tokens::revoke(&context, &Actor::System, tenant.id, revoked.id).await.unwrap();
    let plan = Plan {
        seed: 1,
        size: 5,
        today: "2026-01-15".parse().unwrap(),
        slug: tenant.slug,
        currency: "EUR".parse().unwrap(),
    };
    sample::fill(&context, &Actor::System, tenant.id, &plan).await.unwrap();

    let list = async |token| employees::list(&context, Caller { token, request_id: "test", once: None }, all()).await;
    // The first connection may take longer than a request waits for the replica.
    while installation.db.begin_on_replica(tenant.id).await.is_none() {
        tokio::task::yield_now().await;
    }
    let page = list(&kept.token).await.unwrap();
    assert!(page.employees.is_empty(), "the people were hired after the replica stopped: {page:?}");
    let error = list(&revoked.token).await.unwrap_err();
    assert!(matches!(error, Error::Unauthenticated), "the replica still knows the token: {error}");
    change_status(&installation.db, tenant.id, Transition::Suspend, &act()).await.unwrap();
    let error = list(&kept.token).await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)), "the replica still knows the tenant as active: {error}");
}
