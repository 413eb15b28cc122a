//! People over time: hiring, filing ahead and back, correcting, leaving and coming back.

mod circles;
mod due;
mod periods;
mod returns;
mod scenes;
mod writers;

use insta::assert_snapshot;
use serde_json::{Value, json};

use self::scenes::{Scene, refusal, refused};
use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};

const EMPLOYEES: &str = "/api/v1/employees";
const ENGINEERING: u128 = 0xd1;
const PLATFORM: u128 = 0xd2;
const SALES: u128 = 0xd3;
const ENGINEER: u128 = 0xe1;

#[tokio::test]
async fn somebody_is_hired_with_everything_and_has_a_number_a_period_and_an_assignment() {
    let scene = Scene::new().await;
    let body = json!({
        "first_name": "Barbara", "last_name": "Liskov", "work_email": "barbara@acme.example", "hired_on": "2026-01-15",
        "birth_date": "1979-11-07", "gender": "female", "country_code": "US", "department_id": id_of(PLATFORM),
        "designation_id": id_of(ENGINEER), "manager_id": id_of(GRACE), "employment_type": "part_time",
        "working_time_fraction": "0.80", "pay_grade": "A2",
    });
    let made = scene.post(EMPLOYEES, None, &body).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_snapshot!("hired", made.shown().replace(&id, "[id]"));
    assert_eq!((made.header("etag"), made.header("location")), ("\"1\"", format!("{EMPLOYEES}/{id}").as_str()));
    let read = scene.get(&format!("{EMPLOYEES}/{id}")).await;
    assert_eq!((read.json(), read.header("etag")), (made.json(), "\"1\""));
    let assignments = scene.get(&format!("{EMPLOYEES}/{id}/assignments")).await.json();
    assert_eq!(assignments["data"].as_array().unwrap().len(), 1);
    assert_eq!(assignments["data"][0]["effective_from"], "2026-01-15");
    assert_eq!(assignments["data"][0]["changed"].as_array().unwrap().len(), 7);
    let periods = scene.get(&format!("{EMPLOYEES}/{id}/employment-periods")).await.json();
    assert_eq!(periods["data"][0]["hired_on"], "2026-01-15");
    let log = scene.log(&id).await;
    assert_eq!(log.iter().filter(|entry| *entry == "employee.created test-request").count(), 1, "{log:?}");
    scene.check_rows().await;
}

#[tokio::test]
async fn whoever_is_hired_ahead_is_pending_and_begins_by_himself() {
    let scene = Scene::new().await;
    let body = json!({ "last_name": "Sukarno", "hired_on": "2026-02-01", "department_id": id_of(SALES) });
    let made = scene.post(EMPLOYEES, None, &body).await;
    assert_eq!((made.status.as_u16(), &made.json()["status"]), (201, &json!("pending")), "{}", made.text);
    let path = made.header("location").to_owned();
    scene.check_rows().await;
    let later = scene.on("2026-02-01");
    assert_eq!(later.get(&path).await.json()["status"], "active");
    later.check_rows().await;
}

#[tokio::test]
async fn what_is_wrong_about_somebody_new_is_named_by_field() {
    let scene = Scene::new().await;
    let all = json!({
        "employee_number": "", "first_name": 7, "work_email": "a@b@c", "birth_date": "1.2.1990", "country_code": "usa",
        "gender": "f", "working_time_fraction": "1.5", "department_id": "Sales", "salary": 1, "hired_on": "2026-02-30",
    });
    assert_snapshot!("hire_invalid", scene.post(EMPLOYEES, None, &all).await.shown());
    for (field, value, status) in [
        ("employee_number", json!("e-1"), 409),
        ("work_email", json!("ADA@acme.example"), 409),
        ("department_id", json!(id_of(0xff)), 400),
        ("designation_id", json!(id_of(0xff)), 400),
        ("location_id", json!(id_of(0xff)), 400),
        ("manager_id", json!(id_of(DELETED)), 400),
        ("manager_id", json!(id_of(ZOE)), 400),
        ("birth_date", json!("2026-02-01"), 400),
        ("hired_on", json!("1899-12-31"), 400),
        ("pay_grade", json!("a".repeat(21)), 400),
    ] {
        let mut body = json!({ "last_name": "X", "hired_on": "2026-02-01" });
        body[field] = value;
        assert_eq!(refusal(&scene.post(EMPLOYEES, None, &body).await), refused(status, field), "{body}");
    }
}

