//! Leaving, coming back, the right day of hiring, and the numbers that people get.

use serde_json::{Value, json};

use super::EMPLOYEES;
use super::scenes::{Scene, refusal, refused};
use crate::company::{GRACE, LINUS, ZOE, id_of, path_of};

fn below(person: u128, path: &str) -> String {
    format!("{}/{path}", path_of(person))
}

#[tokio::test]
async fn an_employment_ends_and_goes_on_after_all() {
    let scene = Scene::new().await;
    let filed = json!({ "effective_from": "2026-06-01", "pay_grade": "C" });
    assert_eq!(scene.post(&below(LINUS, "assignments"), Some(1), &filed).await.status, 201);
    let end = |day: &str| json!({ "last_day": day, "kind": "other", "reason": "end of contract" });
    let early = scene.post(&below(LINUS, "terminate"), Some(2), &end("2013-03-03")).await;
    assert_eq!(refusal(&early), refused(400, "last_day"));
    let ended = scene.post(&below(LINUS, "terminate"), Some(2), &end("2026-01-14")).await.json();
    assert_eq!((&ended["status"], &ended["terminated_on"]), (&json!("terminated"), &json!("2026-01-14")));
    assert_eq!((&ended["termination_kind"], &ended["version"]), (&json!("other"), &json!(3)));
    let left = scene.get(&below(LINUS, "assignments")).await.json();
    assert_eq!(left["data"].as_array().unwrap().len(), 1, "what was filed for later is taken back");
    assert_eq!(scene.post(&below(LINUS, "terminate"), Some(3), &end("2026-01-31")).await.status, 422);
    scene.check_rows().await;
    let back = scene.post(&below(LINUS, "withdraw-termination"), Some(3), &Value::Null).await.json();
    assert_eq!(
        (&back["status"], &back["terminated_on"], &back["termination_kind"]),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    assert_eq!(scene.post(&below(LINUS, "withdraw-termination"), Some(4), &Value::Null).await.status, 422);
    scene.check_rows().await;
}

#[tokio::test]
async fn whoever_has_left_is_hired_again_with_another_period() {
    let scene = Scene::new().await;
    let early = scene.post(&below(ZOE, "rehire"), Some(1), &json!({ "hired_on": "2015-06-07" })).await;
    assert_eq!(refusal(&early), refused(400, "hired_on"));
    assert_eq!(scene.post(&below(GRACE, "rehire"), Some(1), &json!({ "hired_on": "2026-02-01" })).await.status, 422);
    let body = json!({ "hired_on": "2026-02-01", "manager_id": id_of(GRACE), "pay_grade": "B" });
    let again = scene.post(&below(ZOE, "rehire"), Some(1), &body).await.json();
    assert_eq!(
        (&again["status"], &again["hired_on"], &again["pay_grade"]),
        (&json!("pending"), &json!("2026-02-01"), &json!("B"))
    );
    assert_eq!(again["department"], Value::Null, "nothing is taken over from before");
    scene.check_rows().await;
    for (day, status, department) in [
        ("2014-05-05", "pending", json!("Sales")),
        ("2015-06-07", "active", json!("Sales")),
        ("2015-06-08", "terminated", json!("Sales")),
        ("2026-02-01", "active", Value::Null),
    ] {
        let then = scene.get(&format!("{}?as_of={day}", path_of(ZOE))).await.json();
        assert_eq!((&then["status"], &then["department"]["name"]), (&json!(status), &department), "{day}");
    }
    let periods = scene.get(&below(ZOE, "employment-periods")).await.json();
    assert_eq!(
        (&periods["data"][0]["termination_kind"], &periods["data"][1]["hired_on"]),
        (&json!("voluntary"), &json!("2026-02-01"))
    );
}

#[tokio::test]
async fn why_somebody_left_is_for_those_who_may_see_it() {
    let scene = Scene::new().await;
    let ada = scene.company.token_with(&scene.api, &["manager"], Some(1)).await;
    let seen = scene.api.get(&below(ZOE, "employment-periods"), &ada).await.json();
    assert_eq!(
        (&seen["data"][0]["terminated_on"], seen["data"][0].get("termination_kind")),
        (&json!("2015-06-07"), None)
    );
    assert!(scene.log(&id_of(ZOE).to_string()).await.is_empty());
    scene.get(&below(ZOE, "employment-periods")).await;
    assert_eq!(scene.log(&id_of(ZOE).to_string()).await, ["employee.read test-request"]);
}

#[tokio::test]
async fn why_somebody_leaves_is_written_by_those_who_may_write_it() {
    let scene = Scene::new().await;
    scene.company.add_role(&scene.api, "clerk", "employees.write", "all").await;
    let token = scene.company.token_with(&scene.api, &["clerk", "auditor"], None).await;
    let with_reason = json!({ "last_day": "2026-02-01", "kind": "involuntary" });
    let path = below(LINUS, "terminate");
    assert_eq!(scene.api.send("POST", &path, &token, Some(1), &with_reason).await.status, 403);
    let without = json!({ "last_day": "2026-02-01" });
    assert_eq!(scene.api.send("POST", &path, &token, Some(1), &without).await.status, 200);
}

#[tokio::test]
async fn the_day_of_hiring_is_corrected_with_the_first_assignment() {
    let scene = Scene::new().await;
    let filed = json!({ "effective_from": "2020-01-01", "pay_grade": "C" });
    assert_eq!(scene.post(&below(GRACE, "assignments"), Some(1), &filed).await.status, 201);
    let path = below(GRACE, "employment-periods/current");
    let correct =
        async |version, day: &str| scene.send("PATCH", &path, Some(version), &json!({ "hired_on": day })).await;
    assert_eq!(refusal(&correct(2, "2020-01-02").await), refused(400, "hired_on"));
    assert_eq!(refusal(&correct(2, "1986-12-09").await), refused(400, "hired_on"), "the day of birth");
    let corrected = correct(2, "2012-02-01").await;
    assert_eq!(
        (&corrected.json()["hired_on"], corrected.header("etag")),
        (&json!("2012-02-01"), "\"3\""),
        "{}",
        corrected.text
    );
    let rows = scene.get(&below(GRACE, "assignments")).await.json();
    assert_eq!(rows["data"][0]["effective_from"], "2012-02-01");
    assert_eq!(correct(3, "2012-02-01").await.header("etag"), "\"3\"", "what changes nothing makes no version");
    scene.check_rows().await;
}

const SEQUENCE: &str = "/api/v1/number-sequences/employee_number";

async fn hired_number(scene: &Scene, body: &Value) -> String {
    let made = scene.post(EMPLOYEES, None, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json().get("employee_number").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test]
async fn numbers_follow_the_pattern_and_leave_out_those_in_use() {
    let scene = Scene::new().await;
    let body = json!({ "last_name": "X", "hired_on": "2027-02-01" });
    assert_eq!(hired_number(&scene, &body).await, "E00001");
    let shown = scene.get(SEQUENCE).await;
    assert_eq!(
        (shown.json(), shown.header("etag")),
        (json!({ "pattern": "E{n:5}", "next_value": 2, "version": 0 }), "\"0\"")
    );
    let chosen = json!({ "pattern": "e-{n}", "next_value": 1 });
    let put = scene.send("PUT", SEQUENCE, Some(0), &chosen).await;
    assert_eq!((put.status.as_u16(), put.header("etag")), (200, "\"1\""), "{}", put.text);
    assert_eq!(scene.send("PUT", SEQUENCE, Some(0), &chosen).await.status, 412);
    assert_eq!(hired_number(&scene, &body).await, "e-6", "E-1 to E-5 are in use, and E-6 is free since it was deleted");
    let by_year = json!({ "pattern": "{yyyy}/{n:3}", "next_value": 9 });
    assert_eq!(scene.send("PUT", SEQUENCE, Some(1), &by_year).await.status, 200);
    assert_eq!(hired_number(&scene, &body).await, "2027/009");
    for (pattern, next, field) in
        [("E", json!(1), "pattern"), ("{n}", json!(0), "next_value"), ("{n}", json!("1"), "next_value")]
    {
        let answer = scene.send("PUT", SEQUENCE, Some(2), &json!({ "pattern": pattern, "next_value": next })).await;
        assert_eq!(refusal(&answer), refused(400, field));
    }
    for role in ["hr_manager", "payroll_admin", "employee", "auditor"] {
        let token = scene.company.token_with(&scene.api, &[role], None).await;
        assert_eq!(scene.api.send("PUT", SEQUENCE, &token, Some(2), &chosen).await.status, 403, "{role}");
        assert_eq!(scene.api.get(SEQUENCE, &token).await.status, 403, "{role}");
    }
}

#[tokio::test]
async fn two_at_once_get_two_numbers_and_a_failed_hiring_takes_none() {
    let scene = Scene::new().await;
    let body = |mail: &str| json!({ "last_name": "X", "hired_on": "2026-02-01", "work_email": mail });
    assert_eq!(scene.post(EMPLOYEES, None, &body("ada@acme.example")).await.status, 409);
    let (one, other) = (body("one@acme.example"), body("other@acme.example"));
    let (one, other) = tokio::join!(hired_number(&scene, &one), hired_number(&scene, &other));
    let mut numbers = [one, other];
    numbers.sort_unstable();
    assert_eq!(numbers, ["E00001", "E00002"]);
}
