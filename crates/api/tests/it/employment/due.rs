//! What was filed ahead takes effect on its day, for whoever asks first.

use serde_json::{Value, json};
use sqlx::Row;

use super::scenes::Scene;
use super::{EMPLOYEES, SALES};
use crate::company::{GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};

/// Files that Linus goes to Sales and reports to Sukarno from March on.
async fn with_a_move() -> Scene {
    let scene = Scene::new().await;
    let body = json!({ "effective_from": "2026-03-01", "department_id": id_of(SALES), "manager_id": id_of(SUKARNO) });
    let filed = scene.post(&format!("{}/assignments", path_of(LINUS)), Some(1), &body).await;
    assert_eq!(filed.status, 201, "{}", filed.text);
    scene
}

fn people(answer: &crate::Answer) -> Vec<u128> {
    let body = answer.json();
    let rows = body.get("data").and_then(Value::as_array).unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_u128() & 0xff).collect()
}

#[tokio::test]
async fn the_row_the_list_and_the_chart_show_it_from_the_day_on_and_not_before() {
    let scene = with_a_move().await.on("2026-02-28");
    let in_sales = format!("{EMPLOYEES}?department={}", id_of(SALES));
    assert_eq!(people(&scene.get(&in_sales).await), [ZOE]);
    assert_eq!(scene.version(LINUS).await, 2);
    let scene = scene.on("2026-03-01");
    assert_eq!(people(&scene.get(&in_sales).await), [ZOE, LINUS], "the list is asked first");
    let linus = scene.get(&path_of(LINUS)).await.json();
    assert_eq!((&linus["department"]["name"], &linus["manager"]["last_name"]), (&json!("Sales"), &json!("Sukarno")));
    assert_eq!((&linus["version"], &linus["updated_at"]), (&json!(3), &json!("2026-03-01T12:00:00Z")));
    let chart = format!("/api/v1/org-chart?root={}", id_of(SUKARNO));
    assert_eq!(people(&scene.get(&chart).await), [SUKARNO, LINUS]);
    scene.check_rows().await;
}

#[tokio::test]
async fn the_chart_of_a_day_is_asked_ahead_and_back() {
    let scene = with_a_move().await;
    let chart = |day: &str, root| format!("/api/v1/org-chart?root={}&as_of={day}", id_of(root));
    assert_eq!(people(&scene.get(&chart("2026-03-01", SUKARNO)).await), [SUKARNO, LINUS]);
    assert_eq!(people(&scene.get(&chart("2026-03-01", GRACE)).await), [GRACE]);
    assert_eq!(people(&scene.get(&chart("2026-02-28", GRACE)).await), [GRACE, LINUS]);
    assert_eq!(people(&scene.get("/api/v1/org-chart?as_of=2015-06-07").await).len(), 5, "Zoë was there until that day");
    assert_eq!(people(&scene.get("/api/v1/org-chart?as_of=2015-06-08").await).len(), 4);
    assert_eq!(people(&scene.get("/api/v1/org-chart?as_of=2000-01-01").await), [0_u128; 0]);
    assert_eq!(scene.get("/api/v1/org-chart?as_of=today").await.status, 400);
}

#[tokio::test]
async fn rights_follow_the_new_place() {
    let scene = with_a_move().await;
    let old = scene.company.token_with(&scene.api, &["manager"], Some(GRACE)).await;
    let new = scene.company.token_with(&scene.api, &["manager"], Some(SUKARNO)).await;
    let seen = async |scene: &Scene| {
        let by = async |token: &str| scene.api.get(&path_of(LINUS), token).await.status.as_u16();
        (by(&old).await, by(&new).await)
    };
    assert_eq!(seen(&scene).await, (200, 404));
    let scene = scene.on("2026-03-01");
    assert_eq!(seen(&scene).await, (404, 200));
}

#[tokio::test]
async fn of_many_who_come_first_one_applies_it_and_all_see_it() {
    let scene = with_a_move().await.on("2026-04-01");
    let path = path_of(LINUS);
    let (one, two, three) = tokio::join!(scene.get(&path), scene.get(&path), scene.get(&path));
    for answer in [one, two, three] {
        assert_eq!((&answer.json()["department"]["name"], &answer.json()["version"]), (&json!("Sales"), &json!(3)));
    }
    let query = "SELECT actor_kind, before, after FROM audit_log WHERE action = 'employee.updated'";
    let log = scene.rows(query).await;
    assert_eq!(log.len(), 1);
    let (before, after): (Value, Value) = (log[0].get(1), log[0].get(2));
    assert_eq!(log[0].get::<String, _>(0), "system");
    assert_eq!(before, json!({ "department_id": id_of(0xd2), "manager_id": id_of(GRACE) }));
    assert_eq!(after, json!({ "department_id": id_of(SALES), "manager_id": id_of(SUKARNO) }));
}

#[tokio::test]
async fn the_last_day_is_worked_and_the_next_one_is_not() {
    let scene = Scene::new().await;
    let end = json!({ "last_day": "2026-02-28", "kind": "voluntary", "reason": "moves away" });
    let ended = scene.post(&format!("{}/terminate", path_of(GRACE)), Some(1), &end).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["status"]), (200, &json!("active")), "{}", ended.text);
    let scene = scene.on("2026-02-28");
    assert_eq!(scene.get(&path_of(GRACE)).await.json()["status"], "active");
    let scene = scene.on("2026-03-01");
    assert_eq!(scene.get(&path_of(GRACE)).await.json()["status"], "terminated");
    assert_eq!(
        people(&scene.get("/api/v1/org-chart?depth=0").await),
        [LINUS, 1, SUKARNO],
        "who reported to her is at the top"
    );
    scene.check_rows().await;
}
