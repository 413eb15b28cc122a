//! Nobody comes to report to themselves, in whatever way somebody gets another manager: today, on a later day or in the past.

use serde_json::{Value, json};

use super::EMPLOYEES;
use super::scenes::{Scene, refusal, refused};
use crate::Answer;
use crate::company::{ADA, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};

const CLOSED: &str = "would report to each other in a circle";

impl Scene {
    async fn file(&self, person: u128, day: &str, manager: Option<u128>) -> Answer {
        let body = json!({ "effective_from": day, "manager_id": manager.map(id_of) });
        self.change(person, "POST", "assignments", &body).await
    }

    async fn filed(&self, person: u128, day: &str, manager: Option<u128>) -> String {
        let filed = self.file(person, day, manager).await;
        assert_eq!(filed.status, 201, "{}", filed.text);
        format!("assignments/{}", filed.json()["id"].as_str().unwrap())
    }

    async fn change(&self, person: u128, method: &str, below: &str, body: &Value) -> Answer {
        let version = self.version(person).await;
        self.send(method, &format!("{}/{below}", path_of(person)), Some(version), body).await
    }

    async fn done(&self, person: u128, method: &str, below: &str, body: &Value) {
        let answer = self.change(person, method, below, body).await;
        assert!(answer.status.is_success(), "{method} {below}: {}", answer.text);
    }

    async fn refused_as_circle(&self, person: u128, method: &str, below: &str, body: &Value) {
        let answer = self.change(person, method, below, body).await;
        assert_eq!(answer.status, 422, "{method} {below}: {}", answer.text);
        assert!(answer.text.contains(CLOSED), "{method} {below}: {}", answer.text);
        self.check_rows().await;
    }
}

/// Grace reports to Ada.
#[tokio::test]
async fn what_holds_again_when_an_assignment_is_taken_back_closes_no_circle() {
    for (free, under) in [("2026-02-01", "2026-03-01"), ("2026-01-10", "2026-01-12"), ("2024-05-01", "2025-01-01")] {
        let scene = Scene::new().await;
        let row = scene.filed(GRACE, free, None).await;
        scene.filed(ADA, under, Some(GRACE)).await;
        scene.refused_as_circle(GRACE, "DELETE", &row, &Value::Null).await;
        let row = scene.get(&format!("{}/assignments", path_of(ADA))).await.json()["data"][1]["id"].clone();
        scene.done(ADA, "DELETE", &format!("assignments/{}", row.as_str().unwrap()), &Value::Null).await;
        scene.check_rows().await;
    }
}

#[tokio::test]
async fn neither_does_what_is_moved_in_time_or_corrected() {
    let scene = Scene::new().await;
    let row = scene.filed(GRACE, "2026-02-01", None).await;
    let ada = scene.filed(ADA, "2026-03-01", Some(GRACE)).await;
    scene.refused_as_circle(GRACE, "PATCH", &row, &json!({ "effective_from": "2026-03-02" })).await;
    scene.refused_as_circle(GRACE, "PATCH", &row, &json!({ "manager_id": id_of(LINUS) })).await;
    scene.refused_as_circle(GRACE, "PATCH", &row, &json!({ "manager_id": id_of(ADA) })).await;
    scene.refused_as_circle(ADA, "PATCH", &ada, &json!({ "effective_from": "2026-01-31" })).await;
    scene.done(GRACE, "PATCH", &row, &json!({ "effective_from": "2026-03-01" })).await;
}

#[tokio::test]
async fn a_change_of_the_past_closes_none_that_ended_since() {
    let scene = Scene::new().await;
    scene.filed(GRACE, "2020-01-01", None).await;
    scene.filed(ADA, "2021-01-01", Some(SUKARNO)).await;
    scene.filed(ADA, "2022-01-01", None).await;
    let under_ada = json!({ "effective_from": "2019-01-01", "manager_id": id_of(ADA) });
    scene.refused_as_circle(SUKARNO, "POST", "assignments", &under_ada).await;
    scene.filed(SUKARNO, "2022-01-01", Some(ADA)).await;
}

#[tokio::test]
async fn whoever_is_hired_again_or_stays_after_all_closes_none() {
    let scene = Scene::new().await;
    let end = json!({ "last_day": "2026-01-31" });
    scene.done(GRACE, "POST", "terminate", &end).await;
    // Zoë will report to Grace, for whom the way up ends with January.
    scene.done(ZOE, "POST", "rehire", &json!({ "hired_on": "2026-01-20", "manager_id": id_of(GRACE) })).await;
    scene.filed(ADA, "2026-02-01", Some(ZOE)).await;
    scene.refused_as_circle(GRACE, "POST", "withdraw-termination", &Value::Null).await;
    let again = |manager: u128| json!({ "hired_on": "2026-02-10", "manager_id": id_of(manager) });
    scene.refused_as_circle(GRACE, "POST", "rehire", &again(ADA)).await;
    scene.refused_as_circle(GRACE, "POST", "rehire", &again(ZOE)).await;
    scene.done(GRACE, "POST", "rehire", &again(SUKARNO)).await;
}

#[tokio::test]
async fn whoever_is_brought_back_closes_none() {
    let scene = Scene::new().await;
    let hire = async |name: &str, manager: Value| {
        let body = json!({ "last_name": name, "hired_on": "2026-03-01", "manager_id": manager });
        let made = scene.post(EMPLOYEES, None, &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        (made.header("location").to_owned(), made.json()["id"].clone())
    };
    let (_, boss) = hire("Boss", Value::Null).await;
    let (report, _) = hire("Report", boss).await;
    assert_eq!(scene.send("DELETE", &report, Some(1), &Value::Null).await.status, 204);
    // Behind the program's back: it puts nobody under who is deleted.
    scene
        .sql(
            "UPDATE job_assignments a SET manager_id = r.id FROM employees b, employees r
              WHERE a.employee_id = b.id AND b.last_name = 'Boss' AND r.last_name = 'Report'",
        )
        .await;
    let back = scene.post(&format!("{report}/restore"), Some(2), &Value::Null).await;
    assert_eq!(back.status, 422, "{}", back.text);
    assert!(back.text.contains(CLOSED), "{}", back.text);
}

#[tokio::test]
async fn a_manager_of_before_may_become_the_report_and_who_left_closes_nothing() {
    let scene = Scene::new().await;
    scene.filed(GRACE, "2026-02-01", None).await;
    scene.filed(ADA, "2026-02-01", Some(GRACE)).await;
    scene.done(LINUS, "POST", "terminate", &json!({ "last_day": "2026-02-10" })).await;
    assert_eq!(refusal(&scene.file(GRACE, "2026-02-11", Some(LINUS)).await), refused(400, "manager_id"));
    let again = json!({ "hired_on": "2026-03-01" });
    scene.done(LINUS, "POST", "rehire", &again).await;
    scene.filed(GRACE, "2026-03-01", Some(LINUS)).await;
    let scene = scene.on("2026-03-01");
    scene.get(EMPLOYEES).await;
    scene.check_rows().await;
}