#[tokio::test]
async fn deleted_departments_designations_and_locations_are_not_given_to_anybody() {
    let scene = Scene::new().await;
    scene
        .sql("UPDATE departments SET deleted_at = now() WHERE name = 'Sales'; UPDATE designations SET deleted_at = now();
             INSERT INTO locations (id, name, created_at, updated_at, deleted_at)
             VALUES ('00000000-0000-7000-8000-0000000000f1', 'Paris', now(), now(), now())")
        .await;
    let body = json!({
        "effective_from": "2026-03-01", "department_id": id_of(SALES), "designation_id": id_of(ENGINEER), "location_id": id_of(0xf1),
    });
    let answer = scene.post(&format!("{}/assignments", path_of(LINUS)), Some(1), &body).await;
    let errors = answer.json()["errors"].clone();
    let fields: Vec<&str> = errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!((answer.status.as_u16(), fields), (400, vec!["department_id", "designation_id", "location_id"]));
}

#[tokio::test]
async fn roles_hire_and_move_others_as_far_as_they_may_and_nobody_moves_themselves() {
    let scene = Scene::new().await;
    for (role, employee, expected) in [
        ("owner", None, (201, 201)),
        ("hr_admin", None, (201, 201)),
        ("hr_manager", Some(SUKARNO), (201, 201)),
        ("payroll_admin", None, (403, 403)),
        ("manager", Some(GRACE), (403, 403)),
        ("employee", Some(ZOE), (403, 404)),
        ("auditor", None, (403, 403)),
    ] {
        let token = scene.company.token_with(&scene.api, &[role], employee).await;
        let body = json!({ "last_name": role, "hired_on": "2026-02-01", "city": "Oslo" });
        let hired = scene.api.send("POST", EMPLOYEES, &token, None, &body).await;
        let version = scene.version(LINUS).await;
        let body = json!({ "effective_from": "2026-03-01", "pay_grade": role });
        let moved =
            scene.api.send("POST", &format!("{}/assignments", path_of(LINUS)), &token, Some(version), &body).await;
        assert_eq!((hired.status.as_u16(), moved.status.as_u16()), expected, "{role}: {} {}", hired.text, moved.text);
    }
    let own = scene.company.token_with(&scene.api, &["owner"], Some(LINUS)).await;
    let version = scene.version(LINUS).await;
    for (method, below, body) in [
        ("POST", "assignments", json!({ "effective_from": "2026-03-01", "pay_grade": "Z" })),
        ("POST", "terminate", json!({ "last_day": "2026-03-01" })),
        ("PATCH", "employment-periods/current", json!({ "hired_on": "2010-03-01" })),
    ] {
        let path = format!("{}/{below}", path_of(LINUS));
        assert_eq!(scene.api.send(method, &path, &own, Some(version), &body).await.status, 403, "{below}");
    }
}

#[tokio::test]
async fn employments_of_another_tenant_are_not_found() {
    let scene = Scene::new().await;
    let globex = Company { tenant: scene.api.installation.tenant("globex").await.id };
    let token = globex.owner_token(&scene.api).await;
    for (method, below, body) in [
        ("GET", "assignments", Value::Null),
        ("GET", "employment-periods", Value::Null),
        ("POST", "assignments", json!({ "effective_from": "2026-03-01" })),
        ("PATCH", &format!("assignments/{}", id_of(LINUS)), json!({})),
        ("DELETE", &format!("assignments/{}", id_of(LINUS)), Value::Null),
        ("PATCH", "employment-periods/current", json!({ "hired_on": "2020-01-01" })),
        ("POST", "terminate", json!({ "last_day": "2026-03-01" })),
        ("POST", "withdraw-termination", Value::Null),
        ("POST", "rehire", json!({ "hired_on": "2026-03-01" })),
    ] {
        let version = (method != "GET").then_some(1);
        let answer = scene.api.send(method, &format!("{}/{below}", path_of(LINUS)), &token, version, &body).await;
        assert_eq!(answer.status, 404, "{method} {below}: {}", answer.text);
        if method != "GET" {
            let path = format!("{}/{below}", path_of(LINUS));
            assert_eq!(scene.api.send(method, &path, &token, None, &body).await.status, 428, "{method} {below}");
        }
    }
    let named = json!({ "last_name": "X", "hired_on": "2026-02-01", "manager_id": id_of(ADA) });
    let answer = scene.api.send("POST", EMPLOYEES, &token, None, &named).await;
    assert_eq!(refusal(&answer), refused(400, "manager_id"));
}

#[tokio::test]
async fn a_change_filed_ahead_is_corrected_and_taken_back_and_what_was_known_stays() {
    let scene = Scene::new().await;
    let path = format!("{}/assignments", path_of(LINUS));
    let filed = scene
        .post(
            &path,
            Some(1),
            &json!({ "effective_from": "2026-03-01", "department_id": id_of(SALES), "reason": "move" }),
        )
        .await;
    assert_eq!((filed.status.as_u16(), filed.header("etag")), (201, "\"2\""), "{}", filed.text);
    assert_eq!((&filed.json()["changed"], &filed.json()["applied_at"]), (&json!(["department_id"]), &Value::Null));
    assert_eq!(scene.get(&path_of(LINUS)).await.json()["department"]["name"], "Platform");
    for (day, department) in [("2026-02-28", "Platform"), ("2026-03-01", "Sales"), ("2030-01-01", "Sales")] {
        let then = scene.get(&format!("{}?as_of={day}", path_of(LINUS))).await.json();
        assert_eq!(then["department"]["name"], department, "{day}");
    }
    assert_eq!(scene.post(&path, Some(1), &json!({ "effective_from": "2026-04-01" })).await.status, 412);

    let later = scene.on("2026-01-20");
    let row = filed.header("location").to_owned();
    let change = json!({ "effective_from": "2026-04-01", "department_id": id_of(ENGINEERING) });
    let corrected = later.send("PATCH", &row, Some(2), &change).await;
    assert_eq!((corrected.status.as_u16(), corrected.header("etag")), (200, "\"3\""), "{}", corrected.text);
    assert_eq!(corrected.json()["reason"], "move");
    let known = later.get(&format!("{path}?known_at=2026-01-19T00:00:00Z")).await.json();
    assert_eq!(known["data"][1]["effective_from"], "2026-03-01");
    assert_eq!(known["data"][1]["superseded_at"], "2026-01-20T12:00:00Z");
    let then = format!("{}?as_of=2026-03-15&known_at=2026-01-19T00:00:00Z", path_of(LINUS));
    assert_eq!(later.get(&then).await.json()["department"]["name"], "Sales");
    assert_eq!(
        later.get(&format!("{}?as_of=2026-03-15", path_of(LINUS))).await.json()["department"]["name"],
        "Platform"
    );

    assert_eq!(later.send("DELETE", &row, Some(3), &Value::Null).await.status, 404, "it is superseded");
    let row = format!("{path}/{}", corrected.json()["id"].as_str().unwrap());
    let gone = later.send("DELETE", &row, Some(3), &Value::Null).await;
    assert_eq!((gone.status.as_u16(), gone.header("etag")), (204, "\"4\""));
    let first = later.get(&path).await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 1);
    let first = format!("{path}/{}", first["data"][0]["id"].as_str().unwrap());
    assert_eq!(later.send("DELETE", &first, Some(4), &Value::Null).await.status, 422);
    let log = later.log(&id_of(LINUS).to_string()).await;
    for action in ["assignment.filed", "assignment.corrected", "assignment.taken_back"] {
        assert!(log.contains(&format!("{action} test-request")), "{log:?}");
    }
    later.check_rows().await;
}

