//! Coming back: what is filed ahead takes nothing from today, and nobody comes back to where nobody can be any more.

use serde_json::{Value, json};

use super::scenes::{Scene, refused};
use super::{EMPLOYEES, PLATFORM, SALES};
use crate::company::{GRACE, LINUS, ZOE, id_of, path_of};

fn below(person: u128, path: &str) -> String {
    format!("{}/{path}", path_of(person))
}

/// Linus, who is on leave, leaves with January and comes back in March.
async fn leaving_and_coming_back() -> Scene {
    let scene = Scene::new().await;
    let end = json!({ "last_day": "2026-01-31", "kind": "voluntary" });
    assert_eq!(scene.post(&below(LINUS, "terminate"), Some(1), &end).await.status, 200);
    let again = json!({ "hired_on": "2026-03-01", "department_id": id_of(SALES), "manager_id": id_of(GRACE) });
    let filed = scene.post(&below(LINUS, "rehire"), Some(2), &again).await;
    assert_eq!((filed.status.as_u16(), &filed.json()["status"]), (200, &json!("on_leave")), "{}", filed.text);
    scene
}

/// Status, first and last day, and department.
async fn standing(scene: &Scene) -> Value {
    let linus = scene.get(&path_of(LINUS)).await.json();
    scene.check_rows().await;
    json!([linus["status"], linus["hired_on"], linus["terminated_on"], linus["department"]["name"]])
}

#[tokio::test]
async fn whoever_is_hired_again_ahead_stays_at_work_until_the_last_day() {
    let scene = leaving_and_coming_back().await;
    let old = |status: &str| json!([status, "2013-03-04", "2026-01-31", "Platform"]);
    let new = |status: &str| json!([status, "2026-03-01", null, "Sales"]);
    assert_eq!(standing(&scene).await, old("on_leave"));
    let employed = async |scene: &Scene| {
        let listed = scene.get(&format!("{EMPLOYEES}?status=on_leave")).await.json();
        let chart = scene.get("/api/v1/org-chart").await.json();
        let headcount = scene.get("/api/v1/dashboard").await.json()["headcount"].clone();
        (listed["data"].as_array().unwrap().len(), chart["data"].as_array().unwrap().len(), headcount)
    };
    assert_eq!(employed(&scene).await, (1, 4, json!(4)));
    assert_eq!(scene.send("DELETE", &path_of(LINUS), Some(3), &Value::Null).await.status, 422, "he is at work");
    let scene = scene.on("2026-01-31");
    assert_eq!(standing(&scene).await, old("on_leave"));
    let scene = scene.on("2026-02-01");
    assert_eq!(standing(&scene).await, new("pending"));
    let scene = scene.on("2026-02-28");
    assert_eq!(standing(&scene).await, new("pending"));
    let scene = scene.on("2026-03-01");
    assert_eq!(standing(&scene).await, new("active"));
    for (day, status, department) in [
        ("2026-01-31", "active", "Platform"),
        ("2026-02-01", "terminated", "Platform"),
        ("2026-03-01", "active", "Sales"),
    ] {
        let then = scene.get(&format!("{}?as_of={day}", path_of(LINUS))).await.json();
        assert_eq!((&then["status"], &then["department"]["name"]), (&json!(status), &json!(department)), "{day}");
    }
}

#[tokio::test]
async fn without_a_day_between_the_new_employment_begins_as_one_at_work() {
    let scene = Scene::new().await;
    assert_eq!(scene.post(&below(LINUS, "terminate"), Some(1), &json!({ "last_day": "2026-01-31" })).await.status, 200);
    assert_eq!(scene.post(&below(LINUS, "rehire"), Some(2), &json!({ "hired_on": "2026-02-01" })).await.status, 200);
    assert_eq!(standing(&scene).await, json!(["on_leave", "2013-03-04", "2026-01-31", "Platform"]));
    let scene = scene.on("2026-02-01");
    assert_eq!(standing(&scene).await, json!(["active", "2026-02-01", null, null]));
}

