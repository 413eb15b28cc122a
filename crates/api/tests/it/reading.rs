//! What the answer to a change shows of somebody else is recorded as the reading that it is, each time that it is given.

use axum::body::Body;
use serde_json::{Value, json};

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, path_of};
use crate::{Answer, Api, request, send};

const ALL: &str = r#"employee.read ["personal", "sensitive", "pay"]"#;
const PAY: &str = r#"employee.read ["pay"]"#;

struct Scene {
    api: Api,
    company: Company,
    owner: String,
}

/// A change that is sent under a key.
struct Sent<'a> {
    method: &'a str,
    path: String,
    version: Option<i64>,
    body: Value,
}

fn change(method: &str, path: impl Into<String>, version: Option<i64>, body: Value) -> Sent<'_> {
    Sent { method, path: path.into(), version, body }
}

impl Scene {
    async fn new() -> Self {
        let api = Api::new().await;
        let company = Company::new(&api.installation, "acme").await;
        let owner = company.owner_token(&api).await;
        Self { api, company, owner }
    }

    async fn send(&self, token: &str, key: &str, sent: &Sent<'_>) -> Answer {
        let mut request = request(sent.method, &sent.path, token);
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("idempotency-key", key.parse().unwrap());
        if let Some(version) = sent.version {
            headers.insert("if-match", format!("\"{version}\"").parse().unwrap());
        }
        *request.body_mut() = Body::from(sent.body.to_string());
        send(&self.api.router, request).await
    }

    /// Takes the readings out of the audit log that were added since this was last asked.
    async fn readings(&self, seen: &mut i64) -> Vec<String> {
        let mut tx = self.api.installation.db.begin_read(self.company.tenant).await.unwrap();
        let readings = "SELECT concat_ws(' ', action, after -> 'fields') FROM audit_log
                        WHERE action LIKE 'employee.%read' ORDER BY id OFFSET $1";
        let found: Vec<String> = sqlx::query_scalar(readings).bind(*seen).fetch_all(&mut *tx).await.unwrap();
        *seen += i64::try_from(found.len()).unwrap();
        found
    }
}

#[tokio::test]
async fn whoever_changes_somebody_else_has_read_what_the_answer_shows_the_first_time_and_again() {
    let scene = Scene::new().await;
    let field = json!({ "entity": "employee", "key": "bonus", "label": "Bonus", "kind": "text", "class": "pay" });
    assert_eq!(scene.api.send("POST", "/api/v1/custom-fields", &scene.owner, None, &field).await.status, 201);
    let [ada, grace, linus, zoe] = [ADA, GRACE, LINUS, ZOE].map(path_of);
    let salary = |amount: &str| json!({ "effective_from": "2026-01-01", "base": amount, "currency": "EUR", "pay_period": "year" });
    let account = json!({ "holder": "Ada", "account_number": "12345678" });
    let (accounts, contacts, documents) = ("bank_accounts", "emergency_contacts", "identity_documents");
    let kind = |kind: &str| format!("employee.{kind}_read");
    let mut seen = 0;
    for (sent, expected) in [
        (change("PATCH", &ada, Some(1), json!({ "preferred_name": "Al" })), ALL.to_owned()),
        (change("PATCH", &ada, Some(2), json!({})), ALL.to_owned()),
        (
            change("POST", "/api/v1/employees", None, json!({ "last_name": "New", "hired_on": "2026-02-01" })),
            ALL.to_owned(),
        ),
        (change("POST", format!("{}/restore", path_of(DELETED)), Some(1), Value::Null), ALL.to_owned()),
        (change("POST", format!("{linus}/terminate"), Some(1), json!({ "last_day": "2026-02-01" })), ALL.to_owned()),
        (change("POST", format!("{linus}/withdraw-termination"), Some(2), Value::Null), ALL.to_owned()),
        (change("POST", format!("{zoe}/rehire"), Some(1), json!({ "hired_on": "2026-02-01" })), ALL.to_owned()),
        (
            change("PATCH", format!("{zoe}/employment-periods/current"), Some(2), json!({ "hired_on": "2026-02-02" })),
            ALL.to_owned(),
        ),
        (change("POST", format!("{ada}/salaries"), None, salary("1000")), PAY.to_owned()),
        (
            change("PATCH", format!("{grace}/custom-fields"), Some(1), json!({ "bonus": "much" })),
            r#"employee.read ["sensitive", "pay"]"#.to_owned(),
        ),
        (
            change("PATCH", format!("{grace}/custom-fields"), Some(2), json!({})),
            r#"employee.read ["sensitive", "pay"]"#.to_owned(),
        ),
        (change("POST", format!("{ada}/bank-accounts"), None, account), kind(accounts)),
        (
            change("POST", format!("{ada}/emergency-contacts"), None, json!({ "name": "Annabella", "phone": "1" })),
            kind(contacts),
        ),
        (
            change(
                "POST",
                format!("{ada}/identity-documents"),
                None,
                json!({ "kind": "passport", "number": "12345678" }),
            ),
            kind(documents),
        ),
    ] {
        let (what, key) = (format!("{} {}", sent.method, sent.path), format!("k{seen}"));
        let first = scene.send(&scene.owner, &key, &sent).await;
        assert!(first.status.is_success(), "{what}: {}", first.text);
        assert_eq!(scene.readings(&mut seen).await, std::slice::from_ref(&expected), "{what}");
        let again = scene.send(&scene.owner, &key, &sent).await;
        assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"), "{what}");
        assert_eq!(scene.readings(&mut seen).await, [expected], "{what} again");
    }
}

