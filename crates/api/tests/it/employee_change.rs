//! Changing, deleting and restoring employees: who may, what is refused, and what the audit log keeps.

use serde_json::{Value, json};
use sqlx::Row;

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};
use crate::{Answer, Api};

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn patch(api: &Api, person: u128, token: &str, body: &Value) -> Answer {
    api.send("PATCH", &path_of(person), token, Some(1), body).await
}

/// The status and the fields that are named.
fn refusal(answer: &Answer) -> (u16, Vec<String>) {
    let body = answer.json();
    let errors = body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    (answer.status.as_u16(), errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect())
}

async fn audit(api: &Api, company: &Company, action: &str) -> Vec<(Value, Value)> {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows = sqlx::query("SELECT before, after FROM audit_log WHERE action = $1 ORDER BY id").bind(action);
    let rows = rows.fetch_all(&mut *tx).await.unwrap();
    let shown = |value: Option<Value>| value.unwrap_or_default();
    rows.iter().map(|row| (shown(row.get(0)), shown(row.get(1)))).collect()
}

async fn run(api: &Api, company: &Company, statement: &'static str) {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_change_is_shown_and_its_members_alone_are_audited() {
    let (api, company, token) = company().await;
    let body = json!({ "employee_number": "E-20", "first_name": null, "work_email": " amazing@acme.example ", "gender": "other",
        "birth_date": "1986-12-10", "country_code": "de", "city": "Köln", "marital_status": null, "last_name": "Hopper" });
    let answer = patch(&api, SUKARNO, &token, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("etag"), "\"2\"");
    let shown = answer.json();
    for (name, value) in [
        ("employee_number", "E-20"),
        ("first_name", ""),
        ("work_email", "amazing@acme.example"),
        ("country_code", "DE"),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["marital_status"], Value::Null);
    let before = json!({ "employee_number": "E-5", "last_name": "Sukarno", "work_email": null, "gender": null, "birth_date": null,
        "country_code": null, "city": null });
    let after = json!({ "employee_number": "E-20", "last_name": "Hopper", "work_email": "amazing@acme.example", "gender": "other",
        "birth_date": "1986-12-10", "country_code": "DE", "city": "Köln" });
    assert_eq!(audit(&api, &company, "employee.updated").await, [(before, after)]);
    let again = api.send("PATCH", &path_of(SUKARNO), &token, Some(2), &json!({ "city": "Köln" })).await;
    assert_eq!(again.header("etag"), "\"2\"", "nothing changed");
    assert_eq!(audit(&api, &company, "employee.updated").await.len(), 1);
    assert_eq!(patch(&api, SUKARNO, &token, &json!({ "city": "Bonn" })).await.status, 412);
    assert_eq!(api.send("PATCH", &path_of(SUKARNO), &token, None, &json!({})).await.status, 428);
}

#[tokio::test]
async fn each_role_changes_what_it_may_and_of_whom() {
    let (api, company, _) = company().await;
    let (work, personal) = (json!({ "last_name": "New" }), json!({ "city": "New" }));
    let both = json!({ "last_name": "New", "city": "New" });
    for (role, own, person, expected) in [
        ("hr_admin", None, LINUS, [412, 412, 412]),
        ("hr_manager", None, LINUS, [412, 412, 412]),
        ("payroll_admin", None, LINUS, [403, 403, 403]),
        ("auditor", None, LINUS, [403, 403, 403]),
        ("manager", Some(GRACE), LINUS, [403, 403, 403]),
        ("manager", Some(LINUS), GRACE, [404, 404, 404]),
        ("employee", Some(ZOE), ZOE, [403, 412, 403]),
        ("employee", Some(ADA), LINUS, [404, 404, 404]),
    ] {
        let token = company.token_with(&api, &[role], own).await;
        for (body, expected) in [&work, &personal, &both].into_iter().zip(expected) {
            let answer = api.send("PATCH", &path_of(person), &token, Some(9), body).await;
            assert_eq!(answer.status, expected, "{role} {body}: {}", answer.text);
        }
    }
    let other = Company::new(&api.installation, "other").await;
    let stranger = other.owner_token(&api).await;
    run(&api, &other, "UPDATE employees SET deleted_at = now() WHERE id = '00000000-0000-7000-8000-000000000003'")
        .await;
    assert_eq!(patch(&api, LINUS, &stranger, &work).await.status, 404);
}

#[tokio::test]
async fn everything_wrong_is_named_at_once_and_what_is_filed_elsewhere_says_where() {
    let (api, _, token) = company().await;
    let body = json!({ "last_name": " ", "employee_number": null, "work_email": "a b@c", "personal_email": "@x", "birth_date": "2020-02-30",
        "gender": "x", "country_code": "XX", "department_id": null, "status": "active", "pay": 1, "odd": 1, "first_name": "a\nb" });
    let (status, mut named) = refusal(&patch(&api, LINUS, &token, &body).await);
    named.sort_unstable();
    let mut expected: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
    expected.sort_unstable();
    assert_eq!((status, named), (400, expected));
    let answer = patch(&api, LINUS, &token, &json!({ "manager_id": null })).await.json();
    assert_eq!(answer["errors"][0]["message"], "holds from a day on; file it at /assignments of the employee");
    for (body, status, field) in [
        (json!({ "employee_number": "e-1" }), 409, "employee_number"),
        (json!({ "work_email": "ADA@acme.example" }), 409, "work_email"),
        (json!({ "birth_date": "2013-03-04" }), 400, "birth_date"),
    ] {
        assert_eq!(refusal(&patch(&api, LINUS, &token, &body).await), (status, vec![field.to_owned()]), "{body}");
    }
}

