//! How soon a change of flags is seen by a process that holds them.

use jiff::SignedDuration;
use tenure_app::caller::Caller;
use tenure_app::flags::{self, Asked, To};
use tenure_app::{Actor, Context, tokens};
use tenure_core::flags::Key;
use tenure_core::ids::TenantId;
use tenure_testkit::{NOW, TestInstallation};

/// What the owner gets of the flag `beta`.
async fn beta(context: &Context, token: &tokens::Secret) -> bool {
    let caller = Caller { token, request_id: "test", once: None };
    let found = flags::evaluate(context, caller, "beta", &Asked::default()).await.unwrap();
    found.value == serde_json::Value::Bool(true)
}

async fn set(context: &Context, tenant: Option<TenantId>, to: To) {
    let key: Key = "beta".parse().unwrap();
    flags::set_as_operator(context, &Actor::System, tenant, &key, to).await.unwrap();
}

#[tokio::test]
async fn a_companys_change_is_seen_at_once_and_the_platforms_within_five_seconds() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    let node = |seed| Context::repeatable(installation.db.clone(), NOW, seed);
    let (here, there) = (node(1), node(2));
    let input = tokens::Create { tenant, user: None, name: "test".to_owned(), valid_for: None };
    let token = tokens::create(&here, &Actor::System, &input).await.unwrap().token;
    set(&there, None, To::On).await;
    assert!(beta(&here, &token).await);
    set(&there, None, To::Off).await;
    assert!(beta(&here, &token).await, "what was read is held for a moment");
    let here = here.at(NOW + SignedDuration::from_secs(5));
    assert!(!beta(&here, &token).await);
    set(&there, None, To::On).await;
    let here = here.at(NOW + SignedDuration::from_secs(10));
    assert!(beta(&here, &token).await);
    set(&there, Some(tenant), To::Off).await;
    assert!(!beta(&here, &token).await, "a company's own follows its stamps");
    set(&there, Some(tenant), To::On).await;
    assert!(beta(&here, &token).await);
}
