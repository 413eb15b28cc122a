//! Who sees whom, and which fields.

use insta::assert_snapshot;
use serde_json::{Value, json};
use sqlx::Row;

use crate::company::{ADA, Company, DELETED, EVERYBODY, GRACE, LINUS, SUKARNO, ZOE, id_of, path_of};
use crate::{Answer, Api};

async fn company() -> (Api, Company) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    (api, company)
}

/// The people on a page, by the last digit of their ids.
fn people(answer: &Answer) -> Vec<u128> {
    assert!(answer.status.is_success(), "{}", answer.text);
    let body = answer.json();
    let rows = body.get("data").and_then(Value::as_array).unwrap();
    rows.iter()
        .map(|row| row.get("id").and_then(Value::as_str).unwrap().parse::<uuid::Uuid>().unwrap().as_u128() & 0xff)
        .collect()
}

async fn list(api: &Api, query: &str, token: &str) -> Vec<u128> {
    people(&api.get(&format!("/api/v1/employees?{query}"), token).await)
}

/// Which of everybody a caller finds, and with which classes of fields.
async fn classes_seen(api: &Api, token: &str) -> Vec<(u128, Vec<&'static str>)> {
    let mut seen = Vec::new();
    for person in EVERYBODY {
        let answer = api.get(&path_of(person), token).await;
        if answer.status == 404 {
            continue;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        let classes = [("personal", "birth_date"), ("sensitive", "termination_kind"), ("pay", "pay")];
        seen.push((
            person,
            classes.into_iter().filter(|(_, field)| body.get(field).is_some()).map(|(class, _)| class).collect(),
        ));
    }
    seen
}

const ALL: [&str; 3] = ["personal", "sensitive", "pay"];

#[tokio::test]
async fn an_owner_reads_everything_of_an_employee() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    assert_snapshot!("one_employee", api.get(&path_of(GRACE), &token).await.shown());
    let without_pay = api.get(&path_of(SUKARNO), &token).await.json();
    assert_eq!(without_pay["pay"], Value::Null);
    assert_eq!(without_pay.get("pay"), Some(&Value::Null), "pay that is not on record is null, not absent");
}

#[tokio::test]
async fn a_list_shows_work_fields_in_the_order_of_names() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    assert_snapshot!("first_page", api.get("/api/v1/employees?limit=2", &token).await.shown());
    assert_eq!(list(&api, "", &token).await, [ZOE, GRACE, LINUS, ADA, SUKARNO]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps_and_end() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let query = cursor.map_or_else(|| "limit=1".to_owned(), |cursor| format!("limit=1&cursor={cursor}"));
        let answer = api.get(&format!("/api/v1/employees?{query}"), &token).await;
        found.extend(people(&answer));
        cursor = answer.json()["next_cursor"].as_str().map(ToOwned::to_owned);
        if cursor.is_none() || found.len() > EVERYBODY.len() {
            break;
        }
    }
    assert_eq!(found, [ZOE, GRACE, LINUS, ADA, SUKARNO]);
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    let engineering = format!("department={}", uuid::Uuid::from_u128(id_of(0xd1).as_u128()));
    for (query, expected) in [
        ("status=terminated", vec![ZOE]),
        ("status=active&department=engineering", vec![GRACE, ADA]),
        (&engineering, vec![GRACE, ADA]),
        ("department=Nowhere", vec![]),
        ("name=hopper", vec![GRACE, LINUS]),
        ("name=grace%20brewster%20h", vec![GRACE]),
        ("name=Hopper,%20Li", vec![LINUS]),
        ("name=ZO%C3%8B", vec![ZOE]),
        ("name=suk", vec![SUKARNO]),
        ("name=%25", vec![]),
        ("name=_da", vec![]),
    ] {
        assert_eq!(list(&api, query, &token).await, expected, "{query}");
    }
}

