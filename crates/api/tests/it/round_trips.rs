//! How often a request waits for PostgreSQL, which is what it costs when the database is not on the same machine.

use std::fmt::Write;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tenure_api::SlowQueries;
use tenure_testkit::{RoundTrips, TestInstallation};
use uuid::Uuid;

use crate::appraisals::Cycle;
use crate::company::{ADA, Company, GRACE, id_of, path_of};
use crate::sign_in::{session, user};
use crate::{Api, files};

/// Three hundred more in the company, half of whom report to Ada, with a department for each ten and an entry for each in the audit log.
const MORE: &str = "
    INSERT INTO departments (id, parent_id, name, created_at, updated_at)
    SELECT gen_random_uuid(), '00000000-0000-7000-8000-0000000000d1', 'Department ' || i, now(), now() FROM generate_series(1, 30) i;
    INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, department_id, manager_id, created_at, updated_at)
    SELECT gen_random_uuid(), 'N-' || i, 'First', 'Last ' || i, 'active', '2020-01-01',
           (SELECT id FROM departments WHERE name = 'Department ' || i % 30 + 1),
           CASE WHEN i % 2 = 0 THEN '00000000-0000-7000-8000-000000000001'::uuid END, now(), now()
    FROM generate_series(1, 300) i;
    INSERT INTO employment_periods (id, employee_id, hired_on, created_at)
    SELECT gen_random_uuid(), id, hired_on, created_at FROM employees WHERE last_name LIKE 'Last %';
    INSERT INTO job_assignments (id, employee_id, effective_from, department_id, manager_id, applied_at, created_at)
    SELECT gen_random_uuid(), id, hired_on, department_id, manager_id, created_at, created_at FROM employees WHERE last_name LIKE 'Last %';
    INSERT INTO document_metadata (id, version, created_at, updated_at, body)
    SELECT gen_random_uuid(), 1, '2026-01-01Z', '2026-01-01Z', jsonb_build_object('kind', 'document', 'owner', owner, 'category', 'policy', 'class', 'public',
           'state', 'current', 'title', 'Rules', 'expires_on', '2026-01-20', 'remind_days', 30, 'legal_hold', false, 'versions', jsonb_build_array())
    FROM generate_series(1, 300), unnest(ARRAY['company', '00000000-0000-7000-8000-000000000002']) owner;
    INSERT INTO audit_log (id, actor_kind, actor, action, entity, entity_id, created_at)
    SELECT gen_random_uuid(), 'system', 'system', 'employee.created', 'employee', id, created_at FROM employees";

struct Counted {
    api: Api,
    round_trips: RoundTrips,
    owner: String,
    seen: Vec<(String, u64)>,
}

impl Counted {
    /// Asks three times, for the first two prepare what later ones find prepared.
    async fn ask(&mut self, who: &str, token: &str, method: &str, path: &str, body: impl Fn(u8) -> Value) {
        let mut count = 0;
        for turn in 0..3 {
            let of = path.trim_end_matches("/assignments").trim_end_matches("/answers");
            let version = match (method, of != path) {
                ("PATCH", _) | ("POST" | "PUT", true) => {
                    self.api.get(of, &self.owner).await.json().get("version").and_then(Value::as_i64)
                }
                _ => None,
            };
            let before = self.round_trips.so_far();
            let answer = self.api.send(method, path, token, version, &body(turn)).await;
            count = self.round_trips.so_far() - before;
            assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
        }
        let parts = path.split('/').map(|part| if part.parse::<Uuid>().is_ok() { "{id}" } else { part });
        self.seen.push((format!("{method} {}{who}", parts.collect::<Vec<_>>().join("/")), count));
    }

    async fn get(&mut self, path: &str) {
        let owner = self.owner.clone();
        self.ask("", &owner, "GET", path, |_| Value::Null).await;
    }

    async fn read_file(&mut self, document: &str) {
        let path = format!("/api/v1/documents/{document}/content");
        let mut count = 0;
        for _ in 0..3 {
            let before = self.round_trips.so_far();
            assert_eq!(self.api.get(&path, &self.owner).await.status, 200);
            count = self.round_trips.so_far() - before;
        }
        self.seen.push(("GET /api/v1/documents/{id}/content".to_owned(), count));
    }

    /// The requests of appraisals, after a cycle has begun in which Engineering takes part.
    async fn appraise(&mut self, cycle: &str, form: &str, grace: &str) {
        for path in ["/api/v1/appraisals/templates", "/api/v1/appraisals/cycles", cycle] {
            self.get(path).await;
        }
        for path in ["progress", "forms", "late"] {
            self.get(&format!("{cycle}/{path}")).await;
        }
        self.ask(" (one's own)", grace, "GET", form, |_| Value::Null).await;
        self.ask(" (somebody else's, which is recorded)", &self.owner.clone(), "GET", form, |_| Value::Null).await;
        for path in ["appraisals", "appraisals-to-write", "goals"] {
            self.get(&format!("{}/{path}", path_of(GRACE))).await;
        }
        self.ask("", grace, "GET", "/api/v1/feedback-requests", |_| Value::Null).await;
        self.get(&format!("{form}/feedback-requests")).await;
        let answers = |turn| json!({ "part": "self", "answers": { "rating": turn + 2 } });
        self.ask("", grace, "PUT", &format!("{form}/answers"), answers).await;
    }

