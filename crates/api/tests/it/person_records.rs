//! Emergency contacts, bank accounts and identity documents.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};
use crate::{Answer, Api};

const IBAN: &str = "DE02120300000000202051";

/// A kind of records: its path, what one needs, a change, and a member that is wrong.
struct Kind {
    slug: &'static str,
    entity: &'static str,
    new: fn() -> Value,
    change: fn() -> Value,
    wrong: fn() -> Vec<(Value, &'static str)>,
}

const CONTACTS: Kind = Kind {
    slug: "emergency-contacts",
    entity: "emergency_contact",
    new: || json!({ "name": "Annabella King", "phone": "+44 20 7946 0000", "relationship": "daughter", "position": 1 }),
    change: || json!({ "phone": null, "email": "annabella@home.example" }),
    wrong: || {
        vec![
            (json!({ "name": "" }), "name"),
            (json!({ "email": "a b@c" }), "email"),
            (json!({ "position": 1001 }), "position"),
            (json!({ "phone": null, "email": null }), "phone"),
            (json!({ "odd": 1 }), "odd"),
        ]
    },
};
const ACCOUNTS: Kind = Kind {
    slug: "bank-accounts",
    entity: "bank_account",
    new: || json!({ "holder": "Grace Hopper", "account_number": "de02 1203 0000 0000 2020 51", "bank_code": "byladem1001", "currency": "EUR" }),
    change: || json!({ "bank_code": null, "bank_name": "DKB" }),
    wrong: || {
        vec![
            (json!({ "holder": null }), "holder"),
            (json!({ "account_number": "DE03120300000000202051" }), "account_number"),
            (json!({ "account_number": "12/34" }), "account_number"),
            (json!({ "bank_code": "A" }), "bank_code"),
            (json!({ "currency": "euro" }), "currency"),
            (json!({ "is_primary": 1 }), "is_primary"),
        ]
    },
};
const DOCUMENTS: Kind = Kind {
    slug: "identity-documents",
    entity: "identity_document",
    new: || json!({ "kind": "passport", "number": "C01X00T47", "country_code": "de", "issued_on": "2020-01-01", "expires_on": "2030-01-01" }),
    change: || json!({ "issued_on": null, "expires_on": "2031-01-01" }),
    wrong: || {
        vec![
            (json!({ "kind": "library_card" }), "kind"),
            (json!({ "number": "" }), "number"),
            (json!({ "country_code": "XX" }), "country_code"),
            (json!({ "issued_on": "1.1.2020" }), "issued_on"),
            (json!({ "expires_on": "2200-01-01" }), "expires_on"),
            (json!({ "issued_on": "2030-01-02", "expires_on": "2030-01-01" }), "expires_on"),
        ]
    },
};
const KINDS: [Kind; 3] = [CONTACTS, ACCOUNTS, DOCUMENTS];

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

impl Kind {
    fn list(&self, person: u128) -> String {
        format!("{}/{}", path_of(person), self.slug)
    }
}

async fn make(api: &Api, token: &str, list: &str, body: &Value) -> Answer {
    let made = api.send("POST", list, token, None, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made
}

#[tokio::test]
async fn a_record_is_made_changed_and_deleted() {
    let (api, _, token) = company().await;
    for kind in KINDS {
        let list = kind.list(GRACE);
        let made = make(&api, &token, &list, &(kind.new)()).await;
        let (id, path) = (made.json()["id"].as_str().unwrap().to_owned(), made.header("location").to_owned());
        assert_snapshot!(kind.entity, made.shown().replace(&id, "[id]"));
        assert_eq!((made.header("etag"), &path), ("\"1\"", &format!("{list}/{id}")));
        let read = api.get(&path, &token).await;
        assert_eq!((read.header("etag"), read.json()), ("\"1\"", made.json()));
        let changed = api.send("PATCH", &path, &token, Some(1), &(kind.change)()).await;
        assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
        for (member, value) in (kind.change)().as_object().unwrap() {
            assert_eq!(changed.json()[member], *value, "{member}");
        }
        assert_eq!(api.get(&list, &token).await.json()["data"], json!([changed.json()]));
        let same = api.send("PATCH", &path, &token, Some(2), &(kind.change)()).await;
        assert_eq!(same.header("etag"), "\"2\"", "what changes nothing makes no version");
        assert_eq!(api.send("PATCH", &path, &token, None, &json!({})).await.status, 428, "{path}");
        assert_eq!(api.send("PATCH", &path, &token, Some(1), &json!({})).await.status, 412, "{path}");
        assert_eq!(api.send("DELETE", &path, &token, None, &Value::Null).await.status, 428, "{path}");
        assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 412, "{path}");
        assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204, "{path}");
        assert_eq!(api.get(&path, &token).await.status, 404);
        assert_eq!(api.get(&list, &token).await.json()["data"], json!([]));
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field() {
    let (api, _, token) = company().await;
    for kind in KINDS {
        let list = kind.list(GRACE);
        let path = make(&api, &token, &list, &(kind.new)()).await.header("location").to_owned();
        for (wrong, field) in (kind.wrong)() {
            let mut new = (kind.new)();
            new.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            for (method, path, version, body) in [("POST", &list, None, &new), ("PATCH", &path, Some(1), &wrong)] {
                let answer = api.send(method, path, &token, version, body).await;
                assert_eq!(answer.refusal(), (400, field.to_owned()), "{method} {wrong}: {}", answer.text);
            }
        }
        let answer = api.send("POST", &list, &token, None, &json!({})).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

/// Whether somebody reads, and whether somebody changes.
async fn rights(api: &Api, token: &str, kind: &Kind, person: u128) -> (u16, u16) {
    let read = api.get(&kind.list(person), token).await.status.as_u16();
    let made = api.send("POST", &kind.list(person), token, None, &(kind.new)()).await;
    (read, made.status.as_u16())
}

#[tokio::test]
async fn each_role_reads_and_changes_the_records_of_its_class() {
    let (api, company, _) = company().await;
    for (role, employee, person, contacts, others) in [
        ("owner", None, GRACE, (200, 201), (200, 201)),
        ("hr_admin", None, GRACE, (200, 201), (200, 201)),
        ("hr_manager", None, GRACE, (200, 201), (200, 201)),
        ("payroll_admin", None, GRACE, (403, 403), (200, 403)),
        ("auditor", None, GRACE, (200, 403), (200, 403)),
        ("manager", Some(ADA), GRACE, (403, 403), (403, 403)),
        ("manager", None, GRACE, (404, 404), (404, 404)),
        ("employee", Some(LINUS), LINUS, (200, 201), (200, 403)),
        ("employee", Some(ZOE), LINUS, (404, 404), (404, 404)),
        ("hr_admin", Some(SUKARNO), DELETED, (404, 404), (404, 404)),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        for (kind, expected) in [(CONTACTS, contacts), (ACCOUNTS, others), (DOCUMENTS, others)] {
            assert_eq!(rights(&api, &token, &kind, person).await, expected, "{} by {role} as {employee:?}", kind.slug);
        }
    }
}

#[tokio::test]
async fn records_are_found_under_their_own_person_and_tenant_only() {
    let (api, company, token) = company().await;
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    for kind in KINDS {
        let path = make(&api, &token, &kind.list(GRACE), &(kind.new)()).await.header("location").to_owned();
        let elsewhere = path.replace(&path_of(GRACE), &path_of(LINUS));
        let own = company.token_with(&api, &["hr_admin"], None).await;
        for (path, token) in [(&elsewhere, &token), (&elsewhere, &own), (&path, &globex), (&format!("{path}0"), &token)]
        {
            assert_eq!(api.get(path, token).await.status, 404, "{path}");
            let change = (kind.change)();
            assert_eq!(api.send("PATCH", path, token, Some(1), &change).await.status, 404, "{path}");
            assert_eq!(api.send("DELETE", path, token, Some(1), &Value::Null).await.status, 404, "{path}");
        }
        assert_eq!(api.get(&kind.list(GRACE), &globex).await.status, 404);
        assert_eq!(api.get(&path, &token).await.status, 200, "it is still there");
    }
}

#[tokio::test]
async fn the_audit_log_knows_who_read_and_changed_and_keeps_no_whole_numbers() {
    let (api, company, token) = company().await;
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    for kind in KINDS {
        let path = make(&api, &token, &kind.list(GRACE), &(kind.new)()).await.header("location").to_owned();
        assert_eq!(api.send("PATCH", &path, &token, Some(1), &(kind.change)()).await.status, 200);
        assert_eq!(api.get(&kind.list(GRACE), &token).await.status, 200);
        assert_eq!(api.get(&path, &token).await.status, 200);
        assert_eq!(api.get(&path, &grace).await.status, 200, "who reads of oneself leaves no trace");
        assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204);
        let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
        let log = "SELECT action || ' ' || (CASE entity WHEN 'employee' THEN entity_id::text ELSE entity END) FROM audit_log
                   WHERE request_id = 'test-request' AND (entity = $1 OR action LIKE 'employee.' || $1 || '%') ORDER BY id";
        let log: Vec<String> = sqlx::query_scalar(log).bind(kind.entity).fetch_all(&mut *tx).await.unwrap();
        let entity = kind.entity;
        let reading = format!("employee.{entity}s_read {}", id_of(GRACE));
        let changed = |how: &str| format!("{entity}.{how} {entity}");
        let (created, updated, deleted) = (changed("created"), changed("updated"), changed("deleted"));
        let read = || reading.clone();
        let expected = [created, read(), updated, read(), read(), read(), deleted];
        assert_eq!(log, expected);
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let numbers = "SELECT coalesce(before, after) ->> 'account_number' FROM audit_log WHERE entity = 'bank_account'
                   UNION SELECT coalesce(before, after) ->> 'number' FROM audit_log WHERE entity = 'identity_document' ORDER BY 1";
    let numbers: Vec<String> = sqlx::query_scalar(numbers).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(numbers, ["…0T47", "…2051"]);
    let whole = "SELECT count(*) FROM audit_log WHERE before::text || after::text ~ $1 OR after::text ~ $1 OR before::text ~ $1";
    let whole: i64 = sqlx::query_scalar(whole).bind(format!("{IBAN}|C01X00T47")).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(whole, 0);
}

async fn primary(api: &Api, token: &str) -> Vec<(i64, bool)> {
    let rows = api.get(&ACCOUNTS.list(GRACE), token).await.json();
    let row = |row: &Value| Some((row.get("version")?.as_i64()?, row.get("is_primary")?.as_bool()?));
    rows.get("data").and_then(Value::as_array).unwrap().iter().map(|found| row(found).unwrap()).collect()
}

#[tokio::test]
async fn one_account_is_primary_and_it_goes_last() {
    let (api, company, token) = company().await;
    let list = ACCOUNTS.list(GRACE);
    let account = |number: &str, is_primary: bool| json!({ "holder": "Grace", "account_number": number, "is_primary": is_primary });
    let mut paths = Vec::new();
    for (number, is_primary) in [("1", false), ("2", false), ("3", true)] {
        paths.push(make(&api, &token, &list, &account(number, is_primary)).await.header("location").to_owned());
    }
    assert_eq!(primary(&api, &token).await, [(2, false), (1, false), (1, true)], "the first was, and the third is");
    let patch = async |at: usize, version, is_primary: bool| {
        api.send("PATCH", &paths[at], &token, Some(version), &json!({ "is_primary": is_primary })).await.status.as_u16()
    };
    assert_eq!(patch(2, 1, false).await, 422);
    assert_eq!(patch(1, 1, true).await, 200);
    assert_eq!(primary(&api, &token).await, [(2, false), (2, true), (2, false)]);
    assert_eq!(api.send("DELETE", &paths[1], &token, Some(2), &Value::Null).await.status, 422);
    for (at, version) in [(0, 2), (2, 2), (1, 2)] {
        assert_eq!(api.send("DELETE", &paths[at], &token, Some(version), &Value::Null).await.status, 204, "{at}");
    }
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT right(before ->> 'is_primary', 9) || ' ' || (after ->> 'is_primary') FROM audit_log
               WHERE action = 'bank_account.updated' ORDER BY id";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(log, ["true false", "true false", "false true"]);
}

#[tokio::test]
async fn of_two_accounts_made_primary_at_once_one_is() {
    let (api, _, token) = company().await;
    let list = ACCOUNTS.list(GRACE);
    let account = |number: &str| json!({ "holder": "Grace", "account_number": number, "is_primary": true });
    let (one, other) = (account("1"), account("2"));
    let (one, other) =
        tokio::join!(api.send("POST", &list, &token, None, &one), api.send("POST", &list, &token, None, &other));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (201, 201), "{} {}", one.text, other.text);
    let found = primary(&api, &token).await;
    assert_eq!(found.iter().filter(|(_, primary)| *primary).count(), 1, "{found:?}");
}

#[tokio::test]
async fn a_person_has_at_most_fifty_records_of_a_kind() {
    let (api, company, token) = company().await;
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let fill = "INSERT INTO emergency_contacts (id, employee_id, name, phone, created_at, updated_at)
                SELECT gen_random_uuid(), $1, 'A', '1', now(), now() FROM generate_series(1, 50)";
    sqlx::query(fill).bind(id_of(GRACE)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let answer = api.send("POST", &CONTACTS.list(GRACE), &token, None, &(CONTACTS.new)()).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(api.get(&CONTACTS.list(GRACE), &token).await.json()["data"].as_array().unwrap().len(), 50);
}
