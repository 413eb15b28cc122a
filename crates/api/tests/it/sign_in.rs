//! Signing in and out, and what keeps guessers away without keeping anybody else out.

use axum::Router;
use axum::body::Body;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tenure_api::{Peer, Server, SlowQueries};
use tenure_app::{Context, SignInSettings};
use tenure_testkit::{NOW, RoundTrips, TestInstallation};

use crate::company::{ADA, Company, id_of};
use crate::{Answer, Api, LIMITS, request, send};

pub(crate) const PASSWORD: &str = "a quiet brown river";
const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

pub(crate) async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

/// A text in an answer.
pub(crate) fn word(answer: &Answer, pointer: &str) -> String {
    answer.json().pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}

/// A new user with a password, by its mail address, and the user's id.
pub(crate) async fn user(api: &Api, owner: &str, email: &str, roles: &[&str], employee: Option<u128>) -> String {
    let body = json!({ "email": email, "display_name": "Test", "roles": roles, "employee_id": employee.map(id_of) });
    let made = api.send("POST", "/api/v1/users", owner, None, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let token = word(&made, "/password_reset/token");
    let chosen = redeem(api, &token, PASSWORD).await;
    assert_eq!(chosen.status, 204, "{}", chosen.text);
    word(&made, "/user/id")
}

pub(crate) async fn redeem(api: &Api, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password });
    api.send("POST", "/api/v1/password-resets/redeem", "", None, &body).await
}

async fn try_at(router: &Router, email: &str, password: &str, address: &str) -> Answer {
    try_in(router, ("acme", email), password, address).await
}

async fn try_in(router: &Router, (tenant, email): (&str, &str), password: &str, address: &str) -> Answer {
    let mut request = request("POST", "/api/v1/sessions", "");
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    request.headers_mut().insert("user-agent", "test".parse().unwrap());
    request.extensions_mut().insert(Peer(address.parse().unwrap()));
    *request.body_mut() = Body::from(json!({ "tenant": tenant, "email": email, "password": password }).to_string());
    send(router, request).await
}

/// A session of a user, who signs in from home.
pub(crate) async fn session(api: &Api, email: &str) -> String {
    let answer = try_at(&api.router, email, PASSWORD, HOME).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    word(&answer, "/token")
}

/// The same installation at another time.
fn at(api: &Api, now: Timestamp) -> Router {
    let context = Context::repeatable(api.installation.db.clone(), now, 7);
    Server::new(context, LIMITS, &SlowQueries::default()).router()
}

