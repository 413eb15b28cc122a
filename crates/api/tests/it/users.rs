//! Users, roles and tokens: nobody gives, takes or gets more than they have.

use serde_json::{Value, json};

use crate::company::{ADA, Company, DELETED, GRACE, id_of};
use crate::sign_in::{PASSWORD, company, redeem, session, user};
use crate::{Answer, Api};

const USERS: &str = "/api/v1/users";
const ROLES: &str = "/api/v1/roles";
const TOKENS: &str = "/api/v1/tokens";

async fn post(api: &Api, path: &str, token: &str, body: Value) -> Answer {
    api.send("POST", path, token, None, &body).await
}

fn new(email: &str, roles: &[&str]) -> Value {
    json!({ "email": email, "display_name": "Test", "roles": roles })
}

/// The mail addresses of a page.
fn emails(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let rows = body.get("data").and_then(Value::as_array).unwrap();
    rows.iter().map(|row| row.get("email").and_then(Value::as_str).unwrap().to_owned()).collect()
}

fn field(answer: &Answer) -> (u16, String) {
    let named = answer.json().pointer("/errors/0/field").and_then(Value::as_str).unwrap_or_default().to_owned();
    (answer.status.as_u16(), named)
}

#[tokio::test]
async fn each_role_sees_and_makes_the_users_that_it_may() {
    let (api, company, _) = company().await;
    for (role, sees, makes) in [
        ("owner", 200, 201),
        ("hr_admin", 200, 201),
        ("hr_manager", 403, 403),
        ("payroll_admin", 403, 403),
        ("manager", 403, 403),
        ("employee", 403, 403),
        ("auditor", 200, 403),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(api.get(USERS, &token).await.status, sees, "{role}");
        assert_eq!(api.get(ROLES, &token).await.status, sees, "{role}");
        let made = post(&api, USERS, &token, new(&format!("{role}@new.example"), &["employee"])).await;
        assert_eq!(made.status, makes, "{role}: {}", made.text);
        assert_eq!(api.get("/api/v1/me", &token).await.json()["roles"], json!([role]));
    }
    let globex = Company { tenant: api.installation.tenant("globex").await.id };
    let of_globex = globex.owner_token(&api).await;
    let owner = company.token_with(&api, &["owner"], None).await;
    let someone = api.get(&format!("{USERS}?q=hr_admin@new"), &owner).await.json()["data"][0]["id"].clone();
    let path = format!("{USERS}/{}", someone.as_str().unwrap());
    assert_eq!(api.get(&path, &owner).await.status, 200);
    for (method, below) in [("GET", ""), ("DELETE", ""), ("POST", "/suspend"), ("POST", "/password-reset")] {
        let answer = api.send(method, &format!("{path}{below}"), &of_globex, Some(1), &Value::Null).await;
        assert_eq!(answer.status, 404, "{method} {below}");
    }
}

