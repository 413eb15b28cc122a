//! The company's job titles.

use serde_json::{Value, json};

use crate::Api;
use crate::company::{Company, id_of};

const ENGINEER: u128 = 0xe1;
const LIST: &str = "/api/v1/designations";

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

fn path() -> String {
    format!("{LIST}/{}", id_of(ENGINEER))
}

#[tokio::test]
async fn a_designation_is_made_changed_and_deleted_and_each_step_is_audited() {
    let (api, company, token) = company().await;
    let made = api.send("POST", LIST, &token, None, &json!({ "title": "Analyst", "grade": "P2" })).await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"1\""), "{}", made.text);
    let path = made.header("location").to_owned();
    let promoted = api.send("PATCH", &path, &token, Some(1), &json!({ "grade": null, "code": "AN" })).await;
    assert_eq!((promoted.status.as_u16(), promoted.header("etag")), (200, "\"2\""), "{}", promoted.text);
    let read = api.get(&path, &token).await.json();
    assert_eq!((&read["title"], &read["grade"], &read["code"]), (&json!("Analyst"), &Value::Null, &json!("AN")));
    assert_eq!(api.send("PATCH", &path, &token, None, &json!({})).await.status, 428);
    assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 412);
    assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204);
    assert_eq!(api.get(&path, &token).await.status, 404);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action || ' ' || request_id FROM audit_log WHERE entity = 'designation' ORDER BY id";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    let expected = ["designation.created", "designation.updated", "designation.deleted"];
    assert_eq!(log, expected.map(|action| format!("{action} test-request")));
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field_and_one_that_people_have_is_not_deleted() {
    let (api, _, token) = company().await;
    for (body, expected) in [
        (json!({ "title": "ENGINEER" }), (409, "title")),
        (json!({ "title": "x", "grade": "a".repeat(21) }), (400, "grade")),
        (json!({ "code": "x" }), (400, "title")),
        (json!({ "title": "x", "parent_id": null }), (400, "parent_id")),
    ] {
        let answer = api.send("POST", LIST, &token, None, &body).await;
        assert_eq!(answer.refusal(), (expected.0, expected.1.to_owned()), "{body}");
    }
    assert_eq!(api.send("DELETE", &path(), &token, Some(1), &Value::Null).await.status, 422);
}

#[tokio::test]
async fn the_list_is_paged_by_title() {
    let (api, _, token) = company().await;
    for title in ["analyst", "Zoologist"] {
        assert_eq!(api.send("POST", LIST, &token, None, &json!({ "title": title })).await.status, 201);
    }
    let (mut titles, mut query) = (Vec::new(), "?limit=1".to_owned());
    for _ in 0..3 {
        let page = api.get(&format!("{LIST}{query}"), &token).await.json();
        titles.push(page.pointer("/data/0/title").and_then(Value::as_str).unwrap().to_owned());
        query = format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
    }
    assert_eq!(titles, ["analyst", "Engineer", "Zoologist"]);
    assert_eq!(query, "?limit=1&cursor=", "the last page says that it is the last");
}

#[tokio::test]
async fn everybody_in_the_company_reads_and_administrators_alone_write_and_other_tenants_find_nothing() {
    let (api, company, _) = company().await;
    for (role, status) in [("employee", 403), ("auditor", 403), ("hr_admin", 201)] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(api.get(&path(), &token).await.status, 200, "{role}");
        let answer = api.send("POST", LIST, &token, None, &json!({ "title": role })).await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text);
    }
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(api.get(LIST, &globex).await.json()["data"], json!([]));
    assert_eq!(api.get(&path(), &globex).await.status, 404);
    for (method, body) in [("PATCH", json!({ "title": "Mine" })), ("DELETE", Value::Null)] {
        assert_eq!(api.send(method, &path(), &globex, Some(1), &body).await.status, 404, "{method}");
    }
}
