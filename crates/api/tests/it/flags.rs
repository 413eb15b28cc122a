//! Feature flags over the API, and what somebody gets of them by OFREP.

use axum::body::Body;
use serde_json::{Value, json};
use tenure_app::flags::{self, Put, To};
use tenure_core::flags::Key;

use crate::company::{Company, LINUS};
use crate::{Answer, Api, request, send};

const PATH: &str = "/api/v1/flags";

struct Scene {
    api: Api,
    company: Company,
    owner: String,
}

impl Scene {
    async fn new() -> Self {
        let api = Api::with_body_limit(1 << 20).await;
        let company = Company::new(&api.installation, "acme").await;
        let owner = company.owner_token(&api).await;
        Self { api, company, owner }
    }

    async fn create(&self, flag: Value) -> Answer {
        self.api.send("POST", PATH, &self.owner, None, &flag).await
    }

    async fn change(&self, key: &str, version: i64, changes: Value) -> Answer {
        self.api.send("PATCH", &format!("{PATH}/{key}"), &self.owner, Some(version), &changes).await
    }

    /// What OFREP answers of one flag.
    async fn evaluate(&self, token: &str, key: &str, context: Value) -> Answer {
        let path = format!("/ofrep/v1/evaluate/flags/{key}");
        self.api.send("POST", &path, token, None, &json!({ "context": context })).await
    }

    /// The variant and the reason.
    async fn given(&self, key: &str, context: Value) -> (String, String) {
        let answer = self.evaluate(&self.owner, key, context).await.json();
        let text =
            |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{answer}")).to_owned();
        (text("variant"), text("reason"))
    }

    async fn platform(&self, key: &str, to: To) {
        let key: Key = key.parse().unwrap();
        let put = Put::Switched { to, drops_rules: false };
        flags::set_as_operator(&self.api.context, &tenure_app::Actor::System, None, &key, put).await.unwrap();
    }
}

