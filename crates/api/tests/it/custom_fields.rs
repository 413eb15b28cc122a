//! The fields that a company adds to its records.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, id_of, path_of};
use crate::{Answer, Api};

const LIST: &str = "/api/v1/custom-fields";

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn define(api: &Api, token: &str, field: &Value) -> String {
    let made = api.send("POST", LIST, token, None, field).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.header("location").to_owned()
}

/// A field of employees of each class, named after it.
async fn one_of_each_class(api: &Api, token: &str) {
    for class in ["public", "personal", "sensitive", "pay"] {
        let field = json!({ "entity": "employee", "key": class, "label": class, "kind": "text", "class": class });
        define(api, token, &field).await;
    }
}

async fn patch(api: &Api, token: &str, person: u128, version: Option<i64>, body: &Value) -> Answer {
    api.send("PATCH", &format!("{}/custom-fields", path_of(person)), token, version, body).await
}

fn refused(status: u16, field: &str) -> (u16, String) {
    (status, field.to_owned())
}

#[tokio::test]
async fn a_field_is_defined_changed_and_deleted_and_each_step_is_audited() {
    let (api, company, token) = company().await;
    let size = json!({ "entity": "employee", "key": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"], "class": "personal" });
    let made = api.send("POST", LIST, &token, None, &size).await;
    let (id, path) = (made.json()["id"].as_str().unwrap().to_owned(), made.header("location").to_owned());
    assert_snapshot!("defined", made.shown().replace(&id, "[id]"));
    let change = json!({ "label": "Shirt", "choices": ["S", "M", "L"], "required": true, "position": 3 });
    let changed = api.send("PATCH", &path, &token, Some(1), &change).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    assert_eq!(api.get(&path, &token).await.json(), changed.json());
    assert_eq!(api.get(&format!("{LIST}?entity=employee"), &token).await.json()["data"], json!([changed.json()]));
    assert_eq!(api.get(&format!("{LIST}?entity=location"), &token).await.json()["data"], json!([]));
    assert_eq!(api.get(&format!("{LIST}?entity=person"), &token).await.refusal(), refused(400, "entity"));
    let same = api.send("PATCH", &path, &token, Some(2), &json!({ "label": "Shirt" })).await;
    assert_eq!(same.header("etag"), "\"2\"", "what changes nothing makes no version");
    for (body, field) in [
        (json!({ "kind": "text" }), "kind"),
        (json!({ "key": "shirt" }), "key"),
        (json!({ "entity": "location" }), "entity"),
        (json!({ "choices": [] }), "choices"),
        (json!({ "label": null }), "label"),
        (json!({ "position": -1 }), "position"),
        (json!({ "required": "yes" }), "required"),
    ] {
        let answer = api.send("PATCH", &path, &token, Some(2), &body).await;
        assert_eq!(answer.refusal(), refused(400, field), "{body}");
    }
    assert_eq!(api.send("PATCH", &path, &token, None, &json!({})).await.status, 428);
    assert_eq!(api.send("DELETE", &path, &token, Some(1), &Value::Null).await.status, 412);
    assert_eq!(api.send("DELETE", &path, &token, Some(2), &Value::Null).await.status, 204);
    assert_eq!(api.get(&path, &token).await.status, 404);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT action || ' ' || coalesce(before ->> 'label', '-') || ' ' || coalesce(after ->> 'label', '-')
               FROM audit_log WHERE entity = 'custom_field' ORDER BY id";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(log, ["custom_field.created - Size", "custom_field.updated Size Shirt", "custom_field.deleted Shirt -"]);
}

#[tokio::test]
async fn what_is_wrong_in_a_definition_is_named_by_field() {
    let (api, _, token) = company().await;
    let field = |more: Value| {
        let mut field = json!({ "entity": "location", "key": "floors", "label": "Floors", "kind": "number" });
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    define(&api, &token, &field(json!({}))).await;
    define(&api, &token, &field(json!({ "entity": "department" }))).await;
    for (more, expected) in [
        (json!({}), refused(409, "key")),
        (json!({ "key": "Floors" }), refused(400, "key")),
        (json!({ "key": "a", "kind": "colour" }), refused(400, "kind")),
        (json!({ "key": "a", "entity": "user" }), refused(400, "entity")),
        (json!({ "key": "a", "class": "personal" }), refused(400, "class")),
        (json!({ "key": "a", "choices": ["x"] }), refused(400, "choices")),
        (json!({ "key": "a", "kind": "choice" }), refused(400, "choices")),
        (json!({ "key": "a", "kind": "choice", "choices": ["x", "x"] }), refused(400, "choices")),
        (json!({ "key": "a", "kind": "choice", "choices": ["x", ""] }), refused(400, "choices")),
        (json!({ "key": "a", "label": "" }), refused(400, "label")),
    ] {
        let answer = api.send("POST", LIST, &token, None, &field(more.clone())).await;
        assert_eq!(answer.refusal(), expected, "{more}: {}", answer.text);
    }
}

#[tokio::test]
async fn everybody_in_the_company_reads_the_definitions_and_who_has_the_settings_writes_them() {
    let (api, company, token) = company().await;
    let path = define(&api, &token, &json!({ "entity": "location", "key": "a", "label": "A", "kind": "text" })).await;
    for (role, may_write) in [
        ("owner", true),
        ("hr_admin", true),
        ("hr_manager", false),
        ("payroll_admin", false),
        ("manager", false),
        ("employee", false),
        ("auditor", false),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(api.get(LIST, &token).await.status, 200, "{role}");
        assert_eq!(api.get(&path, &token).await.status, 200, "{role}");
        let field = json!({ "entity": "location", "key": role, "label": "A", "kind": "text" });
        let answer = api.send("POST", LIST, &token, None, &field).await;
        assert_eq!(answer.status, if may_write { 201 } else { 403 }, "{role}: {}", answer.text);
    }
    let nobody = company.token_with(&api, &[], None).await;
    assert_eq!(api.get(LIST, &nobody).await.status, 403);
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(api.get(LIST, &globex).await.json()["data"], json!([]));
    assert_eq!(api.get(&path, &globex).await.status, 404);
    for (method, body) in [("PATCH", json!({ "label": "Mine" })), ("DELETE", Value::Null)] {
        assert_eq!(api.send(method, &path, &globex, Some(1), &body).await.status, 404, "{method}");
    }
}

#[tokio::test]
async fn departments_designations_and_locations_have_the_fields_that_are_defined_for_them() {
    let (api, _, token) = company().await;
    for (entity, list, name) in [
        ("department", "/api/v1/departments", "name"),
        ("designation", "/api/v1/designations", "title"),
        ("location", "/api/v1/locations", "name"),
    ] {
        define(
            &api,
            &token,
            &json!({ "entity": entity, "key": "floor", "label": "Floor", "kind": "number", "required": true }),
        )
        .await;
        let send = async |method, path, version, custom: Value| {
            api.send(method, path, &token, version, &json!({ name: "New", "custom": custom })).await
        };
        for (custom, expected) in [
            (json!({}), refused(400, "custom.floor")),
            (json!({ "floor": "3" }), refused(400, "custom.floor")),
            (json!({ "floor": 3, "badge": 1 }), refused(400, "custom.badge")),
        ] {
            assert_eq!(send("POST", list, None, custom.clone()).await.refusal(), expected, "{entity} {custom}");
        }
        let made = send("POST", list, None, json!({ "floor": 3 })).await;
        assert_eq!((made.status.as_u16(), &made.json()["custom"]), (201, &json!({ "floor": 3 })), "{}", made.text);
        let path = made.header("location").to_owned();
        assert_eq!(send("PATCH", &path, Some(1), json!({})).await.refusal(), refused(400, "custom.floor"));
        assert_eq!(send("PATCH", &path, Some(1), json!({ "floor": 4 })).await.json()["custom"], json!({ "floor": 4 }));
    }
}

#[tokio::test]
async fn a_word_that_records_have_is_not_taken_from_the_choices() {
    let (api, _, token) = company().await;
    let list = "/api/v1/locations";
    for (kind, value) in [("choice", json!("M")), ("multiple_choice", json!(["S", "M"]))] {
        let field =
            json!({ "entity": "location", "key": kind, "label": "Size", "kind": kind, "choices": ["S", "M", "L"] });
        let field = define(&api, &token, &field).await;
        let made = api.send("POST", list, &token, None, &json!({ "name": kind, "custom": { kind: value } })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let refusal = api.send("PATCH", &field, &token, Some(1), &json!({ "choices": ["S", "L"] })).await;
        assert_eq!(refusal.status, 422, "{}", refusal.text);
        assert!(refusal.json()["detail"].as_str().unwrap().starts_with("1 records have"), "{}", refusal.text);
        let allowed = api.send("PATCH", &field, &token, Some(1), &json!({ "choices": ["M", "S"] })).await;
        assert_eq!(allowed.status, 200, "{}", allowed.text);
    }
}

#[tokio::test]
async fn a_word_is_taken_away_or_written_but_not_both_at_once() {
    let (api, _, token) = company().await;
    let field =
        json!({ "entity": "location", "key": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"] });
    let field = define(&api, &token, &field).await;
    let (without, with) = (json!({ "choices": ["S"] }), json!({ "name": "New", "custom": { "size": "M" } }));
    let (narrowed, made) = tokio::join!(
        api.send("PATCH", &field, &token, Some(1), &without),
        api.send("POST", "/api/v1/locations", &token, None, &with),
    );
    let both = (narrowed.status.as_u16(), made.status.as_u16());
    assert!([(200, 400), (422, 201)].contains(&both), "{both:?}: {} {}", narrowed.text, made.text);
}

#[tokio::test]
async fn the_fields_of_an_employee_are_seen_by_class() {
    let (api, company, owner) = company().await;
    one_of_each_class(&api, &owner).await;
    let values = json!({ "public": "a", "personal": "b", "sensitive": "c", "pay": "d" });
    let written = patch(&api, &owner, GRACE, Some(1), &values).await;
    assert_eq!((written.status.as_u16(), written.header("etag")), (200, "\"2\""), "{}", written.text);
    assert_eq!(written.json()["custom"]["badge"], json!(17), "what an import left is still there");
    for (role, employee, expected) in [
        ("auditor", None, vec!["badge", "pay", "personal", "public", "sensitive"]),
        ("hr_manager", None, vec!["badge", "personal", "public", "sensitive"]),
        ("payroll_admin", None, vec!["badge", "pay", "public", "sensitive"]),
        ("manager", Some(ADA), vec!["public"]),
        ("employee", Some(GRACE), vec!["badge", "pay", "personal", "public", "sensitive"]),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        let seen = api.get(&path_of(GRACE), &token).await.json();
        let seen: Vec<&str> = seen["custom"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(seen, expected, "{role}");
    }
}

#[tokio::test]
async fn each_field_of_an_employee_takes_the_permission_to_write_its_class() {
    let (api, company, owner) = company().await;
    one_of_each_class(&api, &owner).await;
    for (role, employee, may_write) in [
        ("hr_admin", None, vec!["public", "personal", "sensitive", "pay"]),
        ("hr_manager", None, vec!["public", "personal", "sensitive"]),
        ("payroll_admin", None, vec!["pay"]),
        ("auditor", None, vec![]),
        ("manager", Some(ADA), vec![]),
        ("hr_admin", Some(GRACE), vec!["public", "personal", "sensitive"]),
        ("employee", Some(LINUS), vec!["personal"]),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        let person = employee.filter(|own| *own != ADA).unwrap_or(GRACE);
        for class in ["public", "personal", "sensitive", "pay"] {
            let version = api.get(&path_of(person), &owner).await.json()["version"].as_i64();
            let answer = patch(&api, &token, person, version, &json!({ class: role })).await;
            let expected = if may_write.contains(&class) { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{class} by {role} as {employee:?}: {}", answer.text);
        }
        if role != "employee" {
            let same = patch(&api, &token, GRACE, Some(99), &json!({ "badge": 17 })).await.status;
            let expected = if may_write.contains(&"sensitive") { 412 } else { 403 };
            assert_eq!(same, expected, "{role}: naming what is not defined tells nothing of what it holds");
        }
    }
    let stranger = company.token_with(&api, &["employee"], Some(SUKARNO)).await;
    assert_eq!(patch(&api, &stranger, ADA, Some(1), &json!({ "public": "x" })).await.status, 404);
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(patch(&api, &globex, ADA, Some(1), &json!({ "public": "x" })).await.status, 404);
    assert_eq!(patch(&api, &owner, DELETED, Some(1), &json!({ "public": "x" })).await.status, 404);
}

#[tokio::test]
async fn a_merge_of_an_employees_fields_changes_those_that_it_names_and_is_audited() {
    let (api, company, token) = company().await;
    for (key, kind, required) in [("start", "date", false), ("desk", "text", true)] {
        let field = json!({ "entity": "employee", "key": key, "label": key, "kind": kind, "required": required });
        define(&api, &token, &field).await;
    }
    for (body, expected) in [
        (json!({ "start": "15.01.2026" }), refused(400, "custom.start")),
        (json!({ "badge": 18 }), refused(400, "custom.badge")),
        (json!({ "odd": 1 }), refused(400, "custom.odd")),
        (json!({ "desk": "\0" }), refused(400, "custom.desk")),
    ] {
        assert_eq!(patch(&api, &token, GRACE, Some(1), &body).await.refusal(), expected, "{body}");
    }
    assert_eq!(patch(&api, &token, GRACE, None, &json!({})).await.status, 428);
    let desk = patch(&api, &token, GRACE, Some(1), &json!({ "desk": "4.12", "start": "2026-01-15" })).await;
    assert_eq!(desk.json(), json!({ "custom": { "badge": 17, "desk": "4.12", "start": "2026-01-15" }, "version": 2 }));
    assert_eq!(patch(&api, &token, GRACE, Some(1), &json!({ "desk": "1" })).await.status, 412);
    let same = patch(&api, &token, GRACE, Some(2), &json!({ "desk": "4.12", "odd": null })).await;
    assert_eq!(same.header("etag"), "\"2\"", "what changes nothing makes no version");
    assert_eq!(
        patch(&api, &token, GRACE, Some(2), &json!({ "desk": null })).await.refusal(),
        refused(400, "custom.desk")
    );
    let less = patch(&api, &token, GRACE, Some(2), &json!({ "badge": null, "start": null })).await;
    assert_eq!(less.json(), json!({ "custom": { "desk": "4.12" }, "version": 3 }));
    assert_eq!(api.get(&path_of(GRACE), &token).await.json()["custom"], json!({ "desk": "4.12" }));
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let log = "SELECT json_build_array(entity_id, before, after) FROM audit_log WHERE action = 'employee.updated' ORDER BY id";
    let log: Vec<Value> = sqlx::query_scalar(log).fetch_all(&mut *tx).await.unwrap();
    let entry = |before: Value, after: Value| json!([id_of(GRACE), { "custom": before }, { "custom": after }]);
    let expected = [
        entry(json!({}), json!({ "desk": "4.12", "start": "2026-01-15" })),
        entry(json!({ "badge": 17, "start": "2026-01-15" }), json!({})),
    ];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn who_is_hired_has_what_the_company_requires_and_the_actor_may_write() {
    let (api, company, token) = company().await;
    one_of_each_class(&api, &token).await;
    for (key, class) in [("size", "public"), ("bonus", "pay")] {
        let field = json!({ "entity": "employee", "key": key, "label": key, "kind": "number", "class": class, "required": true });
        define(&api, &token, &field).await;
    }
    let hire = async |token: &str, custom: Value| {
        let body = json!({ "last_name": "New", "hired_on": "2026-02-01", "custom": custom });
        api.send("POST", "/api/v1/employees", token, None, &body).await
    };
    for (custom, field) in [
        (json!({ "size": 2 }), "custom.bonus"),
        (json!({ "bonus": 1 }), "custom.size"),
        (json!({ "bonus": 1, "size": "2" }), "custom.size"),
        (json!({ "bonus": 1, "size": null }), "custom.size"),
        (json!({ "bonus": 1, "size": 2, "shoes": 3 }), "custom.shoes"),
        (json!([]), "custom"),
    ] {
        assert_eq!(hire(&token, custom.clone()).await.refusal(), refused(400, field), "{custom}");
    }
    let custom = json!({ "bonus": 1, "size": 2, "personal": "p" });
    let made = hire(&token, custom.clone()).await;
    assert_eq!((made.status.as_u16(), &made.json()["custom"]), (201, &custom), "{}", made.text);
    assert_eq!(api.get(made.header("location"), &token).await.json()["custom"], custom);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let recorded = "SELECT after #> '{person,custom}' FROM audit_log WHERE action = 'employee.created'";
    let recorded: Vec<Value> = sqlx::query_scalar(recorded).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(recorded, [custom]);
    tx.rollback().await.unwrap();

    // Nobody is kept from hiring by a field that is for others, and nobody writes one.
    let manager = company.token_with(&api, &["hr_manager"], None).await;
    assert_eq!(hire(&manager, json!({ "size": 2, "bonus": 1 })).await.status, 403);
    assert_eq!(hire(&manager, json!({})).await.refusal(), refused(400, "custom.size"));
    let made = hire(&manager, json!({ "size": 2 })).await;
    assert_eq!((made.status.as_u16(), &made.json()["custom"]), (201, &json!({ "size": 2 })), "{}", made.text);
    let patched = api.send("PATCH", &path_of(ADA), &token, Some(1), &json!({ "custom": {} })).await;
    assert_eq!(patched.refusal(), refused(400, "custom"));
    assert!(patched.text.contains("/custom-fields"), "{}", patched.text);
}

/// What of Grace's fields a role sees.
async fn seen_by(api: &Api, company: &Company, role: &str) -> Vec<String> {
    let token = company.token_with(api, &[role], None).await;
    let seen = api.get(&path_of(GRACE), &token).await.json();
    seen.get("custom").and_then(Value::as_object).unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn values_keep_their_class_when_the_definition_of_their_field_is_deleted() {
    let (api, company, owner) = company().await;
    one_of_each_class(&api, &owner).await;
    let values = json!({ "public": "a", "personal": "b", "sensitive": "c", "pay": "d" });
    assert_eq!(patch(&api, &owner, GRACE, Some(1), &values).await.status, 200);
    for field in api.get(LIST, &owner).await.json()["data"].as_array().unwrap() {
        let path = format!("{LIST}/{}", field["id"].as_str().unwrap());
        assert_eq!(api.send("DELETE", &path, &owner, Some(1), &Value::Null).await.status, 204);
    }
    assert_eq!(seen_by(&api, &company, "auditor").await, ["badge", "pay", "personal", "public", "sensitive"]);
    assert_eq!(seen_by(&api, &company, "hr_manager").await, ["badge", "personal", "public", "sensitive"]);
    assert_eq!(seen_by(&api, &company, "payroll_admin").await, ["badge", "pay", "public", "sensitive"]);
    for (role, key, expected) in [
        ("hr_manager", "pay", 403),
        ("payroll_admin", "personal", 403),
        ("hr_manager", "personal", 200),
        ("payroll_admin", "pay", 200),
    ] {
        let token = company.token_with(&api, &[role], None).await;
        let version = api.get(&path_of(GRACE), &owner).await.json()["version"].as_i64();
        let answer = patch(&api, &token, GRACE, version, &json!({ key: null })).await;
        assert_eq!(answer.status, expected, "{role} takes {key} away: {}", answer.text);
    }
}

#[tokio::test]
async fn nobody_opens_to_others_what_they_may_not_see() {
    let (api, company, owner) = company().await;
    one_of_each_class(&api, &owner).await;
    let values = json!({ "public": "a", "personal": "b", "sensitive": "c", "pay": "d" });
    assert_eq!(patch(&api, &owner, GRACE, Some(1), &values).await.status, 200);
    company.add_role(&api, "configurer", "settings.write", "all").await;
    let configurer = company.token_with(&api, &["configurer", "hr_manager"], None).await;
    for (class, expected) in [("public", 200), ("personal", 200), ("sensitive", 200), ("pay", 403)] {
        let fields = api.get(&format!("{LIST}?entity=employee"), &owner).await.json();
        let field = fields["data"].as_array().unwrap().iter().find(|field| field["key"] == class).unwrap();
        let path = format!("{LIST}/{}", field["id"].as_str().unwrap());
        let label = api.send("PATCH", &path, &configurer, Some(1), &json!({ "label": "Other", "class": class })).await;
        assert_eq!(label.status, 200, "the class stays: {}", label.text);
        let open = json!({ "class": if class == "public" { "personal" } else { "public" } });
        let answer = api.send("PATCH", &path, &configurer, Some(2), &open).await;
        assert_eq!(answer.status, expected, "{class}: {}", answer.text);
    }
    let fields = api.get(&format!("{LIST}?entity=employee"), &owner).await.json();
    let field = fields["data"].as_array().unwrap().iter().find(|field| field["key"] == "pay").unwrap();
    let path = format!("{LIST}/{}", field["id"].as_str().unwrap());
    assert_eq!(api.send("DELETE", &path, &configurer, Some(2), &Value::Null).await.status, 204);
    let again = |key: &str, class: &str| json!({ "entity": "employee", "key": key, "label": "X", "kind": "text", "class": class });
    let opened = api.send("POST", LIST, &configurer, None, &again("pay", "public")).await;
    assert_eq!(opened.status, 403, "defined anew it would be open: {}", opened.text);
    assert_eq!(api.send("POST", LIST, &configurer, None, &again("pay", "pay")).await.status, 201);
    assert_eq!(api.send("POST", LIST, &configurer, None, &again("bonus", "pay")).await.status, 201, "it has no values");

    let settings_alone = company.token_with(&api, &["configurer"], None).await;
    let opened = api.send("POST", LIST, &settings_alone, None, &again("badge", "public")).await;
    assert_eq!(opened.status, 403, "what an import left is sensitive: {}", opened.text);
    assert_eq!(api.send("POST", LIST, &configurer, None, &again("badge", "public")).await.status, 201);
    assert_eq!(api.send("POST", LIST, &owner, None, &again("colour", "public")).await.status, 201);
}
