//! Two changes at once, of which each would be right by itself and both together would not.

use serde_json::{Value, json};

use crate::company::{ADA, Company, GRACE, LINUS, id_of, path_of};
use crate::{Answer, Api};

/// How often each pair meets: which of the two comes first, and where, differs.
const ROUNDS: usize = 8;
const EMPLOYEES: &str = "/api/v1/employees";

struct Scene {
    api: Api,
    company: Company,
    token: String,
}

impl Scene {
    async fn new() -> Self {
        let api = Api::new().await;
        let company = Company::new(&api.installation, "acme").await;
        let token = company.owner_token(&api).await;
        Self { api, company, token }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.api.send("POST", path, &self.token, None, &body).await
    }

    /// Makes something and gives its path and id.
    async fn make(&self, list: &str, body: Value) -> (String, Value) {
        let made = self.post(list, body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json().get("id").cloned().unwrap();
        (format!("{list}/{}", id.as_str().unwrap()), id)
    }

    /// Somebody who has not begun yet, and so may be deleted.
    async fn pending(&self) -> (String, Value) {
        self.make(EMPLOYEES, json!({ "last_name": "Pending", "hired_on": "2026-03-01" })).await
    }

    async fn delete(&self, path: &str) -> u16 {
        self.api.send("DELETE", path, &self.token, Some(1), &Value::Null).await.status.as_u16()
    }

    async fn count(&self, rows: &'static str) -> i64 {
        let mut tx = self.api.installation.db.begin_read(self.company.tenant).await.unwrap();
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {rows}"));
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    }
}

/// Of a use of something and its deletion one was done, and the other refused in words of what it is about.
fn assert_one(used: (&Answer, u16), deleted: u16) {
    let (use_of, done) = used;
    let status = use_of.status.as_u16();
    assert!(
        (status == done && deleted == 422) || (status == 400 && deleted == 204),
        "{status} {deleted}: {}",
        use_of.text
    );
}

#[tokio::test]
async fn nobody_is_hired_into_a_place_that_goes_at_the_same_time() {
    let scene = Scene::new().await;
    for round in 0..ROUNDS {
        for (list, name, field) in [
            ("/api/v1/departments", "name", "department_id"),
            ("/api/v1/designations", "title", "designation_id"),
            ("/api/v1/locations", "name", "location_id"),
        ] {
            let (path, id) = scene.make(list, json!({ name: format!("Round {round}") })).await;
            let body = json!({ "last_name": "New", "hired_on": "2026-01-10", field: id });
            let (hired, deleted) = tokio::join!(scene.post(EMPLOYEES, body), scene.delete(&path));
            assert_one((&hired, 201), deleted);
        }
    }
}

#[tokio::test]
async fn nobody_is_moved_into_a_place_that_goes_at_the_same_time() {
    let scene = Scene::new().await;
    for round in 0..ROUNDS {
        let (path, id) = scene.make("/api/v1/departments", json!({ "name": format!("Round {round}") })).await;
        let version = scene.api.get(&path_of(LINUS), &scene.token).await.json()["version"].as_i64();
        let body = json!({ "effective_from": "2026-02-01", "department_id": id });
        let assignments = format!("{}/assignments", path_of(LINUS));
        let filing = scene.api.send("POST", &assignments, &scene.token, version, &body);
        let (filed, deleted) = tokio::join!(filing, scene.delete(&path));
        assert_one((&filed, 201), deleted);
    }
}

#[tokio::test]
async fn nobody_is_deleted_while_becoming_a_manager_a_head_or_a_user() {
    let scene = Scene::new().await;
    for round in 0..ROUNDS {
        let (path, id) = scene.pending().await;
        let report = json!({ "last_name": "Report", "hired_on": "2026-04-01", "manager_id": id });
        let (hired, deleted) = tokio::join!(scene.post(EMPLOYEES, report), scene.delete(&path));
        assert_one((&hired, 201), deleted);

        let (path, id) = scene.pending().await;
        let department = json!({ "name": format!("Headed {round}"), "head_id": id });
        let (made, deleted) = tokio::join!(scene.post("/api/v1/departments", department), scene.delete(&path));
        assert_one((&made, 201), deleted);

        let (path, id) = scene.pending().await;
        let user = json!({ "email": format!("u{round}@acme.example"), "display_name": "U", "employee_id": id });
        let (made, deleted) = tokio::join!(scene.post("/api/v1/users", user), scene.delete(&path));
        assert_one((&made, 201), deleted);
    }
    for dangling in [
        "departments d JOIN employees e ON e.id = d.head_id WHERE e.deleted_at IS NOT NULL",
        "employees r JOIN employees e ON e.id = r.manager_id WHERE e.deleted_at IS NOT NULL",
        "users u JOIN employees e ON e.id = u.employee_id WHERE e.deleted_at IS NOT NULL",
    ] {
        assert_eq!(scene.count(dangling).await, 0, "{dangling}");
    }
}

#[tokio::test]
async fn two_who_are_made_each_others_managers_at_once_do_not_both_become_so() {
    let scene = Scene::new().await;
    let none = json!({ "effective_from": "2026-01-12", "manager_id": null });
    for _ in 0..ROUNDS {
        let file = async |person: u128, body: Value| {
            let version = scene.api.get(&path_of(person), &scene.token).await.json()["version"].as_i64();
            scene.api.send("POST", &format!("{}/assignments", path_of(person)), &scene.token, version, &body).await
        };
        for person in [ADA, GRACE, LINUS] {
            let cleared = file(person, none.clone()).await;
            assert_eq!(cleared.status, 201, "{}", cleared.text);
        }
        let under = |manager: u128| json!({ "effective_from": "2026-01-13", "manager_id": id_of(manager) });
        let (one, other) = tokio::join!(file(GRACE, under(LINUS)), file(LINUS, under(GRACE)));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{} {}", one.text, other.text);
        let undo = file(
            if one.status == 201 { GRACE } else { LINUS },
            json!({ "effective_from": "2026-01-13", "manager_id": null }),
        );
        assert_eq!(undo.await.status, 201);
    }
}

#[tokio::test]
async fn who_comes_back_does_not_come_into_a_place_that_goes_at_the_same_time() {
    let scene = Scene::new().await;
    for round in 0..ROUNDS {
        let (place, id) = scene.make("/api/v1/locations", json!({ "name": format!("Round {round}") })).await;
        let body = json!({ "last_name": "Back", "hired_on": "2026-03-01", "location_id": id });
        let (person, _) = scene.make(EMPLOYEES, body).await;
        assert_eq!(scene.delete(&person).await, 204);
        let restore = format!("{person}/restore");
        let restoring = scene.api.send("POST", &restore, &scene.token, Some(2), &Value::Null);
        let (restored, deleted) = tokio::join!(restoring, scene.delete(&place));
        let done = (restored.status.as_u16(), deleted);
        assert!([(200, 422), (422, 204)].contains(&done), "{done:?}: {}", restored.text);
    }
}

#[tokio::test]
async fn who_comes_back_has_no_manager_who_is_deleted_and_no_department_has_such_a_head() {
    let scene = Scene::new().await;
    let (manager, id) = scene.pending().await;
    let (report, _) =
        scene.make(EMPLOYEES, json!({ "last_name": "R", "hired_on": "2026-04-01", "manager_id": id })).await;
    let (headed, _) = scene.make("/api/v1/departments", json!({ "name": "Headed", "head_id": id })).await;
    for path in [&report, &headed, &manager] {
        assert_eq!(scene.delete(path).await, 204, "{path}");
    }
    let restore = async |path: &str| {
        scene.api.send("POST", &format!("{path}/restore"), &scene.token, Some(2), &Value::Null).await
    };
    let early = restore(&report).await;
    assert!(early.status == 422 && early.text.contains("the manager of the employee is deleted"), "{}", early.text);
    let department = restore(&headed).await;
    assert_eq!((department.status.as_u16(), &department.json()["head_id"]), (200, &Value::Null), "{}", department.text);
    assert_eq!(restore(&manager).await.status, 200);
    assert_eq!(restore(&report).await.status, 200);
}
