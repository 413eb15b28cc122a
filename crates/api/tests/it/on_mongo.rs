//! The areas that live in documents, with the documents in MongoDB.

use std::time::Duration;

use axum::Router;
use serde_json::json;
use tenure_api::{Server, SlowQueries};
use tenure_app::documents::{Documents, Patience};
use tenure_app::files::{Files, Key, MasterKey, MasterKeys, Objects};
use tenure_app::{Actor, Context};
use tenure_testkit::{MongoDatabase, NOW, TestMongo};

use crate::company::{Company, GRACE, path_of};
use crate::files::{PDF, content, filed};
use crate::{Api, FILE_LIMITS, LIMITS};

const FLAG: &str = "/api/v1/flags/beta";
const SETTINGS: &str = "/api/v1/settings";

/// However busy the machine is.
const PATIENT: Patience = Patience {
    connect: Duration::from_secs(30),
    answer: Duration::from_secs(30),
    avoided: Duration::ZERO,
    connections: 5,
};

/// A company whose documents lie in MongoDB, and its owner's token.
pub(crate) async fn over(url: &str) -> (Api, Company, String) {
    let api = Api::new().await;
    let router = node(&api, url, PATIENT, 3);
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (Api { router, ..api }, company, token)
}

/// A server that holds nothing in memory yet, whose ids follow from the seed.
fn node(api: &Api, url: &str, patience: Patience, seed: u64) -> Router {
    let context = Context::repeatable(api.installation.db.clone(), NOW, seed).with_files(api.context.files_of());
    let context = context.with_documents(Documents::open(url, patience).unwrap());
    Server::new(context, LIMITS, &SlowQueries::default()).router()
}

async fn with_flag(api: &Api, token: &str) {
    let flag = json!({ "key": "beta", "kind": "boolean", "enabled": true, "default_variant": "on" });
    let made = api.send("POST", "/api/v1/flags", token, None, &flag).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// The actions in the audit log, and the rows that PostgreSQL has in the tables of documents.
async fn kept(api: &Api, company: &Company) -> (Vec<String>, i64) {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action FROM audit_log WHERE action ~ '^(flag|settings|document)' ORDER BY action";
    let actions = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM feature_flags) + (SELECT count(*) FROM tenant_settings)
                     + (SELECT count(*) FROM settings_audit) + (SELECT count(*) FROM document_metadata)";
    let rows = sqlx::query_scalar(rows).fetch_one(&mut *tx).await.unwrap();
    (actions, rows)
}

#[tokio::test]
async fn settings_flags_and_files_are_kept_there_and_audited_here() {
    let database = MongoDatabase::new();
    let (api, company, token) = over(database.url()).await;
    with_flag(&api, &token).await;
    // Both differ from what is there: a change that changes nothing would succeed whichever came first.
    let change = |why| json!({ "enabled": false, "description": why });
    let (one, other) = (change("one"), change("other"));
    let (one, other) =
        tokio::join!(api.send("PATCH", FLAG, &token, Some(1), &one), api.send("PATCH", FLAG, &token, Some(1), &other));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{}\n{}", one.text, other.text);

    let settings = json!({ "settings": { "regional.currency": "CHF" }, "reason": "We moved" });
    let changed = api.send("PATCH", SETTINGS, &token, Some(0), &settings).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(api.get("/api/v1/settings/changes", &token).await.json()["data"][0]["reason"], "We moved");

    let document = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=letter", path_of(GRACE))).await;
    let (status, _, read) = content(&api, &token, &format!("/api/v1/documents/{document}/content"), "").await;
    assert_eq!((status, read.as_slice()), (200, PDF));

    let (actions, rows) = kept(&api, &company).await;
    assert_eq!(rows, 0, "no document is in PostgreSQL");
    assert_eq!(actions, ["document.created", "flag.created", "flag.updated", "settings.updated"]);
}

#[tokio::test]
async fn while_it_is_away_what_needs_it_is_unavailable_and_the_rest_goes_on() {
    let mut mongo = TestMongo::start();
    let (api, company, token) = over(&mongo.url()).await;
    with_flag(&api, &token).await;
    mongo.stop();
    let brief = Patience { connect: Duration::from_millis(500), answer: Duration::from_secs(1), ..PATIENT };
    let api = Api { router: node(&api, &mongo.url(), brief, 4), ..api };

    insta::assert_snapshot!("mongo_away", api.get(FLAG, &token).await.shown());
    let off = json!({ "enabled": false });
    assert_eq!(api.send("PATCH", FLAG, &token, Some(1), &off).await.status, 503);
    assert_eq!(api.get("/api/v1/employees", &token).await.status, 200);
    let department = api.send("POST", "/api/v1/departments", &token, None, &json!({ "name": "Harbour" })).await;
    assert_eq!(department.status, 201, "{}", department.text);
    let ready = api.get("/readyz", "").await;
    let down = json!({ "name": "documents", "state": "down" });
    let dependencies = ready.json()["dependencies"].as_array().unwrap().clone();
    assert!(
        dependencies.iter().any(|one| one["name"] == down["name"] && one["state"] == down["state"]),
        "{}",
        ready.text
    );
    assert_eq!(ready.status, 200, "documents alone are missing");

    mongo.restart();
    let api = Api { router: node(&api, &mongo.url(), PATIENT, 5), ..api };
    let changed = api.send("PATCH", FLAG, &token, Some(1), &off).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(kept(&api, &company).await.0, ["flag.created", "flag.updated"], "what was refused left nothing");
}

#[tokio::test]
async fn the_key_of_files_is_changed_there_too() {
    let database = MongoDatabase::new();
    let (api, company, token) = over(database.url()).await;
    let document = filed(&api, &token, &format!("{}/documents?name=a.pdf&category=letter", path_of(GRACE))).await;
    let with_keys = |keys: &[u8], seed| {
        let mut keys = keys.iter().map(|byte| MasterKey::from_bytes([*byte; 32]));
        let keys = MasterKeys::new(keys.next().unwrap(), keys.collect());
        let files = Files::new(Objects::folder(api.folder.path()).unwrap(), keys, FILE_LIMITS);
        let context = Context::repeatable(api.installation.db.clone(), NOW, seed).with_files(Some(files.clone()));
        (context.with_documents(Documents::open(database.url(), PATIENT).unwrap()), files)
    };
    // All other tests have the key of sevens.
    let (context, files) = with_keys(&[8, 7], 6);
    let operator = Actor::Operator("ops".to_owned());
    assert_eq!(files.rewrap(&context, &operator, company.tenant).await.unwrap(), Key::Former);
    assert_eq!(files.key_of(&context, company.tenant).await.unwrap(), Key::Current);
    let router = Server::new(with_keys(&[8], 7).0, LIMITS, &SlowQueries::default()).router();
    let later = Api { router, ..api };
    let (status, _, read) = content(&later, &token, &format!("/api/v1/documents/{document}/content"), "").await;
    assert_eq!((status, read.as_slice()), (200, PDF));
}
