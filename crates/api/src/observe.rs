//! What happens to every request: an id, a span in the log, limits, metrics, and headers that keep browsers careful.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::{Instrument, field};
use uuid::Uuid;

use crate::cors::Page;
use crate::files;
use crate::metrics::method_label;
use crate::problem::{Kind, Problem};
use crate::request_id::{self, RequestId};
use crate::server::{Limits, Server};

/// The longest path with its query.
const LONGEST_URI: usize = 8 * 1024;
/// Answers hold personal data and are read by programs: nobody keeps them, guesses their type or shows them in a frame.
const CAREFUL: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The outermost layer.
pub(crate) async fn observe(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let _in_flight = server.metrics.begin();
    let id = RequestId::of(request.headers(), || server.context.id::<Uuid>().to_string());
    request.extensions_mut().insert(id.clone());
    let method = method_label(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    // At the level error, so that it is there for whatever is logged inside, however little is logged.
    let span = tracing::error_span!("request", request_id = id.as_str(), method, route, tenant = field::Empty);

    let page = Page::of(&request, &server.origins);
    let answering = async {
        let path = request.uri().path().to_owned();
        let response = match page.permission() {
            Some(response) => response,
            None if files::takes_file(request.method(), route) => unhurried(next.run(request)).await,
            None => within_limits(server.limits, request, next).await,
        };
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        tracing::info!(path, status, elapsed_ms = took.as_secs_f64() * 1000.0, "answered");
        server.metrics.answered(route, method, status, took);
        response
    };
    let mut response = finish(answering.instrument(span).await, &id);
    page.let_read(response.headers_mut());
    response
}

/// Lets a request through that is not too large, for as long as it may take. A panic ends that request alone: its transaction is
/// dropped, and with it the connection.
async fn within_limits(limits: Limits, request: Request, next: Next) -> Response {
    if let Some(problem) = too_large(limits, &request) {
        return problem.into_response();
    }
    match tokio::time::timeout(limits.request_timeout, unhurried(next.run(request))).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::TimedOut, "nothing was changed; ask for less, or try again").into_response(),
    }
}

/// Lets a request through that may take its time: a file comes as fast as its sender's network is, and is measured on the way.
async fn unhurried(answering: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(answering).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(panic = panic_words(panic.as_ref()), "a request panicked");
            Problem::new(Kind::Internal, "the server's log has the cause, under this request_id").into_response()
        }
    }
}

fn too_large(limits: Limits, request: &Request) -> Option<Problem> {
    if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > LONGEST_URI) {
        return Some(Problem::new(Kind::UriTooLong, format!("path and query have at most {LONGEST_URI} bytes")));
    }
    let length = content_length(request.headers()).filter(|length| *length > limits.body);
    length.map(|_| Problem::new(Kind::BodyTooLarge, format!("a body has at most {} bytes", limits.body)))
}

/// The announced length of the body. The connection has refused one that is no number; one too large to count is too large.
fn content_length(headers: &HeaderMap) -> Option<usize> {
    let value = headers.get(CONTENT_LENGTH)?;
    Some(value.to_str().ok().and_then(|digits| digits.parse().ok()).unwrap_or(usize::MAX))
}

fn panic_words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

fn finish(mut response: Response, id: &RequestId) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.render(response, id);
    }
    let headers = response.headers_mut();
    for (name, value) in CAREFUL {
        // A page for people says itself what it needs.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.extend(id.header_value().map(|value| (request_id::HEADER, value)));
    response
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use axum::{Router, middleware};
    use serde_json::Value;
    use tenure_app::Context;
    use tenure_testkit::unreachable_database;
    use tower::ServiceExt;

    use super::*;
    use crate::metrics::SlowQueries;

    async fn broken() {
        panic!("a broken handler");
    }

    /// What a request is answered with when nothing but this layer stands before the handlers.
    async fn answer(path: &str) -> (u16, Value) {
        let limits = Limits { request_timeout: Duration::from_millis(20), body: 0 };
        let server = Arc::new(Server::new(Context::new(unreachable_database()), limits, &SlowQueries::default()));
        let router = Router::new()
            .route("/panic", get(broken))
            .route("/hang", get(pending::<()>))
            .layer(middleware::from_fn_with_state(server, observe));
        let response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_an_internal_problem_without_its_words() {
        let (status, body) = answer("/panic").await;
        assert_eq!((status, &body["type"]), (500, &"urn:tenure:problem:internal".into()), "{body}");
        assert!(!body.to_string().contains("broken"), "{body}");
    }

    #[tokio::test]
    async fn a_handler_that_takes_too_long_is_cut_off() {
        let (status, body) = answer("/hang").await;
        assert_eq!((status, &body["type"]), (503, &"urn:tenure:problem:timed-out".into()), "{body}");
    }
}
