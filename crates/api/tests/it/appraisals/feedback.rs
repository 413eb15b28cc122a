//! What colleagues say of somebody: who is asked, what is told of it when, and that nobody learns who has said what.

use serde_json::{Value, json};
use sqlx::Row;
use tenure_testkit::MongoDatabase;

use super::Cycle;
use crate::company::{ADA, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};
use crate::{Answer, Api, on_mongo};

/// Everybody but Grace, whom they are asked about, and Ada, who appraises her.
const COLLEAGUES: [u128; 3] = [LINUS, ZOE, SUKARNO];

/// Three more: the first two report to Ada, as Zoë does, so that they are peers of Grace, and the third to nobody, as Sukarno.
const MORE: [u128; 3] = [11, 12, 13];
const MORE_SQL: &str = "
    INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, manager_id, created_at, updated_at)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'N-' || i, 'More', i::text, 'active', '2020-01-01',
           CASE WHEN i < 13 THEN '00000000-0000-7000-8000-000000000001'::uuid END, now(), now() FROM generate_series(11, 13) i";

/// A cycle in its self review, in which colleagues are asked about Grace, and their tokens.
struct Round {
    cycle: Cycle,
    form: String,
    tokens: Vec<String>,
}

/// Zoë comes back, to report to Ada.
async fn rehiring_zoe(cycle: Cycle) -> Cycle {
    let again = json!({ "hired_on": "2026-01-01", "manager_id": id_of(ADA) });
    let rehired = cycle.api.send("POST", &format!("{}/rehire", path_of(ZOE)), &cycle.owner, Some(1), &again).await;
    assert_eq!(rehired.status, 200, "{}", rehired.text);
    cycle
}

impl Round {
    async fn new() -> Self {
        Self::of(Cycle::weighing(&json!({ "manager": "50", "feedback": "50" })).await).await
    }

    async fn of(cycle: Cycle) -> Self {
        Self::asking(rehiring_zoe(cycle).await, &COLLEAGUES).await
    }

    async fn asking(cycle: Cycle, colleagues: &[u128]) -> Self {
        cycle.advance(200).await;
        let form = cycle.form(GRACE).await;
        let ids: Vec<_> = colleagues.iter().map(|colleague| id_of(*colleague)).collect();
        let people = json!({ "employee_ids": ids });
        let asked = cycle.api.send("POST", &format!("{form}/feedback-requests"), &cycle.owner, None, &people).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        cycle.advance(200).await;
        let mut tokens = Vec::new();
        for colleague in colleagues {
            tokens.push(cycle.company.token_with(&cycle.api, &["employee"], Some(*colleague)).await);
        }
        Self { cycle, form, tokens }
    }

    fn api(&self) -> &Api {
        &self.cycle.api
    }

    /// The path of what one colleague is asked.
    async fn request(&self, token: &str) -> String {
        let list = self.api().get("/api/v1/feedback-requests", token).await.json();
        format!("/api/v1/feedback-requests/{}", list["data"][0]["id"].as_str().unwrap())
    }

    async fn save(&self, token: &str, answers: Value) -> Answer {
        let path = self.request(token).await;
        let version = self.api().get(&path, token).await.json()["version"].as_i64();
        self.api().send("PUT", &format!("{path}/answers"), token, version, &json!({ "answers": answers })).await
    }

    async fn act(&self, token: &str, act: &str) -> Answer {
        let path = self.request(token).await;
        let version = self.api().get(&path, token).await.json()["version"].as_i64();
        self.api().send("POST", &format!("{path}/{act}"), token, version, &Value::Null).await
    }

    async fn answer(&self, token: &str, answers: Value) {
        let saved = self.save(token, answers).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
        let submitted = self.act(token, "submit").await;
        assert_eq!(submitted.status, 200, "{}", submitted.text);
    }

    async fn told(&self, token: &str) -> Answer {
        self.api().get(&format!("{}/feedback", self.form), token).await
    }
}

/// What each of the colleagues says: three ratings, one word twice and another once, and two texts.
fn said() -> [Value; 3] {
    [
        json!({ "works": 5, "word": "calm", "note": "Zealous" }),
        json!({ "works": 3, "word": "calm", "note": "Able" }),
        json!({ "works": 4, "word": "quick" }),
    ]
}