fn got(variant: &str, reason: &str) -> (String, String) {
    (variant.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn a_flag_is_made_shown_changed_and_deleted() {
    let scene = Scene::new().await;
    let made = scene.create(json!({ "key": "new_dashboard", "kind": "boolean" })).await;
    assert_eq!(made.header("location"), "/api/v1/flags/new_dashboard", "{}", made.text);
    insta::assert_snapshot!("a_flag", made.shown());
    assert_eq!(
        scene.create(json!({ "key": "new_dashboard", "kind": "boolean" })).await.refusal(),
        (409, "key".to_owned())
    );
    assert_eq!(scene.given("new_dashboard", json!({})).await, got("off", "STATIC"));
    let rules =
        json!([{ "conditions": [{ "attribute": "country", "operator": "in", "values": ["CH"] }], "variant": "on" }]);
    let changed = scene.change("new_dashboard", 1, json!({ "rules": rules, "description": "The new one" })).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(scene.given("new_dashboard", json!({ "country": "CH" })).await, got("on", "TARGETING_MATCH"));
    assert_eq!(scene.given("new_dashboard", json!({ "country": "DE" })).await, got("off", "DEFAULT"));
    assert_eq!(scene.change("new_dashboard", 1, json!({ "enabled": false })).await.status, 412);
    assert_eq!(scene.change("new_dashboard", 2, json!({ "enabled": false })).await.status, 200);
    assert_eq!(scene.given("new_dashboard", json!({ "country": "CH" })).await, got("off", "DISABLED"));
    let path = format!("{PATH}/new_dashboard");
    assert_eq!(scene.api.send("DELETE", &path, &scene.owner, Some(3), &Value::Null).await.status, 204);
    assert_eq!(scene.api.get(&path, &scene.owner).await.status, 404);
    let mut tx = scene.api.installation.db.begin_read(scene.company.tenant).await.unwrap();
    let log = sqlx::query_scalar("SELECT action FROM audit_log WHERE entity = 'flag' ORDER BY id");
    let log: Vec<String> = log.fetch_all(&mut *tx).await.unwrap();
    assert_eq!(log, ["flag.created", "flag.updated", "flag.updated", "flag.deleted"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_flag_is_named() {
    let scene = Scene::new().await;
    assert_eq!(scene.create(json!({ "key": "base", "kind": "boolean" })).await.status, 201);
    let rule = |rule: Value| json!({ "key": "f", "kind": "boolean", "rules": [rule] });
    for (body, field) in [
        (json!({ "key": "F", "kind": "boolean" }), "key"),
        (json!({ "key": "f", "kind": "odd" }), "kind"),
        (json!({ "key": "f", "kind": "number" }), "variants"),
        (json!({ "key": "f", "kind": "string", "variants": { "off": 1 } }), "variants.off"),
        (
            json!({ "key": "f", "kind": "boolean", "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z" }),
            "until",
        ),
        (
            json!({ "key": "f", "kind": "boolean", "prerequisites": [{ "flag": "none", "variants": ["on"] }] }),
            "prerequisites.0.flag",
        ),
        (
            json!({ "key": "f", "kind": "boolean", "prerequisites": [{ "flag": "f", "variants": ["on"] }] }),
            "prerequisites",
        ),
        (rule(json!({ "variant": "odd" })), "rules.0.variant"),
        (rule(json!({ "variant": "on", "odd": 1 })), "rules"),
        (rule(json!({ "split": [{ "variant": "on", "percent": "101" }] })), "rules"),
    ] {
        assert_eq!(scene.create(body.clone()).await.refusal(), (400, field.to_owned()), "{body}");
    }
    let needing = json!({ "key": "f", "kind": "boolean", "prerequisites": [{ "flag": "base", "variants": ["on"] }] });
    assert_eq!(scene.create(needing).await.status, 201);
    let circle = json!({ "prerequisites": [{ "flag": "f", "variants": ["on"] }] });
    assert_eq!(scene.change("base", 1, circle).await.refusal(), (400, "prerequisites".to_owned()));
    let path = format!("{PATH}/base");
    assert_eq!(scene.api.send("DELETE", &path, &scene.owner, Some(1), &Value::Null).await.status, 422, "f needs it");
}

#[tokio::test]
async fn two_changes_at_once_make_no_circle() {
    let scene = Scene::new().await;
    for key in ["a", "b"] {
        assert_eq!(scene.create(json!({ "key": key, "kind": "boolean" })).await.status, 201);
    }
    let needs = |key: &str| json!({ "prerequisites": [{ "flag": key, "variants": ["on"] }] });
    let (a, b) = tokio::join!(scene.change("a", 1, needs("b")), scene.change("b", 1, needs("a")));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn the_companys_flag_takes_the_place_of_the_platforms_unless_that_is_killed() {
    let scene = Scene::new().await;
    scene.platform("beta", To::On).await;
    assert_eq!(scene.given("beta", json!({})).await, got("on", "STATIC"));
    assert_eq!(
        scene.create(json!({ "key": "beta", "kind": "string", "variants": { "off": "" } })).await.refusal(),
        (400, "kind".to_owned())
    );
    assert_eq!(scene.create(json!({ "key": "beta", "kind": "boolean" })).await.status, 201);
    assert_eq!(scene.given("beta", json!({})).await, got("off", "STATIC"));
    let listed = scene.api.get(PATH, &scene.owner).await.json();
    assert_eq!(listed["data"][0]["origin"], "tenant");
    scene.platform("beta", To::Off).await;
    assert_eq!(scene.given("beta", json!({})).await, got("off", "DISABLED"));
    assert_eq!(scene.api.get("/api/v1/flags/beta", &scene.owner).await.json()["origin"], "platform");
}

/// A company that was there first keeps what its programs ask for.
#[tokio::test]
async fn a_companys_flag_keeps_its_kind_when_the_platform_makes_one_of_another() {
    let scene = Scene::new().await;
    assert_eq!(scene.create(json!({ "key": "theme", "kind": "boolean" })).await.status, 201);
    let theme = serde_json::from_value(json!({ "kind": "string", "variants": { "off": "grey" } })).unwrap();
    let (context, actor, key) = (&scene.api.context, &tenure_app::Actor::System, "theme".parse().unwrap());
    flags::set_as_operator(context, actor, None, &key, Put::Whole(Box::new(theme))).await.unwrap();
    assert_eq!(scene.given("theme", json!({})).await, got("off", "STATIC"));
    let changed = scene.change("theme", 1, json!({ "default_variant": "on" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(scene.given("theme", json!({})).await, got("on", "STATIC"));
}

#[tokio::test]
async fn rules_go_by_company_plan_role_user_and_attribute() {
    let scene = Scene::new().await;
    let condition =
        |attribute: &str, value: &str| json!({ "attribute": attribute, "operator": "in", "values": [value] });
    let rules = json!([
        { "conditions": [condition("tenant", "globex")], "variant": "other" },
        { "conditions": [condition("tenant", "acme"), condition("plan", "gold")], "variant": "gold" },
        { "conditions": [condition("role", "employee")], "variant": "staff" },
        { "conditions": [condition("user", "ada")], "variant": "ada" },
        { "split": [{ "variant": "part", "percent": "100" }] },
    ]);
    let names = ["other", "gold", "staff", "ada", "part", "off"];
    let variants: Value =
        names.iter().map(|name| ((*name).to_owned(), json!(name))).collect::<serde_json::Map<_, _>>().into();
    let made = scene.create(json!({ "key": "who", "kind": "string", "variants": variants, "rules": rules })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(scene.given("who", json!({ "targetingKey": "ada" })).await, got("ada", "TARGETING_MATCH"));
    assert_eq!(scene.given("who", json!({ "targetingKey": "bob" })).await, got("part", "SPLIT"));
    assert_eq!(scene.given("who", json!({ "targetingKey": "bob", "role": ["employee"] })).await.0, "staff");
    // What the credential says of company and plan is not for the context to say.
    assert_eq!(
        scene.given("who", json!({ "targetingKey": "bob", "tenant": "globex", "plan": "gold" })).await.0,
        "part"
    );
    let employee = scene.company.token_with(&scene.api, &["employee"], Some(LINUS)).await;
    assert_eq!(
        scene.evaluate(&employee, "who", json!({ "role": "owner" })).await.json()["variant"],
        "staff",
        "their own roles"
    );
    let plan =
        "INSERT INTO public.tenant_features (tenant_id, key, value, updated_at) VALUES ($1, 'plan', '\"gold\"', now())";
    let mut connection = scene.api.installation.superuser().await;
    sqlx::query(plan).bind(scene.company.tenant.uuid()).execute(&mut connection).await.unwrap();
    let now = scene.evaluate(&scene.owner, "who", json!({})).await.json();
    assert_eq!(now["variant"], "gold", "the plan is that of the moment");
}

#[tokio::test]
async fn ofrep_answers_as_the_protocol_says() {
    let scene = Scene::new().await;
    for (key, kind, value) in [
        ("b", "boolean", json!(true)),
        ("s", "string", json!("x")),
        ("n", "number", json!(1.5)),
        ("j", "json", json!({ "a": [1] })),
    ] {
        let flag = json!({ "key": key, "kind": kind, "variants": { "off": value } });
        assert_eq!(scene.create(flag).await.status, 201);
    }
    let unknown = scene.evaluate(&scene.owner, "odd", json!({})).await;
    let shown = json!({ "key": "odd", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "there is no flag odd" });
    assert_eq!((unknown.status.as_u16(), unknown.json()), (404, shown));
    let wrong = scene.evaluate(&scene.owner, "b", json!({ "targetingKey": 7 })).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["errorCode"]), (400, &json!("INVALID_CONTEXT")));
    assert_eq!(scene.evaluate("", "b", json!({})).await.status, 401);
    let bulk = "/ofrep/v1/evaluate/flags";
    let broken = request("POST", bulk, &scene.owner);
    let broken = send(&scene.api.router, broken).await;
    assert_eq!((broken.status.as_u16(), &broken.json()["errorCode"]), (400, &json!("PARSE_ERROR")));
    let all = scene.api.send("POST", bulk, &scene.owner, None, &json!({ "context": { "targetingKey": "ada" } })).await;
    insta::assert_snapshot!("bulk", all.shown());
    let again = async |tag: &str| {
        let mut request = request("POST", bulk, &scene.owner);
        request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        *request.body_mut() = Body::from(json!({ "context": { "targetingKey": "ada" } }).to_string());
        send(&scene.api.router, request).await
    };
    let same = again(all.header("etag")).await;
    assert_eq!((same.status.as_u16(), same.text.as_str(), same.header("etag")), (304, "", all.header("etag")));
    assert_eq!(scene.change("b", 1, json!({ "variants": { "off": false } })).await.status, 200);
    let other = again(all.header("etag")).await;
    assert_eq!(other.status, 200);
    assert_ne!(other.header("etag"), all.header("etag"));
}

#[tokio::test]
async fn stale_flags_are_listed_and_others_see_nothing_of_flags() {
    let scene = Scene::new().await;
    for (key, rules) in [("old", json!([])), ("used", json!([{ "split": [{ "variant": "on", "percent": "5" }] }]))] {
        assert_eq!(scene.create(json!({ "key": key, "kind": "boolean", "rules": rules })).await.status, 201);
    }
    assert_eq!(scene.api.get(&format!("{PATH}?stale=true"), &scene.owner).await.json()["data"], json!([]));
    let later = scene.api.at(tenure_testkit::NOW + jiff::SignedDuration::from_hours(24 * 30));
    let stale = send(&later, request("GET", &format!("{PATH}?stale=true"), &scene.owner)).await.json();
    assert_eq!((stale["data"].as_array().unwrap().len(), &stale["data"][0]["stale_variant"]), (1, &json!("off")));
    let page = scene.api.get(&format!("{PATH}?limit=1"), &scene.owner).await.json();
    let next = format!("{PATH}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = scene.api.get(&next, &scene.owner).await.json();
    assert_eq!((&rest["data"][0]["key"], &rest["next_cursor"]), (&json!("used"), &Value::Null));
    let employee = scene.company.token_with(&scene.api, &["employee"], Some(LINUS)).await;
    assert_eq!(scene.api.get(PATH, &employee).await.status, 403);
    assert_eq!(scene.evaluate(&employee, "used", json!({})).await.status, 200, "what a flag gives, everybody may ask");
    let other = Company::new(&scene.api.installation, "globex").await.owner_token(&scene.api).await;
    assert_eq!(scene.api.get(&format!("{PATH}/used"), &other).await.status, 404);
    assert_eq!(scene.evaluate(&other, "used", json!({})).await.status, 404);
}
