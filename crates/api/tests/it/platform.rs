//! The operators' API: who gets in, what they see, and what they can ask for.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{Executor, raw_sql};
use tenure_app::Actor;
use tenure_app::platform::operators;
use tenure_core::ids::TenantId;

use crate::company::{Company, GRACE};
use crate::{Api, send};

const OPERATIONS: &str = "/api/platform/v1/operations";
const FLAGS: &str = "/api/platform/v1/flags";
/// An archive of acme and one of the platform's tables.
const OF_ACME: &str = "00000000-0000-7000-8000-0000000000b1";
const OF_PLATFORM: &str = "00000000-0000-7000-8000-0000000000b2";

async fn operator(api: &Api, name: &str) -> String {
    let actor = Actor::Operator("root".to_owned());
    operators::create(&api.context, &actor, name, None).await.unwrap().reveal()
}

/// An operator's token, and two tenants of which one has an archive.
async fn platform() -> (Api, String, [TenantId; 2]) {
    let api = Api::new().await;
    let tenants = [api.installation.tenant("acme").await.id, api.installation.tenant("globex").await.id];
    let rows = format!(
        "INSERT INTO public.backups (id, tenant_id, state, object_key, schema_version, snapshot_at, size_bytes, checksum, created_at, finished_at)
         VALUES ('{OF_ACME}', '{}', 'good', 'k', 1, '2026-01-02', 1, sha256(''), '2026-01-02', '2026-01-02'),
                ('{OF_PLATFORM}', NULL, 'good', 'k', 1, '2026-01-02', 1, sha256(''), '2026-01-02', '2026-01-02')",
        tenants[0],
    );
    api.installation.superuser().await.execute(raw_sql(sqlx::AssertSqlSafe(rows))).await.unwrap();
    let token = operator(&api, "console").await;
    (api, token, tenants)
}

/// The methods and paths of the description, with a value for what they name.
fn described() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(tenure_api::platform_document()).unwrap();
    let paths = document["paths"].as_object().unwrap().clone();
    let operations = paths.into_iter().flat_map(|(path, methods)| {
        let methods: Vec<String> = methods.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    });
    operations.collect()
}

#[test]
fn the_description_is_as_reviewed() {
    assert_snapshot!("platform_openapi", tenure_api::platform_document());
}

#[test]
fn every_route_is_described_and_everything_described_has_a_route() {
    let source = include_str!("../../src/platform/mod.rs");
    let routes: BTreeSet<_> = source
        .split(".route(")
        .skip(1)
        .flat_map(|route| {
            let path = route.split('"').nth(1).unwrap();
            let methods = ["get(", "post(", "patch(", "delete("].into_iter().filter(|method| route.contains(method));
            methods.map(move |method| (method.trim_end_matches('(').to_uppercase(), path.to_owned()))
        })
        .collect();
    assert_eq!(routes, described().into_iter().collect());
}