#[tokio::test]
async fn it_is_told_of_all_together_once_none_is_added() {
    let round = Round::new().await;
    let (cycle, owner) = (&round.cycle, &round.cycle.owner);
    let grace = cycle.company.token_with(round.api(), &["manager"], Some(GRACE)).await;
    for (token, answers) in round.tokens.iter().zip(said()) {
        assert_eq!(round.told(owner).await.status, 422, "answers still come in");
        round.answer(token, answers).await;
    }
    let asked = round.api().get(&format!("{}/feedback-requests", round.form), &grace).await.json();
    assert_eq!((&asked["answered"], asked["data"].as_array().unwrap().len()), (&json!(3), 3));
    assert_eq!(round.told(owner).await.status, 422);
    assert_eq!(cycle.advance(200).await, "manager_review");
    let told = round.told(owner).await;
    insta::assert_snapshot!("feedback", told.shown());
    assert_eq!(round.told(&grace).await.status, 422, "the person waits for the result");
    let late = round.save(&round.tokens[0], json!({ "works": 1 })).await;
    assert_eq!(late.status, 422, "{}", late.text);

    let ada = cycle.company.token_with(round.api(), &["manager"], Some(ADA)).await;
    assert_eq!(cycle.save(&round.form, &ada, "manager", json!({ "goal": 25 })).await.status, 200);
    let submitted = cycle.act(&round.form, &ada, "submit", json!({ "part": "manager" })).await.json();
    let expected = (&json!("75.00"), &json!("50.00"));
    assert_eq!((&submitted["feedback_score"], &submitted["score"]), expected, "75 and 25");
    assert_eq!(round.told(owner).await.text, told.text, "it does not change any more");
}

#[tokio::test]
async fn a_group_that_is_large_enough_is_told_of_by_itself() {
    let cycle = Cycle::weighing(&json!({ "manager": "50", "feedback": "50" })).await;
    let mut tx = cycle.api.installation.db.begin(cycle.company.tenant).await.unwrap();
    sqlx::raw_sql(MORE_SQL).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let round = Round::asking(rehiring_zoe(cycle).await, &[COLLEAGUES, MORE].concat()).await;
    let manager = round.cycle.company.token_with(round.api(), &["manager"], Some(ADA)).await;
    let hr = round.cycle.company.token_with(round.api(), &["hr_manager"], None).await;
    for (token, (works, note)) in round.tokens.iter().zip([(1, "d"), (5, "c"), (2, "a"), (5, "a"), (5, "b"), (3, "b")])
    {
        round.answer(token, json!({ "works": works, "word": "calm", "note": note })).await;
    }
    round.cycle.advance(200).await;
    let told = round.told(&manager).await;
    insta::assert_snapshot!("feedback_by_groups", told.shown());
    assert_eq!(round.told(&hr).await.text, told.text);
}

#[tokio::test]
async fn whoever_was_asked_does_not_come_to_appraise() {
    let round = Round::new().await;
    let assign = async |manager: u128| {
        let version = round.api().get(&round.form, &round.cycle.owner).await.json()["version"].as_i64();
        let body = json!({ "manager_id": id_of(manager) });
        round.api().send("PATCH", &round.form, &round.cycle.owner, version, &body).await
    };
    assert_eq!(assign(ZOE).await.refusal(), (400, "manager_id".to_owned()));
    let list = format!("{}/feedback-requests", round.form);
    let asked = round.api().get(&list, &round.cycle.owner).await.json();
    let of_zoe = asked["data"].as_array().unwrap().iter().find(|row| row["employee_id"] == json!(id_of(ZOE)));
    let of_zoe = format!("{list}/{}", of_zoe.unwrap()["id"].as_str().unwrap());
    assert_eq!(round.api().send("DELETE", &of_zoe, &round.cycle.owner, None, &Value::Null).await.status, 204);
    let assigned = assign(ZOE).await;
    assert_eq!(assigned.status, 200, "{}", assigned.text);
}