#[tokio::test]
async fn what_changes_before_the_last_day_holds_and_leaves_what_is_filed_ahead() {
    let scene = leaving_and_coming_back().await;
    let graded = json!({ "effective_from": "2026-01-20", "pay_grade": "B" });
    assert_eq!(scene.post(&below(LINUS, "assignments"), Some(3), &graded).await.status, 201);
    let between = json!({ "effective_from": "2026-02-10", "pay_grade": "C" });
    assert_eq!(
        scene.post(&below(LINUS, "assignments"), Some(4), &between).await.refusal(),
        refused(400, "effective_from")
    );
    let moved = scene
        .send("PATCH", &below(LINUS, "employment-periods/current"), Some(4), &json!({ "hired_on": "2026-02-15" }))
        .await;
    assert_eq!((moved.status.as_u16(), &moved.json()["hired_on"]), (200, &json!("2013-03-04")), "{}", moved.text);
    let scene = scene.on("2026-01-20");
    assert_eq!(scene.get(&path_of(LINUS)).await.json()["pay_grade"], "B");
    let scene = scene.on("2026-02-15");
    assert_eq!(standing(&scene).await, json!(["active", "2026-02-15", null, "Sales"]));
    assert_eq!(scene.get(&path_of(LINUS)).await.json()["pay_grade"], Value::Null);
}

/// Somebody who is to begin, and then to go elsewhere.
async fn with_a_place_ahead(scene: &Scene, field: &str, id: &Value) -> String {
    let hired = scene.post(EMPLOYEES, None, &json!({ "last_name": "New", "hired_on": "2026-03-01" })).await;
    let path = hired.header("location").to_owned();
    let ahead = json!({ "effective_from": "2026-04-01", field: id });
    let filed = scene.post(&format!("{path}/assignments"), Some(1), &ahead).await;
    assert_eq!(filed.status, 201, "{}", filed.text);
    path
}

