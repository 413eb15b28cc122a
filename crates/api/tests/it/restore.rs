//! Bringing back departments, designations and locations that were deleted.

use serde_json::{Value, json};

use crate::Api;
use crate::company::Company;

const LISTS: [(&str, &str); 3] =
    [("/api/v1/departments", "name"), ("/api/v1/designations", "title"), ("/api/v1/locations", "name")];

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

/// Makes something and deletes it; its path.
async fn deleted(api: &Api, token: &str, list: &str, body: &Value) -> String {
    let made = api.send("POST", list, token, None, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = made.header("location").to_owned();
    assert_eq!(api.send("DELETE", &path, token, Some(1), &Value::Null).await.status, 204, "{path}");
    path
}

async fn restore(api: &Api, token: &str, path: &str, version: Option<i64>) -> (u16, String) {
    let answer = api.send("POST", &format!("{path}/restore"), token, version, &Value::Null).await;
    if answer.status == 200 { (200, answer.header("etag").to_owned()) } else { answer.refusal() }
}

fn refused(status: u16, field: &str) -> (u16, String) {
    (status, field.to_owned())
}

#[tokio::test]
async fn what_was_deleted_is_listed_and_comes_back_as_it_was() {
    let (api, company, token) = company().await;
    for (list, name) in LISTS {
        let path = deleted(&api, &token, list, &json!({ name: "Gone", "code": "G" })).await;
        let gone = api.get(&format!("{list}?deleted=true"), &token).await.json();
        assert_eq!(gone["data"][0][name], json!("Gone"), "{gone}");
        assert_eq!((gone["data"].as_array().unwrap().len(), &gone["data"][0]["version"]), (1, &json!(2)), "{gone}");
        assert!(!api.get(list, &token).await.text.contains("Gone"), "{list}");
        assert_eq!(restore(&api, &token, &path, None).await, refused(428, ""), "{list}");
        assert_eq!(restore(&api, &token, &path, Some(1)).await, refused(412, ""), "{list}");
        assert_eq!(restore(&api, &token, &path, Some(2)).await, refused(200, "\"3\""), "{list}");
        assert_eq!(restore(&api, &token, &path, Some(3)).await, refused(404, ""), "{list}: it is there");
        let back = api.get(&path, &token).await.json();
        assert_eq!((&back[name], &back["code"]), (&json!("Gone"), &json!("G")));
        assert_eq!(api.get(&format!("{list}?deleted=true"), &token).await.json()["data"], json!([]));
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action || ' ' || (before ->> 'version') || ' ' || (after ->> 'version')
               FROM audit_log WHERE action LIKE '%.restored' ORDER BY action";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(log, ["department.restored 2 3", "designation.restored 2 3", "location.restored 2 3"]);
}

#[tokio::test]
async fn a_name_or_code_that_is_in_use_by_now_is_named() {
    let (api, _, token) = company().await;
    for (list, name) in LISTS {
        let path = deleted(&api, &token, list, &json!({ name: "Gone" })).await;
        assert_eq!(api.send("POST", list, &token, None, &json!({ name: "GONE" })).await.status, 201);
        assert_eq!(restore(&api, &token, &path, Some(2)).await, refused(409, name), "{list}");
        let path = deleted(&api, &token, list, &json!({ name: "Other", "code": "C" })).await;
        assert_eq!(api.send("POST", list, &token, None, &json!({ name: "New", "code": "c" })).await.status, 201);
        assert_eq!(restore(&api, &token, &path, Some(2)).await, refused(409, "code"), "{list}");
    }
}

#[tokio::test]
async fn a_department_comes_back_after_the_one_above_it() {
    let (api, _, token) = company().await;
    let list = "/api/v1/departments";
    let above = api.send("POST", list, &token, None, &json!({ "name": "Above" })).await.json();
    let below = deleted(&api, &token, list, &json!({ "name": "Below", "parent_id": above["id"] })).await;
    let above = format!("{list}/{}", above["id"].as_str().unwrap());
    assert_eq!(api.send("DELETE", &above, &token, Some(1), &Value::Null).await.status, 204);
    assert_eq!(restore(&api, &token, &below, Some(2)).await, refused(422, ""));
    assert_eq!(restore(&api, &token, &above, Some(2)).await, refused(200, "\"3\""));
    assert_eq!(restore(&api, &token, &below, Some(2)).await, refused(200, "\"3\""));
}

#[tokio::test]
async fn who_may_not_change_the_organisation_neither_sees_nor_restores_what_was_deleted() {
    let (api, company, owner) = company().await;
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    for (list, name) in LISTS {
        let path = deleted(&api, &owner, list, &json!({ name: "Gone" })).await;
        for role in ["employee", "hr_manager", "auditor"] {
            let token = company.token_with(&api, &[role], None).await;
            assert_eq!(api.get(&format!("{list}?deleted=true"), &token).await.status, 403, "{role} {list}");
            assert_eq!(api.get(&format!("{list}?deleted=false"), &token).await.status, 200, "{role} {list}");
            assert_eq!(restore(&api, &token, &path, Some(2)).await, refused(403, ""), "{role} {list}");
        }
        assert_eq!(restore(&api, &globex, &path, Some(2)).await, refused(404, ""), "{list}");
        assert_eq!(api.get(&format!("{list}?deleted=true"), &globex).await.json()["data"], json!([]));
    }
}

#[tokio::test]
async fn of_two_departments_of_one_name_one_comes_back() {
    let (api, _, token) = company().await;
    let list = "/api/v1/departments";
    let one = deleted(&api, &token, list, &json!({ "name": "Twin" })).await;
    let other = deleted(&api, &token, list, &json!({ "name": "Twin" })).await;
    let (one, other) = tokio::join!(restore(&api, &token, &one, Some(2)), restore(&api, &token, &other, Some(2)));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

/// What is deleted takes nobody in.
#[tokio::test]
async fn a_deleted_department_is_no_place_for_others() {
    let (api, _, token) = company().await;
    let list = "/api/v1/departments";
    let path = deleted(&api, &token, list, &json!({ "name": "Gone" })).await;
    let id = path.rsplit('/').next().unwrap();
    let answer = api.send("POST", list, &token, None, &json!({ "name": "New", "parent_id": id })).await;
    assert_eq!(answer.refusal(), refused(400, "parent_id"));
}