#[tokio::test]
async fn a_change_of_the_past_reaches_up_to_the_next_change_of_the_same_field() {
    let scene = Scene::new().await;
    let path = format!("{}/assignments", path_of(LINUS));
    let file = async |version, body: Value| {
        let answer = scene.post(&path, Some(version), &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    };
    file(1, json!({ "effective_from": "2020-01-01", "pay_grade": "B" })).await;
    file(2, json!({ "effective_from": "2021-01-01", "working_time_fraction": "0.5" })).await;
    file(3, json!({ "effective_from": "2015-01-01", "pay_grade": "A", "working_time_fraction": "0.9", "employment_type": "intern" })).await;
    let rows = scene.get(&path).await.json();
    let shown = |row: &Value| {
        format!(
            "{} {} {} {}",
            row["effective_from"], row["pay_grade"], row["working_time_fraction"], row["employment_type"]
        )
    };
    let rows: Vec<String> = rows["data"].as_array().unwrap().iter().map(shown).collect();
    assert_eq!(
        rows,
        [
            r#""2013-03-04" null null null"#,
            r#""2015-01-01" "A" "0.9" "intern""#,
            r#""2020-01-01" "B" "0.9" "intern""#,
            r#""2021-01-01" "B" "0.5" "intern""#,
        ]
    );
    let now = scene.get(&path_of(LINUS)).await.json();
    assert_eq!(
        (&now["pay_grade"], &now["working_time_fraction"], &now["employment_type"]),
        (&json!("B"), &json!("0.5"), &json!("intern"))
    );
    assert_eq!(scene.get(&format!("{}?as_of=2016-01-01", path_of(LINUS))).await.json()["pay_grade"], "A");
    for (day, status) in [("2013-03-03", 400), ("2200-01-01", 400)] {
        let answer = scene.post(&path, Some(4), &json!({ "effective_from": day, "pay_grade": "C" })).await;
        assert_eq!(refusal(&answer), refused(status, "effective_from"), "{day}");
    }
    scene.check_rows().await;
}

#[tokio::test]
async fn managers_who_would_report_to_each_other_are_refused_on_the_day_and_on_every_later_one() {
    let scene = Scene::new().await;
    let file = async |person, day: &str, manager: u128| {
        let version = scene.version(person).await;
        let body = json!({ "effective_from": day, "manager_id": id_of(manager) });
        scene.post(&format!("{}/assignments", path_of(person)), Some(version), &body).await
    };
    assert_eq!(refusal(&file(ADA, "2026-02-01", ADA).await), refused(400, "manager_id"));
    let closed = file(ADA, "2026-02-01", LINUS).await;
    assert_snapshot!("loop", closed.shown());
    assert_eq!(file(SUKARNO, "2026-05-01", LINUS).await.status, 201);
    assert_eq!(file(ADA, "2026-03-01", SUKARNO).await.status, 422, "closed from May on");
    assert_eq!(file(GRACE, "2026-04-01", SUKARNO).await.status, 422, "closed from May on");
    assert_eq!(file(GRACE, "2026-04-01", ADA).await.status, 201);
}

#[tokio::test]
async fn of_two_changes_that_would_together_close_a_loop_one_is_refused() {
    let scene = Scene::new().await;
    let (ada, sukarno) = (format!("{}/assignments", path_of(ADA)), format!("{}/assignments", path_of(SUKARNO)));
    let body = |manager| json!({ "effective_from": "2026-02-01", "manager_id": id_of(manager) });
    let (to_sukarno, to_ada) = (body(SUKARNO), body(ADA));
    let (first, second) = tokio::join!(scene.post(&ada, Some(1), &to_sukarno), scene.post(&sukarno, Some(1), &to_ada));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422], "{} {}", first.text, second.text);
}
