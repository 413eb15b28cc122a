//! The company's tree of departments: who sees it, and what changes leave behind.

use insta::assert_snapshot;
use serde_json::{Value, json};
use sqlx::Row;

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, ZOE, id_of, path_of};
use crate::{Answer, Api};

const ENGINEERING: u128 = 0xd1;
const PLATFORM: u128 = 0xd2;
const SALES: u128 = 0xd3;
const LIST: &str = "/api/v1/departments";

fn path(department: u128) -> String {
    format!("{LIST}/{}", id_of(department))
}

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let rows = body.get("data").and_then(Value::as_array).unwrap();
    rows.iter().map(|row| row.get("name").and_then(Value::as_str).unwrap().to_owned()).collect()
}

fn refused(status: u16, field: &str) -> (u16, String) {
    (status, field.to_owned())
}

#[tokio::test]
async fn everybody_in_the_company_sees_the_tree_and_administrators_alone_change_it() {
    let (api, company, _) = company().await;
    for (role, may_change) in [
        ("owner", true),
        ("hr_admin", true),
        ("hr_manager", false),
        ("payroll_admin", false),
        ("manager", false),
        ("employee", false),
        ("auditor", false),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(names(&api.get(&format!("{LIST}?parent=top&limit=2"), &token).await)[0], "Engineering", "{role}");
        assert_eq!(api.get(&path(SALES), &token).await.status, 200, "{role}");
        let answer = api.send("POST", LIST, &token, None, &json!({ "name": role })).await;
        assert_eq!(answer.status.as_u16(), if may_change { 201 } else { 403 }, "{role}: {}", answer.text);
        let made = api.send("PATCH", &path(SALES), &token, Some(7), &json!({})).await;
        assert_eq!(made.status.as_u16(), if may_change { 412 } else { 403 }, "{role}");
    }
    let nobody = company.token_with(&api, &[], None).await;
    assert_eq!(api.get(LIST, &nobody).await.status, 403);
    assert_eq!(api.get(&path(SALES), &nobody).await.status, 403);
}

