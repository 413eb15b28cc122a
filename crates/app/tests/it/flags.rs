//! How soon a change of flags is seen by processes that hold them.

use serde_json::json;
use tenure_app::caller::Caller;
use tenure_app::flags::{self, Asked, Put, To};
use tenure_app::{Actor, Context, cache, tokens};
use tenure_core::flags::Key;
use tenure_core::ids::TenantId;
use tenure_db::tenants::{self, FeatureKey, Renamed};
use tenure_testkit::{NOW, TestInstallation, act};

/// A company on two nodes.
struct Scene {
    installation: TestInstallation,
    nodes: [Context; 2],
    tenant: TenantId,
    token: tokens::Secret,
}

impl Scene {
    async fn new() -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await.id;
        let nodes = [1, 2].map(|seed| Context::repeatable(installation.db.clone(), NOW, seed));
        let input = tokens::Create { tenant, user: None, name: "test".to_owned(), valid_for: None };
        let token = tokens::create(&nodes[0], &Actor::System, &input).await.unwrap().token;
        Self { installation, nodes, tenant, token }
    }

    /// What the owner gets of a flag, on every node.
    async fn given(&self, key: &str) -> [String; 2] {
        let of = async |node: &Context| {
            let caller = Caller { token: &self.token, request_id: "test", once: None };
            flags::evaluate(node, caller, key, &Asked::default()).await.unwrap().variant
        };
        [of(&self.nodes[0]).await, of(&self.nodes[1]).await]
    }

    async fn put(&self, tenant: Option<TenantId>, key: &str, put: Put) {
        let key: Key = key.parse().unwrap();
        flags::set_as_operator(&self.nodes[0], &Actor::System, tenant, &key, put).await.unwrap();
    }

    async fn switch(&self, tenant: Option<TenantId>, to: To) {
        self.put(tenant, "beta", Put::Switched { to, drops_rules: false }).await;
    }
}

/// The clock stands still, so nothing that is held gets older meanwhile.
#[tokio::test]
async fn a_change_of_the_platforms_or_the_companys_flags_is_seen_with_the_next_request_on_every_node() {
    let scene = Scene::new().await;
    for _ in 0..2 {
        scene.switch(None, To::On).await;
        assert_eq!(scene.given("beta").await, ["on", "on"]);
        scene.switch(None, To::Off).await;
        assert_eq!(scene.given("beta").await, ["off", "off"]);
    }
    scene.switch(None, To::On).await;
    scene.switch(Some(scene.tenant), To::Percent("0".parse().unwrap())).await;
    assert_eq!(scene.given("beta").await, ["off", "off"]);
    scene.switch(Some(scene.tenant), To::On).await;
    assert_eq!(scene.given("beta").await, ["on", "on"]);
    scene.switch(None, To::Off).await;
    assert_eq!(scene.given("beta").await, ["off", "off"], "the kill switch");
}

#[tokio::test]
async fn a_change_of_the_companys_plan_or_name_is_seen_with_the_next_request_on_every_node() {
    let scene = Scene::new().await;
    let rule = |attribute: &str, value: &str| json!({ "conditions": [{ "attribute": attribute, "operator": "in", "values": [value] }], "variant": value });
    let written = json!({
        "kind": "string", "variants": { "gold": "", "silver": "", "standard": "", "apex": "", "off": "" },
        "rules": [rule("tenant", "apex"), rule("plan", "gold"), rule("plan", "silver"), rule("plan", "standard")],
    });
    scene.put(None, "who", Put::Whole(Box::new(serde_json::from_value(written).unwrap()))).await;
    assert_eq!(scene.given("who").await, ["standard", "standard"], "of its row");
    let (db, key) = (&scene.installation.db, "plan".parse::<FeatureKey>().unwrap());
    for plan in ["gold", "silver"] {
        tenants::set_feature(db, scene.tenant, &key, &json!(plan), &act()).await.unwrap();
        assert_eq!(scene.given("who").await, [plan, plan]);
    }
    tenants::unset_feature(db, scene.tenant, &key, &act()).await.unwrap();
    assert_eq!(scene.given("who").await, ["standard", "standard"]);
    let to = Renamed { slug: Some("apex".parse().unwrap()), name: None };
    tenants::rename(db, scene.tenant, &to, &act()).await.unwrap();
    assert_eq!(scene.given("who").await, ["apex", "apex"]);
}

#[tokio::test]
async fn what_was_changed_past_the_program_is_seen_after_a_flush() {
    let scene = Scene::new().await;
    scene.switch(None, To::On).await;
    assert_eq!(scene.given("beta").await, ["on", "on"]);
    let kill = "UPDATE public.feature_flags SET flag = jsonb_set(flag, '{enabled}', 'false')";
    sqlx::query(kill).execute(&mut scene.installation.superuser().await).await.unwrap();
    assert_eq!(scene.given("beta").await, ["on", "on"], "nobody has said so");
    cache::flush_platform(&scene.nodes[0], &Actor::System).await.unwrap();
    assert_eq!(scene.given("beta").await, ["off", "off"]);
}

#[tokio::test]
async fn with_the_platforms_tables_of_an_earlier_version_requests_say_what_to_do() {
    let scene = Scene::new().await;
    let mut superuser = scene.installation.superuser().await;
    sqlx::raw_sql("DROP TABLE public.platform_stamps").execute(&mut superuser).await.unwrap();
    let caller = Caller { token: &scene.token, request_id: "test", once: None };
    let refused = flags::evaluate(&scene.nodes[0], caller, "beta", &Asked::default()).await.unwrap_err();
    assert!(refused.to_string().contains("tenure migrate up"), "{refused}");
}
