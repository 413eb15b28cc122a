//! What those who run the server look at.

use std::time::Duration;

use axum::Router;
use tenure_api::{Server, SlowQueries};
use tenure_app::Context;
use tenure_testkit::{NOW, TestInstallation, unreachable_database};

use crate::company::{Company, GRACE, path_of};
use crate::{Api, LIMITS, request, send};

fn without_database() -> Router {
    let context = Context::repeatable(unreachable_database(), NOW, 1);
    Server::new(context, LIMITS, &SlowQueries::default()).router()
}

#[tokio::test]
async fn a_server_with_its_database_is_alive_and_ready() {
    let api = Api::new().await;
    let alive = api.get("/healthz", "").await;
    assert_eq!((alive.status.as_u16(), alive.json()["status"].as_str()), (200, Some("ok")));
    let ready = api.get("/readyz", "").await;
    let body = ready.json();
    assert_eq!((ready.status.as_u16(), &body["ready"]), (200, &true.into()));
    assert_eq!(body["dependencies"][0]["name"], "database");
    assert_eq!(body["dependencies"][0]["state"], "up");
    assert!(body["dependencies"][0]["latency_ms"].as_f64().unwrap() > 0.0, "{body}");
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_and_says_that_it_is_not_available() {
    let router = without_database();
    let get = async |path, token| send(&router, request("GET", path, token)).await;
    let token = format!("tnr_{}_{}", "0".repeat(32), "A".repeat(43));
    insta::assert_snapshot!("unavailable", get("/api/v1/employees", &token).await.shown());
    assert_eq!(get("/healthz", "").await.status, 200);
    let ready = get("/readyz", "").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["dependencies"][0]["state"]), (503, &"down".into()));
}

#[tokio::test]
async fn a_server_is_not_ready_before_the_platform_is_at_its_version_and_goes_on_when_it_is_at_a_later_one() {
    let api = Api::new().await;
    let ready = async |change: &'static str| {
        sqlx::query(change).execute(&mut api.installation.superuser().await).await.unwrap();
        let ready = api.get("/readyz", "").await;
        (ready.status.as_u16(), ready.json()["dependencies"][0]["state"].clone())
    };
    let later = "INSERT INTO public.platform_migrations (version, name, checksum, applied_at)
                 SELECT max(version) + 1, 'later', '', now() FROM public.platform_migrations";
    assert_eq!(ready(later).await, (200, "up".into()));
    let earlier = "DELETE FROM public.platform_migrations WHERE version >= (SELECT max(version) - 1 FROM public.platform_migrations)";
    assert_eq!(ready(earlier).await, (503, "not_set_up".into()));

    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    assert_eq!(api.get(&path_of(GRACE), &token).await.status, 200);
    assert_eq!(ready("ALTER TABLE public.tenants DROP COLUMN document_place").await.0, 503);
    let answer = api.get(&path_of(GRACE), &token).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.text.contains("tenure migrate up --platform"), "{}", answer.text);
}

#[tokio::test]
async fn requests_are_served_again_after_the_database_has_cut_all_connections() {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    assert_eq!(api.get(&path_of(GRACE), &token).await.status, 200);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&mut api.installation.superuser().await).await.unwrap();
    assert_eq!(api.get(&path_of(GRACE), &token).await.status, 200, "the first request after it");
    sqlx::query(cut).execute(&mut api.installation.superuser().await).await.unwrap();
    assert_eq!(api.get("/readyz", "").await.status, 200, "ready after it");
}

#[tokio::test]
async fn without_its_replica_the_primary_is_read_and_none_of_its_connections_waits() {
    let installation = TestInstallation::with(|settings| {
        settings.max_connections = 1;
        settings.acquire_timeout = Duration::from_secs(3);
        settings.replica = "postgres://nobody@127.0.0.1:1/none".parse().ok();
    });
    let api = Api::over(installation.await, &SlowQueries::default());
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    let path = path_of(GRACE);
    let (list, one) = tokio::join!(api.get("/api/v1/employees", &token), api.get(&path, &token));
    assert_eq!((list.status.as_u16(), one.status.as_u16()), (200, 200));
    let ready = api.get("/readyz", "").await;
    let states: Vec<_> =
        ready.json()["dependencies"].as_array().unwrap().iter().map(|found| found["state"].clone()).collect();
    assert_eq!((ready.status.as_u16(), states), (200, vec!["up".into(), "down".into(), "up".into()]), "{}", ready.text);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_name_no_tenant() {
    let api = Api::new().await;
    let company = Company::new(&api.installation, "acme").await;
    let token = company.owner_token(&api).await;
    for (path, token) in
        [(path_of(GRACE).as_str(), token.as_str()), (&path_of(0xff), &token), ("/api/v1/employees", ""), ("/x", "")]
    {
        api.get(path, token).await;
    }
    let text = api.get("/metrics", "").await.text;
    for line in [
        r#"tenure_http_requests_total{route="/api/v1/employees/{id}",method="GET",status="200"} 1"#,
        r#"tenure_http_requests_total{route="/api/v1/employees/{id}",method="GET",status="404"} 1"#,
        r#"tenure_http_requests_total{route="/api/v1/employees",method="GET",status="401"} 1"#,
        r#"tenure_http_requests_total{route="none",method="GET",status="404"} 1"#,
        r#"tenure_http_request_duration_seconds_count{route="/api/v1/employees/{id}",method="GET"} 2"#,
        "tenure_http_requests_in_flight 1",
        "tenure_slow_queries_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains(r#"tenure_database_connections{pool="application",state="idle"}"#), "{text}");
    assert!(!text.contains("acme") && !text.contains(&company.tenant.to_string()), "{text}");
}
