//! Appraisals from a template to the result: who sees and writes what in which step, and what changes leave behind.

mod feedback;
mod goals;
mod results;
mod secrets;

use serde_json::{Value, json};
use sqlx::Row;
use tenure_app::documents::{self, Collection, Find};

use crate::company::{ADA, Company, GRACE, LINUS, SUKARNO, ZOE, id_of};
use crate::{Answer, Api};

const ROOT: &str = "/api/v1/appraisals";
/// The first id of what is made besides the company.
const ENGINEERING: u128 = 0xd1;

pub(crate) struct Cycle {
    pub(crate) api: Api,
    company: Company,
    owner: String,
    pub(crate) path: String,
}

fn id(answer: &Answer) -> String {
    assert!(answer.status.is_success(), "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn sections() -> Value {
    json!([
        { "title": "Me", "answered_by": "self", "weight": "100", "questions": [
            { "key": "rating", "label": "How was it?", "kind": "rating", "required": true, "minimum": "1", "maximum": "5" },
            { "key": "why", "label": "Why?", "kind": "text", "required": true, "shown_when": { "question": "rating", "is": 1 } },
        ] },
        { "title": "Result", "answered_by": "manager", "weight": "100", "questions": [
            { "key": "goal", "label": "How much was reached?", "kind": "goal", "required": true },
        ] },
        { "title": "Colleagues", "answered_by": "peers", "questions": [
            { "key": "works", "label": "How is it to work together?", "kind": "rating", "required": true, "minimum": "1", "maximum": "5" },
            { "key": "word", "label": "In a word?", "kind": "choice", "choices": ["calm", "quick"] },
            { "key": "note", "label": "Anything else?", "kind": "text" },
        ] },
    ])
}

impl Cycle {
    /// A cycle in which the engineers take part: Ada, Grace, and Linus, who reports to Grace.
    async fn new() -> Self {
        Self::weighing(&json!({ "self": "25", "manager": "75" })).await
    }

    async fn weighing(weights: &Value) -> Self {
        let api = Api::new().await;
        let company = Company::new(&api.installation, "acme").await;
        let owner = company.owner_token(&api).await;
        Self::of((api, company, owner), weights).await
    }

    pub(crate) async fn of((api, company, owner): (Api, Company, String), weights: &Value) -> Self {
        let body = json!({ "name": "Year", "sections": sections() });
        let template = id(&api.send("POST", &format!("{ROOT}/templates"), &owner, None, &body).await);
        let publish = format!("{ROOT}/templates/{template}/publish");
        assert_eq!(api.send("POST", &publish, &owner, Some(1), &Value::Null).await.status, 200);
        let body = json!({
            "name": "2025", "template_id": template, "starts_on": "2025-01-01", "ends_on": "2025-12-31",
            "weights": weights, "deadlines": { "self_review": "2026-01-10" },
        });
        let cycle = id(&api.send("POST", &format!("{ROOT}/cycles"), &owner, None, &body).await);
        let path = format!("{ROOT}/cycles/{cycle}");
        let people = json!({ "department_ids": [id_of(ENGINEERING)] });
        let added = api.send("POST", &format!("{path}/people"), &owner, Some(1), &people).await;
        assert_eq!(added.status, 200, "{}", added.text);
        Self { api, company, owner, path }
    }

    pub(crate) async fn advance(&self, expected: u16) -> Value {
        let version = self.api.get(&self.path, &self.owner).await.json()["version"].as_i64();
        let answer = self.api.send("POST", &format!("{}/advance", self.path), &self.owner, version, &Value::Null).await;
        assert_eq!(answer.status.as_u16(), expected, "{}", answer.text);
        answer.json()["step"].clone()
    }

    pub(crate) async fn step(&self) -> Value {
        self.api.get(&self.path, &self.owner).await.json()["step"].clone()
    }

    pub(crate) async fn form(&self, employee: u128) -> String {
        let list = format!("/api/v1/employees/{}/appraisals", id_of(employee));
        let form = self.api.get(&list, &self.owner).await.json()["data"][0]["id"].clone();
        format!("{ROOT}/forms/{}", form.as_str().unwrap())
    }

    async fn save(&self, form: &str, token: &str, part: &str, answers: Value) -> Answer {
        let version = self.api.get(form, token).await.json()["version"].as_i64();
        let body = json!({ "part": part, "answers": answers });
        self.api.send("PUT", &format!("{form}/answers"), token, version, &body).await
    }

    async fn act(&self, form: &str, token: &str, act: &str, body: Value) -> Answer {
        let version = self.api.get(form, &self.owner).await.json()["version"].as_i64();
        self.api.send("POST", &format!("{form}/{act}"), token, version, &body).await
    }
}

#[tokio::test]
async fn a_form_goes_from_the_person_to_the_manager_and_back() {
    let cycle = Cycle::new().await;
    let linus = cycle.company.token_with(&cycle.api, &["employee"], Some(LINUS)).await;
    let grace = cycle.company.token_with(&cycle.api, &["manager"], Some(GRACE)).await;
    let form = cycle.form(LINUS).await;
    assert_eq!(cycle.save(&form, &linus, "self", json!({})).await.status, 422, "the cycle is a draft");
    assert_eq!((cycle.advance(200).await, cycle.advance(200).await), (json!("open"), json!("self_review")));

    assert_eq!(cycle.save(&form, &linus, "manager", json!({ "goal": 100 })).await.status, 403);
    assert_eq!(cycle.save(&form, &grace, "self", json!({ "rating": 5 })).await.status, 403);
    let wrong = cycle.save(&form, &linus, "self", json!({ "rating": 6 })).await;
    assert_eq!(wrong.refusal(), (400, "answers.rating".to_owned()));
    assert_eq!(cycle.save(&form, &linus, "self", json!({ "rating": 1 })).await.status, 200);
    let missing = cycle.act(&form, &linus, "submit", json!({ "part": "self" })).await;
    assert_eq!(missing.refusal(), (400, "answers.why".to_owned()), "a rating of 1 asks why");
    assert_eq!(cycle.api.get(&form, &grace).await.json()["self_answers"], json!({}), "a draft is the person's own");
    assert_eq!(cycle.save(&form, &linus, "self", json!({ "rating": 3 })).await.status, 200);
    assert_eq!(cycle.act(&form, &linus, "submit", json!({ "part": "self" })).await.json()["self_score"], "50.00");
    assert_eq!(cycle.api.get(&form, &grace).await.json()["self_answers"], json!({ "rating": 3 }));
    assert_eq!(cycle.save(&form, &linus, "self", json!({})).await.status, 422, "it is submitted");

    assert_eq!(cycle.advance(200).await, "manager_review");
    assert_eq!(cycle.save(&form, &grace, "manager", json!({ "goal": "80" })).await.status, 200);
    let submitted = cycle.act(&form, &grace, "submit", json!({ "part": "manager" })).await.json();
    assert_eq!(
        (&submitted["state"], &submitted["score"]),
        (&json!("completed"), &json!("72.50")),
        "50 by 25, 80 by 75"
    );
    for step in ["calibration", "shared"] {
        let seen = cycle.api.get(&form, &linus).await.json();
        let hidden = ["manager_score", "score", "calibration", "manager_submitted_at"].map(|member| &seen[member]);
        assert_eq!((&seen["manager_answers"], hidden), (&json!({}), [&Value::Null; 4]), "before {step}");
        let own_list = cycle.api.get(&format!("/api/v1/employees/{}/appraisals", id_of(LINUS)), &linus).await.json();
        assert_eq!((&own_list["data"][0]["score"], own_list["data"].as_array().unwrap().len()), (&Value::Null, 1));
        if step == "shared" {
            cycle.advance(422).await;
            for other in [ADA, GRACE] {
                let body = json!({ "score": "60", "reason": "not reviewed" });
                let set = cycle.act(&cycle.form(other).await, &cycle.owner, "calibrate", body).await;
                assert_eq!(set.status, 200, "{}", set.text);
            }
        }
        assert_eq!(cycle.advance(200).await, step);
    }
    let seen = cycle.api.get(&form, &linus).await.json();
    assert_eq!((&seen["manager_answers"], &seen["score"]), (&json!({ "goal": "80" }), &json!("72.50")));
    assert_eq!(cycle.act(&form, &grace, "acknowledge", json!({})).await.status, 403);
    let done = cycle.act(&form, &linus, "acknowledge", json!({ "comment": "Fair." })).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("acknowledged")));
    assert_eq!(cycle.act(&form, &linus, "acknowledge", json!({})).await.status, 422);
    assert_eq!((cycle.advance(200).await, cycle.advance(200).await), (json!("acknowledged"), json!("closed")));
    cycle.advance(422).await;
}