#[tokio::test]
async fn a_change_of_a_record_that_changes_nothing_shows_it_too() {
    let scene = Scene::new().await;
    let mut seen = 0;
    for (list, new, reading) in [
        ("bank-accounts", json!({ "holder": "Ada", "account_number": "12345678" }), "employee.bank_accounts_read"),
        ("emergency-contacts", json!({ "name": "Annabella", "phone": "1" }), "employee.emergency_contacts_read"),
        ("identity-documents", json!({ "kind": "passport", "number": "12345678" }), "employee.identity_documents_read"),
    ] {
        let made = scene.send(&scene.owner, list, &change("POST", format!("{}/{list}", path_of(ADA)), None, new)).await;
        let path = made.header("location").to_owned();
        assert_eq!(scene.readings(&mut seen).await, [reading]);
        let same = scene.api.send("PATCH", &path, &scene.owner, Some(1), &json!({})).await;
        assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"1\""), "{}", same.text);
        assert_eq!(scene.readings(&mut seen).await, [reading], "{list}");
        assert_eq!(scene.api.send("DELETE", &path, &scene.owner, Some(1), &Value::Null).await.status, 204);
        assert_eq!(scene.readings(&mut seen).await, [""; 0], "a deletion shows nothing");
    }
}

#[tokio::test]
async fn a_corrected_salary_is_shown_to_who_may_read_it_and_that_is_recorded() {
    let scene = Scene::new().await;
    let list = format!("{}/salaries", path_of(GRACE));
    let path = scene.api.get(&list, &scene.owner).await.json()["data"][0]["id"]
        .as_str()
        .map(|id| format!("{list}/{id}"))
        .unwrap();
    let mut seen = 0;
    scene.readings(&mut seen).await;
    scene.company.add_role(&scene.api, "colleague", "employees.read", "all").await;
    scene.company.add_role(&scene.api, "setter", "pay.write", "all").await;
    let setter = scene.company.token_with(&scene.api, &["colleague", "setter"], None).await;
    let why = json!({ "reason": "promotion" });
    assert_eq!(
        scene.api.send("PATCH", &path, &setter, Some(1), &why).await.status,
        403,
        "the answer would tell the pay"
    );
    let corrected = scene.api.send("PATCH", &path, &scene.owner, Some(1), &why).await;
    assert_eq!(corrected.status, 200, "{}", corrected.text);
    assert_eq!(scene.readings(&mut seen).await, [PAY]);
}

#[tokio::test]
async fn what_is_ones_own_or_of_the_work_fields_alone_leaves_no_trace_of_reading() {
    let scene = Scene::new().await;
    scene.company.add_role(&scene.api, "colleague", "employees.read", "all").await;
    scene.company.add_role(&scene.api, "clerk", "employees.write", "all").await;
    let clerk = scene.company.token_with(&scene.api, &["colleague", "clerk"], None).await;
    let grace = scene.company.token_with(&scene.api, &["employee"], Some(GRACE)).await;
    let own = scene.company.token_with(&scene.api, &["hr_admin"], Some(SUKARNO)).await;
    let contact = json!({ "name": "Vincent", "phone": "1" });
    let account = json!({ "holder": "S", "account_number": "1" });
    for (token, sent) in [
        (&clerk, change("PATCH", path_of(ADA), Some(1), json!({ "preferred_name": "Al" }))),
        (&clerk, change("POST", format!("{}/terminate", path_of(LINUS)), Some(1), json!({ "last_day": "2026-02-01" }))),
        (&grace, change("PATCH", path_of(GRACE), Some(1), json!({ "city": "Oslo" }))),
        (&grace, change("POST", format!("{}/emergency-contacts", path_of(GRACE)), None, contact)),
        (&own, change("POST", format!("{}/bank-accounts", path_of(SUKARNO)), None, account)),
    ] {
        let key = format!("{} {}", sent.method, sent.path).replace(' ', "-");
        for _ in 0..2 {
            let answer = scene.send(token, &key, &sent).await;
            assert!(answer.status.is_success(), "{key}: {}", answer.text);
        }
    }
    assert_eq!(scene.readings(&mut 0).await, [""; 0]);
}