fn after(seconds: i64) -> Timestamp {
    NOW.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

async fn audit(api: &Api, company: &Company, action: &str) -> Vec<Value> {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows = sqlx::query_scalar("SELECT coalesce(after, 'null') FROM audit_log WHERE action = $1 ORDER BY id");
    rows.bind(action).fetch_all(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn a_session_lets_its_user_in_until_it_is_ended() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], Some(ADA)).await;
    let answer = try_at(&api.router, "ADA@acme.example", PASSWORD, HOME).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let body = answer.json();
    assert_eq!(
        (&body["user"]["email"], &body["expires_at"]),
        (&json!("ada@acme.example"), &json!("2026-02-14T09:30:00Z"))
    );
    let token = body["token"].as_str().unwrap();
    let me = api.get("/api/v1/me", token).await.json();
    assert_eq!((&me["employee_id"], &me["roles"]), (&json!(id_of(ADA)), &json!(["employee"])));
    let own = json!({ "permission": "pay.read", "scopes": ["self"] });
    assert!(me["permissions"].as_array().unwrap().contains(&own), "{me}");
    let listed = api.get("/api/v1/sessions", token).await.json();
    let shown = |name: &str| listed["data"][0][name].clone();
    assert_eq!((shown("address"), shown("user_agent"), shown("current")), (json!(HOME), json!("test"), json!(true)));
    assert_eq!(api.send("DELETE", "/api/v1/sessions/current", token, None, &Value::Null).await.status, 204);
    assert_eq!(api.get("/api/v1/me", token).await.status, 401);
    assert_eq!(audit(&api, &company, "session.started").await.len(), 1);
    assert_eq!(audit(&api, &company, "session.ended").await.len(), 1);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = sqlx::query_scalar::<_, String>(
        "SELECT string_agg(coalesce(after::text, '') || coalesce(before::text, ''), ' ') FROM audit_log",
    );
    let log = log.fetch_one(&mut *tx).await.unwrap();
    let secret = token.rsplit_once('_').unwrap().1;
    assert!(!log.contains(secret) && !log.contains(PASSWORD) && !log.contains("argon2"), "{log}");
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let (api, company, owner) = company().await;
    let id = user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    user(&api, &owner, "grace@acme.example", &["employee"], None).await;
    let body = json!({ "email": "new@acme.example", "display_name": "New", "roles": [] });
    assert_eq!(api.send("POST", "/api/v1/users", &owner, None, &body).await.status, 201);
    let suspend = format!("/api/v1/users/{id}/suspend");
    let suspended = api.send("POST", &suspend, &owner, Some(1), &Value::Null).await;
    assert_eq!(suspended.status, 200, "{}", suspended.text);
    let mut answers = Vec::new();
    for email in ["nobody@acme.example", "ada@acme.example", "new@acme.example"] {
        answers.push(try_at(&api.router, email, PASSWORD, HOME).await);
    }
    answers.push(try_at(&api.router, "grace@acme.example", "a quiet brown rover", HOME).await);
    let body = json!({ "tenant": "nowhere", "email": "grace@acme.example", "password": PASSWORD });
    answers.push(api.send("POST", "/api/v1/sessions", "", None, &body).await);
    insta::assert_snapshot!("refused", answers[0].shown());
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), &answer.text), (401, &answers[0].text));
        assert_eq!(answer.header("www-authenticate"), answers[0].header("www-authenticate"));
    }
    let failed = audit(&api, &company, "sign_in.failed").await;
    assert_eq!(failed, vec![json!({ "address": HOME }); 3], "of accounts that there are, and of no other");
}

#[tokio::test]
async fn of_many_wrong_attempts_at_once_a_few_are_tried() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    for email in ["ada@acme.example", "nobody@acme.example"] {
        let attempts = (0..20).map(|_| try_at(&api.router, email, "a wrong password", HOME));
        let answers = futures(attempts).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(401), count(429)), (5, 15), "{email}");
        let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
        assert_eq!(refused.header("retry-after"), "31", "{}", refused.text);
        assert_eq!(refused.json()["type"], "urn:tenure:problem:too-many-attempts");
    }
    assert_eq!(audit(&api, &company, "sign_in.failed").await.len(), 5, "what is not tried is not recorded");
    let right = try_at(&api.router, "ada@acme.example", PASSWORD, HOME).await;
    assert_eq!(right.status, 429, "a block does not tell a right password from a wrong one");
    let later = at(&api, after(31));
    assert_eq!(try_at(&later, "ada@acme.example", "a wrong password", HOME).await.status, 401);
    assert_eq!(try_at(&later, "ada@acme.example", PASSWORD, HOME).await.status, 429, "blocked for longer now");
    let much_later = at(&api, after(31 + 61));
    assert_eq!(try_at(&much_later, "ada@acme.example", PASSWORD, HOME).await.status, 201);
    for _ in 0..4 {
        assert_eq!(try_at(&much_later, "ada@acme.example", "a wrong password", HOME).await.status, 401);
    }
    assert_eq!(try_at(&much_later, "ada@acme.example", PASSWORD, HOME).await.status, 201, "it began anew");
}

#[tokio::test]
async fn a_company_that_is_not_there_asks_to_wait_like_one_that_is() {
    let (api, _, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let mut answers = Vec::new();
    for tenant in ["acme", "nowhere", "elsewhere"] {
        let body = json!({ "tenant": tenant, "email": "nobody@acme.example", "password": "a wrong password" });
        let mut here = Vec::new();
        for _ in 0..6 {
            let answer = api.send("POST", "/api/v1/sessions", "", None, &body).await;
            let wait = answer.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap().to_owned());
            here.push((answer.status.as_u16(), wait, answer.text));
        }
        answers.push(here);
    }
    assert_eq!((answers[0][4].0, answers[0][5].0), (401, 429), "{answers:?}");
    assert_eq!((&answers[1], &answers[2]), (&answers[0], &answers[0]));
}

