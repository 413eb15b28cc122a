//! Goals of people, and what they count in an appraisal.

use serde_json::{Value, json};
use sqlx::Row;
use tenure_testkit::MongoDatabase;

use super::{Cycle, id};
use crate::company::{ADA, Company, GRACE, LINUS, SUKARNO, id_of, path_of};
use crate::{Answer, Api, on_mongo};

fn goals_of(person: u128) -> String {
    format!("{}/goals", path_of(person))
}

async fn add(api: &Api, token: &str, person: u128, body: &Value) -> String {
    id(&api.send("POST", &goals_of(person), token, None, body).await)
}

async fn change(api: &Api, token: &str, (person, goal): (u128, &str), version: i64, body: Value) -> Answer {
    api.send("PATCH", &format!("{}/{goal}", goals_of(person)), token, Some(version), &body).await
}

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let owner = company.owner_token(&api).await;
    (api, company, owner)
}

/// A goal of Linus with two below it: one half done, the other not begun.
async fn tree(api: &Api, token: &str) -> [String; 3] {
    let top = add(api, token, LINUS, &json!({ "title": "A faster ship", "progress": "5" })).await;
    let half = json!({ "title": "A new hull", "parent_id": top, "progress": "50.5" });
    let half = add(api, token, LINUS, &half).await;
    let none = add(api, token, LINUS, &json!({ "title": "New sails", "parent_id": top })).await;
    [top, half, none]
}

