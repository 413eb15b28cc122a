//! What else moves people: departments that are merged or deleted, and the same for designations.

use serde_json::{Value, json};

use super::scenes::Scene;
use super::{ENGINEER, PLATFORM, SALES};
use crate::company::{LINUS, SUKARNO, ZOE, id_of, path_of};

fn department(id: u128) -> String {
    format!("/api/v1/departments/{}", id_of(id))
}

async fn file(scene: &Scene, person: u128, body: Value) {
    let version = scene.version(person).await;
    let filed = scene.post(&format!("{}/assignments", path_of(person)), Some(version), &body).await;
    assert_eq!(filed.status, 201, "{}", filed.text);
}

#[tokio::test]
async fn what_somebody_is_filed_for_is_in_use() {
    let scene = Scene::new().await;
    scene.sql("UPDATE employees SET designation_id = NULL; UPDATE job_assignments SET designation_id = NULL").await;
    let filed =
        json!({ "effective_from": "2026-03-01", "designation_id": id_of(ENGINEER), "department_id": id_of(SALES) });
    file(&scene, SUKARNO, filed).await;
    scene.sql("UPDATE employees SET department_id = NULL WHERE last_name = 'Abel'").await;
    assert_eq!(scene.send("DELETE", &department(SALES), Some(1), &Value::Null).await.status, 422);
    let designation = format!("/api/v1/designations/{}", id_of(ENGINEER));
    assert_eq!(scene.send("DELETE", &designation, Some(1), &Value::Null).await.status, 422);
}

#[tokio::test]
async fn a_merge_moves_people_as_of_today_and_what_is_filed_for_later() {
    let scene = Scene::new().await;
    file(&scene, SUKARNO, json!({ "effective_from": "2026-03-01", "department_id": id_of(PLATFORM) })).await;
    file(&scene, LINUS, json!({ "effective_from": "2026-04-01", "pay_grade": "B" })).await;
    let merged =
        scene.post(&format!("{}/merge", department(PLATFORM)), Some(1), &json!({ "into_id": id_of(SALES) })).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    scene.check_rows().await;
    for (person, day, name) in [
        (LINUS, "2026-01-14", json!("Platform")),
        (LINUS, "2026-01-15", json!("Sales")),
        (LINUS, "2026-04-01", json!("Sales")),
        (SUKARNO, "2026-02-28", Value::Null),
        (SUKARNO, "2026-03-01", json!("Sales")),
        (ZOE, "2026-01-15", json!("Sales")),
    ] {
        let then = scene.get(&format!("{}?as_of={day}", path_of(person))).await.json();
        assert_eq!(then["department"]["name"], name, "{person} on {day}");
    }
    let log = scene.log(&id_of(SUKARNO).to_string()).await;
    assert!(log.contains(&"employee.updated test-request".to_owned()), "{log:?}");
    let scene = scene.on("2026-04-01");
    let linus = scene.get(&path_of(LINUS)).await.json();
    assert_eq!((&linus["department"]["name"], &linus["pay_grade"]), (&json!("Sales"), &json!("B")));
    scene.check_rows().await;
}