async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in all.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().map(Option::unwrap).collect()
}

#[tokio::test]
async fn an_attack_from_many_places_keeps_nobody_out_where_the_account_is_known() {
    let (api, _, owner) = company().await;
    for email in ["ada@acme.example", "grace@acme.example"] {
        user(&api, &owner, email, &["employee"], None).await;
    }
    session(&api, "ada@acme.example").await;
    for attempt in 0..20 {
        let address = format!("203.0.113.{attempt}");
        assert_eq!(
            try_at(&api.router, "ada@acme.example", "a wrong password", &address).await.status,
            401,
            "{attempt}"
        );
    }
    let blocked = try_at(&api.router, "ada@acme.example", PASSWORD, ELSEWHERE).await;
    assert_eq!(blocked.status, 429, "where the account is new");
    session(&api, "ada@acme.example").await;
    assert_eq!(try_at(&api.router, "grace@acme.example", PASSWORD, ELSEWHERE).await.status, 201, "another account");
    let month_later = at(&api, after(31 * 24 * 3600));
    assert_eq!(try_at(&month_later, "ada@acme.example", PASSWORD, ELSEWHERE).await.status, 201, "all is forgotten");
}

/// As if an address had failed so often already, wherever that was: to try as many passwords would take as long.
async fn fail_often(api: &Api, address: &str, failures: i32) {
    let count =
        "INSERT INTO public.sign_in_failures (subject, failures, last_failed_at) VALUES ($1, $2, $3::timestamptz)
                 ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures";
    let count = sqlx::query(count).bind(format!("origin:{address}")).bind(failures);
    count.bind(NOW.to_string()).execute(api.installation.db.owner_pool()).await.unwrap();
}

