//! The company's places of work.

use serde_json::{Value, json};

use crate::Api;
use crate::company::{Company, GRACE, LINUS, id_of};

const LIST: &str = "/api/v1/locations";

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn make(api: &Api, token: &str, name: &str) -> String {
    let made = api.send("POST", LIST, token, None, &json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.header("location").to_owned()
}

#[tokio::test]
async fn a_location_is_made_changed_and_deleted_and_each_step_is_audited() {
    let (api, company, token) = company().await;
    let new = json!({
        "name": "Berlin", "code": "BER", "address": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
        "country_code": "de", "time_zone": "europe/berlin",
    });
    let made = api.send("POST", LIST, &token, None, &new).await;
    let (id, path) = (made.json()["id"].as_str().unwrap().to_owned(), made.header("location").to_owned());
    insta::assert_snapshot!("created", made.shown().replace(&id, "[id]"));
    assert_eq!((made.header("etag"), &path), ("\"1\"", &format!("{LIST}/{id}")));
    let moved = json!({ "city": null, "time_zone": "America/New_York" });
    let changed = api.send("PATCH", &path, &token, Some(1), &moved).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    let read = api.get(&path, &token).await.json();
    let found = (&read["city"], &read["code"], &read["time_zone"]);
    assert_eq!(found, (&Value::Null, &json!("BER"), &json!("America/New_York")));
    let same = api.send("PATCH", &path, &token, Some(2), &json!({ "code": "BER" })).await;
    assert_eq!(same.header("etag"), "\"2\"", "what changes nothing makes no version");
    assert_eq!(api.send("PATCH", &path, &token, None, &json!({})).await.status, 428);
    assert_eq!(api.send("PATCH", &path, &token, Some(1), &json!({})).await.status, 412);
    assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 412);
    assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204);
    assert_eq!(api.get(&path, &token).await.status, 404);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log =
        "SELECT action || ' ' || coalesce(before ->> 'time_zone', '-') || ' ' || coalesce(after ->> 'time_zone', '-')
               FROM audit_log WHERE entity = 'location' AND entity_id = $1::uuid ORDER BY id";
    let log: Vec<String> = sqlx::query_scalar(log).bind(&id).fetch_all(&mut *tx).await.unwrap();
    let expected = [
        "location.created - Europe/Berlin",
        "location.updated Europe/Berlin America/New_York",
        "location.deleted America/New_York -",
    ];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field() {
    let (api, _, token) = company().await;
    make(&api, &token, "Berlin").await;
    for (body, expected) in [
        (json!({ "name": "BERLIN" }), (409, "name")),
        (json!({ "code": "x" }), (400, "name")),
        (json!({ "name": "x", "country_code": "XX" }), (400, "country_code")),
        (json!({ "name": "x", "time_zone": "Europe/Atlantis" }), (400, "time_zone")),
        (json!({ "name": "x", "postal_code": "1".repeat(21) }), (400, "postal_code")),
        (json!({ "name": "x", "custom": [] }), (400, "custom")),
        (json!({ "name": "x", "floor": 1 }), (400, "floor")),
    ] {
        let answer = api.send("POST", LIST, &token, None, &body).await;
        assert_eq!(answer.refusal(), (expected.0, expected.1.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn a_location_at_which_people_work_or_are_to_work_is_not_deleted() {
    let (api, company, token) = company().await;
    let (now, later) = (make(&api, &token, "Now").await, make(&api, &token, "Later").await);
    let id = |path: &str| path.rsplit('/').next().unwrap().parse::<uuid::Uuid>().unwrap();
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let put = "UPDATE employees SET location_id = $1 WHERE id = $2";
    sqlx::query(put).bind(id(&now)).bind(id_of(GRACE)).execute(&mut *tx).await.unwrap();
    let file = "INSERT INTO job_assignments (id, employee_id, effective_from, location_id, created_at)
                VALUES (gen_random_uuid(), $2, '2027-01-01', $1, now())";
    sqlx::query(file).bind(id(&later)).bind(id_of(LINUS)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for path in [&now, &later] {
        assert_eq!(api.send("DELETE", path, &token, Some(1), &Value::Null).await.status, 422, "{path}");
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::query("UPDATE job_assignments SET deleted_at = now()").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(api.send("DELETE", &later, &token, Some(1), &Value::Null).await.status, 204, "it was taken back");
}

#[tokio::test]
async fn the_list_is_paged_by_name() {
    let (api, _, token) = company().await;
    for name in ["berlin", "Zürich", "Antwerp"] {
        make(&api, &token, name).await;
    }
    let (mut names, mut query) = (Vec::new(), "?limit=1".to_owned());
    for _ in 0..3 {
        let page = api.get(&format!("{LIST}{query}"), &token).await.json();
        names.push(page.pointer("/data/0/name").and_then(Value::as_str).unwrap().to_owned());
        query = format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
    }
    assert_eq!(names, ["Antwerp", "berlin", "Zürich"]);
    assert_eq!(query, "?limit=1&cursor=", "the last page says that it is the last");
    for wrong in ["deleted=yes", "parent=top", "limit=0", "cursor=x"] {
        assert_eq!(api.get(&format!("{LIST}?{wrong}"), &token).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn everybody_in_the_company_reads_and_administrators_alone_write_and_other_tenants_find_nothing() {
    let (api, company, token) = company().await;
    let path = make(&api, &token, "Berlin").await;
    for (role, status) in [
        ("owner", 201),
        ("hr_admin", 201),
        ("hr_manager", 403),
        ("payroll_admin", 403),
        ("manager", 403),
        ("employee", 403),
        ("auditor", 403),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(api.get(&path, &token).await.status, 200, "{role}");
        assert_eq!(api.get(LIST, &token).await.status, 200, "{role}");
        let answer = api.send("POST", LIST, &token, None, &json!({ "name": role })).await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text);
    }
    let nobody = company.token_with(&api, &[], None).await;
    assert_eq!(api.get(LIST, &nobody).await.status, 403);
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(api.get(LIST, &globex).await.json()["data"], json!([]));
    assert_eq!(api.get(&path, &globex).await.status, 404);
    for (method, body) in [("PATCH", json!({ "name": "Mine" })), ("DELETE", Value::Null)] {
        assert_eq!(api.send(method, &path, &globex, Some(1), &body).await.status, 404, "{method}");
    }
}
