//! The list of employees: its filters, its orders, and who stood where on a day.

use serde_json::{Value, json};

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, id_of};
use crate::{Answer, Api};

async fn company() -> (Api, Company, String) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    (api, company, token)
}

async fn run(api: &Api, company: &Company, statements: &str) {
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn page(api: &Api, query: &str, token: &str) -> Answer {
    api.get(&format!("/api/v1/employees?{query}"), token).await
}

/// The people on a page, by the last digit of their ids.
async fn people(api: &Api, query: &str, token: &str) -> Vec<u128> {
    let answer = page(api, query, token).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let body = answer.json();
    let rows = body.get("data").and_then(Value::as_array).unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_u128() & 0xff).collect()
}

/// The people of all pages of two, in order.
async fn all_pages(api: &Api, query: &str, token: &str) -> Vec<u128> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..10 {
        let query = format!("{query}&limit=2{cursor}");
        found.extend(people(api, &query, token).await);
        let answer = page(api, &query, token).await.json();
        let Some(next) = answer.get("next_cursor").and_then(Value::as_str) else { return found };
        cursor = format!("&cursor={next}");
    }
    panic!("{query} does not end: {found:?}");
}

#[tokio::test]
async fn each_order_goes_through_everybody_once_and_back() {
    let (api, _, token) = company().await;
    for (sort, expected) in [
        ("name", [ZOE, GRACE, LINUS, ADA, SUKARNO]),
        ("employee_number", [ADA, GRACE, LINUS, ZOE, SUKARNO]),
        ("hired_on", [ADA, GRACE, LINUS, ZOE, SUKARNO]),
    ] {
        assert_eq!(all_pages(&api, &format!("sort={sort}"), &token).await, expected, "{sort}");
        let reversed: Vec<u128> = expected.into_iter().rev().collect();
        assert_eq!(all_pages(&api, &format!("sort=-{sort}"), &token).await, reversed, "-{sort}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused_by_name() {
    let (api, _, token) = company().await;
    let cursor = page(&api, "limit=1&sort=hired_on", &token).await.json()["next_cursor"].clone();
    let answer = page(&api, &format!("limit=1&cursor={}", cursor.as_str().unwrap()), &token).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (400, &json!("cursor")));
}

#[tokio::test]
async fn filters_narrow_the_list_alone_and_together() {
    let (api, company, token) = company().await;
    run(&api, &company, "
        INSERT INTO locations (id, name, created_at, updated_at) VALUES ('00000000-0000-7000-8000-0000000000f1', 'Berlin', now(), now());
        UPDATE employees SET location_id = '00000000-0000-7000-8000-0000000000f1' WHERE id = '00000000-0000-7000-8000-000000000002'").await;
    for (query, expected) in [
        (format!("under={}", id_of(0xd1)), vec![GRACE, LINUS, ADA]),
        (format!("under={}&status=on_leave", id_of(0xd1)), vec![LINUS]),
        (format!("under={}", id_of(0xff)), vec![]),
        (format!("designation_id={}", id_of(0xe1)), vec![GRACE, LINUS]),
        (format!("manager_id={}", id_of(ADA)), vec![ZOE, GRACE]),
        (format!("location_id={}", id_of(0xf1)), vec![GRACE]),
        ("employment_type=full_time".to_owned(), vec![GRACE, ADA]),
        ("hired_from=2012-01-09&hired_to=2013-03-04".to_owned(), vec![GRACE, LINUS]),
        ("hired_to=2011-07-04".to_owned(), vec![]),
        ("hired_from=2014-05-06&sort=-hired_on".to_owned(), vec![SUKARNO, ZOE]),
    ] {
        assert_eq!(people(&api, &query, &token).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_search_finds_parts_of_names_numbers_and_addresses_and_nothing_between_them() {
    let (api, company, token) = company().await;
    run(
        &api,
        &company,
        r"UPDATE employees SET preferred_name = 'A_d%a\' WHERE id = '00000000-0000-7000-8000-000000000001'",
    )
    .await;
    for (query, expected) in [
        ("q=HOPPER", vec![GRACE, LINUS]),
        ("q=opp", vec![GRACE, LINUS]),
        ("q=e", vec![ZOE, GRACE, LINUS, ADA, SUKARNO]),
        ("q=e-5", vec![SUKARNO]),
        ("q=grace@a", vec![GRACE]),
        ("q=home.example", vec![]),
        ("q=Zo%C3%AB", vec![ZOE]),
        ("q=hopper,%20l", vec![LINUS]),
        ("q=a_d%25a%5C", vec![ADA]),
        ("q=_", vec![ADA]),
        ("q=%25", vec![ADA]),
        ("q=%5C", vec![ADA]),
        ("q=%7C", vec![]),
        ("q=hopper%20%7C", vec![]),
        ("name=e-5", vec![]),
        ("name=grace@", vec![]),
    ] {
        assert_eq!(people(&api, query, &token).await, expected, "{query}");
    }
}

#[tokio::test]
async fn as_of_a_day_people_stand_where_they_stood() {
    let (api, company, token) = company().await;
    run(&api, &company, "
        INSERT INTO job_assignments (id, employee_id, effective_from, department_id, designation_id, manager_id, employment_type, changed, applied_at, created_at)
        VALUES ('00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-000000000002', '2020-01-01',
                '00000000-0000-7000-8000-0000000000d3', NULL, NULL, 'part_time',
                ARRAY['department_id', 'designation_id', 'manager_id', 'employment_type'], now(), now())").await;
    for (query, expected) in [
        ("as_of=2011-07-04".to_owned(), vec![]),
        ("as_of=2012-01-09".to_owned(), vec![GRACE, ADA]),
        ("as_of=2012-01-08".to_owned(), vec![ADA]),
        ("as_of=2015-06-07&status=active&department=Sales".to_owned(), vec![ZOE]),
        ("as_of=2015-06-08&status=active&department=Sales".to_owned(), vec![]),
        ("as_of=2015-06-08&status=terminated".to_owned(), vec![ZOE]),
        ("as_of=2019-12-31&department=Engineering".to_owned(), vec![GRACE, ADA]),
        ("as_of=2020-01-01&department=Engineering".to_owned(), vec![ADA]),
        ("as_of=2020-01-01&department=Sales".to_owned(), vec![ZOE, GRACE]),
        (format!("as_of=2019-12-31&manager_id={}", id_of(ADA)), vec![ZOE, GRACE]),
        (format!("as_of=2020-01-01&manager_id={}", id_of(ADA)), vec![ZOE]),
        (
            "as_of=2020-01-01&employment_type=part_time&hired_from=2012-01-01&sort=-hired_on".to_owned(),
            vec![ZOE, GRACE],
        ),
        // Who is away is known of the present day, which is that of the tests.
        ("as_of=2026-01-15&status=on_leave".to_owned(), vec![LINUS]),
        ("as_of=2026-01-14&status=on_leave".to_owned(), vec![]),
    ] {
        assert_eq!(people(&api, &query, &token).await, expected, "{query}");
    }
    let then = page(&api, "as_of=2019-12-31&q=grace", &token).await.json();
    assert_eq!(then["data"][0]["department"]["name"], "Engineering");
    assert_eq!(then["data"][0]["employment_type"], "full_time");
    assert_eq!(all_pages(&api, "as_of=2015-01-01&sort=hired_on", &token).await, [ADA, GRACE, LINUS, ZOE, SUKARNO]);
}

#[tokio::test]
async fn those_who_were_deleted_are_listed_for_who_may_write_employees_alone() {
    let (api, company, token) = company().await;
    assert_eq!(people(&api, "deleted=true", &token).await, [DELETED]);
    for (role, status) in
        [("hr_manager", 200), ("auditor", 403), ("payroll_admin", 403), ("manager", 403), ("employee", 403)]
    {
        let token = company.token_with(&api, &[role], None).await;
        assert_eq!(page(&api, "deleted=true", &token).await.status, status, "{role}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_everywhere() {
    let (api, _, token) = company().await;
    for path in
        ["employees?name=%ff", "employees?q=a%c3", "departments?under=%ff", "org-chart?root=%ff", "audit?action=%ff"]
    {
        let answer = api.get(&format!("/api/v1/{path}"), &token).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
}

async fn csv(api: &Api, query: &str, token: &str) -> Answer {
    let mut request = crate::request("GET", &format!("/api/v1/employees?{query}"), token);
    request.headers_mut().insert("accept", "text/csv".parse().unwrap());
    crate::send(&api.router, request).await
}

#[tokio::test]
async fn the_list_as_csv_holds_everybody_whom_the_caller_may_see() {
    let (api, company, token) = company().await;
    run(
        &api,
        &company,
        "UPDATE employees SET preferred_name = '=1+\"1\"' WHERE id = '00000000-0000-7000-8000-000000000001'",
    )
    .await;
    let answer = csv(&api, "limit=1&department=Engineering", &token).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"employees.csv\"");
    let lines: Vec<&str> = answer.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "{}", answer.text);
    assert!(lines[0].starts_with("id,employee_number,first_name,"), "{}", lines[0]);
    let ada =
        format!("{},E-1,Ada,,Lovelace,\"'=1+\"\"1\"\"\",ada@acme.example,,active,full_time,2011-07-05,,", id_of(ADA));
    assert!(lines[2].starts_with(&ada), "{}", lines[2]);
    for (role, own, rows) in [("auditor", None, 5), ("manager", Some(GRACE), 2), ("employee", Some(LINUS), 1)] {
        let token = company.token_with(&api, &[role], own).await;
        assert_eq!(csv(&api, "", &token).await.text.lines().count(), rows + 1, "{role}");
    }
    let nobody = csv(&api, "q=nobody", &token).await;
    assert_eq!((nobody.status.as_u16(), nobody.text.lines().count()), (200, 1), "{}", nobody.text);
}

#[tokio::test]
async fn an_export_is_audited_and_refused_like_the_list() {
    let (api, company, token) = company().await;
    assert_eq!(csv(&api, "status=active", &token).await.status, 200);
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let rows = sqlx::query_scalar("SELECT after FROM audit_log WHERE action = 'employees.exported'");
    let rows: Vec<Value> = rows.fetch_all(&mut *tx).await.unwrap();
    assert_eq!(rows, [json!({ "filter": { "status": "active" }, "rows": 3 })]);
    tx.rollback().await.unwrap();
    let nobody = company.token_with(&api, &[], None).await;
    let denied = csv(&api, "", &nobody).await;
    assert_eq!((denied.status.as_u16(), denied.header("content-type")), (403, "application/problem+json"));
    assert_eq!(csv(&api, "", "wrong").await.status, 401);
    assert_eq!(csv(&api, "sort=salary", &token).await.status, 400);
}