async fn failures_of(api: &Api, address: &str) -> Option<i32> {
    let count = sqlx::query_scalar("SELECT failures FROM public.sign_in_failures WHERE subject = $1");
    let count = count.bind(format!("origin:{address}"));
    count.fetch_optional(api.installation.db.owner_pool()).await.unwrap()
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_is_slowed_down_at_all_companies_and_no_other_address() {
    let (api, _, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    Company::new(&api.installation, "globex").await;
    let guess = async |tenant: &str, number: u8| {
        let email = format!("user{number}@{tenant}.example");
        try_in(&api.router, (tenant, &email), "a wrong password", ELSEWHERE).await
    };
    assert_eq!(guess("acme", 1).await.status, 401);
    assert_eq!(failures_of(&api, ELSEWHERE).await, Some(1));
    fail_often(&api, ELSEWHERE, 98).await;
    assert_eq!([guess("globex", 99).await.status, guess("nowhere", 100).await.status], [401, 401]);
    for tenant in ["acme", "globex", "nowhere"] {
        let waits = guess(tenant, 101).await;
        assert_eq!((waits.status.as_u16(), waits.header("retry-after")), (429, "31"), "{tenant}: {}", waits.text);
    }
    assert_eq!(failures_of(&api, ELSEWHERE).await, Some(100), "what is not tried does not count");
    assert_eq!(try_at(&api.router, "ada@acme.example", PASSWORD, ELSEWHERE).await.status, 429);
    session(&api, "ada@acme.example").await;
    assert_eq!(failures_of(&api, HOME).await, None, "what turned out well does not count");
}

#[tokio::test]
async fn who_is_known_at_an_address_is_let_in_there_when_it_is_blocked_for_others() {
    let (api, _, owner) = company().await;
    for email in ["ada@acme.example", "grace@acme.example"] {
        user(&api, &owner, email, &["employee"], None).await;
    }
    session(&api, "ada@acme.example").await;
    fail_often(&api, HOME, 99).await;
    assert_eq!(try_at(&api.router, "nobody@acme.example", "a wrong password", HOME).await.status, 401);
    assert_eq!(try_at(&api.router, "grace@acme.example", PASSWORD, HOME).await.status, 429, "new there");
    session(&api, "ada@acme.example").await;
    assert_eq!(failures_of(&api, HOME).await, Some(100), "the block stays as it was");
    let statuses = async || try_at(&api.router, "ada@acme.example", "a wrong password", HOME).await.status.as_u16();
    for expected in [401, 401, 401, 401, 401, 429] {
        assert_eq!(statuses().await, expected, "an own failure there holds it back all the same");
    }
}

#[tokio::test]
async fn that_a_company_is_at_rest_is_told_to_who_knows_a_password_there() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    for status in ["suspended", "archived", "provisioning"] {
        let rest = format!("UPDATE public.tenants SET status = '{status}' WHERE id = '{}'", company.tenant);
        sqlx::raw_sql(sqlx::AssertSqlSafe(rest)).execute(&mut api.installation.superuser().await).await.unwrap();
        let elsewhere = try_in(&api.router, ("nowhere", "ada@acme.example"), PASSWORD, ELSEWHERE).await;
        for email in ["ada@acme.example", "nobody@acme.example"] {
            let refused = try_at(&api.router, email, "a wrong password", ELSEWHERE).await;
            assert_eq!((refused.status.as_u16(), &refused.text), (401, &elsewhere.text), "{email}, {status}");
        }
        let expected = if status == "provisioning" { 401 } else { 403 };
        assert_eq!(try_at(&api.router, "ada@acme.example", PASSWORD, ELSEWHERE).await.status, expected, "{status}");
    }
}

#[tokio::test]
async fn more_passwords_than_may_wait_are_answered_at_once_with_when_to_try_again() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let settings = SignInSettings { hashes_at_once: 1, hashes_waiting: 3, ..SignInSettings::default() };
    let context = Context::repeatable(api.installation.db.clone(), NOW, 7).with_sign_in(settings);
    let router = Server::new(context, LIMITS, &SlowQueries::default()).router();
    let at_once = async |from: &dyn Fn(u8) -> String| {
        let attempts = (0..10_u8).map(|number| {
            let (router, email, address) = (&router, format!("user{number}@acme.example"), from(number));
            let company = if number % 2 == 0 { "acme" } else { "nowhere" };
            async move { try_in(router, (company, &email), "a wrong password", &address).await }
        });
        futures(attempts).await
    };
    let count =
        |answers: &[Answer], status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    let answers = at_once(&|number| format!("203.0.113.{number}")).await;
    assert_eq!((count(&answers, 401), count(&answers, 503)), (4, 6));
    let busy = answers.iter().find(|answer| answer.status == 503).unwrap();
    assert_eq!((busy.header("retry-after"), busy.header("content-type")), ("2", "application/problem+json"));
    assert_eq!(busy.json()["type"], "urn:tenure:problem:unavailable");
    let answers = at_once(&|_| ELSEWHERE.to_owned()).await;
    assert_eq!((count(&answers, 401), count(&answers, 503)), (2, 8), "one address has half of the line");
    assert_eq!(failures_of(&api, ELSEWHERE).await, Some(2), "who is turned away is not counted");
    assert_eq!(try_at(&router, "ada@acme.example", PASSWORD, HOME).await.status, 201, "the line is empty again");
    assert_eq!(audit(&api, &company, "session.started").await.len(), 1);
}

#[tokio::test]
async fn refusals_take_no_connection_of_the_owners_login() {
    let installation = TestInstallation::with(|settings| settings.owner_max_connections = 1).await;
    let api = Api::over(installation, &SlowQueries::default());
    Company::new(&api.installation, "acme").await;
    let _busy = api.installation.db.owner_pool().acquire().await.unwrap();
    for company in ["nowhere", "acme"] {
        let refused = try_in(&api.router, (company, "ada@acme.example"), "a wrong password", ELSEWHERE).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
    }
}

