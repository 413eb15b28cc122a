//! Who reports to whom, as each role sees it.

use insta::assert_snapshot;
use serde_json::Value;
use sqlx::Executor;

use crate::company::{ADA, Company, DELETED, GRACE, LINUS, SUKARNO, ZOE, id_of};
use crate::{Answer, Api};

const CHART: &str = "/api/v1/org-chart";

async fn company() -> (Api, Company) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    (api, company)
}

/// Each person on a chart, with those who report directly and all who are below.
fn counts(answer: &Answer) -> Vec<(u128, u64, u64)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let person = |id: &str| id.parse::<uuid::Uuid>().unwrap().as_u128() & 0xff;
    let nodes = body.get("data").and_then(Value::as_array).unwrap().iter();
    let of = |node: &Value, field: &str| node.get(field).and_then(Value::as_u64).unwrap();
    nodes
        .map(|node| {
            (
                person(node.get("id").and_then(Value::as_str).unwrap()),
                of(node, "direct_reports"),
                of(node, "all_reports"),
            )
        })
        .collect()
}

#[tokio::test]
async fn the_chart_goes_from_the_top_down_and_leaves_out_who_has_left() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    let whole = api.get(CHART, &token).await;
    assert_snapshot!("chart", whole.shown());
    assert_eq!(counts(&whole), [(ADA, 1, 2), (SUKARNO, 0, 0), (GRACE, 1, 1), (LINUS, 0, 0)]);
}

#[tokio::test]
async fn depth_cuts_the_chart_and_not_the_counts_and_any_person_can_be_the_root() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    for (query, expected) in [
        ("depth=0".to_owned(), vec![(ADA, 1, 2), (SUKARNO, 0, 0)]),
        (format!("root={}", id_of(GRACE)), vec![(GRACE, 1, 1), (LINUS, 0, 0)]),
        (format!("root={}&depth=1", id_of(ADA)), vec![(ADA, 1, 2), (GRACE, 1, 1)]),
    ] {
        assert_eq!(counts(&api.get(&format!("{CHART}?{query}"), &token).await), expected, "{query}");
    }
    for nobody in [ZOE, DELETED, 0xff] {
        assert_eq!(api.get(&format!("{CHART}?root={}", id_of(nobody)), &token).await.status, 404, "{nobody}");
    }
    for wrong in ["depth=101", "depth=-1", "root=ada", "levels=2"] {
        assert_eq!(api.get(&format!("{CHART}?{wrong}"), &token).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_caller_sees_the_part_of_the_chart_whose_people_he_may_see() {
    let (api, company) = company().await;
    let manager = company.token_with(&api, &["manager"], Some(GRACE)).await;
    assert_eq!(counts(&api.get(CHART, &manager).await), [(GRACE, 1, 1), (LINUS, 0, 0)]);
    assert_eq!(api.get(&format!("{CHART}?root={}", id_of(ADA)), &manager).await.status, 404);
    let employee = company.token_with(&api, &["employee"], Some(ADA)).await;
    assert_eq!(counts(&api.get(CHART, &employee).await), [(ADA, 0, 0)], "nobody else, nor how many there are");
    let nobody = company.token_with(&api, &[], None).await;
    assert_eq!(api.get(CHART, &nobody).await.status, 403);
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(counts(&api.get(CHART, &globex).await), []);
    assert_eq!(api.get(&format!("{CHART}?root={}", id_of(ADA)), &globex).await.status, 404);
}

#[tokio::test]
async fn a_loop_of_managers_ends_where_it_began() {
    let (api, company) = company().await;
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let close = sqlx::query("UPDATE employees SET manager_id = $1 WHERE id = $2").bind(id_of(LINUS)).bind(id_of(ADA));
    close.execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let token = company.owner_token(&api).await;
    let from_grace = api.get(&format!("{CHART}?root={}", id_of(GRACE)), &token).await;
    assert_eq!(counts(&from_grace), [(GRACE, 1, 2), (LINUS, 1, 1), (ADA, 0, 0)]);
}

#[tokio::test]
async fn a_chart_that_is_too_large_says_how_to_ask_for_less() {
    let (api, company) = company().await;
    let mut tx = api.installation.db.begin(company.tenant).await.unwrap();
    let many = "INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, manager_id, created_at, updated_at)
                SELECT gen_random_uuid(), 'M-' || n, 'One', 'Of Many', 'active', '2020-01-01',
                       '00000000-0000-7000-8000-000000000003', now(), now() FROM generate_series(1, 10000) n";
    tx.execute(sqlx::raw_sql(many)).await.unwrap();
    tx.commit().await.unwrap();
    let token = company.owner_token(&api).await;
    let answer = api.get(CHART, &token).await;
    assert_eq!(answer.status, 422);
    assert_snapshot!("chart_too_large", answer.shown());
    let less = api.get(&format!("{CHART}?depth=1"), &token).await;
    assert_eq!(counts(&less), [(ADA, 1, 10_002), (SUKARNO, 0, 0), (GRACE, 1, 10_001)]);
}