#[tokio::test]
async fn who_is_no_party_sees_no_form_and_the_audit_log_has_no_answers() {
    let cycle = Cycle::new().await;
    let form = cycle.form(LINUS).await;
    let sukarno = cycle.company.token_with(&cycle.api, &["employee"], Some(SUKARNO)).await;
    assert_eq!(cycle.api.get(&form, &sukarno).await.status, 404);
    for (role, employee, status) in [
        ("manager", Some(ZOE), 404),
        ("payroll_admin", None, 404),
        ("manager", Some(ADA), 200),
        ("hr_manager", None, 200),
        ("auditor", None, 200),
    ] {
        let token = cycle.company.token_with(&cycle.api, &[role], employee).await;
        assert_eq!(cycle.api.get(&form, &token).await.status.as_u16(), status, "{role}");
    }
    // Whom HR names as the appraiser writes, wherever the person stands.
    let named = json!({ "manager_id": id_of(SUKARNO) });
    let version = cycle.api.get(&form, &cycle.owner).await.json()["version"].as_i64();
    assert_eq!(cycle.api.send("PATCH", &form, &cycle.owner, version, &named).await.status, 200);
    let to_write = format!("/api/v1/employees/{}/appraisals-to-write", id_of(SUKARNO));
    assert_eq!(cycle.api.get(&to_write, &sukarno).await.json()["data"].as_array().unwrap().len(), 1);
    for _ in 0..3 {
        cycle.advance(200).await;
    }
    let secret = json!({ "goal": "12.3456789" });
    assert_eq!(cycle.save(&form, &sukarno, "manager", secret).await.status, 200);
    let mut tx = cycle.api.installation.db.begin_read(cycle.company.tenant).await.unwrap();
    let entries =
        "SELECT action, concat(before, after) AS said FROM audit_log WHERE action LIKE 'appraisal%' ORDER BY id";
    let rows = sqlx::query(entries).fetch_all(&mut *tx).await.unwrap();
    let actions: Vec<String> = rows.iter().map(|row| row.get("action")).collect();
    for action in [
        "appraisal_template.published",
        "appraisal_cycle.advanced",
        "appraisal.created",
        "appraisal.read",
        "appraisal.assigned",
        "appraisal.saved",
    ] {
        assert!(actions.iter().any(|one| one == action), "{action} is not in {actions:?}");
    }
    let said: Vec<String> = rows.iter().map(|row| row.get("said")).collect();
    assert!(said.iter().any(|text| text.contains("manager_answered")));
    assert!(!said.iter().any(|text| text.contains("12.3456789")), "{said:?}");
}

