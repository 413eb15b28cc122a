//! `/api/docs`: the API's description as a page for people. It is made once from the description, and needs nothing but itself: no
//! script, nothing from elsewhere.

mod html;
mod page;
mod schema;

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

static PAGE: LazyLock<String> =
    LazyLock::new(|| page::page(&serde_json::from_str(crate::document()).unwrap_or_default(), STYLE));

/// The one style that a browser shall use is that of the page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// This API's description as a page to read. Each operation has an anchor of its name, for example `#create_department`.
#[utoipa::path(
    get,
    path = "/api/docs",
    tag = "operation",
    operation_id = "show_docs",
    responses((status = 200, description = "The page", content_type = "text/html", body = String, example = "<!doctype html>…")),
)]
pub(crate) async fn serve() -> Response {
    let mut response = Html(PAGE.as_str()).into_response();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
