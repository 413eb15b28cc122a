//! The audit log over the API: who reads it, what narrows it, and that reading it is recorded.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::company::{ADA, Company, id_of, path_of};
use crate::{Answer, Api};

const LOG: &str = "/api/v1/audit";
const DEPARTMENTS: &str = "/api/v1/departments";

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn make(api: &Api, token: &str, name: &str) -> Uuid {
    let made = api.send("POST", DEPARTMENTS, token, None, &json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json().get("id").and_then(Value::as_str).unwrap().parse().unwrap()
}

fn entries(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json().get("data").and_then(Value::as_array).unwrap().clone()
}

fn actions(answer: &Answer) -> Vec<String> {
    entries(answer).iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn owners_and_auditors_read_the_log_and_nobody_else_does() {
    let (api, company, _) = company().await;
    for (role, may) in [
        ("owner", true),
        ("auditor", true),
        ("hr_admin", false),
        ("hr_manager", false),
        ("payroll_admin", false),
        ("manager", false),
        ("employee", false),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(api.get(LOG, &token).await.status, if may { 200 } else { 403 }, "{role}");
    }
    let other = Company::new(&api.installation, "globex").await;
    let token = other.owner_token(&api).await;
    assert_eq!(actions(&api.get(LOG, &token).await), ["token.created"], "another tenant's log is its own");
}

#[tokio::test]
async fn an_entry_tells_what_was_before_and_after() {
    let (api, _, token) = company().await;
    let id = make(&api, &token, "Research").await;
    let path = format!("{DEPARTMENTS}/{id}");
    api.send("PATCH", &path, &token, Some(1), &json!({ "name": "Labs" })).await;
    let answer = api.get(&format!("{LOG}?entity=department&entity_id={id}"), &token).await;
    let found = entries(&answer);
    assert_eq!(actions(&answer), ["department.updated", "department.created"]);
    let newest = &found[0];
    let members: BTreeSet<&str> = newest.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "created_at",
        "actor_kind",
        "actor_id",
        "actor",
        "action",
        "entity",
        "entity_id",
        "before",
        "after",
        "request_id",
    ];
    assert_eq!(members, expected.into());
    assert_eq!((&newest["before"]["name"], &newest["after"]["name"]), (&json!("Research"), &json!("Labs")));
    assert_eq!((&newest["actor"], &newest["actor_kind"]), (&json!("owner@acme.example"), &json!("user")));
    assert_eq!((&newest["entity_id"], &newest["request_id"]), (&json!(id), &json!("test-request")));
    assert_eq!(newest["created_at"], "2026-01-15T09:30:00Z");
    assert_eq!(found[1]["before"], Value::Null);
}

#[tokio::test]
async fn filters_narrow_the_log_and_pages_follow_each_other() {
    let (api, company, token) = company().await;
    let mut made = Vec::new();
    for name in ["One", "Two", "Three"] {
        made.push(make(&api, &token, name).await);
    }
    let admin = company.token_with(&api, &["hr_admin"], None).await;
    make(&api, &admin, "Four").await;
    let all = entries(&api.get(&format!("{LOG}?entity=department"), &token).await);
    assert_eq!(all.len(), 4);
    let actor = all[0]["actor_id"].as_str().unwrap();
    for (query, expected) in [
        (format!("actor_id={actor}&entity=department"), 1),
        (format!("entity_id={}", made[1]), 1),
        ("action=department.created".to_owned(), 4),
        ("action=department.moved".to_owned(), 0),
        ("entity=department&request_id=test-request".to_owned(), 4),
        ("entity=department&request_id=another".to_owned(), 0),
        ("entity=department&from=2026-01-15T09:30:00Z".to_owned(), 4),
        ("entity=department&to=2026-01-15T09:30:00Z".to_owned(), 0),
        ("entity=department&from=2026-01-15T09:30:01Z".to_owned(), 0),
        ("entity=department&from=-009999-01-03T00:00:00Z&to=9999-12-30T22:00:00Z".to_owned(), 4),
        ("entity=department&to=2026-01-15T10:30:01%2B01:00".to_owned(), 4),
    ] {
        assert_eq!(entries(&api.get(&format!("{LOG}?{query}"), &token).await).len(), expected, "{query}");
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{LOG}?entity=department&limit=3{cursor}"), &token).await;
        seen.extend(entries(&page));
        match page.json()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all, "newest first, each once");
}

#[tokio::test]
async fn reading_the_log_is_recorded_in_it_with_what_was_asked_for() {
    let (api, _, token) = company().await;
    api.get(&path_of(ADA), &token).await;
    api.get(&format!("{LOG}?entity=employee&entity_id={}", id_of(ADA)), &token).await;
    let answer = api.get(&format!("{LOG}?limit=1&action=audit.read"), &token).await;
    let newest = &entries(&answer)[0];
    let expected = json!({ "entries": 1, "filter": { "entity": "employee", "entity_id": id_of(ADA) } });
    assert_eq!((&newest["action"], &newest["after"]), (&json!("audit.read"), &expected));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let (api, _, token) = company().await;
    let of_departments = api.get(&format!("{DEPARTMENTS}?limit=1"), &token).await.json()["next_cursor"].clone();
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2026-02-30T00:00:00Z", "to"),
        ("from=2026-01-15", "from"),
        ("entity_id=7", "entity_id"),
        ("actor_id=", "actor_id"),
        ("action=%00", "action"),
        ("entity=", "entity"),
        ("limit=201", "limit"),
        ("user=ada", "user"),
        (&format!("cursor={}", of_departments.as_str().unwrap()), "cursor"),
    ] {
        let answer = api.get(&format!("{LOG}?{query}"), &token).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (400, &json!(field)), "{query}");
    }
}