#[tokio::test]
async fn of_two_who_save_at_once_one_is_told() {
    let cycle = Cycle::new().await;
    cycle.advance(200).await;
    cycle.advance(200).await;
    let linus = cycle.company.token_with(&cycle.api, &["employee"], Some(LINUS)).await;
    let path = format!("{}/answers", cycle.form(LINUS).await);
    let [one, two] = [1, 2].map(|rating| json!({ "part": "self", "answers": { "rating": rating } }));
    let save = |body| cycle.api.send("PUT", &path, &linus, Some(1), body);
    let (one, two) = tokio::join!(save(&one), save(&two));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(cycle.api.send("PUT", &path, &linus, None, &json!({})).await.status, 428);
}

#[tokio::test]
async fn a_published_version_never_changes_and_is_followed_once() {
    let cycle = Cycle::new().await;
    let template = cycle.api.get(&cycle.path, &cycle.owner).await.json()["template_id"].clone();
    let path = format!("{ROOT}/templates/{}", template.as_str().unwrap());
    let send = |method, path: String, version, body| {
        let (api, owner) = (&cycle.api, &cycle.owner);
        async move { api.send(method, &path, owner, version, &body).await }
    };
    assert_eq!(send("PATCH", path.clone(), Some(2), json!({ "name": "Other" })).await.status, 422);
    let next = send("POST", format!("{path}/versions"), Some(2), Value::Null).await;
    assert_eq!((next.status.as_u16(), &next.json()["number"]), (201, &json!(2)), "{}", next.text);
    assert_eq!(send("POST", format!("{path}/versions"), Some(2), Value::Null).await.status, 409);
    let draft = format!("{ROOT}/templates/{}", id(&next));
    let wrong = json!([{ "title": "A", "answered_by": "self", "weight": "99", "questions": [{ "key": "a", "label": "A", "kind": "goal" }] }]);
    let refused = send("PATCH", draft.clone(), Some(1), json!({ "sections": wrong })).await;
    assert_eq!(refused.refusal(), (400, "sections".to_owned()));
    assert_eq!(send("PATCH", draft, Some(1), json!({ "name": "Next year" })).await.status, 200);
    let kept = cycle.api.get(&cycle.form(LINUS).await, &cycle.owner).await.json();
    assert_eq!(kept["sections"][0]["title"], "Me", "forms keep the version that they began with");
}