#[tokio::test]
async fn the_list_is_paged_by_name_and_filtered_by_place_in_the_tree() {
    let (api, _, token) = company().await;
    let first = api.get(&format!("{LIST}?limit=2"), &token).await;
    assert_eq!(names(&first), ["Engineering", "Platform"]);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let second = api.get(&format!("{LIST}?limit=2&cursor={cursor}"), &token).await;
    assert_eq!((names(&second), &second.json()["next_cursor"]), (vec!["Sales".to_owned()], &Value::Null));
    for (query, expected) in [
        ("parent=top".to_owned(), vec!["Engineering", "Sales"]),
        (format!("parent={}", id_of(ENGINEERING)), vec!["Platform"]),
        (format!("under={}", id_of(ENGINEERING)), vec!["Engineering", "Platform"]),
        (format!("under={}", id_of(0xff)), vec![]),
    ] {
        assert_eq!(names(&api.get(&format!("{LIST}?{query}"), &token).await), expected, "{query}");
    }
    let of_employees = api.get("/api/v1/employees?limit=1", &token).await.json()["next_cursor"].clone();
    for wrong in [
        "parent=Sales",
        "sort=code",
        &format!("under={0}&parent={0}", id_of(SALES)),
        &format!("cursor={}", of_employees.as_str().unwrap()),
    ] {
        assert_eq!(api.get(&format!("{LIST}?{wrong}"), &token).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_department_is_made_changed_and_deleted_and_each_step_is_audited() {
    let (api, company, token) = company().await;
    let floor = json!({ "entity": "department", "key": "floor", "label": "Floor", "kind": "number" });
    assert_eq!(api.send("POST", "/api/v1/custom-fields", &token, None, &floor).await.status, 201);
    let body =
        json!({ "name": " Research ", "parent_id": id_of(ENGINEERING), "code": "RES", "custom": { "floor": 3 } });
    let made = api.send("POST", LIST, &token, None, &body).await;
    let (id, location) = (made.json()["id"].as_str().unwrap().to_owned(), made.header("location").to_owned());
    assert_snapshot!("created", made.shown().replace(&id, "[id]"));
    assert_eq!((made.header("etag"), location.clone()), ("\"1\"", format!("{LIST}/{id}")));
    let new_values = json!({ "name": "Labs", "code": null, "head_id": id_of(GRACE) });
    let changed = api.send("PATCH", &location, &token, Some(1), &new_values).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    let read = api.get(&location, &token).await;
    assert_eq!((read.header("etag"), read.json()), ("\"2\"", changed.json()));
    assert_eq!((&read.json()["code"], &read.json()["custom"]), (&Value::Null, &json!({ "floor": 3 })));
    let same = api.send("PATCH", &location, &token, Some(2), &json!({ "name": "Labs" })).await;
    assert_eq!(same.header("etag"), "\"2\"", "what changes nothing makes no version");
    assert_eq!(api.send("DELETE", &location, &token, Some(2), &Value::Null).await.status, 204);
    assert_eq!(api.get(&location, &token).await.status, 404);

    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action, before ->> 'name', after ->> 'name', request_id FROM audit_log
               WHERE entity = 'department' AND entity_id = $1::uuid ORDER BY id";
    let log = sqlx::query(log).bind(&id).fetch_all(&mut *tx).await.unwrap();
    let row = |at: usize| (log[at].get(0), log[at].get(1), log[at].get(2), log[at].get(3));
    let entry = |action: &str, before: Option<&str>, after: Option<&str>| {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        (action.to_owned(), owned(before), owned(after), "test-request".to_owned())
    };
    assert_eq!(log.len(), 3);
    assert_eq!(row(0), entry("department.created", None, Some("Research")));
    assert_eq!(row(1), entry("department.updated", Some("Research"), Some("Labs")));
    assert_eq!(row(2), entry("department.deleted", Some("Labs"), None));
}

#[tokio::test]
async fn what_is_wrong_in_a_body_is_named_by_field() {
    let (api, _, token) = company().await;
    let answer = api.send("POST", LIST, &token, None, &json!({ "name": "", "code": 7, "odd": 1 })).await;
    assert_snapshot!("invalid", answer.shown());
    for (body, expected) in [
        (json!({ "name": "a".repeat(201) }), refused(400, "name")),
        (json!({}), refused(400, "name")),
        (json!({ "name": "x", "parent_id": id_of(0xff) }), refused(400, "parent_id")),
        (json!({ "name": "x", "head_id": id_of(DELETED) }), refused(400, "head_id")),
        (json!({ "name": "x", "custom": [] }), refused(400, "custom")),
        (json!({ "name": "x", "custom": { "a": "\0" } }), refused(400, "custom")),
        (json!({ "name": "SALES" }), refused(409, "name")),
        (json!(["name"]), refused(400, "")),
    ] {
        assert_eq!(api.send("POST", LIST, &token, None, &body).await.refusal(), expected, "{body}");
    }
    let mut text = crate::request("POST", LIST, &token);
    *text.body_mut() = axum::body::Body::from("name=x");
    assert_eq!(crate::send(&api.router, text).await.status, 415);
    let long = json!({ "name": "x", "custom": { "a": "a".repeat(2000) } });
    assert_eq!(api.send("POST", LIST, &token, None, &long).await.status, 413);
}

#[tokio::test]
async fn a_change_names_the_version_that_it_was_made_of() {
    let (api, _, token) = company().await;
    let change = json!({ "name": "Revenue" });
    assert_snapshot!("no_if_match", api.send("PATCH", &path(SALES), &token, None, &change).await.shown());
    assert_eq!(api.send("PATCH", &path(SALES), &token, Some(1), &change).await.status, 200);
    for (method, below, body) in [
        ("PATCH", "", json!({ "name": "Trade" })),
        ("DELETE", "", Value::Null),
        ("POST", "/move", json!({ "parent_id": id_of(PLATFORM) })),
        ("POST", "/merge", json!({ "into_id": id_of(PLATFORM) })),
    ] {
        let path = format!("{}{below}", path(SALES));
        assert_eq!(api.send(method, &path, &token, None, &body).await.status, 428, "{method} {below}");
        assert_eq!(api.send(method, &path, &token, Some(1), &body).await.status, 412, "{method} {below}");
    }
    assert_eq!(api.get(&path(SALES), &token).await.json()["name"], "Revenue");
    let mut odd = crate::request("DELETE", &path(SALES), &token);
    odd.headers_mut().insert("if-match", "*".parse().unwrap());
    assert_eq!(crate::send(&api.router, odd).await.status, 400);
}

#[tokio::test]
async fn a_department_moves_with_everything_below_it_but_not_below_itself() {
    let (api, _, token) = company().await;
    let relocate = async |department, version, parent: Value| {
        let path = format!("{}/move", path(department));
        api.send("POST", &path, &token, Some(version), &json!({ "parent_id": parent })).await
    };
    assert_eq!(relocate(ENGINEERING, 1, json!(id_of(PLATFORM))).await.status, 422);
    assert_eq!(relocate(ENGINEERING, 1, json!(id_of(ENGINEERING))).await.status, 422);
    assert_eq!(relocate(ENGINEERING, 1, json!(id_of(0xff))).await.refusal(), refused(400, "parent_id"));
    assert_eq!(relocate(ENGINEERING, 1, json!(id_of(SALES))).await.status, 200);
    let under_sales = api.get(&format!("{LIST}?under={}", id_of(SALES)), &token).await;
    assert_eq!(names(&under_sales), ["Engineering", "Platform", "Sales"]);
    assert_eq!(relocate(PLATFORM, 1, Value::Null).await.status, 200);
    assert_eq!(names(&api.get(&format!("{LIST}?parent=top"), &token).await), ["Platform", "Sales"]);
}

#[tokio::test]
async fn of_two_moves_that_would_together_close_a_loop_one_is_refused() {
    let (api, _, token) = company().await;
    let (one, other) = (format!("{}/move", path(ENGINEERING)), format!("{}/move", path(SALES)));
    let (under_sales, under_engineering) =
        (json!({ "parent_id": id_of(SALES) }), json!({ "parent_id": id_of(ENGINEERING) }));
    let (first, second) = tokio::join!(
        api.send("POST", &one, &token, Some(1), &under_sales),
        api.send("POST", &other, &token, Some(1), &under_engineering),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} {}", first.text, second.text);
    assert_eq!(names(&api.get(&format!("{LIST}?parent=top"), &token).await).len(), 1);
}

#[tokio::test]
async fn a_department_that_is_in_use_is_not_deleted() {
    let (api, _, token) = company().await;
    for department in [ENGINEERING, PLATFORM] {
        let answer = api.send("DELETE", &path(department), &token, Some(1), &Value::Null).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_merge_moves_people_departments_and_headship_and_says_so_of_each() {
    let (api, company, token) = company().await;
    let headed = api.send("PATCH", &path(ENGINEERING), &token, Some(1), &json!({ "head_id": id_of(ADA) })).await;
    assert_eq!(headed.status, 200, "{}", headed.text);
    let merge = async |department, version, into: u128| {
        let path = format!("{}/merge", path(department));
        api.send("POST", &path, &token, Some(version), &json!({ "into_id": id_of(into) })).await
    };
    assert_eq!(merge(ENGINEERING, 2, PLATFORM).await.status, 422, "it lies below");
    assert_eq!(merge(ENGINEERING, 2, ENGINEERING).await.status, 422);
    assert_eq!(merge(ENGINEERING, 2, 0xff).await.refusal(), refused(400, "into_id"));
    let merged = merge(ENGINEERING, 2, SALES).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    assert_eq!((&merged.json()["head_id"], merged.header("etag")), (&json!(id_of(ADA)), "\"2\""));
    assert_eq!(api.get(&path(ENGINEERING), &token).await.status, 404);
    assert_eq!(api.get(&path(PLATFORM), &token).await.json()["parent_id"], json!(id_of(SALES)));
    for (person, department) in [(ADA, SALES), (GRACE, SALES), (LINUS, PLATFORM), (ZOE, SALES)] {
        let found = api.get(&path_of(person), &token).await.json()["department"]["id"].clone();
        assert_eq!(found, json!(id_of(department)), "{person}");
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log =
        "SELECT action || ' ' || right(entity_id::text, 2) FROM audit_log WHERE request_id = 'test-request' ORDER BY 1";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    let expected = ["department.merged d1", "department.moved d2", "department.updated d1", "department.updated d3"];
    let people = ["employee.updated 01", "employee.updated 02"];
    let changes: Vec<&str> =
        log.iter().map(String::as_str).filter(|entry| !entry.starts_with("employee.read")).collect();
    assert_eq!(changes, [&expected[..], &people[..]].concat());
}

#[tokio::test]
async fn departments_of_another_tenant_are_not_found_and_cannot_be_named() {
    let (api, _, _) = company().await;
    let globex = Company { tenant: api.installation.tenant("globex").await.id };
    let token = globex.owner_token(&api).await;
    assert_eq!(names(&api.get(LIST, &token).await), Vec::<String>::new());
    assert_eq!(api.get(&path(SALES), &token).await.status, 404);
    for (method, below, body) in [
        ("PATCH", "", json!({ "name": "Mine" })),
        ("DELETE", "", Value::Null),
        ("POST", "/move", json!({ "parent_id": null })),
        ("POST", "/merge", json!({ "into_id": id_of(PLATFORM) })),
    ] {
        let answer = api.send(method, &format!("{}{below}", path(SALES)), &token, Some(1), &body).await;
        assert_eq!(answer.status, 404, "{method} {below}: {}", answer.text);
    }
    for field in ["parent_id", "head_id"] {
        let of_acme = if field == "parent_id" { id_of(SALES) } else { id_of(ADA) };
        let answer = api.send("POST", LIST, &token, None, &json!({ "name": "Mine", field: of_acme })).await;
        assert_eq!(answer.refusal(), refused(400, field));
    }
}