#[tokio::test]
async fn before_the_platform_is_migrated_sign_ins_go_on_uncounted_by_address() {
    let (api, _, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let login = api.installation.db.application_login();
    let revoke = format!("REVOKE ALL ON public.sign_in_failures FROM \"{login}\"");
    sqlx::raw_sql(sqlx::AssertSqlSafe(revoke)).execute(api.installation.db.owner_pool()).await.unwrap();
    assert_eq!(try_at(&api.router, "ada@acme.example", PASSWORD, HOME).await.status, 201);
    for company in ["nowhere", "acme"] {
        let refused = try_in(&api.router, (company, "ada@acme.example"), "a wrong password", HOME).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
    }
    assert_eq!(failures_of(&api, HOME).await, None);
}

#[tokio::test]
async fn refusals_wait_equally_often_for_the_database() {
    let mut round_trips = RoundTrips::default();
    let installation = TestInstallation::with(|settings| {
        round_trips = RoundTrips::count(&mut settings.application);
        settings.max_connections = 1;
    });
    let api = Api::over(installation.await, &SlowQueries::default());
    let owner = Company::new(&api.installation, "acme").await.owner_token(&api).await;
    for email in ["ada@acme.example", "grace@acme.example"] {
        user(&api, &owner, email, &["employee"], None).await;
    }
    let mut seen = Vec::new();
    for (company, email) in [
        // The first two prepare all statements.
        ("acme", "grace@acme.example"),
        ("nowhere", "grace@acme.example"),
        ("acme", "ada@acme.example"),
        ("acme", "nobody@acme.example"),
        ("nowhere", "ada@acme.example"),
        ("elsewhere", "nobody@acme.example"),
    ] {
        let mut counts = Vec::new();
        for _ in 0..6 {
            let before = round_trips.so_far();
            let status = try_in(&api.router, (company, email), "a wrong password", HOME).await.status.as_u16();
            counts.push((status, round_trips.so_far() - before));
        }
        seen.push(counts);
    }
    let seen = seen.split_off(2);
    assert_eq!(seen[0].iter().map(|(status, _)| *status).collect::<Vec<_>>(), [401, 401, 401, 401, 401, 429]);
    assert_eq!((&seen[1], &seen[2], &seen[3]), (&seen[0], &seen[0], &seen[0]));
}

#[tokio::test]
async fn sessions_end_when_they_are_idle_or_old_or_their_user_goes() {
    let (api, _, owner) = company().await;
    let id = user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let token = session(&api, "ada@acme.example").await;
    let status = async |router: &Router, token: &str| send(router, request("GET", "/api/v1/me", token)).await.status;
    let hour = 3600;
    assert_eq!(status(&at(&api, after(12 * hour)), &token).await, 401, "idle for too long");
    // Used every eleven hours, it lives until its end.
    for used in 1..=65 {
        assert_eq!(status(&at(&api, after(used * 11 * hour)), &token).await, 200, "{used}");
    }
    assert_eq!(status(&at(&api, after(30 * 24 * hour)), &token).await, 401, "too old");

    let (one, other) = (session(&api, "ada@acme.example").await, session(&api, "ada@acme.example").await);
    let path = format!("/api/v1/users/{id}");
    assert_eq!(api.send("POST", &format!("{path}/suspend"), &owner, Some(1), &Value::Null).await.status, 200);
    assert_eq!((status(&api.router, &one).await.as_u16(), status(&api.router, &other).await.as_u16()), (401, 401));
    assert_eq!(api.send("POST", &format!("{path}/resume"), &owner, Some(2), &Value::Null).await.status, 200);
    assert_eq!(status(&api.router, &one).await, 401, "it has ended for good");
    let again = session(&api, "ada@acme.example").await;
    assert_eq!(api.send("DELETE", &path, &owner, Some(3), &Value::Null).await.status, 204);
    assert_eq!(status(&api.router, &again).await, 401);
}

#[tokio::test]
async fn when_a_credential_was_used_is_noted_every_five_minutes() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let session = session(&api, "ada@acme.example").await;
    let noted = async || {
        let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
        let query = "SELECT to_char(max(s.last_seen_at) AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' ' || to_char(max(t.last_used_at) AT TIME ZONE 'UTC', 'HH24:MI:SS')
                     FROM sessions s, api_tokens t";
        sqlx::query_scalar::<_, String>(query).fetch_one(&mut *tx).await.unwrap()
    };
    for (seconds, expected) in
        [(0, "09:30:00 09:30:00"), (299, "09:30:00 09:30:00"), (300, "09:35:00 09:35:00"), (310, "09:35:00 09:35:00")]
    {
        let router = at(&api, after(seconds));
        for token in [&session, &owner] {
            assert_eq!(send(&router, request("GET", "/api/v1/me", token)).await.status, 200);
        }
        assert_eq!(noted().await, expected, "{seconds}");
    }
}