#[tokio::test]
async fn progress_says_how_many_are_where_and_the_late_are_listed() {
    let cycle = Cycle::new().await;
    let progress = format!("{}/progress", cycle.path);
    let seen = cycle.api.get(&progress, &cycle.owner).await.json();
    assert_eq!((&seen["people"], &seen["late"]), (&json!(3), &json!(0)), "{seen}");
    cycle.advance(200).await;
    cycle.advance(200).await;
    let linus = cycle.company.token_with(&cycle.api, &["employee"], Some(LINUS)).await;
    let form = cycle.form(LINUS).await;
    assert_eq!(cycle.save(&form, &linus, "self", json!({ "rating": 3 })).await.status, 200);
    assert_eq!(cycle.act(&form, &linus, "submit", json!({ "part": "self" })).await.status, 200);
    let seen = cycle.api.get(&progress, &cycle.owner).await.json();
    assert_eq!((&seen["by_state"]["self_submitted"], &seen["late"]), (&json!(1), &json!(2)), "{seen}");
    let late = cycle.api.get(&format!("{}/late?limit=1", cycle.path), &cycle.owner).await.json();
    let cursor = late["next_cursor"].as_str().unwrap();
    let rest = cycle.api.get(&format!("{}/late?cursor={cursor}", cycle.path), &cycle.owner).await.json();
    let mut people: Vec<_> = [&late, &rest].iter().flat_map(|page| page["data"].as_array().unwrap()).collect();
    people.sort_by_key(|row| row["employee_id"].to_string());
    let people: Vec<_> = people.into_iter().map(|row| row["employee_id"].clone()).collect();
    assert_eq!(people, [json!(id_of(ADA)), json!(id_of(GRACE))]);
    let in_state = cycle.api.get(&format!("{}/forms?state=self_submitted", cycle.path), &cycle.owner).await.json();
    assert_eq!(in_state["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_forms_of_a_cycle_and_state_are_found_by_one_index() {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let forms = "INSERT INTO appraisal_forms (id, version, created_at, updated_at, body)
        SELECT gen_random_uuid(), 1, now(), now(), jsonb_build_object('kind', 'form', 'cycle_id', 'c' || n % 20,
               'employee_id', 'e' || n, 'state', (ARRAY['not_started', 'completed', 'self_draft', 'acknowledged'])[n % 4 + 1])
        FROM generate_series(1, 20000) n";
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::query(forms).execute(&mut *tx).await.unwrap();
    for by in [None, Some("state")] {
        let whole = [("kind", "form"), ("cycle_id", "c8")];
        let in_state = [("kind", "form"), ("cycle_id", "c8"), ("state", "not_started")];
        let equal = if by.is_some() { whole.as_slice() } else { &in_state };
        let find = Find { equal, by, limit: 50, ..Find::default() };
        let plan = documents::of(&api.context, &mut tx).explain(Collection::AppraisalForms, &find).await.unwrap();
        assert!(plan.contains("appraisal_forms_kind_cycle_id_state_idx"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Filter") && !plan.contains("Seq Scan"), "{plan}");
    }
}