#[tokio::test]
async fn who_has_said_what_is_nowhere_to_be_read() {
    let round = Round::new().await;
    for (token, answers) in round.tokens.iter().zip(said()) {
        round.answer(token, answers).await;
    }
    // Whoever has submitted does not see it again, and nobody sees another one's request.
    for token in &round.tokens {
        let path = round.request(token).await;
        assert_eq!(round.api().get(&path, token).await.json()["answers"], json!({}));
        assert_eq!(round.api().get(&path, &round.cycle.owner).await.status, 404);
        assert_eq!(round.act(token, "submit").await.status, 422);
    }
    let stranger = round.cycle.company.token_with(round.api(), &["hr_manager"], None).await;
    assert_eq!(round.api().get("/api/v1/feedback-requests", &stranger).await.json()["data"], json!([]));

    let mut tx = round.api().installation.db.begin_read(round.cycle.company.tenant).await.unwrap();
    let log = "SELECT action, concat(before, after) AS said FROM audit_log WHERE action LIKE 'feedback.%' ORDER BY id";
    let log = sqlx::query(log).fetch_all(&mut *tx).await.unwrap();
    let entries: Vec<(String, String)> = log.iter().map(|row| (row.get("action"), row.get("said"))).collect();
    assert_eq!(entries.len(), 1 + 2 * COLLEAGUES.len(), "{entries:?}");
    for (action, said) in &entries[1..] {
        assert!(["feedback.saved", "feedback.submitted"].contains(&action.as_str()) && said.is_empty(), "{entries:?}");
    }
    let kept = "SELECT body::text AS body, created_at = updated_at AS is_timeless FROM appraisal_forms
                WHERE body ->> 'kind' IN ('feedback', 'feedback_request') ORDER BY body ->> 'kind'";
    let kept = sqlx::query(kept).fetch_all(&mut *tx).await.unwrap();
    let said_in = |at: usize| ["calm", "Zealous", "Able"].map(|word| kept[at].get::<String, _>("body").contains(word));
    assert_eq!((kept.len(), said_in(0)), (1 + COLLEAGUES.len(), [true; 3]));
    assert!(kept[0].get::<bool, _>("is_timeless"), "nothing tells when something was added");
    assert!((1..kept.len()).all(|at| said_in(at) == [false; 3]), "requests hold nothing of what was said");
    let notes = kept[0].get::<String, _>("body");
    let place = |text| notes.find(text).unwrap();
    assert!(place("Able") < place("Zealous"), "in the order of what was said: {notes}");
}

#[tokio::test]
async fn too_few_are_not_told_of_and_do_not_count() {
    let round = Round::new().await;
    let [one, two, three] = said();
    round.answer(&round.tokens[0], one).await;
    round.answer(&round.tokens[1], two).await;
    assert_eq!(round.save(&round.tokens[2], three).await.status, 200, "kept, and never submitted");
    round.cycle.advance(200).await;
    let told = round.told(&round.cycle.owner).await;
    assert_eq!(told.json(), json!({ "parts": [], "score": null }), "{}", told.text);
    let ada = round.cycle.company.token_with(round.api(), &["manager"], Some(ADA)).await;
    assert_eq!(round.cycle.save(&round.form, &ada, "manager", json!({ "goal": 25 })).await.status, 200);
    let submitted = round.cycle.act(&round.form, &ada, "submit", json!({ "part": "manager" })).await.json();
    assert_eq!((&submitted["feedback_score"], &submitted["score"]), (&Value::Null, &json!("25.00")));
}

#[tokio::test]
async fn of_two_who_submit_at_once_both_are_told_of() {
    let round = Round::new().await;
    both_are_told_of(&round).await;
}

#[tokio::test]
async fn feedback_is_kept_in_mongodb_too() {
    let database = MongoDatabase::new();
    let (api, company, owner) = on_mongo::over(database.url()).await;
    let cycle = Cycle::of((api, company, owner), &json!({ "manager": "50", "feedback": "50" })).await;
    let round = Round::of(cycle).await;
    both_are_told_of(&round).await;
}