#[tokio::test]
async fn of_two_changes_of_one_version_one_is_stale() {
    let (api, _, token) = company().await;
    let (ann, bob) = (json!({ "city": "Ann Arbor" }), json!({ "city": "Bobigny" }));
    let (one, other) = tokio::join!(patch(&api, LINUS, &token, &ann), patch(&api, LINUS, &token, &bob));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn who_has_left_is_deleted_and_comes_back_as_before() {
    let (api, company, token) = company().await;
    let delete = async |person, version| {
        api.send("DELETE", &path_of(person), &token, version, &Value::Null).await.status.as_u16()
    };
    assert_eq!(delete(ZOE, Some(2)).await, 412);
    assert_eq!(delete(ZOE, None).await, 428);
    assert_eq!(delete(ZOE, Some(1)).await, 204);
    assert_eq!(delete(ZOE, Some(2)).await, 404);
    assert_eq!(api.get(&path_of(ZOE), &token).await.status, 404);
    let deleted = api.get("/api/v1/employees?deleted=true&q=abel", &token).await.json();
    assert_eq!((&deleted["data"][0]["id"], &deleted["data"][0]["version"]), (&json!(id_of(ZOE)), &json!(2)));
    let restore = format!("{}/restore", path_of(ZOE));
    assert_eq!(api.send("POST", &restore, &token, Some(1), &Value::Null).await.status, 412);
    let back = api.send("POST", &restore, &token, Some(2), &Value::Null).await;
    assert_eq!((back.status.as_u16(), &back.json()["last_name"]), (200, &json!("Abel")), "{}", back.text);
    assert_eq!(back.header("etag"), "\"3\"");
    let then = api.get("/api/v1/employees?as_of=2015-01-01&q=abel", &token).await.json();
    assert_eq!(then["data"][0]["id"], json!(id_of(ZOE)), "the employment is back too");
    assert_eq!(audit(&api, &company, "employee.deleted").await[0].0["last_name"], "Abel");
    assert_eq!(audit(&api, &company, "employee.restored").await[0].1["last_name"], "Abel");
}

#[tokio::test]
async fn whom_something_holds_is_not_deleted() {
    let (api, company, token) = company().await;
    let delete = async |person| {
        let answer = api.send("DELETE", &path_of(person), &token, Some(1), &Value::Null).await;
        (answer.status.as_u16(), answer.json()["detail"].as_str().unwrap_or_default().to_owned())
    };
    for (statement, person, words) in [
        ("SELECT", LINUS, "at work"),
        ("UPDATE departments SET head_id = '00000000-0000-7000-8000-000000000004' WHERE name = 'Sales'", ZOE, "heads a department"),
        ("UPDATE departments SET head_id = NULL; UPDATE employees SET manager_id = '00000000-0000-7000-8000-000000000004'
          WHERE id = '00000000-0000-7000-8000-000000000003'", ZOE, "people report"),
    ] {
        run(&api, &company, statement).await;
        let (status, detail) = delete(person).await;
        assert_eq!(status, 422, "{detail}");
        assert!(detail.contains(words), "{detail}");
    }
    run(&api, &company, "UPDATE employees SET manager_id = NULL").await;
    company.token_with(&api, &["employee"], Some(ZOE)).await;
    let (status, detail) = delete(ZOE).await;
    assert!(status == 422 && detail.contains("may sign in"), "{status} {detail}");
    run(
        &api,
        &company,
        "UPDATE users SET status = 'suspended'
        WHERE employee_id = '00000000-0000-7000-8000-000000000004'; UPDATE employees SET status = 'pending', hired_on = '2027-01-01'
        WHERE id = '00000000-0000-7000-8000-000000000003'",
    )
    .await;
    for person in [ZOE, LINUS] {
        let answer = api.send("DELETE", &path_of(person), &token, Some(1), &Value::Null).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    for (role, own, person, status) in
        [("auditor", None, SUKARNO, 403), ("employee", Some(ADA), SUKARNO, 404), ("manager", Some(ADA), ADA, 403)]
    {
        let token = company.token_with(&api, &[role], own).await;
        let answer = api.send("DELETE", &path_of(person), &token, Some(1), &Value::Null).await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text);
        run(&api, &company, "UPDATE users SET employee_id = NULL").await;
    }
}

#[tokio::test]
async fn what_was_taken_or_deleted_meanwhile_keeps_somebody_from_coming_back() {
    let (api, company, token) = company().await;
    let restore = format!("{}/restore", path_of(DELETED));
    let post = async |token: String| api.send("POST", &restore, &token, Some(1), &Value::Null).await;
    run(
        &api,
        &company,
        "UPDATE employees SET employee_number = 'e-6' WHERE id = '00000000-0000-7000-8000-000000000005'",
    )
    .await;
    assert_eq!(refusal(&post(token.clone()).await), (409, vec!["employee_number".to_owned()]));
    run(&api, &company, "UPDATE employees SET employee_number = 'e-5' WHERE id = '00000000-0000-7000-8000-000000000005';
        INSERT INTO departments (id, name, created_at, updated_at, deleted_at) VALUES ('00000000-0000-7000-8000-0000000000d9', 'Old', now(), now(), now());
        UPDATE employees SET department_id = '00000000-0000-7000-8000-0000000000d9' WHERE id = '00000000-0000-7000-8000-000000000006'").await;
    let answer = post(token.clone()).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    for role in ["auditor", "payroll_admin", "manager", "employee"] {
        let other = company.token_with(&api, &[role], None).await;
        assert_eq!(post(other).await.status, 403, "{role}");
    }
}