#[tokio::test]
async fn nobody_but_an_operator_gets_in_and_an_operator_gets_into_no_company() {
    let (api, token, tenants) = platform().await;
    let owner = Company { tenant: tenants[0] }.owner_token(&api).await;
    let revoked = operator(&api, "gone").await;
    let actor = Actor::Operator("root".to_owned());
    operators::revoke(&api.context, &actor, "Gone").await.unwrap();
    let hour = Some(SignedDuration::from_hours(1));
    let expiring = operators::create(&api.context, &actor, "for an hour", hour).await.unwrap().reveal();
    let later = api.at(tenure_testkit::NOW + SignedDuration::from_mins(61));
    let mut tried = 0;
    for (method, path) in described().iter().filter(|(_, path)| path.contains("/v1/")) {
        let path = path.replace("{tenant}", "acme").replace("{id}", OF_ACME).replace("{key}", "beta");
        for wrong in
            ["", "tno_", owner.as_str(), revoked.as_str(), &token.replace("tno_", "tnr_"), &format!("{token}A")]
        {
            let answer = api.send(method, &path, wrong, None, &json!({ "kind": "prune" })).await;
            assert_eq!(answer.status, 401, "{method} {path} by {wrong:?}: {}", answer.text);
            tried += 1;
        }
        let asked = crate::request(method, &path, &expiring);
        assert_eq!(send(&later, asked).await.status, 401, "{method} {path} after it expired");
    }
    assert_eq!(tried, 72);
    assert_eq!(api.get(FLAGS, &token).await.json()["data"], json!([]));
    assert_eq!(api.get(OPERATIONS, &expiring).await.json()["data"], json!([]), "and nothing was asked for");
    for path in ["/api/v1/me", "/api/v1/employees", "/api/v1/audit"] {
        assert_eq!(api.get(path, &token).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn tenants_and_archives_are_listed_by_page_and_found() {
    let (api, token, tenants) = platform().await;
    let first = api.get("/api/platform/v1/tenants?limit=1", &token).await.json();
    assert_eq!(first["data"][0]["slug"], "acme");
    let next = first["next_cursor"].as_str().unwrap();
    let second = api.get(&format!("/api/platform/v1/tenants?limit=1&cursor={next}"), &token).await.json();
    assert_eq!((&second["data"][0]["slug"], &second["next_cursor"]), (&json!("globex"), &Value::Null));
    let suspended = api.get("/api/platform/v1/tenants?status=suspended", &token).await.json();
    assert_eq!(suspended["data"], json!([]));
    let by_slug = api.get("/api/platform/v1/tenants/globex", &token).await.json();
    let by_id = api.get(&format!("/api/platform/v1/tenants/{}", tenants[1]), &token).await.json();
    assert_eq!((&by_slug, &by_slug["id"]), (&by_id, &json!(tenants[1])));

    let first = api.get("/api/platform/v1/backups?limit=1", &token).await.json();
    assert_eq!((&first["data"][0]["id"], &first["data"][0]["tenant_id"]), (&json!(OF_PLATFORM), &Value::Null));
    let next = first["next_cursor"].as_str().unwrap();
    let second = api.get(&format!("/api/platform/v1/backups?cursor={next}"), &token).await.json();
    assert_eq!((&second["data"][0]["id"], &second["next_cursor"]), (&json!(OF_ACME), &Value::Null));
    let of = async |tenant: &str| {
        let found = api.get(&format!("/api/platform/v1/backups?tenant={tenant}"), &token).await.json();
        found["data"].as_array().unwrap().len()
    };
    assert_eq!((of("acme").await, of("globex").await), (1, 0));
    assert_eq!(api.get(&format!("/api/platform/v1/backups/{OF_ACME}"), &token).await.json()["state"], "good");
    for (path, status) in [
        ("tenants/nobody", 404),
        ("tenants/..%2Facme", 404),
        ("backups/nothing", 404),
        ("backups?tenant=nobody", 404),
        ("backups?tenant=No%20slug", 400),
        ("backups?cursor=x", 400),
        ("tenants?limit=0", 400),
        ("tenants?status=happy", 400),
        ("operations?state=done&state=failed", 400),
        ("operations?kind=prune", 400),
        ("operations/00000000-0000-7000-8000-000000000099", 404),
        ("flags/beta", 404),
        ("flags/No%20key", 404),
        ("flags?stale=maybe", 400),
        ("flags?origin=platform", 400),
        ("flags?cursor=x", 400),
    ] {
        let answer = api.get(&format!("/api/platform/v1/{path}"), &token).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_asked_for_is_on_the_list_once_with_who_has_asked() {
    let (api, token, tenants) = platform().await;
    let answer = api.send("POST", OPERATIONS, &token, None, &json!({ "kind": "prune" })).await;
    assert_snapshot!("asked", answer.shown());
    let place = answer.header("location").to_owned();
    let mut shown = api.get(&place, &token).await.json();
    assert_eq!(shown.as_object_mut().unwrap().remove("result"), Some(Value::Null));
    assert_eq!(shown, answer.json());
    for body in [
        json!({ "kind": "backup", "tenant": "acme" }),
        json!({ "kind": "backup", "tenant": tenants[1] }),
        json!({ "kind": "backup_all" }),
        json!({ "kind": "verify", "backup": OF_PLATFORM }),
        json!({ "kind": "verify", "backup": OF_ACME, "deep": true }),
        json!({ "kind": "restore", "tenant": "acme", "backup": OF_ACME, "as": "acme-copy" }),
        json!({ "kind": "undo_restore", "tenant": "acme" }),
    ] {
        let accepted = api.send("POST", OPERATIONS, &token, None, &body).await;
        assert_eq!(accepted.status, 202, "{body}: {}", accepted.text);
        let again = api.send("POST", OPERATIONS, &token, None, &body).await;
        assert_eq!(again.status, 409, "{body}: {}", again.text);
    }
    let restore = json!({ "kind": "restore", "tenant": "acme", "backup": OF_ACME, "dry_run": true });
    assert_eq!(api.send("POST", OPERATIONS, &token, None, &restore).await.status, 409, "one of a tenant at a time");
    let first = api.get(&format!("{OPERATIONS}?limit=5&state=queued"), &token).await.json();
    let next = first["next_cursor"].as_str().unwrap();
    let rest = api.get(&format!("{OPERATIONS}?state=queued&cursor={next}"), &token).await.json();
    let all = [first["data"].as_array().unwrap().as_slice(), rest["data"].as_array().unwrap()].concat();
    assert_eq!(all.len(), 8);
    assert_eq!(all[7]["id"], answer.json()["id"], "the newest first");
    assert_eq!(all[6]["request"], json!({ "kind": "backup", "tenant": tenants[0] }));
    let copy =
        json!({ "kind": "restore", "tenant": tenants[0], "backup": OF_ACME, "as": "acme-copy", "dry_run": false });
    assert_eq!(all[1]["request"], copy);
    assert_eq!(api.get(&format!("{OPERATIONS}?state=done"), &token).await.json()["data"], json!([]));
}

/// Begins what is asked for at the moment at which others see it.
const QUICK_WORKER: &str = "
    CREATE FUNCTION public.begin_at_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        UPDATE public.operations SET state = 'running', started_at = requested_at WHERE id = NEW.id;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER quick_worker AFTER INSERT ON public.operations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.begin_at_once();";

#[tokio::test]
async fn what_is_begun_at_once_is_answered_as_it_was_put_on_the_list() {
    let (api, token, _) = platform().await;
    api.installation.superuser().await.execute(raw_sql(QUICK_WORKER)).await.unwrap();
    let asked = api.send("POST", OPERATIONS, &token, None, &json!({ "kind": "prune" })).await;
    assert_eq!((asked.status.as_u16(), &asked.json()["state"]), (202, &json!("queued")), "{}", asked.text);
    let now = api.get(asked.header("location"), &token).await.json();
    assert_eq!(now["state"], "running", "{now}");
}

#[tokio::test]
async fn what_cannot_be_done_is_not_taken() {
    let (api, token, _) = platform().await;
    for (body, status, field) in [
        (json!({}), 400, "kind"),
        (json!({ "kind": "format" }), 400, "kind"),
        (json!({ "kind": "backup" }), 400, "tenant"),
        (json!({ "kind": "backup", "tenant": "../acme" }), 400, "tenant"),
        (json!({ "kind": "backup", "tenant": "nobody" }), 404, ""),
        (json!({ "kind": "backup_all", "tenant": "acme" }), 400, "tenant"),
        (json!({ "kind": "verify", "backup": "x" }), 400, "backup"),
        (json!({ "kind": "verify", "backup": GRACE }), 400, "backup"),
        (json!({ "kind": "verify", "backup": "00000000-0000-7000-8000-000000000099" }), 404, ""),
        (json!({ "kind": "verify", "backup": OF_ACME, "deep": 1 }), 400, "deep"),
        (json!({ "kind": "restore", "tenant": "globex", "backup": OF_ACME }), 400, "backup"),
        (json!({ "kind": "restore", "tenant": "acme", "backup": OF_PLATFORM }), 400, "backup"),
        (json!({ "kind": "restore", "tenant": "acme", "backup": OF_ACME, "as": "No" }), 400, "as"),
        (json!({ "kind": "prune", "all": true }), 400, "all"),
    ] {
        let answer = api.send("POST", OPERATIONS, &token, None, &body).await;
        assert_eq!(answer.refusal(), (status, field.to_owned()), "{body}: {}", answer.text);
    }
    assert_eq!(api.get(OPERATIONS, &token).await.json()["data"], json!([]));
}

#[tokio::test]
async fn the_platforms_flags_are_made_shown_changed_and_deleted() {
    let (api, token, tenants) = platform().await;
    let owner = Company { tenant: tenants[0] }.owner_token(&api).await;
    let given = async |key: &str| {
        let path = format!("/ofrep/v1/evaluate/flags/{key}");
        api.send("POST", &path, &owner, None, &json!({})).await.json()["variant"].clone()
    };
    let rules = json!([
        { "conditions": [{ "attribute": "tenant", "operator": "in", "values": ["globex"] }], "variant": "warm" },
        { "from": "2026-03-01T00:00:00Z", "variant": "warm" },
    ]);
    let theme =
        json!({ "key": "theme", "kind": "string", "variants": { "off": "grey", "warm": "red" }, "rules": rules });
    let made = api.send("POST", FLAGS, &token, None, &theme).await;
    assert_snapshot!("a_flag_of_the_platform", made.shown());
    assert_eq!(api.send("POST", FLAGS, &token, None, &theme).await.refusal(), (409, "key".to_owned()));
    assert_eq!(given("theme").await, "off");
    let path = format!("{FLAGS}/theme");
    assert_eq!(api.get(&path, &token).await.json(), made.json());
    let change = async |version, changes| api.send("PATCH", &path, &token, version, &changes).await;
    let changed = change(Some(1), json!({ "default_variant": "warm" })).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(given("theme").await, "warm", "with the next request");
    assert_eq!(change(Some(1), json!({ "enabled": false })).await.status, 412);
    assert_eq!(change(None, json!({ "enabled": false })).await.status, 428);
    assert_eq!(change(Some(2), json!({ "kind": "json" })).await.refusal(), (400, "kind".to_owned()));
    assert_eq!(change(Some(2), json!({ "enabled": false })).await.status, 200);
    assert_eq!(given("theme").await, "off");
    let needing =
        json!({ "key": "more", "kind": "boolean", "prerequisites": [{ "flag": "theme", "variants": ["warm"] }] });
    assert_eq!(api.send("POST", FLAGS, &token, None, &needing).await.status, 201);
    for (changes, field) in [
        (json!({ "variants": { "off": "", "other": "" }, "default_variant": "off", "rules": [] }), "variants"),
        (json!({ "prerequisites": [{ "flag": "more", "variants": ["on"] }] }), "prerequisites"),
        (json!({ "prerequisites": [{ "flag": "none", "variants": ["on"] }] }), "prerequisites.0.flag"),
    ] {
        assert_eq!(change(Some(3), changes.clone()).await.refusal(), (400, field.to_owned()), "{changes}");
    }
    assert_eq!(api.send("DELETE", &path, &token, Some(3), &Value::Null).await.status, 422, "more needs it");
    let first = api.get(&format!("{FLAGS}?limit=1"), &token).await.json();
    let next = first["next_cursor"].as_str().unwrap();
    let second = api.get(&format!("{FLAGS}?cursor={next}"), &token).await.json();
    assert_eq!((&first["data"][0]["key"], &second["data"][0]["key"]), (&json!("more"), &json!("theme")));
    let later = api.at(tenure_testkit::NOW + SignedDuration::from_hours(24 * 30));
    let stale = send(&later, crate::request("GET", &format!("{FLAGS}?stale=true"), &token)).await.json();
    assert_eq!((stale["data"].as_array().unwrap().len(), &stale["data"][0]["stale_variant"]), (1, &json!("off")));
    assert_eq!(api.send("DELETE", &format!("{FLAGS}/more"), &token, Some(1), &Value::Null).await.status, 204);
    assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 412);
    assert_eq!(api.send("DELETE", &path, &token, Some(3), &Value::Null).await.status, 204);
    assert_eq!(given("theme").await, Value::Null);

    let log = "SELECT action, actor, subject, request_id IS NOT NULL FROM public.platform_audit
               WHERE subject = 'theme' ORDER BY id";
    let log: Vec<(String, String, String, bool)> =
        sqlx::query_as(log).fetch_all(&mut api.installation.superuser().await).await.unwrap();
    let did = |action: &str| (action.to_owned(), "operator:console".to_owned(), "theme".to_owned(), true);
    assert_eq!(log, [did("flag.created"), did("flag.updated"), did("flag.updated"), did("flag.deleted")]);
}