#[tokio::test]
async fn each_role_sees_the_people_and_the_fields_that_it_grants() {
    let (api, company) = company().await;
    company.add_role(&api, "tech_lead", "employees.read", "department").await;
    let whole = |classes: &[&'static str]| EVERYBODY.map(|person| (person, classes.to_vec())).to_vec();
    let with_own = |mut seen: Vec<(u128, Vec<&'static str>)>, own| {
        for (person, classes) in &mut seen {
            if *person == own {
                *classes = ALL.to_vec();
            }
        }
        seen
    };
    for (role, employee, expected) in [
        ("hr_admin", None, whole(&ALL)),
        ("auditor", None, whole(&ALL)),
        ("hr_manager", Some(ZOE), with_own(whole(&["personal", "sensitive"]), ZOE)),
        ("payroll_admin", None, whole(&["sensitive", "pay"])),
        ("manager", Some(GRACE), vec![(GRACE, ALL.to_vec()), (LINUS, vec![])]),
        ("manager", Some(ADA), vec![(ADA, ALL.to_vec()), (GRACE, vec![]), (LINUS, vec![]), (ZOE, vec![])]),
        ("manager", None, vec![]),
        ("employee", Some(LINUS), vec![(LINUS, ALL.to_vec())]),
        ("employee", None, vec![]),
        ("tech_lead", Some(SUKARNO), vec![]),
        ("tech_lead", Some(DELETED), vec![]),
    ] {
        let token = company.token_with(&api, &[role], employee).await;
        assert_eq!(classes_seen(&api, &token).await, expected, "{role} as {employee:?}");
        let mut listed = list(&api, "", &token).await;
        listed.sort_unstable();
        let visible: Vec<u128> = expected.iter().map(|(person, _)| *person).collect();
        assert_eq!(listed, visible, "the list of {role} as {employee:?}");
        release(&api, &company).await;
    }
}

/// Frees the employees for other users: an employee is one user only.
async fn release(api: &Api, company: &Company) {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::query("UPDATE users SET employee_id = NULL").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_scope_department_covers_those_below_and_not_those_beside() {
    let (api, company) = company().await;
    company.add_role(&api, "tech_lead", "employees.read", "department").await;
    let token = company.token_with(&api, &["tech_lead"], Some(ADA)).await;
    let seen: Vec<u128> = classes_seen(&api, &token).await.into_iter().map(|(person, _)| person).collect();
    assert_eq!(seen, [ADA, GRACE, LINUS]);
    assert_eq!(list(&api, "", &token).await, [GRACE, LINUS, ADA]);
}

#[tokio::test]
async fn without_a_role_the_list_is_denied_and_nobody_is_found() {
    let (api, company) = company().await;
    let token = company.token_with(&api, &[], Some(ADA)).await;
    assert_snapshot!("denied", api.get("/api/v1/employees", &token).await.shown());
    assert_eq!(classes_seen(&api, &token).await, []);
}

#[tokio::test]
async fn deleted_and_unknown_employees_are_not_found() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    assert_snapshot!("not_found", api.get(&path_of(DELETED), &token).await.shown());
    for path in [path_of(0xff), "/api/v1/employees/E-1".to_owned()] {
        assert_eq!(api.get(&path, &token).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_loop_of_managers_does_not_hang_a_request() {
    let (api, company) = company().await;
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let close = "UPDATE employees SET manager_id = $1 WHERE id = $2";
    sqlx::query(close).bind(id_of(LINUS)).bind(id_of(ADA)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let token = company.token_with(&api, &["manager"], Some(GRACE)).await;
    assert_eq!(list(&api, "", &token).await, [ZOE, GRACE, LINUS, ADA], "all of the loop are below each other");
    assert_eq!(api.get(&path_of(SUKARNO), &token).await.status, 404);
}

#[tokio::test]
async fn reading_more_than_work_fields_of_others_is_audited_and_reading_oneself_is_not() {
    let (api, company) = company().await;
    let payroll = company.token_with(&api, &["payroll_admin"], Some(LINUS)).await;
    let manager = company.token_with(&api, &["manager"], Some(ADA)).await;
    assert_eq!(api.get(&path_of(GRACE), &payroll).await.status, 200);
    assert_eq!(api.get(&path_of(LINUS), &payroll).await.status, 200, "reads itself");
    assert_eq!(api.get(&path_of(GRACE), &manager).await.status, 200, "reads work fields");
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows = sqlx::query("SELECT entity_id, request_id, after FROM audit_log WHERE action = 'employee.read'");
    let rows = rows.fetch_all(&mut *tx).await.unwrap();
    let found: Vec<(uuid::Uuid, String, Value)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    assert_eq!(found, [(id_of(GRACE), "test-request".to_owned(), json!({ "fields": ["sensitive", "pay"] }))]);
}
