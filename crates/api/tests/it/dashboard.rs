//! The company in figures, as each role sees it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::Api;
use crate::company::{ADA, Company, GRACE, LINUS, ZOE};

const DASHBOARD: &str = "/api/v1/dashboard";

async fn company() -> (Api, Company) {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    (api, company)
}

async fn figures(api: &Api, token: &str, query: &str) -> Value {
    let answer = api.get(&format!("{DASHBOARD}{query}"), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn the_figures_are_those_of_the_day() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    assert_snapshot!("today", api.get(DASHBOARD, &token).await.shown());
    // Zoë's last day was 2015-06-07.
    for (day, headcount, joiners, leavers) in [
        ("2011-07-04", 0, 0, 0),
        ("2011-07-05", 1, 1, 0),
        ("2014-05-06", 5, 2, 0),
        ("2015-06-07", 5, 0, 0),
        ("2015-06-08", 4, 0, 1),
        ("2016-06-07", 4, 0, 1),
        ("2016-06-08", 4, 0, 0),
    ] {
        let found = figures(&api, &token, &format!("?as_of={day}")).await;
        let seen = [&found["headcount"], &found["joiners"], &found["leavers"]];
        assert_eq!(seen, [&json!(headcount), &json!(joiners), &json!(leavers)], "{day}");
        let months = found["by_month"].as_array().unwrap();
        let sum = |name: &str| months.iter().map(|month| month[name].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("joiners"), sum("leavers")), (joiners, leavers), "{day}");
        assert_eq!(months.last().unwrap()["headcount"], headcount, "{day}");
    }
    let left = figures(&api, &token, "?as_of=2015-12-31").await["by_month"][5].clone();
    let june = json!({ "from": "2015-06-01", "to": "2015-06-30", "joiners": 0, "leavers": 1, "headcount": 4 });
    assert_eq!(left, june, "who left has the first day without in it");
    assert_eq!(figures(&api, &token, "?as_of=2015-06-08").await["attrition_percent"], "22.2");
    assert_eq!(figures(&api, &token, "?as_of=1950-01-01").await["attrition_percent"], Value::Null);
}

#[tokio::test]
async fn a_caller_gets_the_figures_of_the_people_whom_he_may_see() {
    let (api, company) = company().await;
    let owner = company.owner_token(&api).await;
    assert_eq!(figures(&api, &owner, "").await["headcount"], 4);
    let manager = company.token_with(&api, &["manager"], Some(GRACE)).await;
    let seen = figures(&api, &manager, "").await;
    assert_eq!((&seen["headcount"], &seen["span_of_control"]["managers"]), (&json!(2), &json!(2)), "{seen}");
    for person in [ADA, LINUS] {
        let employee = company.token_with(&api, &["employee"], Some(person)).await;
        assert_eq!(figures(&api, &employee, "").await["headcount"], 1, "{person}");
    }
    let left = company.token_with(&api, &["employee"], Some(ZOE)).await;
    assert_eq!(figures(&api, &left, "").await["headcount"], 0);
    let nobody = company.token_with(&api, &[], None).await;
    assert_eq!(api.get(DASHBOARD, &nobody).await.status, 403);
    let globex = Company { tenant: api.installation.tenant("globex").await.id }.owner_token(&api).await;
    assert_eq!(figures(&api, &globex, "").await["headcount"], 0);
    assert_eq!(api.get(DASHBOARD, "wrong").await.status, 401);
}

#[tokio::test]
async fn what_is_changed_is_seen_with_the_next_request() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    let engineering = "00000000-0000-7000-8000-0000000000d1";
    let name = async || {
        let found = figures(&api, &token, "").await;
        let departments = found["by_department"].as_array().unwrap().clone();
        let department = departments.into_iter().find(|department| department["department_id"] == engineering);
        department.unwrap()["department"].clone()
    };
    assert_eq!(name().await, "Engineering");
    assert_eq!(name().await, "Engineering", "out of the cache");
    let path = format!("/api/v1/departments/{engineering}");
    let changed = api.send("PATCH", &path, &token, Some(1), &json!({ "name": "Research" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(name().await, "Research");
    let metrics = api.get("/metrics", &token).await.text;
    for line in
        ["tenure_cache_hits_total{place=\"near\"} 1", "tenure_cache_loads_total 2", "tenure_cache_misses_total 2"]
    {
        assert!(metrics.lines().any(|found| found == line), "no line {line} in\n{metrics}");
    }
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let (api, company) = company().await;
    let token = company.owner_token(&api).await;
    for wrong in ["as_of=yesterday", "as_of=2026-02-30", "on=2026-01-01", "as_of=2026-01-01&as_of=2026-01-02"] {
        assert_eq!(api.get(&format!("{DASHBOARD}?{wrong}"), &token).await.status, 400, "{wrong}");
    }
}
