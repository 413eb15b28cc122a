//! Links that open a document without a credential.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tenure_app::{Error, files};
use utoipa::ToSchema;

use super::content;
use crate::caller::Call;
use crate::fields::{Fields, whole};
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::{self, Parameters};
use crate::server::Server;

/// Where links lead.
const PATH: &str = "/api/v1/shared-document";
/// The longest time, in minutes: seven days.
const LONGEST: i32 = 7 * 24 * 60;

/// For how long a link opens, and what.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewDocumentLink {
    /// For how many minutes.
    #[schema(minimum = 1, maximum = 10080)]
    valid_minutes: i32,
    /// The number of a version; without it the newest one of now.
    #[schema(minimum = 1, nullable = false)]
    version: Option<i32>,
}

/// A link that was made. It is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentLink {
    /// The path on this server that opens the document.
    #[schema(examples("/api/v1/shared-document?token=AQ"))]
    path: String,
    expires_at: Timestamp,
}

/// Makes a link that opens one version of a document for a while, for whoever has it, without a credential. It opens nothing once the
/// document is deleted or the company suspended.
#[utoipa::path(
    post,
    path = "/api/v1/documents/{id}/links",
    tag = "documents",
    operation_id = "create_document_link",
    params(("id" = Uuid, Path, description = "The document's id")),
    request_body = NewDocumentLink,
    responses((status = 201, description = "The link", body = DocumentLink)),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    PathId(id): PathId,
    mut fields: Fields,
) -> Result<(StatusCode, Json<DocumentLink>), Problem> {
    let minutes = fields.required("valid_minutes", |value| whole(value, 1..=LONGEST));
    let version = fields.optional("version", |value| whole(value, 1..=i32::MAX));
    let minutes = fields.finish(minutes)?;
    let number = version.and_then(|number| u32::try_from(number).ok());
    let valid_for = SignedDuration::from_mins(i64::from(minutes));
    let made = files::link(call.context(), call.caller(), id.into(), number, valid_for).await?;
    let body = DocumentLink { path: format!("{PATH}?token={}", made.token), expires_at: made.expires_at };
    Ok((StatusCode::CREATED, Json(body)))
}

/// The file that a link opens. A part of it with `Range`.
#[utoipa::path(
    get,
    path = "/api/v1/shared-document",
    tag = "documents",
    operation_id = "read_shared_document",
    params(("token" = String, Query, description = "What the link holds")),
    responses(
        (status = 200, description = "The file, to be kept and not to be shown in a page", body = String, content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for", body = String, content_type = "application/octet-stream"),
        (status = 304, description = "The file is the one of `If-None-Match`"),
        (status = 416, description = "The file has no bytes there"),
    ),
)]
pub(crate) async fn read(
    State(server): State<Arc<Server>>,
    Parameters(pairs): Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut token = String::new();
    query::read(&pairs, |name, value| match name {
        "token" => {
            value.clone_into(&mut token);
            Ok(())
        }
        _ => Err("is not a parameter here; there is token".to_owned()),
    })?;
    if token.is_empty() {
        return Err(Error::invalid("token", "is missing").into());
    }
    let opened = files::open_link(&server.context, &token).await?;
    content::answer(&opened, &headers).await
}
