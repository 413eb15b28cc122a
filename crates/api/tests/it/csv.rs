//! Every list as CSV.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use serde_json::{Value, json};
use sqlx::{Executor, raw_sql};
use tenure_api::SlowQueries;
use tenure_core::ids::TenantId;
use tenure_testkit::TestInstallation;
use tower::ServiceExt;

use crate::company::{ADA, Company, GRACE, LINUS, id_of};
use crate::document::{self, Operation, operations};
use crate::{Answer, Api, files, request, send};

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    run(&api, company.tenant, include_str!("every_kind.sql")).await;
    let token = company.owner_token(&api).await;
    files::add_each(&api, &token).await;
    (api, company, token)
}

async fn run(api: &Api, tenant: TenantId, statements: &'static str) {
    let mut tx = api.installation.db.begin(tenant).await.unwrap();
    tx.execute(raw_sql(statements)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn csv(api: &Api, path: &str, token: &str) -> Answer {
    let mut request = request("GET", path, token);
    request.headers_mut().insert("accept", "text/csv".parse().unwrap());
    send(&api.router, request).await
}

/// How often each action stands in the audit log.
async fn audited(api: &Api, tenant: TenantId, action: &str) -> i64 {
    let mut tx = api.installation.db.begin_read(tenant).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = $1").bind(action);
    count.fetch_one(&mut *tx).await.unwrap()
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let path = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    path.map_or(schema, |path| document.pointer(path).unwrap())
}

/// The members of a schema, those of its parts too.
fn members(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolve(document, schema);
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys().cloned());
    let parts = ["allOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    own.chain(parts.flat_map(|part| members(document, part))).collect()
}

/// The operations that answer with a list, each with the members of its rows. A list that is forgotten in the answer's form is found
/// by its name.
fn lists() -> Vec<(Operation, BTreeSet<String>)> {
    let document: Value = serde_json::from_str(tenure_api::document()).unwrap();
    let rows = |operation: &Operation| {
        let operations = document.get("paths").and_then(|paths| paths.get(&operation.path)).unwrap();
        let answer = operations.pointer("/get/responses/200/content").unwrap_or(&Value::Null);
        let list = resolve(&document, answer.pointer("/application~1json/schema").unwrap_or(&Value::Null));
        let row = list.pointer("/properties/data/items").map(|row| members(&document, row));
        assert!(row.is_some() || !operation.name.starts_with("list_"), "{} has no rows", operation.name);
        assert_eq!(row.is_some(), answer.get("text/csv").is_some(), "{}", operation.name);
        row
    };
    let reading = operations().into_iter().filter(|operation| operation.method == "GET");
    reading.filter_map(|operation| rows(&operation).map(|row| (operation, row))).collect()
}

#[tokio::test]
async fn every_list_is_given_as_csv_with_a_column_for_each_member() {
    let (api, company, token) = company().await;
    run(
        &api,
        company.tenant,
        "UPDATE sessions SET user_id = (SELECT user_id FROM api_tokens ORDER BY created_at DESC, id DESC LIMIT 1)",
    )
    .await;
    // What employees are asked is in a list of theirs.
    company.employ_newest(&api).await;
    let lists = lists();
    assert!(lists.len() > 15, "{}", lists.len());
    for (operation, members) in lists {
        let name = &operation.name;
        let ids = match operation.tables().first() {
            Some(table) => document::ids(&api, company.tenant, table, "deleted_at IS NULL").await,
            None => vec![String::new()],
        };
        let mut most = 0;
        for id in ids {
            let path = operation.path_of(&[id]);
            let rows = api.get(&path, &token).await.json()["data"].as_array().unwrap().len();
            let answer = csv(&api, &path, &token).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (200, "text/csv; charset=utf-8"),
                "{name}"
            );
            assert!(answer.header("content-disposition").starts_with("attachment; filename=\""), "{name}");
            let mut lines = answer.text.split_terminator("\r\n");
            let columns: Vec<String> = lines.next().unwrap().split(',').map(ToOwned::to_owned).collect();
            // People have columns of their own, for the names beside the ids.
            if name != "list_employees" {
                assert_eq!(BTreeSet::from_iter(columns), members, "{name}");
            }
            // The page that was just read stands in the log.
            let read = usize::from(name == "list_audit_log");
            assert_eq!(lines.count(), rows + read, "{name}: {}", answer.text);
            most = most.max(rows);
        }
        assert!(most > 0, "there is nothing in {name}, so the test shows nothing of it; add a row to every_kind.sql");
    }
}

#[tokio::test]
async fn a_paged_list_is_given_as_a_whole_with_its_filters() {
    let (api, company, token) = company().await;
    run(
        &api,
        company.tenant,
        "INSERT INTO departments (id, name, created_at, updated_at)
         SELECT gen_random_uuid(), 'Team ' || n, now(), now() FROM generate_series(1, 450) n;
         UPDATE departments SET name = '=HYPERLINK(\"x\")' WHERE name = 'Team 17'",
    )
    .await;
    let answer = csv(&api, "/api/v1/departments?limit=3&parent=top", &token).await;
    let mut ids: Vec<&str> =
        answer.text.split_terminator("\r\n").skip(1).filter_map(|line| line.split(',').next()).collect();
    let given = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let mut tx = api.installation.db.begin_read(company.tenant).await.unwrap();
    let top = sqlx::query_scalar("SELECT count(*) FROM departments WHERE parent_id IS NULL AND deleted_at IS NULL");
    let top: i64 = top.fetch_one(&mut *tx).await.unwrap();
    assert_eq!((given, ids.len()), (usize::try_from(top).unwrap(), given), "each once");
    assert!(answer.text.contains(",\"'=HYPERLINK(\"\"x\"\")\","), "{}", answer.text);
    for (query, status) in [("limit=0", 400), ("parent=nobody", 400), ("deleted=true", 200)] {
        let answer = csv(&api, &format!("/api/v1/departments?{query}"), &token).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
    }
}

/// Some twenty pages of people.
const MANY: &str = "INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, created_at, updated_at)
     SELECT gen_random_uuid(), 'N' || n, 'First', 'Last' || n, 'active', '2020-01-01', now(), now() FROM generate_series(1, 20000) n";

/// The first piece of the file of employees, and what is still to come of it.
async fn begin_export(api: &Api, token: &str) -> (String, BodyDataStream) {
    let mut request = request("GET", "/api/v1/employees", token);
    request.headers_mut().insert("accept", "text/csv".parse().unwrap());
    let response = api.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut rest = response.into_body().into_data_stream();
    let first = rest.next().await.unwrap().unwrap();
    (String::from_utf8(first.to_vec()).unwrap(), rest)
}

#[tokio::test]
async fn a_file_that_is_taken_slowly_holds_no_connection_and_ends_when_its_reader_may_no_longer_read() {
    let installation = TestInstallation::with(|settings| {
        settings.max_connections = 1;
        settings.acquire_timeout = Duration::from_secs(10);
    });
    let api = Api::over(installation.await, &SlowQueries::default());
    let company = Company::new(&api.installation, "acme").await;
    let owner = company.owner_token(&api).await;
    run(&api, company.tenant, MANY).await;
    let (_, rest) = begin_export(&api, &owner).await;
    let lines =
        rest.fold(0, async |lines, piece| lines + String::from_utf8(piece.unwrap().to_vec()).unwrap().lines().count());
    assert!(lines.await > 15_000, "who may read gets all");

    let reader = company.token_with(&api, &["hr_admin"], None).await;
    let (first, mut rest) = begin_export(&api, &reader).await;
    assert_eq!(first.lines().count(), 1001);
    // While nobody takes more of it, the only connection is for others.
    let made = api.get("/api/v1/tokens", &reader).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let revoked = api.send("DELETE", &format!("/api/v1/tokens/{id}"), &reader, None, &Value::Null).await;
    assert_eq!(revoked.status, 204, "{}", revoked.text);
    let mut pieces = 0;
    let broken_off = loop {
        match rest.next().await {
            Some(Ok(_)) => pieces += 1,
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken_off && pieces < 10, "{pieces} more pages, and then it ended as if it was whole: {}", !broken_off);
}

#[tokio::test]
async fn who_may_not_see_a_list_or_a_class_of_fields_does_not_get_it_as_csv() {
    let (api, company, token) = company().await;
    let employee = company.token_with(&api, &["employee"], Some(LINUS)).await;
    for path in ["/api/v1/audit", "/api/v1/users", "/api/v1/roles", "/api/v1/departments?deleted=true"] {
        let answer = csv(&api, path, &employee).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (403, "application/problem+json"),
            "{path}"
        );
        assert_eq!(csv(&api, path, "").await.status, 401, "{path}");
    }
    for list in ["salaries", "bank-accounts", "employment-periods"] {
        let path = format!("/api/v1/employees/{}/{list}", id_of(ADA));
        assert_eq!(csv(&api, &path, &employee).await.status, 404, "{list}");
    }
    run(&api, company.tenant, "UPDATE employment_periods SET termination_reason = 'secret', terminated_on = hired_on")
        .await;
    let periods = format!("/api/v1/employees/{}/employment-periods", id_of(LINUS));
    let manager = company.token_with(&api, &["manager"], Some(GRACE)).await;
    assert!(csv(&api, &periods, &token).await.text.contains("secret"));
    let without = csv(&api, &periods, &manager).await;
    assert_eq!(without.status, 200);
    assert!(without.text.contains("termination_reason") && !without.text.contains("secret"), "{}", without.text);
}

#[tokio::test]
async fn what_is_read_as_csv_is_audited_as_what_is_read_as_json() {
    let (api, company, token) = company().await;
    for (list, action) in [
        ("bank-accounts", "employee.bank_accounts_read"),
        ("identity-documents", "employee.identity_documents_read"),
        ("emergency-contacts", "employee.emergency_contacts_read"),
        ("salaries", "employee.read"),
    ] {
        let path = format!("/api/v1/employees/{}/{list}", id_of(ADA));
        assert_eq!(api.get(&path, &token).await.status, 200, "{list}");
        let by_json = audited(&api, company.tenant, action).await;
        assert!(by_json > 0, "{list}");
        assert_eq!(csv(&api, &path, &token).await.status, 200, "{list}");
        assert_eq!(audited(&api, company.tenant, action).await, 2 * by_json, "{list}");
    }
    run(
        &api,
        company.tenant,
        "INSERT INTO audit_log (id, created_at, actor_kind, actor, action, entity)
         SELECT gen_random_uuid(), now(), 'system', 'tenure', 'test.done', 'test' FROM generate_series(1, 250)",
    )
    .await;
    let log = csv(&api, "/api/v1/audit?action=test.done&limit=200", &token).await;
    assert_eq!(log.text.lines().count(), 251);
    let mut tx = api.installation.db.begin_read(company.tenant).await.unwrap();
    let read = sqlx::query_scalar("SELECT after FROM audit_log WHERE action = 'audit.read' ORDER BY id");
    let read: Vec<Value> = read.fetch_all(&mut *tx).await.unwrap();
    let entries: Vec<&Value> = read.iter().map(|after| &after["entries"]).collect();
    assert_eq!(entries, [&json!(200), &json!(50)]);
}