#[tokio::test]
async fn a_user_ends_own_sessions_and_an_administrator_those_of_others() {
    let (api, _, owner) = company().await;
    let ada = user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    user(&api, &owner, "grace@acme.example", &["employee"], None).await;
    let (adas, graces) = (session(&api, "ada@acme.example").await, session(&api, "grace@acme.example").await);
    let id = api.get("/api/v1/sessions", &adas).await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let of_ada = format!("/api/v1/sessions?user_id={ada}");
    assert_eq!(api.get(&of_ada, &graces).await.status, 403);
    assert_eq!(api.get(&of_ada, &owner).await.json()["data"][0]["id"], json!(id));
    assert_eq!(api.get(&of_ada, &adas).await.status, 200);
    assert_eq!(api.get(&format!("/api/v1/sessions?user_id={}", id_of(0xff)), &owner).await.status, 404);
    let end = async |path: &str, token: &str| api.send("DELETE", path, token, None, &Value::Null).await.status.as_u16();
    let path = format!("/api/v1/sessions/{id}");
    assert_eq!(end(&path, &graces).await, 404);
    assert_eq!(end("/api/v1/sessions/current", &owner).await, 422, "it is an API token");
    assert_eq!(end(&path, &adas).await, 204);
    assert_eq!(end(&path, &owner).await, 404);
    let (one, other) = (session(&api, "ada@acme.example").await, session(&api, "ada@acme.example").await);
    let all = format!("/api/v1/users/{ada}/sessions");
    assert_eq!(end(&all, &graces).await, 403);
    assert_eq!(end(&all, &owner).await, 204);
    for token in [one, other] {
        assert_eq!(api.get("/api/v1/me", &token).await.status, 401);
    }
    assert_eq!(api.get("/api/v1/me", &graces).await.status, 200);
}

#[tokio::test]
async fn a_session_of_one_company_is_nothing_in_another_and_ends_with_its_companys_service() {
    let (api, company, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["owner"], None).await;
    let token = session(&api, "ada@acme.example").await;
    let globex = api.installation.tenant("globex").await;
    let simple = |id: tenure_core::ids::TenantId| id.uuid().simple().to_string();
    let forged = token.replace(&simple(company.tenant), &simple(globex.id));
    assert_eq!(api.get("/api/v1/me", &forged).await.status, 401);
    assert_eq!(api.get("/api/v1/me", &token.replace("tns_", "tnr_")).await.status, 401, "it is no API token");
    assert_eq!(api.get("/api/v1/me", &owner.replace("tnr_", "tns_")).await.status, 401, "it is no session");
    let suspend = format!("UPDATE public.tenants SET status = 'suspended' WHERE id = '{}'", company.tenant);
    sqlx::raw_sql(sqlx::AssertSqlSafe(suspend)).execute(&mut api.installation.superuser().await).await.unwrap();
    assert_eq!(api.get("/api/v1/me", &token).await.status, 403);
}

#[tokio::test]
async fn what_a_proxy_says_of_the_address_counts_when_the_proxy_is_trusted() {
    let (api, _, owner) = company().await;
    let user_id = user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let server = |seed| {
        Server::new(Context::repeatable(api.installation.db.clone(), NOW, seed), LIMITS, &SlowQueries::default())
    };
    let behind = server(8).behind(vec!["10.0.0.0/8".parse().unwrap()]).router();
    let mut signed_in = Vec::new();
    for (router, peer) in [(&behind, "10.1.2.3"), (&behind, "203.0.113.5"), (&server(9).router(), "10.1.2.3")] {
        let mut request = request("POST", "/api/v1/sessions", "");
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        request.headers_mut().insert("x-forwarded-for", "192.0.2.77, 198.51.100.9".parse().unwrap());
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        let body = json!({ "tenant": "acme", "email": "ada@acme.example", "password": PASSWORD });
        *request.body_mut() = Body::from(body.to_string());
        let begun = send(router, request).await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        let sessions = api.get(&format!("/api/v1/sessions?user_id={user_id}"), &owner).await.json();
        let id = word(&begun, "/id");
        let found = sessions["data"].as_array().unwrap().iter().find(|session| session["id"] == id.as_str()).unwrap();
        signed_in.push(found["address"].clone());
    }
    // What the client itself put before the proxy's own word does not count.
    assert_eq!(signed_in, ["198.51.100.9", "203.0.113.5", "10.1.2.3"]);
}
