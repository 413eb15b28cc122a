//! Changes that are sent again under their key.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tenure_api::{Server, SlowQueries};
use tenure_app::Context;
use tenure_testkit::NOW;

use crate::company::{ADA, Company, DELETED, LINUS, id_of, path_of};
use crate::{Answer, Api, LIMITS, request, send};

const LIST: &str = "/api/v1/departments";
const SALES: u128 = 0xd3;

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

/// A request with a JSON body and a key; the version is that of `If-Match`.
fn keyed(method: &str, path: &str, token: &str, key: &str, version: Option<i64>, body: &Value) -> Request<Body> {
    let mut request = request(method, path, token);
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("idempotency-key", key.parse().unwrap());
    if let Some(version) = version {
        headers.insert("if-match", format!("\"{version}\"").parse().unwrap());
    }
    *request.body_mut() = Body::from(body.to_string());
    request
}

fn create(token: &str, key: &str, name: &str) -> Request<Body> {
    keyed("POST", LIST, token, key, None, &json!({ "name": name }))
}

/// All of an answer that its receiver can go by.
fn whole(answer: &Answer) -> (u16, &str, &str, &str) {
    (answer.status.as_u16(), answer.header("etag"), answer.header("location"), &answer.text)
}

async fn departments(api: &Api, token: &str) -> usize {
    let list = api.get(LIST, token).await.json();
    list.get("data").and_then(Value::as_array).unwrap().len()
}

async fn count(api: &Api, company: &Company, table: &'static str) -> i64 {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let query = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn a_change_sent_again_gets_the_first_answer_and_does_nothing() {
    let (api, company, token) = company().await;
    let before = departments(&api, &token).await;
    let first = send(&api.router, create(&token, "k1", "Research")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""), "{}", first.text);
    let entries = count(&api, &company, "audit_log").await;
    for _ in 0..2 {
        let again = send(&api.router, create(&token, "k1", "Research")).await;
        assert_eq!((whole(&again), again.header("idempotency-replayed")), (whole(&first), "true"));
    }
    assert_eq!(departments(&api, &token).await, before + 1);
    assert_eq!(count(&api, &company, "audit_log").await, entries);

    let path = first.header("location");
    let change = |version| keyed("PATCH", path, &token, "k2", Some(version), &json!({ "name": "Labs" }));
    let changed = send(&api.router, change(1)).await;
    assert_eq!(changed.header("etag"), "\"2\"", "{}", changed.text);
    assert_eq!(whole(&send(&api.router, change(1)).await), whole(&changed), "and not 412");
    assert_eq!(send(&api.router, change(2)).await.status, 422, "the version is part of what is asked");

    let delete = || keyed("DELETE", path, &token, "k3", Some(2), &Value::Null);
    assert_eq!(send(&api.router, delete()).await.status, 204);
    let again = send(&api.router, delete()).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (204, "true"), "and not 404");
}

