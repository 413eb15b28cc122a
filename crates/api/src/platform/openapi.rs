//! The description of the operators' API, OpenAPI 3.1. It is apart from that of companies, whose programs have no use for it.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};

use super::{backups, flags, operations, tenants};
use crate::examples::Examples;
use crate::openapi::{Required, describe_version, head_too_large, problem};
use crate::problem::{FieldErrorBody, Kind, ProblemBody};

#[derive(OpenApi)]
#[openapi(
    info(title = "Tenure for operators", description = "The platform as a whole, by a token that `tenure operator create` makes."),
    paths(
        tenants::list, tenants::show, backups::list, backups::show, operations::list, operations::show, operations::request,
        flags::list, flags::show, flags::create, flags::change, flags::delete, serve,
    ),
    components(schemas(ProblemBody<'_>, FieldErrorBody)),
    modifiers(&Tokens, &Required, &Problems, &Examples),
)]
struct Description;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| Description::openapi().to_pretty_json().unwrap_or_default());

/// The description of the operators' API as JSON text.
#[must_use]
pub fn document() -> &'static str {
    &DOCUMENT
}

/// This document.
#[utoipa::path(
    get,
    path = "/api/platform/openapi.json",
    operation_id = "describe_platform_api",
    responses((status = 200, description = "The description of the operators' API, OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], document()).into_response()
}

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("operator", scheme);
    }
}

/// Adds to each operation the problems that it can answer.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        for (path, item) in &mut document.paths.paths {
            let PathItem { get, post, patch, delete, .. } = item;
            for operation in [get, post].into_iter().flatten() {
                describe(operation, path.contains('{'), false);
            }
            for operation in [patch, delete].into_iter().flatten() {
                describe(operation, path.contains('{'), true);
                describe_version(operation);
            }
        }
    }
}

/// What changes one thing names the version that it was made of.
fn describe(operation: &mut Operation, has_id: bool, names_version: bool) {
    let (needs_token, has_body) = (operation.security.is_some(), operation.request_body.is_some());
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let (names_tenant, is_new_flag) = (id == "list_backups", id == "create_flag");
    let takes_input = has_body || names_version || (operation.parameters.is_some() && !has_id);
    let applies = |kind: &Kind| match kind {
        Kind::Invalid => takes_input,
        Kind::NotFound => has_id || (has_body && !is_new_flag) || names_tenant,
        Kind::Unauthenticated | Kind::Unavailable => needs_token,
        Kind::BodyTooLarge | Kind::UriTooLong | Kind::Internal | Kind::TimedOut => true,
        Kind::Stale | Kind::PreconditionRequired => names_version,
        Kind::Conflict => has_body && !names_version,
        Kind::UnsupportedMediaType => has_body,
        Kind::Rule => has_body || names_version,
        _ => false,
    };
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(applies).collect();
    for status in kinds.iter().map(|kind| kind.status()) {
        let of_status: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.status() == status).collect();
        operation.responses.responses.insert(status.as_str().to_owned(), RefOr::T(problem(&of_status)));
    }
    operation.responses.responses.insert("431".to_owned(), RefOr::T(head_too_large()));
}