    async fn sign_in(&mut self) {
        let mut count = 0;
        for _ in 0..3 {
            let before = self.round_trips.so_far();
            session(&self.api, "head@acme.example").await;
            count = self.round_trips.so_far() - before;
        }
        self.seen.push(("POST /api/v1/sessions".to_owned(), count));
    }
}

/// What each common request takes in a company of a size.
async fn counted(more: bool) -> Vec<(String, u64)> {
    let mut round_trips = RoundTrips::default();
    let installation = TestInstallation::with(|settings| {
        round_trips = RoundTrips::count(&mut settings.application);
        // So that each request finds the connection that prepared its statements.
        settings.max_connections = 1;
    });
    let api = Api::over(installation.await, &SlowQueries::default());
    let company = Company::new(&api.installation, "acme").await;
    if more {
        let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
        sqlx::raw_sql(MORE).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let owner = company.owner_token(&api).await;
    company.add_role(&api, "intranet", "employees.read", "all").await;
    let intranet = company.token_with(&api, &["intranet"], None).await;
    let manager = company.token_with(&api, &["manager"], Some(ADA)).await;
    let document = files::filed(&api, &owner, "/api/v1/documents?name=a.pdf&category=policy").await;
    user(&api, &owner, "head@acme.example", &["hr_admin"], None).await;
    let grace = company.token_with(&api, &["employee"], Some(GRACE)).await;
    let cycle = Cycle::of((api, company, owner.clone()), &json!({ "self": "50", "manager": "50" })).await;
    let form = cycle.form(GRACE).await;
    assert_eq!([cycle.advance(200).await, cycle.advance(200).await], ["open", "self_review"]);

    let Cycle { api, path: cycle, .. } = cycle;
    let mut counted = Counted { api, round_trips, owner: owner.clone(), seen: Vec::new() };
    counted.ask(" (work fields)", &intranet, "GET", &path_of(GRACE), |_| Value::Null).await;
    counted
        .ask(" (with personal data and pay, which is recorded)", &owner, "GET", &path_of(GRACE), |_| Value::Null)
        .await;
    let list = "/api/v1/employees";
    for query in ["", "?status=active&sort=-hired_on", "?q=opp", "?as_of=2024-01-01"] {
        counted.get(&format!("{list}{query}")).await;
    }
    counted.get(&format!("{list}?department=engineering")).await;
    counted.ask(" (by a manager)", &manager, "GET", list, |_| Value::Null).await;
    for path in [
        "org-chart",
        "dashboard",
        "departments",
        "designations",
        "locations",
        "users",
        "roles",
        "audit",
        "custom-fields",
        "documents",
        "expiring-documents",
        "settings",
        "settings/versions",
        "flags",
    ] {
        counted.get(&format!("/api/v1/{path}")).await;
    }
    for path in ["assignments", "employment-periods", "salaries", "bank-accounts", "documents", "document-requests"] {
        counted.get(&format!("{}/{path}", path_of(GRACE))).await;
    }
    counted.read_file(&document).await;
    counted.get("/api/v1/me").await;
    let hired =
        |turn| json!({ "last_name": format!("New {turn}"), "hired_on": "2026-02-01", "manager_id": id_of(ADA) });
    counted.ask("", &owner, "POST", list, hired).await;
    counted.ask("", &owner, "PATCH", &path_of(GRACE), |turn| json!({ "city": format!("Town {turn}") })).await;
    let assignments = format!("{}/assignments", path_of(GRACE));
    let filed = |turn| json!({ "effective_from": format!("2026-0{}-01", turn + 2), "pay_grade": format!("P{turn}") });
    counted.ask("", &owner, "POST", &assignments, filed).await;
    counted.ask("", &owner, "POST", "/api/v1/departments", |turn| json!({ "name": format!("New {turn}") })).await;
    let engineering = format!("/api/v1/departments/{}", id_of(0xd1));
    counted.ask("", &owner, "PATCH", &engineering, |turn| json!({ "cost_centre": format!("C{turn}") })).await;
    counted.sign_in().await;
    counted.appraise(&cycle, &form, &grace).await;
    counted.seen
}

#[tokio::test]
async fn no_request_takes_more_round_trips_in_a_larger_company() {
    let (few, many) = (Box::pin(counted(false)).await, Box::pin(counted(true)).await);
    assert_eq!(few, many);
    let table = few.iter().fold(String::new(), |mut table, (request, count)| {
        writeln!(table, "{count:>2}  {request}").unwrap();
        table
    });
    assert_snapshot!("round_trips", table);
    assert!(include_str!("../../../../docs/operations.md").contains(&table), "docs/operations.md shows other figures");
}
