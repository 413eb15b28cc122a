//! What people earn: who sees it, who sets it, and what a correction leaves behind.

use serde_json::{Value, json};
use sqlx::Row;

use crate::company::{ADA, Company, GRACE, LINUS, ZOE, id_of, path_of};
use crate::{Answer, Api};

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

fn path(person: u128) -> String {
    format!("{}/salaries", path_of(person))
}

fn raise(day: &str) -> Value {
    json!({ "effective_from": day, "base": "70000.5", "currency": "USD", "pay_period": "year", "reason": "a raise" })
}

/// The days from which an employee's salaries hold, and their amounts.
async fn salaries(api: &Api, person: u128, token: &str) -> Vec<(String, String)> {
    let answer = api.get(&path(person), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = body.get("data").and_then(Value::as_array).unwrap();
    rows.iter().map(|row| (text(row, "effective_from"), text(row, "base"))).collect()
}

fn shown(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(day, base)| ((*day).to_owned(), (*base).to_owned())).collect()
}

fn field(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json().pointer("/errors/0/field").cloned().unwrap_or_default())
}

#[tokio::test]
async fn a_raise_is_filed_for_a_day_and_the_latest_stands_first() {
    let (api, company, token) = company().await;
    let answer = api.send("POST", &path(LINUS), &token, None, &raise("2026-02-01")).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (201, "\"1\""), "{}", answer.text);
    assert_eq!(answer.json()["base"], "70000.50");
    assert_eq!(salaries(&api, LINUS, &token).await, shown(&[("2026-02-01", "70000.50"), ("2013-03-04", "4100.1234")]));
    assert_eq!(api.get(&path_of(LINUS), &token).await.json()["pay"]["currency"], "EUR", "the raise lies ahead");
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows =
        sqlx::query("SELECT after FROM audit_log WHERE action = 'salary.filed'").fetch_all(&mut *tx).await.unwrap();
    let after: Value = rows[0].get(0);
    assert_eq!((&after["employee_id"], &after["base"]), (&json!(id_of(LINUS)), &json!("70000.5000")));
}

#[tokio::test]
async fn each_role_reads_and_sets_the_pay_that_it_may() {
    let (api, company, _) = company().await;
    for (role, own, person, reads, sets) in [
        ("owner", None, LINUS, 200, 201),
        ("hr_admin", None, LINUS, 200, 201),
        ("hr_manager", None, LINUS, 403, 403),
        ("payroll_admin", None, LINUS, 200, 201),
        ("auditor", None, LINUS, 200, 403),
        ("manager", Some(GRACE), LINUS, 403, 403),
        ("employee", Some(LINUS), LINUS, 200, 403),
        ("employee", Some(ADA), LINUS, 404, 404),
    ] {
        let token = company.token_with(&api, &[role], own).await;
        assert_eq!(api.get(&path(person), &token).await.status, reads, "{role} reads");
        let answer = api.send("POST", &path(person), &token, None, &raise("2026-02-01")).await;
        assert_eq!(answer.status, sets, "{role} sets: {}", answer.text);
        if sets == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let gone = api.send("DELETE", &format!("{}/{id}", path(person)), &token, Some(1), &Value::Null).await;
            assert_eq!(gone.status, 204, "{role}");
        }
    }
    let own = company.token_with(&api, &["payroll_admin"], Some(ZOE)).await;
    let answer = api.send("POST", &path(ZOE), &own, None, &raise("2026-02-01")).await;
    assert_eq!(answer.status, 403, "nobody sets their own pay");
    assert!(answer.text.contains("nobody sets their own pay"), "{}", answer.text);
}

#[tokio::test]
async fn reading_the_pay_of_others_is_audited_and_ones_own_is_not() {
    let (api, company, _) = company().await;
    let payroll = company.token_with(&api, &["payroll_admin"], Some(LINUS)).await;
    for person in [LINUS, GRACE] {
        assert_eq!(api.get(&path(person), &payroll).await.status, 200);
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows = sqlx::query("SELECT entity_id, after FROM audit_log WHERE action = 'employee.read'");
    let rows = rows.fetch_all(&mut *tx).await.unwrap();
    let found: Vec<(uuid::Uuid, Value)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(found, [(id_of(GRACE), json!({ "fields": ["pay"] }))]);
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_was_wrong_and_keeps_it() {
    let (api, company, token) = company().await;
    let wrong = format!("{}/{}", path(GRACE), id_of(0xa2));
    let answer = api.send("PATCH", &wrong, &token, Some(1), &json!({ "base": "63000", "reason": "a slip" })).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["effective_from"]),
        (200, &json!("2025-01-01")),
        "{}",
        answer.text
    );
    let expected = shown(&[("2027-01-01", "70000.00"), ("2025-01-01", "63000.00"), ("2012-01-09", "50000.00")]);
    assert_eq!(salaries(&api, GRACE, &token).await, expected);
    assert_eq!(api.send("PATCH", &wrong, &token, Some(1), &json!({})).await.status, 404, "it is no longer there");
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let kept = sqlx::query("SELECT base::text FROM salary_assignments WHERE id = $1 AND deleted_at IS NOT NULL")
        .bind(id_of(0xa2));
    assert_eq!(kept.fetch_one(&mut *tx).await.unwrap().get::<String, _>(0), "62506.5000");
    let log = sqlx::query("SELECT before, after FROM audit_log WHERE action = 'salary.corrected'")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(
        (&log.get::<Value, _>(0)["base"], &log.get::<Value, _>(1)["base"]),
        (&json!("62506.5000"), &json!("63000.0000"))
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_field() {
    let (api, _, token) = company().await;
    let wrong =
        json!({ "effective_from": "tomorrow", "base": "-1", "currency": "usd", "pay_period": "fortnight", "odd": 1 });
    let answer = api.send("POST", &path(GRACE), &token, None, &wrong).await;
    let named: Vec<Value> =
        answer.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(named, ["effective_from", "base", "currency", "pay_period", "odd"]);
    let wrong = json!({ "effective_from": "2026-02-01", "base": 1, "currency": "USD", "pay_period": "year" });
    assert_eq!(field(&api.send("POST", &path(GRACE), &token, None, &wrong).await), (400, json!("base")));
    let second = api.send("POST", &path(GRACE), &token, None, &raise("2025-01-01")).await;
    assert_eq!(field(&second), (409, json!("effective_from")));
    let moved = format!("{}/{}", path(GRACE), id_of(0xa2));
    let onto = api.send("PATCH", &moved, &token, Some(1), &json!({ "effective_from": "2012-01-09" })).await;
    assert_eq!(field(&onto), (409, json!("effective_from")));
    assert_eq!(api.send("PATCH", &moved, &token, Some(2), &json!({})).await.status, 412);
    assert_eq!(api.send("DELETE", &moved, &token, None, &Value::Null).await.status, 428);
    let of_another = format!("{}/{}", path(LINUS), id_of(0xa2));
    assert_eq!(api.send("DELETE", &of_another, &token, Some(1), &Value::Null).await.status, 404);
}

#[tokio::test]
async fn of_two_raises_for_one_day_at_once_one_is_in_conflict() {
    let (api, _, token) = company().await;
    let (body, path) = (raise("2026-03-01"), path(GRACE));
    let post = || api.send("POST", &path, &token, None, &body);
    let (one, other) = tokio::join!(post(), post());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}
