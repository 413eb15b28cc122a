//! `Idempotency-Key`: a change that is sent again under its key, because its answer was lost, is not made again.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tenure_app::Error;
use tenure_app::once::{Key, Once};

use crate::fields;
use crate::files;
use crate::problem::Problem;
use crate::server::Server;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Reads the key of a change and what is asked under it, for the use case.
pub(crate) async fn identify(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let changes = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    if !changes || !request.uri().path().starts_with("/api/v1/") || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if files::takes_file(request.method(), route) {
        return Problem::from(files::no_key()).into_response();
    }
    let (mut request, once) = match read(&server, request).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(Arc::clone(&once));
    let mut response = next.run(request).await;
    if once.was_replayed() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The request as it was, and what was read of it.
async fn read(server: &Arc<Server>, request: Request) -> Result<(Request, Arc<Once>), Problem> {
    let (parts, body) = request.into_parts();
    let key = key(&parts)?;
    let body = fields::bytes(Request::from_parts(parts.clone(), body), server).await?;
    let once = Once::new(key, fingerprint(&parts, &body));
    Ok((Request::from_parts(parts, Body::from(body)), Arc::new(once)))
}

fn key(parts: &Parts) -> Result<Key, Error> {
    let mut values = parts.headers.get_all(KEY).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default().parse(),
        _ => Err(Error::invalid("Idempotency-Key", "is given twice")),
    }
}

/// The SHA-256 of all that decides what the request does, each part after its length.
fn fingerprint(parts: &Parts, body: &Bytes) -> [u8; 32] {
    let version = parts.headers.get(IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), path.as_bytes(), query.as_bytes(), version, body] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
