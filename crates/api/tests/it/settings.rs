//! The company's settings over the API.

use serde_json::{Value, json};
use sqlx::Row;
use tenure_core::settings::DEFINITIONS;

use crate::company::{Company, LINUS};
use crate::{Answer, Api};

const PATH: &str = "/api/v1/settings";

struct Scene {
    api: Api,
    company: Company,
    owner: String,
}

impl Scene {
    async fn new() -> Self {
        let api = Api::new().await;
        let company = Company::new(&api.installation, "acme").await;
        let owner = company.owner_token(&api).await;
        Self { api, company, owner }
    }

    async fn change(&self, version: i64, settings: Value) -> Answer {
        let body = json!({ "settings": settings, "reason": "We moved" });
        self.api.send("PATCH", PATH, &self.owner, Some(version), &body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.api.get(&format!("{PATH}{path}"), &self.owner).await
    }
}

#[tokio::test]
async fn what_is_chosen_is_told_from_defaults_and_kept_by_version() {
    let scene = Scene::new().await;
    let first = scene.get("").await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"0\""));
    assert_eq!(first.json()["settings"].as_object().unwrap().len(), DEFINITIONS.len());
    assert_eq!(first.json()["settings"]["regional.currency"], json!({ "value": "EUR", "origin": "default" }));

    let changed = scene.change(0, json!({ "regional.currency": "CHF", "branding.display_name": " Acme " })).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"1\""), "{}", changed.text);
    let second = scene.change(1, json!({ "regional.currency": null, "regional.locale": "de-CH" })).await;
    assert_eq!(second.header("etag"), "\"2\"");
    let now = scene.get("").await;
    assert_eq!(now.text, second.text, "what was cached before is not given any more");
    assert_eq!(now.json()["settings"]["regional.currency"], json!({ "value": "EUR", "origin": "default" }));
    assert_eq!(now.json()["settings"]["branding.display_name"], json!({ "value": "Acme", "origin": "set" }));
    let same = scene.change(2, json!({ "regional.locale": "de-CH" })).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"2\""), "what changes nothing keeps the version");

    let diff = scene.get("/diff?from=0&to=2").await.json();
    let shown = json!({ "differences": [
        { "key": "branding.display_name", "before": null, "after": "Acme" },
        { "key": "regional.locale", "before": "en", "after": "de-CH" },
    ] });
    assert_eq!(diff, shown);
    assert_eq!(scene.get("/diff").await.json(), shown, "from the defaults to what holds now");
    let back = json!({ "reason": "A mistake" });
    let back = scene.api.send("POST", &format!("{PATH}/versions/1/roll-back"), &scene.owner, Some(2), &back).await;
    assert_eq!((back.status.as_u16(), back.header("etag")), (200, "\"3\""), "{}", back.text);
    assert_eq!(scene.get("/diff?from=1&to=3").await.json()["differences"], json!([]));
    let version = scene.get("/versions/3").await.json();
    assert_eq!(version["settings"], json!({ "branding.display_name": "Acme", "regional.currency": "CHF" }));
    assert_eq!((&version["rolled_back_to"], &version["reason"]), (&json!(1), &json!("A mistake")));

    let page = scene.get("/versions?limit=2").await.json();
    let numbers = |page: &Value| -> Vec<i64> {
        page["data"].as_array().unwrap().iter().filter_map(|row| row["number"].as_i64()).collect()
    };
    assert_eq!(numbers(&page), [3, 2]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = scene.get(&format!("/versions?limit=2&cursor={cursor}")).await.json();
    assert_eq!((numbers(&rest), &rest["next_cursor"]), (vec![1], &Value::Null));
    let made = scene.get("/changes").await.json();
    assert_eq!(numbers(&made), [3, 2, 1]);
    assert_eq!(
        made["data"][2]["differences"][1],
        json!({ "key": "regional.currency", "before": "EUR", "after": "CHF" })
    );
    assert_eq!(made["data"][2]["reason"], "We moved");
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_and_nothing_is_changed() {
    let scene = Scene::new().await;
    let wrong =
        json!({ "regional.currency": "euro", "password.min_length": 8, "odd": true, "working_time.day_end": "08:00" });
    let answer = scene.change(0, wrong).await;
    let fields: Vec<String> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["odd", "password.min_length", "regional.currency", "working_time.day_end"]
        .map(|key| format!("settings.{key}"));
    assert_eq!((answer.status.as_u16(), fields), (400, expected.to_vec()));
    assert_eq!(scene.get("").await.header("etag"), "\"0\"");
    for (path, status) in
        [("/versions/1", 404), ("/versions/x", 404), ("/diff?from=0&to=1", 404), ("/diff?from=-1", 400)]
    {
        assert_eq!(scene.get(path).await.status, status, "{path}");
    }
    let body = json!({ "settings": {} });
    assert_eq!(scene.api.send("PATCH", PATH, &scene.owner, None, &body).await.status, 428);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_told_to_read_again() {
    let scene = Scene::new().await;
    for version in [0, 1] {
        let locale = |locale: &str| json!({ "regional.locale": format!("{locale}-A{version}").replace("A0", "AT").replace("A1", "CH") });
        let (a, b) = tokio::join!(scene.change(version, locale("de")), scene.change(version, locale("fr")));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", a.text, b.text);
    }
    assert_eq!(scene.get("/changes").await.json()["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_change_is_audited_expires_in_time_and_is_not_made_twice_under_a_key() {
    let scene = Scene::new().await;
    let body = json!({ "settings": { "audit.settings_kept_days": 90 } });
    for replayed in ["", "true"] {
        let mut request = crate::request("PATCH", PATH, &scene.owner);
        for (name, value) in [("if-match", "\"0\""), ("content-type", "application/json"), ("idempotency-key", "k")] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        *request.body_mut() = axum::body::Body::from(body.to_string());
        let answer = crate::send(&scene.api.router, request).await;
        assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (200, replayed));
    }
    let mut tx = scene.api.installation.db.begin_read(scene.company.tenant).await.unwrap();
    let logged = "SELECT before, after, request_id FROM audit_log WHERE action = 'settings.updated'";
    let logged = sqlx::query(logged).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(logged.len(), 1);
    let after: Value = logged[0].get("after");
    assert_eq!(after, json!({ "version": 1, "settings": { "audit.settings_kept_days": 90 } }));
    assert_eq!(logged[0].get::<String, _>("request_id"), "test-request");
    let kept = "SELECT expires_at - created_at = interval '90 days' FROM settings_audit";
    assert!(sqlx::query_scalar::<_, bool>(kept).fetch_one(&mut *tx).await.unwrap());
}

#[tokio::test]
async fn everybody_reads_settings_and_those_who_may_change_them() {
    let scene = Scene::new().await;
    let employee = scene.company.token_with(&scene.api, &["employee"], Some(LINUS)).await;
    assert_eq!(scene.api.get(PATH, &employee).await.status, 200);
    let body = json!({ "settings": { "regional.locale": "de" } });
    assert_eq!(scene.api.send("PATCH", PATH, &employee, Some(0), &body).await.status, 403);
    for path in ["versions", "changes", "diff?from=0&to=0"] {
        assert_eq!(scene.api.get(&format!("{PATH}/{path}"), &employee).await.status, 403, "{path}");
    }
    let other = Company::new(&scene.api.installation, "globex").await.owner_token(&scene.api).await;
    scene.change(0, json!({ "regional.locale": "de" })).await;
    assert_eq!(scene.api.get(PATH, &other).await.header("etag"), "\"0\"");
    assert_eq!(scene.api.get(&format!("{PATH}/versions/1"), &other).await.status, 404);
}

#[tokio::test]
async fn the_schema_says_what_each_may_be() {
    let scene = Scene::new().await;
    let schema = scene.api.get(&format!("{PATH}/schema"), "").await.json();
    assert_eq!(schema["properties"].as_object().unwrap().len(), DEFINITIONS.len());
    let shown = json!({
        "type": "integer", "minimum": 12, "maximum": 64, "default": 12, "title": "Shortest password",
        "description": "The fewest characters of a password that is chosen from now on.", "x-group": "password", "x-in-use": true,
    });
    assert_eq!(schema["properties"]["password.min_length"], shown);
    assert_eq!(schema["properties"]["branding.logo_url"]["type"], json!(["string", "null"]));
}

#[tokio::test]
async fn passwords_and_sessions_go_by_the_settings() {
    let scene = Scene::new().await;
    let (api, owner) = (&scene.api, &scene.owner);
    crate::sign_in::user(api, owner, "head@acme.example", &["hr_admin"], None).await;
    let expiry = |answer: &Value| answer["expires_at"].as_str().unwrap().to_owned();
    let changed = json!({ "password.min_length": 30, "password.reset_minutes": 10, "sessions.longest_hours": 1 });
    assert_eq!(scene.change(0, changed).await.status, 200);
    let users = api.get("/api/v1/users", owner).await.json();
    let head =
        users["data"].as_array().unwrap().iter().find(|user| user["email"] == "head@acme.example").unwrap().clone();
    let path = format!("/api/v1/users/{}/password-reset", head["id"].as_str().unwrap());
    let reset = api.send("POST", &path, owner, None, &json!({})).await;
    assert!(reset.status.is_success(), "{}", reset.text);
    let minutes =
        |moment: &str| moment.parse::<jiff::Timestamp>().unwrap().duration_since(tenure_testkit::NOW).as_mins();
    assert_eq!(minutes(&expiry(&reset.json())), 10);
    let token = reset.json()["token"].as_str().unwrap().to_owned();
    let redeem = async |password: &str| {
        let body = json!({ "token": token, "password": password });
        api.send("POST", "/api/v1/password-resets/redeem", "", None, &body).await
    };
    let short = redeem("a quiet brown river").await;
    assert_eq!(short.refusal(), (400, "password".to_owned()));
    assert!(short.text.contains("fewer than 30 characters"), "{}", short.text);
    assert!(redeem("a quiet brown river in the green hills").await.status.is_success());
    let body =
        json!({ "tenant": "acme", "email": "head@acme.example", "password": "a quiet brown river in the green hills" });
    let begun = api.send("POST", "/api/v1/sessions", "", None, &body).await;
    assert_eq!(minutes(&expiry(&begun.json())), 60, "{}", begun.text);
}