#[tokio::test]
async fn of_two_at_once_under_one_key_one_is_done_and_both_get_its_answer() {
    let (api, _, token) = company().await;
    let before = departments(&api, &token).await;
    let one = || send(&api.router, create(&token, "k", "Research"));
    let (first, second, third) = tokio::join!(one(), one(), one());
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!((whole(&first), whole(&first)), (whole(&second), whole(&third)));
    let replays = [&first, &second, &third].map(|answer| answer.header("idempotency-replayed"));
    assert_eq!(replays.iter().filter(|replay| **replay == "true").count(), 2, "{replays:?}");
    assert_eq!(departments(&api, &token).await, before + 1);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused_and_another_user_has_other_keys() {
    let (api, company, token) = company().await;
    send(&api.router, create(&token, "k", "Research")).await;
    let other = send(&api.router, create(&token, "k", "Legal")).await;
    insta::assert_snapshot!("key_reused", other.shown());
    let path = format!("{LIST}/{}/move", id_of(SALES));
    let elsewhere = keyed("POST", &path, &token, "k", Some(1), &json!({ "name": "Research" }));
    assert_eq!(send(&api.router, elsewhere).await.status, 400, "the body is wrong before the key is looked up");
    let admin = company.token_with(&api, &["hr_admin"], None).await;
    assert_eq!(send(&api.router, create(&admin, "k", "Legal")).await.status, 201);
    let nobody = company.token_with(&api, &["employee"], None).await;
    assert_eq!(send(&api.router, create(&nobody, "k", "Research")).await.status, 403);
    assert_eq!(send(&api.router, create("", "k", "Research")).await.status, 401);
}

#[tokio::test]
async fn what_failed_is_tried_anew_under_its_key() {
    let (api, company, token) = company().await;
    assert_eq!(send(&api.router, create(&token, "k", "Sales")).await.status, 409);
    assert_eq!(count(&api, &company, "first_answers").await, 0);
    let rename =
        api.send("PATCH", &format!("{LIST}/{}", id_of(SALES)), &token, Some(1), &json!({ "name": "Trade" })).await;
    assert_eq!(rename.status, 200, "{}", rename.text);
    let anew = send(&api.router, create(&token, "k", "Sales")).await;
    assert_eq!((anew.status.as_u16(), anew.header("idempotency-replayed")), (201, ""));
}

#[tokio::test]
async fn keys_have_a_form_and_long_bodies_are_refused() {
    let (api, _, token) = company().await;
    for bad in ["", "a b", &"x".repeat(256)] {
        let answer = send(&api.router, create(&token, bad, "Research")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (400, &json!("Idempotency-Key")));
    }
    let mut twice = create(&token, "a", "Research");
    twice.headers_mut().append("idempotency-key", "a".parse().unwrap());
    assert_eq!(send(&api.router, twice).await.status, 400);
    assert_eq!(send(&api.router, create(&token, "a", &"x".repeat(2000))).await.status, 413);
    let mut read = request("GET", LIST, &token);
    read.headers_mut().insert("idempotency-key", "a b".parse().unwrap());
    assert_eq!(send(&api.router, read).await.status, 200, "reading takes no key");
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_then_swept() {
    let (api, company, token) = company().await;
    for number in 0..25 {
        let made = send(&api.router, create(&token, &format!("k{number}"), &format!("Team {number}"))).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let at = |hours| {
        let now = NOW.checked_add(SignedDuration::from_hours(hours)).unwrap();
        Server::new(Context::repeatable(api.installation.db.clone(), now, 3), LIMITS, &SlowQueries::default()).router()
    };
    let replayed = send(&at(24), create(&token, "k0", "Team 0")).await;
    assert_eq!(replayed.header("idempotency-replayed"), "true");
    let next_day = at(25);
    assert_eq!(send(&next_day, create(&token, "k0", "Team 0")).await.status, 409, "it is forgotten");
    assert_eq!(send(&next_day, create(&token, "k0", "Team A")).await.status, 201, "and the key is free");
    assert_eq!(count(&api, &company, "first_answers").await, 25 - 20, "some are swept");
    assert_eq!(send(&next_day, create(&token, "new", "Team B")).await.status, 201);
    assert_eq!(count(&api, &company, "first_answers").await, 2);
}

#[tokio::test]
async fn what_an_employee_was_after_a_change_is_told_again_though_it_is_otherwise_by_now() {
    let (api, _, token) = company().await;
    let ada = path_of(ADA);
    let change = || keyed("PATCH", &ada, &token, "k1", Some(1), &json!({ "preferred_name": "Countess" }));
    let changed = send(&api.router, change()).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    let other = api.send("PATCH", &ada, &token, Some(2), &json!({ "preferred_name": "Al" })).await;
    assert_eq!((other.status.as_u16(), &other.json()["preferred_name"]), (200, &json!("Al")));
    assert_eq!(whole(&send(&api.router, change()).await), whole(&changed));

    let restore = || keyed("POST", &format!("{}/restore", path_of(DELETED)), &token, "k2", Some(1), &Value::Null);
    let restored = send(&api.router, restore()).await;
    assert_eq!((restored.status.as_u16(), restored.header("etag")), (200, "\"2\""), "{}", restored.text);
    let other = api.send("PATCH", &path_of(DELETED), &token, Some(2), &json!({ "last_name": "Back" })).await;
    assert_eq!(other.status, 200, "{}", other.text);
    assert_eq!(whole(&send(&api.router, restore()).await), whole(&restored));
}

#[tokio::test]
async fn changes_of_an_employment_of_pay_and_of_the_organisation_are_told_again_and_not_made_again() {
    let (api, _, token) = company().await;
    let linus = path_of(LINUS);
    let salary = json!({ "effective_from": "2026-02-01", "base": "1000", "currency": "EUR", "pay_period": "month" });
    let mut made: Vec<String> = Vec::new();
    for (number, (method, path, version, body)) in [
        ("POST", format!("{linus}/assignments"), Some(1), json!({ "effective_from": "2026-03-01", "pay_grade": "B" })),
        ("PATCH", format!("{linus}/assignments/[0]"), Some(2), json!({ "reason": "promotion" })),
        ("DELETE", format!("{linus}/assignments/[1]"), Some(3), Value::Null),
        ("POST", format!("{linus}/terminate"), Some(4), json!({ "last_day": "2026-02-01" })),
        ("POST", format!("{linus}/rehire"), Some(5), json!({ "hired_on": "2026-02-10" })),
        ("PATCH", format!("{linus}/employment-periods/current"), Some(6), json!({ "hired_on": "2026-02-11" })),
        ("POST", format!("{linus}/salaries"), None, salary),
        ("PATCH", format!("{linus}/salaries/[6]"), Some(1), json!({ "base": "1100" })),
        ("DELETE", format!("{linus}/salaries/[7]"), Some(1), Value::Null),
        ("POST", "/api/v1/designations".to_owned(), None, json!({ "title": "Chief" })),
        ("PATCH", "/api/v1/designations/[9]".to_owned(), Some(1), json!({ "grade": "A" })),
        ("DELETE", "/api/v1/designations/[9]".to_owned(), Some(2), Value::Null),
        ("POST", "/api/v1/designations/[9]/restore".to_owned(), Some(3), Value::Null),
        ("POST", "/api/v1/locations".to_owned(), None, json!({ "name": "Oslo" })),
        (
            "PUT",
            "/api/v1/number-sequences/employee_number".to_owned(),
            Some(0),
            json!({ "pattern": "N{n}", "next_value": 7 }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let path = made.iter().enumerate().fold(path, |path, (at, id)| path.replace(&format!("[{at}]"), id));
        let send_it = || send(&api.router, keyed(method, &path, &token, &format!("k{number}"), version, &body));
        let first = send_it().await;
        assert!(first.status.is_success(), "{method} {path}: {}", first.text);
        let again = send_it().await;
        assert_eq!((whole(&again), again.header("idempotency-replayed")), (whole(&first), "true"), "{method} {path}");
        let id = serde_json::from_str(&first.text).ok().and_then(|body: Value| body["id"].as_str().map(str::to_owned));
        made.push(id.unwrap_or_default());
    }
}

#[tokio::test]
async fn numbers_of_accounts_and_documents_are_told_again_and_not_kept_a_second_time() {
    let (api, company, token) = company().await;
    let account = json!({ "holder": "Ada", "account_number": "12345678" });
    let document = json!({ "kind": "passport", "number": "12345678" });
    for (list, number, body, change, other) in [
        ("bank-accounts", "account_number", account, json!({ "bank_name": "DKB" }), json!({ "bank_name": null })),
        (
            "identity-documents",
            "number",
            document,
            json!({ "expires_on": "2031-01-01" }),
            json!({ "expires_on": null }),
        ),
    ] {
        let path = format!("{}/{list}", path_of(ADA));
        let create = || keyed("POST", &path, &token, list, None, &body);
        let made = send(&api.router, create()).await;
        assert_eq!((made.status.as_u16(), &made.json()[number]), (201, &json!("12345678")), "{}", made.text);
        let again = send(&api.router, create()).await;
        assert_eq!((whole(&again), again.header("idempotency-replayed")), (whole(&made), "true"));

        let key = format!("{list}-2");
        let change = || keyed("PATCH", made.header("location"), &token, &key, Some(1), &change);
        let changed = send(&api.router, change()).await;
        assert_eq!(changed.header("etag"), "\"2\"", "{}", changed.text);
        assert_eq!(whole(&send(&api.router, change()).await), whole(&changed));
        assert_eq!(send(&api.router, create()).await.status, 409, "the first answer is no longer there");
        let next = api.send("PATCH", made.header("location"), &token, Some(2), &other).await;
        assert_eq!(next.header("etag"), "\"3\"", "{}", next.text);
        assert_eq!(send(&api.router, change()).await.status, 409);
        assert_eq!(
            api.get(made.header("location"), &token).await.header("etag"),
            "\"3\"",
            "and nothing was made again"
        );
    }
    assert_eq!(count(&api, &company, "first_answers WHERE answer::text LIKE '%12345678%'").await, 0);
    assert_eq!(count(&api, &company, "first_answers").await, 4);
}