async fn both_are_told_of(round: &Round) {
    for (token, answers) in round.tokens.iter().zip(said()) {
        assert_eq!(round.save(token, answers).await.status, 200);
    }
    let [one, two, three] = [0, 1, 2].map(|at| round.act(&round.tokens[at], "submit"));
    let (one, two, three) = tokio::join!(one, two, three);
    for answer in [one, two, three] {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    round.cycle.advance(200).await;
    let told = round.told(&round.cycle.owner).await.json();
    assert_eq!((&told["parts"][0]["answered"], &told["score"]), (&json!(3), &json!("75.00")), "{told}");
}

#[tokio::test]
async fn who_may_is_asked_once_and_requests_are_taken_back_or_declined() {
    let round = Round::new().await;
    let (api, cycle) = (round.api(), &round.cycle);
    let path = format!("{}/feedback-requests", round.form);
    let ask = async |token: &str, who: &[u128]| {
        let people: Vec<_> = who.iter().map(|one| id_of(*one)).collect();
        api.send("POST", &path, token, None, &json!({ "employee_ids": people })).await
    };
    let again = ask(&cycle.owner, &COLLEAGUES).await.json();
    assert_eq!(again["data"].as_array().unwrap().len(), 3, "nobody is asked twice");
    for wrong in [GRACE, ADA, 999] {
        assert_eq!(ask(&cycle.owner, &[wrong]).await.refusal(), (400, "employee_ids".to_owned()), "{wrong}");
    }
    assert_eq!(ask(&round.tokens[0], &[ZOE]).await.status, 404, "a report does not see the form");
    let auditor = cycle.company.token_with(api, &["auditor"], None).await;
    assert_eq!(ask(&auditor, &[ZOE]).await.status, 403);

    let of = |colleague: u128| {
        let row = again["data"].as_array().unwrap().iter().find(|row| row["employee_id"] == json!(id_of(colleague)));
        format!("{path}/{}", row.unwrap()["id"].as_str().unwrap())
    };
    assert_eq!(api.send("DELETE", &of(ZOE), &cycle.owner, None, &Value::Null).await.status, 204);
    assert_eq!(api.send("DELETE", &of(ZOE), &cycle.owner, None, &Value::Null).await.status, 404);
    assert_eq!(api.get("/api/v1/feedback-requests", &round.tokens[1]).await.json()["data"], json!([]));
    assert_eq!(round.act(&round.tokens[2], "decline").await.json()["state"], "declined");
    assert_eq!(round.save(&round.tokens[2], json!({ "works": 3 })).await.status, 422);
    let declined = api.send("DELETE", &of(SUKARNO), &cycle.owner, None, &Value::Null).await;
    assert_eq!(declined.status, 422, "{}", declined.text);

    let wrong = round.save(&round.tokens[0], json!({ "works": 9 })).await;
    assert_eq!(wrong.refusal(), (400, "answers.works".to_owned()));
    assert_eq!(round.save(&round.tokens[0], json!({ "goal": 9 })).await.refusal(), (400, "answers.goal".to_owned()));
    assert_eq!(round.act(&round.tokens[0], "submit").await.refusal(), (400, "answers.works".to_owned()));
    cycle.advance(200).await;
    assert_eq!(ask(&cycle.owner, &[ZOE]).await.status, 422, "the self review is over");
}

#[tokio::test]
async fn with_a_form_all_of_it_goes() {
    let round = Round::new().await;
    round.answer(&round.tokens[0], json!({ "works": 5 })).await;
    let version = round.api().get(&round.form, &round.cycle.owner).await.json()["version"].as_i64();
    let removed = round.api().send("DELETE", &round.form, &round.cycle.owner, version, &Value::Null).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    let mut tx = round.api().installation.db.begin_read(round.cycle.company.tenant).await.unwrap();
    let left = "SELECT count(*) FROM appraisal_forms WHERE body ->> 'kind' LIKE 'feedback%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut *tx).await.unwrap(), 0);
}

#[tokio::test]
async fn the_least_number_is_three_and_is_settled_before_the_cycle_begins() {
    let cycle = Cycle::new().await;
    let change = async |number: Value| {
        let version = cycle.api.get(&cycle.path, &cycle.owner).await.json()["version"].as_i64();
        let body = json!({ "feedback_minimum": number });
        cycle.api.send("PATCH", &cycle.path, &cycle.owner, version, &body).await
    };
    for wrong in [json!(2), json!(21), json!("3"), json!(-1)] {
        assert_eq!(change(wrong.clone()).await.refusal(), (400, "feedback_minimum".to_owned()), "{wrong}");
    }
    assert_eq!(change(json!(5)).await.json()["feedback_minimum"], 5);
    cycle.advance(200).await;
    assert_eq!(change(json!(3)).await.status, 422);
}
