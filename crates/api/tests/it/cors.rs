//! What browsers are told of pages of other origins.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tenure_api::{Server, SlowQueries};
use tenure_app::Context;
use tenure_testkit::{NOW, unreachable_database};

use crate::{Answer, LIMITS, send};

const ALLOWED: &str = "https://hr.example.com";

fn router(origins: &[&str]) -> Router {
    let context = Context::repeatable(unreachable_database(), NOW, 1);
    let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    Server::new(context, LIMITS, &SlowQueries::default()).open_to(origins).router()
}

async fn ask(router: &Router, method: &str, path: &str, origin: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    let request = request.header("access-control-request-method", "PATCH").body(Body::empty()).unwrap();
    send(router, request).await
}

#[tokio::test]
async fn a_page_of_an_origin_that_is_configured_may_send_and_read() {
    let router = router(&["http://localhost:3000", ALLOWED]);
    let asked = ask(&router, "OPTIONS", "/api/v1/departments/7", ALLOWED).await;
    assert_eq!((asked.status.as_u16(), asked.header("access-control-allow-origin")), (204, ALLOWED));
    assert_eq!(asked.header("access-control-allow-methods"), "GET, POST, PUT, PATCH, DELETE");
    assert!(asked.header("access-control-allow-headers").contains("authorization"));
    assert_eq!((asked.header("vary"), asked.header("access-control-allow-credentials")), ("origin", ""));
    let read = ask(&router, "GET", "/api/v1/departments", ALLOWED).await;
    assert_eq!((read.status.as_u16(), read.header("access-control-allow-origin")), (401, ALLOWED), "problems too");
    assert!(read.header("access-control-expose-headers").contains("etag"));
    assert_eq!(ask(&router, "GET", &format!("/api/{}", "a".repeat(9000)), ALLOWED).await.header("vary"), "origin");
}

#[tokio::test]
async fn other_pages_and_other_paths_are_told_nothing() {
    let configured = router(&[ALLOWED]);
    for (router, path, origin) in [
        (&configured, "/api/v1/departments", "https://hr.example.com.evil.example"),
        (&configured, "/api/v1/departments", "null"),
        (&configured, "/api/v1/departments", "http://hr.example.com"),
        (&configured, "/metrics", ALLOWED),
        (&router(&[]), "/api/v1/departments", ALLOWED),
    ] {
        for method in ["OPTIONS", "GET"] {
            let answer = ask(router, method, path, origin).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path} {origin}");
            assert_eq!(answer.status == 405, method == "OPTIONS", "{method} {path} {origin}: {}", answer.status);
        }
    }
}