#[tokio::test]
async fn a_goal_is_as_far_as_those_below_it() {
    let (api, company, _) = company().await;
    let linus = company.token_with(&api, &["employee"], Some(LINUS)).await;
    let [top, half, none] = tree(&api, &linus).await;
    let path = format!("{}/{top}", goals_of(LINUS));
    insta::assert_snapshot!("goal", api.get(&path, &linus).await.shown());
    let refused = change(&api, &linus, (LINUS, &top), 1, json!({ "progress": "10" })).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(
        change(&api, &linus, (LINUS, &none), 1, json!({ "status": "archived" })).await.json()["status"],
        "archived"
    );
    assert_eq!(api.get(&path, &linus).await.json()["progress"], "50.5", "what is put aside does not count");
    let done = change(&api, &linus, (LINUS, &half), 1, json!({ "progress": "100", "parent_id": null })).await.json();
    assert_eq!((&done["status"], &done["parent_id"]), (&json!("completed"), &Value::Null));
    let seen = api.get(&path, &linus).await.json();
    assert_eq!((&seen["progress"], &seen["follows"]), (&json!("5"), &json!(false)), "its own again");
    let kept = api.send("DELETE", &path, &linus, Some(1), &Value::Null).await;
    assert_eq!(kept.status, 422, "an archived one lies below it: {}", kept.text);
    let below = format!("{}/{none}", goals_of(LINUS));
    assert_eq!(api.send("DELETE", &below, &linus, Some(2), &Value::Null).await.status, 204);
    assert_eq!(api.send("DELETE", &path, &linus, Some(1), &Value::Null).await.status, 204);
    let left = api.get(&goals_of(LINUS), &linus).await.json();
    assert_eq!(left["data"].as_array().unwrap().iter().map(|goal| &goal["id"]).collect::<Vec<_>>(), [&json!(half)]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_field() {
    let (api, company, _) = company().await;
    let linus = company.token_with(&api, &["employee"], Some(LINUS)).await;
    let [top, half, _] = tree(&api, &linus).await;
    let stranger = id_of(999);
    for (body, field) in [
        (json!({}), "title"),
        (json!({ "title": "x", "progress": "101" }), "progress"),
        (json!({ "title": "x", "progress": 5 }), "progress"),
        (json!({ "title": "x", "parent_id": stranger }), "parent_id"),
        (json!({ "title": "x", "cycle_id": stranger }), "cycle_id"),
        (json!({ "title": "x", "starts_on": "2026-02-01", "due_on": "2026-01-01" }), "due_on"),
    ] {
        let refused = api.send("POST", &goals_of(LINUS), &linus, None, &body).await;
        assert_eq!(refused.refusal(), (400, field.to_owned()), "{body}");
    }
    let circle = change(&api, &linus, (LINUS, &top), 1, json!({ "parent_id": half })).await;
    assert_eq!(circle.refusal(), (400, "parent_id".to_owned()));
    let [one, two] = [json!({ "progress": "1" }), json!({ "progress": "2" })];
    let (one, two) =
        tokio::join!(change(&api, &linus, (LINUS, &half), 1, one), change(&api, &linus, (LINUS, &half), 1, two));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn of_two_moves_that_would_together_close_a_circle_one_is_refused() {
    let (api, company, _) = company().await;
    let linus = company.token_with(&api, &["employee"], Some(LINUS)).await;
    let one = add(&api, &linus, LINUS, &json!({ "title": "one" })).await;
    let two = add(&api, &linus, LINUS, &json!({ "title": "two" })).await;
    let (first, second) = tokio::join!(
        change(&api, &linus, (LINUS, &one), 1, json!({ "parent_id": two })),
        change(&api, &linus, (LINUS, &two), 1, json!({ "parent_id": one }))
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "{}\n{}", first.text, second.text);
}

#[tokio::test]
async fn ones_own_goals_and_those_of_reports_are_written_and_others_are_not_seen() {
    let (api, company, owner) = company().await;
    let goal = add(&api, &owner, LINUS, &json!({ "title": "A faster ship" })).await;
    for (role, employee, read, written) in [
        ("employee", Some(LINUS), 200, 200),
        ("manager", Some(GRACE), 200, 200),
        ("hr_manager", None, 200, 200),
        ("auditor", None, 200, 403),
        ("employee", Some(SUKARNO), 404, 404),
        ("payroll_admin", None, 403, 403),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        let path = format!("{}/{goal}", goals_of(LINUS));
        let seen = api.get(&path, &token).await;
        assert_eq!(seen.status.as_u16(), read, "{role} {employee:?}: {}", seen.text);
        let version = api.get(&path, &owner).await.json()["version"].as_i64().unwrap();
        let wanted = json!({ "description": format!("said by {role}") });
        let changed = change(&api, &token, (LINUS, &goal), version, wanted).await;
        assert_eq!(changed.status.as_u16(), written, "{role} {employee:?}: {}", changed.text);
    }
    // A goal is found below its person alone.
    assert_eq!(api.get(&format!("{}/{goal}", goals_of(ADA)), &owner).await.status, 404);
    let mut tx = api.installation.db.begin_read(company.tenant).await.unwrap();
    let actions = "SELECT action FROM audit_log WHERE action LIKE 'goal.%' ORDER BY id";
    let actions = sqlx::query(actions).fetch_all(&mut *tx).await.unwrap();
    let actions: Vec<String> = actions.iter().map(|row| row.get("action")).collect();
    assert_eq!(actions, ["goal.created", "goal.updated", "goal.updated", "goal.updated"]);
}

#[tokio::test]
async fn the_goals_of_a_cycle_count_in_its_score() {
    let cycle = Cycle::weighing(&json!({ "manager": "50", "goals": "50" })).await;
    let cycle_id = cycle.path.rsplit('/').next().unwrap();
    let (api, owner) = (&cycle.api, &cycle.owner);
    let top = add(api, owner, LINUS, &json!({ "title": "of the cycle", "cycle_id": cycle_id })).await;
    for (progress, parent, of) in [("100", Some(&top), Some(cycle_id)), ("20", None, Some(cycle_id)), ("0", None, None)]
    {
        let body = json!({ "title": "x", "progress": progress, "parent_id": parent, "cycle_id": of });
        add(api, owner, LINUS, &body).await;
    }
    for _ in 0..3 {
        cycle.advance(200).await;
    }
    let grace = cycle.company.token_with(api, &["manager"], Some(GRACE)).await;
    let form = cycle.form(LINUS).await;
    assert_eq!(cycle.save(&form, &grace, "manager", json!({ "goal": 80 })).await.status, 200);
    let submitted = cycle.act(&form, &grace, "submit", json!({ "part": "manager" })).await.json();
    let expected = (&json!("60.00"), &json!("70.00"));
    assert_eq!((&submitted["goals_score"], &submitted["score"]), expected, "100 and 20, then with 80");
    let linus = cycle.company.token_with(api, &["employee"], Some(LINUS)).await;
    assert_eq!(api.get(&form, &linus).await.json()["goals_score"], Value::Null, "not before it is shared");
}

#[tokio::test]
async fn goals_are_kept_in_mongodb_too() {
    let database = MongoDatabase::new();
    let (api, _, owner) = on_mongo::over(database.url()).await;
    let [top, half, _] = tree(&api, &owner).await;
    let seen = api.get(&goals_of(LINUS), &owner).await.json();
    let progress: Vec<_> = seen["data"].as_array().unwrap().iter().map(|goal| goal["progress"].clone()).collect();
    assert_eq!(progress, ["25.25", "50.5", "0"]);
    let (one, two) = tokio::join!(
        change(&api, &owner, (LINUS, &half), 1, json!({ "progress": "70" })),
        change(&api, &owner, (LINUS, &half), 1, json!({ "progress": "90" }))
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{}\n{}", one.text, two.text);
    assert_eq!(change(&api, &owner, (LINUS, &top), 1, json!({ "status": "closed" })).await.json()["status"], "closed");
}