#[tokio::test]
async fn nobody_comes_back_to_what_was_deleted_though_it_lies_ahead() {
    let scene = Scene::new().await;
    for (list, name, field, word) in [
        ("/api/v1/departments", json!({ "name": "Gone" }), "department_id", "department"),
        ("/api/v1/designations", json!({ "title": "Gone" }), "designation_id", "designation"),
        ("/api/v1/locations", json!({ "name": "Gone" }), "location_id", "location"),
        (EMPLOYEES, json!({ "last_name": "Gone", "hired_on": "2026-03-01" }), "manager_id", "manager"),
    ] {
        let made = scene.post(list, None, &name).await;
        let (place, id) = (format!("{list}/{}", made.json()["id"].as_str().unwrap()), made.json()["id"].clone());
        let person = with_a_place_ahead(&scene, field, &id).await;
        assert_eq!(scene.send("DELETE", &place, Some(1), &Value::Null).await.status, 422, "{word} is in use");
        assert_eq!(scene.send("DELETE", &person, Some(2), &Value::Null).await.status, 204);
        assert_eq!(scene.send("DELETE", &place, Some(1), &Value::Null).await.status, 204);
        let early = scene.post(&format!("{person}/restore"), Some(3), &Value::Null).await;
        let words = format!("the {word} of the employee from 2026-04-01 on is deleted; restore that first");
        assert_eq!((early.status.as_u16(), early.json()["detail"].as_str().unwrap()), (422, words.as_str()));
        assert_eq!(scene.post(&format!("{place}/restore"), Some(2), &Value::Null).await.status, 200);
        assert_eq!(scene.post(&format!("{person}/restore"), Some(3), &Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn whoever_is_brought_back_stands_where_the_day_puts_him() {
    let scene = Scene::new().await;
    let body = json!({ "last_name": "New", "hired_on": "2026-02-01", "department_id": id_of(SALES) });
    let path = scene.post(EMPLOYEES, None, &body).await.header("location").to_owned();
    assert_eq!(scene.send("DELETE", &path, Some(1), &Value::Null).await.status, 204);
    let scene = scene.on("2026-02-10");
    let back = scene.post(&format!("{path}/restore"), Some(2), &Value::Null).await;
    assert_eq!((back.status.as_u16(), &back.json()["status"]), (200, &json!("active")), "{}", back.text);
    scene.check_rows().await;
}

#[tokio::test]
async fn nothing_is_taken_back_to_a_department_that_is_deleted_by_now() {
    let scene = Scene::new().await;
    let department = format!("/api/v1/departments/{}", id_of(PLATFORM));
    let moved = scene
        .post(
            &below(LINUS, "assignments"),
            Some(1),
            &json!({ "effective_from": "2026-01-10", "department_id": id_of(SALES) }),
        )
        .await;
    assert_eq!(moved.status, 201, "{}", moved.text);
    let row = below(LINUS, &format!("assignments/{}", moved.json()["id"].as_str().unwrap()));
    assert_eq!(scene.send("DELETE", &department, Some(1), &Value::Null).await.status, 204);
    for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({ "effective_from": "2026-02-01" }))] {
        let answer = scene.send(method, &row, Some(2), &body).await;
        assert_eq!(answer.status, 422, "{method}: {}", answer.text);
        assert!(
            answer.text.contains("the department of the employee from 2026-01-15 on is deleted"),
            "{}",
            answer.text
        );
    }
    let earlier = scene.send("PATCH", &row, Some(2), &json!({ "effective_from": "2025-12-01" })).await;
    assert_eq!(earlier.status, 200, "where he stood before is the past: {}", earlier.text);
}

#[tokio::test]
async fn nobody_stays_after_all_under_a_manager_who_is_deleted_by_now() {
    let scene = Scene::new().await;
    let boss = scene.post(EMPLOYEES, None, &json!({ "last_name": "Boss", "hired_on": "2026-01-01" })).await;
    let (path, id) = (boss.header("location").to_owned(), boss.json()["id"].clone());
    let hired = json!({ "last_name": "New", "hired_on": "2026-01-02", "manager_id": id });
    let person = scene.post(EMPLOYEES, None, &hired).await.header("location").to_owned();
    for (who, day) in [(&person, "2026-01-10"), (&path, "2026-01-12")] {
        assert_eq!(scene.post(&format!("{who}/terminate"), Some(1), &json!({ "last_day": day })).await.status, 200);
    }
    let scene = scene.on("2026-01-20");
    assert_eq!(scene.send("DELETE", &path, Some(2), &Value::Null).await.status, 204);
    let back = scene.post(&format!("{person}/withdraw-termination"), Some(2), &Value::Null).await;
    assert_eq!(back.status, 422, "{}", back.text);
    assert!(back.text.contains("the manager of the employee from 2026-01-20 on is deleted"), "{}", back.text);
    assert_eq!(scene.post(&format!("{path}/restore"), Some(3), &Value::Null).await.status, 200);
    let back = scene.post(&format!("{person}/withdraw-termination"), Some(2), &Value::Null).await;
    assert_eq!((back.status.as_u16(), &back.json()["status"]), (200, &json!("active")), "{}", back.text);
}

#[tokio::test]
async fn of_two_employments_ahead_the_next_is_shown_and_the_last_is_ended() {
    let scene = Scene::new().await;
    let first = json!({ "hired_on": "2026-02-01", "pay_grade": "A" });
    assert_eq!(scene.post(&below(ZOE, "rehire"), Some(1), &first).await.status, 200);
    assert_eq!(scene.post(&below(ZOE, "terminate"), Some(2), &json!({ "last_day": "2026-02-28" })).await.status, 200);
    let second = json!({ "hired_on": "2026-04-01", "pay_grade": "B" });
    let shown = scene.post(&below(ZOE, "rehire"), Some(3), &second).await.json();
    assert_eq!((&shown["hired_on"], &shown["pay_grade"]), (&json!("2026-02-01"), &json!("A")), "{shown}");
    scene.check_rows().await;
    let scene = scene.on("2026-03-01");
    let shown = scene.get(&path_of(ZOE)).await.json();
    assert_eq!(
        (&shown["status"], &shown["hired_on"], &shown["pay_grade"]),
        (&json!("pending"), &json!("2026-04-01"), &json!("B"))
    );
    scene.check_rows().await;
}