#[tokio::test]
async fn the_list_is_paged_by_mail_address_and_filtered() {
    let (api, _, owner) = company().await;
    for (email, role) in
        [("cleo@acme.example", "manager"), ("Ada@acme.example", "employee"), ("ben@acme.example", "manager")]
    {
        assert_eq!(post(&api, USERS, &owner, new(email, &[role])).await.status, 201);
    }
    let first = api.get(&format!("{USERS}?limit=2"), &owner).await;
    assert_eq!(emails(&first), ["Ada@acme.example", "ben@acme.example"]);
    let next = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let second = api.get(&format!("{USERS}?limit=2&cursor={next}"), &owner).await;
    assert_eq!((emails(&second).len(), &second.json()["next_cursor"]), (2, &Value::Null));
    assert_eq!(
        emails(&api.get(&format!("{USERS}?role=manager"), &owner).await),
        ["ben@acme.example", "cleo@acme.example"]
    );
    assert_eq!(emails(&api.get(&format!("{USERS}?q=CLEO"), &owner).await), ["cleo@acme.example"]);
    assert_eq!(emails(&api.get(&format!("{USERS}?status=suspended"), &owner).await), Vec::<String>::new());
    for wrong in ["status=gone", "q=", "sort=email", "cursor=x"] {
        assert_eq!(api.get(&format!("{USERS}?{wrong}"), &owner).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_user_is_named_by_field() {
    let (api, _, owner) = company().await;
    let linked = json!({ "email": "ada@acme.example", "display_name": "Ada", "employee_id": id_of(ADA) });
    assert_eq!(post(&api, USERS, &owner, linked).await.status, 201);
    for (body, expected) in [
        (json!({ "email": "ada", "display_name": "A" }), (400, "email")),
        (json!({ "email": "b@acme.example" }), (400, "display_name")),
        (json!({ "email": "ADA@acme.example", "display_name": "A" }), (409, "email")),
        (json!({ "email": "b@acme.example", "display_name": "A", "employee_id": id_of(ADA) }), (409, "employee_id")),
        (
            json!({ "email": "b@acme.example", "display_name": "A", "employee_id": id_of(DELETED) }),
            (400, "employee_id"),
        ),
        (json!({ "email": "b@acme.example", "display_name": "A", "roles": ["root"] }), (400, "roles")),
        (json!({ "email": "b@acme.example", "display_name": "A", "roles": "owner" }), (400, "roles")),
    ] {
        let (status, name) = expected;
        assert_eq!(field(&post(&api, USERS, &owner, body.clone()).await), (status, name.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn nobody_gives_or_takes_more_than_they_have_or_changes_themself() {
    let (api, company, owner) = company().await;
    let boss = user(&api, &owner, "boss@acme.example", &["owner"], None).await;
    let admin = user(&api, &owner, "admin@acme.example", &["hr_admin"], Some(GRACE)).await;
    let clerk = user(&api, &owner, "clerk@acme.example", &["employee"], None).await;
    let token = session(&api, "admin@acme.example").await;
    let act = async |method: &str, of: &str, below: &str, body: Value| {
        let path = format!("{USERS}/{of}{below}");
        api.send(method, &path, &token, Some(1), &body).await.status.as_u16()
    };
    assert_eq!(post(&api, USERS, &token, new("x@acme.example", &["owner"])).await.status, 403);
    assert_eq!(post(&api, USERS, &token, new("x@acme.example", &["auditor"])).await.status, 403);
    assert_eq!(act("PUT", &clerk, "/roles", json!({ "roles": ["owner"] })).await, 403);
    assert_eq!(act("PUT", &admin, "/roles", json!({ "roles": [] })).await, 403, "one's own");
    for of in [&boss, &admin] {
        assert_eq!(act("POST", of, "/suspend", Value::Null).await, 403);
        assert_eq!(act("POST", of, "/password-reset", Value::Null).await, 403);
        assert_eq!(act("DELETE", of, "", Value::Null).await, 403);
        assert_eq!(act("PATCH", of, "", json!({ "employee_id": id_of(ADA) })).await, 403);
    }
    assert_eq!(act("PUT", &boss, "/roles", json!({ "roles": ["employee"] })).await, 403);
    assert_eq!(act("PATCH", &admin, "", json!({ "display_name": "Grace" })).await, 200, "one's own name");
    assert_eq!(act("PUT", &clerk, "/roles", json!({ "roles": ["hr_manager"] })).await, 200);
    assert_eq!(act("PUT", &clerk, "/roles", json!({ "roles": ["hr_manager"] })).await, 412, "it was changed since");
    let of_boss = api.send("DELETE", &format!("{USERS}/{boss}/sessions"), &token, None, &Value::Null).await;
    assert_eq!(of_boss.status, 403);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let changed = "SELECT count(*) FROM audit_log WHERE action = 'user.roles_changed'";
    assert_eq!(sqlx::query_scalar::<_, i64>(changed).fetch_one(&mut *tx).await.unwrap(), 1);
}

#[tokio::test]
async fn a_company_keeps_an_owner_when_two_owners_turn_upon_each_other() {
    let (api, company, _) = company().await;
    // The first owner of a company, whom nobody of these two is.
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::raw_sql("UPDATE users SET deleted_at = now()").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let (one, other) =
        (company.token_with(&api, &["owner"], None).await, company.token_with(&api, &["owner"], None).await);
    let id = async |token: &str| api.get("/api/v1/me", token).await.json()["user"]["id"].as_str().unwrap().to_owned();
    let (of_one, of_other) = (id(&one).await, id(&other).await);
    let path = |of: &str| format!("{USERS}/{of}/suspend");
    let (of_one, of_other) = (path(&of_one), path(&of_other));
    let (first, second) = tokio::join!(
        api.send("POST", &of_other, &one, Some(1), &Value::Null),
        api.send("POST", &of_one, &other, Some(1), &Value::Null),
    );
    let statuses = [first.status.as_u16(), second.status.as_u16()];
    assert!(statuses.contains(&200), "{statuses:?}");
    // The loser is told that nobody would be left, or is suspended already when asked who it is.
    assert!(statuses.contains(&422) || statuses.contains(&401), "{statuses:?}");
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let active = "SELECT count(*) FROM users WHERE status = 'active' AND deleted_at IS NULL";
    assert_eq!(sqlx::query_scalar::<_, i64>(active).fetch_one(&mut *tx).await.unwrap(), 1);
}

#[tokio::test]
async fn a_reset_token_works_once_for_an_hour_and_ends_all_sessions() {
    let (api, company, owner) = company().await;
    let id = user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let before = session(&api, "ada@acme.example").await;
    let path = format!("{USERS}/{id}/password-reset");
    let make = async || {
        let made = api.send("POST", &path, &owner, None, &Value::Null).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let (older, token) = (make().await, make().await);
    assert_eq!(
        field(&redeem(&api, &older, "another quiet river").await),
        (400, "token".to_owned()),
        "a newer one is there"
    );
    for (password, why) in [("too short", "short"), ("password1234", "common"), ("ada ada ada 1", "obvious")] {
        assert_eq!(field(&redeem(&api, &token, password).await), (400, "password".to_owned()), "{why}");
    }
    assert_eq!(api.get("/api/v1/me", &token).await.status, 401, "it lets nobody in");
    let (first, second) =
        tokio::join!(redeem(&api, &token, "another quiet river"), redeem(&api, &token, "one more quiet river"));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    assert_eq!(api.get("/api/v1/me", &before).await.status, 401);
    let late = make().await;
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let age = "UPDATE password_resets SET created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour'";
    sqlx::raw_sql(age).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(field(&redeem(&api, &late, "a third quiet river").await), (400, "token".to_owned()), "too old");
    let clerk = user(&api, &owner, "clerk@acme.example", &["employee"], None).await;
    let of_clerk = session(&api, "clerk@acme.example").await;
    assert_eq!(post(&api, &format!("{USERS}/{clerk}/password-reset"), &of_clerk, Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_user_changes_the_password_by_the_present_one_and_stays_signed_in() {
    let (api, _, owner) = company().await;
    user(&api, &owner, "ada@acme.example", &["employee"], None).await;
    let (this, other) = (session(&api, "ada@acme.example").await, session(&api, "ada@acme.example").await);
    let change = async |token: &str, current: &str, new: &str| {
        post(&api, "/api/v1/me/password", token, json!({ "current": current, "new": new })).await
    };
    assert_eq!(change(&owner, PASSWORD, "another quiet river").await.status, 403, "an API token may not");
    assert_eq!(field(&change(&this, "wrong", "another quiet river").await), (400, "current".to_owned()));
    assert_eq!(field(&change(&this, PASSWORD, "short").await), (400, "new".to_owned()));
    let changed = change(&this, PASSWORD, "another quiet river").await;
    assert_eq!(changed.status, 204, "{}", changed.text);
    assert_eq!(api.get("/api/v1/me", &this).await.status, 200);
    assert_eq!(api.get("/api/v1/me", &other).await.status, 401);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(change(&this, "wrong", "yet another river").await.status.as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429], "guessing is slowed down here too");
}

#[tokio::test]
async fn a_token_may_do_what_its_user_may_less_what_it_is_confined_to() {
    let (api, company, owner) = company().await;
    let admin = company.token_with(&api, &["hr_admin"], None).await;
    let make = async |by: &str, body: Value| post(&api, TOKENS, by, body).await;
    let confined = make(&admin, json!({ "name": "report", "permissions": ["employees.read", "users.read"] })).await;
    assert_eq!(confined.status, 201, "{}", confined.text);
    let token = confined.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(api.get(USERS, &token).await.status, 200);
    assert_eq!(api.get("/api/v1/departments", &token).await.status, 403);
    assert_eq!(post(&api, USERS, &token, new("x@acme.example", &[])).await.status, 403);
    for beyond in ["users.write", "audit.read"] {
        assert_eq!(make(&token, json!({ "name": "x", "permissions": [beyond] })).await.status, 403, "{beyond}");
    }
    assert_eq!(make(&admin, json!({ "name": "x", "permissions": ["audit.read"] })).await.status, 403);
    let child = make(&token, json!({ "name": "child" })).await.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(api.get("/api/v1/departments", &child).await.status, 403, "confined as its maker");
    for (body, name) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x", "permissions": ["everything"] }), "permissions"),
        (json!({ "name": "x", "expires_at": "2026-01-15T09:30:00Z" }), "expires_at"),
        (json!({ "name": "x", "expires_at": "tomorrow" }), "expires_at"),
    ] {
        assert_eq!(field(&make(&admin, body.clone()).await), (400, name.to_owned()), "{body}");
    }
    let listed = api.get(TOKENS, &admin).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3, "the one that it came with too");
    assert!(!listed.to_string().contains(token.rsplit_once('_').unwrap().1));
    let id = confined.json()["id"].as_str().unwrap().to_owned();
    let revoke = async |by: &str| api.send("DELETE", &format!("{TOKENS}/{id}"), by, None, &Value::Null).await.status;
    let clerk = company.token_with(&api, &["employee"], None).await;
    assert_eq!(revoke(&clerk).await, 404);
    assert_eq!(revoke(&owner).await, 204);
    assert_eq!(api.get(USERS, &token).await.status, 401);
}

#[tokio::test]
async fn a_role_of_the_companys_own_grants_no_more_than_its_maker_has() {
    let (api, company, owner) = company().await;
    let admin = company.token_with(&api, &["hr_admin"], None).await;
    let role = |grants: Value| json!({ "key": "assistant", "name": "Assistant", "grants": grants });
    let grant = |permission: &str, scope: &str| json!({ "permission": permission, "scope": scope });
    assert_eq!(post(&api, ROLES, &admin, role(json!([grant("audit.read", "all")]))).await.status, 403);
    let made = post(&api, ROLES, &admin, role(json!([grant("users.read", "all")]))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = made.header("location").to_owned();
    assert_eq!(field(&post(&api, ROLES, &admin, role(json!([]))).await), (409, "key".to_owned()));
    for (body, name) in [
        (json!({ "key": "Own", "name": "x", "grants": [] }), "key"),
        (json!({ "key": "own", "name": "x", "grants": [{ "permission": "x", "scope": "all" }] }), "grants"),
        (json!({ "key": "own", "name": "x", "grants": [{ "permission": "users.read" }] }), "grants"),
    ] {
        assert_eq!(field(&post(&api, ROLES, &admin, body.clone()).await), (400, name.to_owned()), "{body}");
    }
    let helper = company.token_with(&api, &["assistant"], None).await;
    assert_eq!(api.get(USERS, &helper).await.status, 200);
    let less = api.send("PATCH", &path, &admin, Some(1), &json!({ "grants": [grant("pay.read", "self")] })).await;
    assert_eq!((less.status.as_u16(), less.header("etag")), (200, "\"2\""), "{}", less.text);
    assert_eq!(api.get(USERS, &helper).await.status, 403, "from the next request on");
    let more = api.send("PATCH", &path, &owner, Some(2), &json!({ "grants": [grant("audit.read", "all")] })).await;
    assert_eq!(more.status, 200, "{}", more.text);
    assert_eq!(api.send("PATCH", &path, &admin, Some(3), &json!({ "name": "Mine" })).await.status, 403);
    assert_eq!(api.send("DELETE", &path, &owner, Some(3), &Value::Null).await.status, 422, "somebody has it");
    let built_in = api.get(ROLES, &owner).await.json()["data"][0].clone();
    assert_eq!((&built_in["built_in"], built_in["grants"].as_array().unwrap().is_empty()), (&json!(true), false));
    let built_in = format!("{ROLES}/{}", built_in["id"].as_str().unwrap());
    assert_eq!(api.send("DELETE", &built_in, &owner, Some(1), &Value::Null).await.status, 422);
    assert_eq!(api.send("PATCH", &built_in, &owner, Some(1), &json!({ "name": "King" })).await.status, 422);
}

#[tokio::test]
async fn a_change_whose_answer_holds_a_secret_is_not_made_again_under_its_key() {
    let (api, _, owner) = company().await;
    let send = async || {
        let mut request = crate::request("POST", TOKENS, &owner);
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
        *request.body_mut() = axum::body::Body::from(json!({ "name": "once" }).to_string());
        crate::send(&api.router, request).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 409), "{}", again.text);
    let listed = api.get(TOKENS, &owner).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2, "the owner's and one more");
}

#[tokio::test]
async fn a_token_that_is_made_by_a_token_does_not_outlive_it() {
    let (api, company, _) = company().await;
    user(&api, &company.owner_token(&api).await, "ada@acme.example", &["hr_admin"], None).await;
    let session = session(&api, "ada@acme.example").await;
    let make = async |by: &str, body: Value| post(&api, TOKENS, by, body).await;
    let told = |answer: &Answer, field: &str| answer.json()[field].as_str().unwrap().to_owned();
    let (soon, later) = ("2026-01-16T00:00:00Z", "2026-01-17T00:00:00Z");
    let maker = make(&session, json!({ "name": "maker", "expires_at": soon })).await;
    let (id, maker) = (told(&maker, "id"), told(&maker, "token"));
    assert_eq!(make(&maker, json!({ "name": "x", "expires_at": later })).await.status, 403);
    let child = make(&maker, json!({ "name": "child" })).await;
    assert_eq!(told(&child, "expires_at"), soon, "{}", child.text);
    let earlier = make(&maker, json!({ "name": "x", "expires_at": "2026-01-15T12:00:00Z" })).await;
    assert_eq!(told(&earlier, "expires_at"), "2026-01-15T12:00:00Z");
    let grandchild = make(&told(&child, "token"), json!({ "name": "grandchild" })).await;
    assert_eq!(told(&grandchild, "expires_at"), soon, "{}", grandchild.text);
    let other = make(&session, json!({ "name": "other", "expires_at": later })).await;
    let me = async |token: &str| api.get("/api/v1/me", token).await.status.as_u16();
    let all = [maker, told(&child, "token"), told(&grandchild, "token"), told(&other, "token")];
    for token in &all {
        assert_eq!(me(token).await, 200);
    }
    let revoked = api.send("DELETE", &format!("{TOKENS}/{id}"), &session, None, &Value::Null).await;
    assert_eq!(revoked.status, 204, "{}", revoked.text);
    assert_eq!([me(&all[0]).await, me(&all[1]).await, me(&all[2]).await, me(&all[3]).await], [401, 401, 401, 200]);
}

#[tokio::test]
async fn nobody_is_let_in_again_whose_employee_was_deleted_meanwhile() {
    let (api, _, owner) = company().await;
    let hired = post(&api, "/api/v1/employees", &owner, json!({ "last_name": "New", "hired_on": "2026-03-01" })).await;
    let (person, id) = (hired.header("location").to_owned(), hired.json()["id"].clone());
    let mut user = new("new@acme.example", &["employee"]);
    user["employee_id"] = id;
    let made = post(&api, USERS, &owner, user).await;
    let user = made.header("location").to_owned();
    let send = async |method, path: String, version| {
        api.send(method, &path, &owner, Some(version), &Value::Null).await.status.as_u16()
    };
    assert_eq!(send("DELETE", person.clone(), 1).await, 422, "the user may sign in");
    assert_eq!(send("POST", format!("{user}/suspend"), 1).await, 200, "{}", made.text);
    assert_eq!(send("DELETE", person.clone(), 1).await, 204);
    assert_eq!(send("POST", format!("{user}/resume"), 2).await, 422);
    assert_eq!(send("POST", format!("{person}/restore"), 2).await, 200);
    assert_eq!(send("POST", format!("{user}/resume"), 2).await, 200);
}
