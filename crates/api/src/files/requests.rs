//! `/api/v1/employees/{id}/document-requests`: asking a person for a document.

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tenure_app::files as app;
use tenure_app::{Error, Page};
use tenure_core::files::{Category, RequestState};
use utoipa::ToSchema;
use uuid::Uuid;

use super::query;
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, date, list as list_of, nullable, text};
use crate::listing::{Listing, PageRequest};
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::next_cursor;
use crate::version::{Created, IfMatch, Versioned, created, versioned};
use crate::words::{document_category, document_request_state};

const PATH: &str = "/api/v1/document-requests";

/// A request that a person send a document.
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentRequest {
    id: Uuid,
    /// Who is asked.
    employee_id: Option<Uuid>,
    #[schema(schema_with = document_request_state)]
    state: RequestState,
    #[schema(schema_with = document_category)]
    category: Category,
    /// What is asked for, in words.
    title: String,
    /// The endings of the names of files that are taken; none for all that are kept.
    formats: Vec<String>,
    /// In bytes.
    max_size: Option<u64>,
    /// By when.
    due_on: Option<Date>,
    /// What was sent.
    document_id: Option<Uuid>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of what a person is and was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentRequestPage {
    /// The newest first.
    data: Vec<DocumentRequest>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for DocumentRequestPage {
    const FILE: &'static str = "document-requests";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "state",
        "category",
        "title",
        "formats",
        "max_size",
        "due_on",
        "document_id",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A request to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewDocumentRequest {
    #[schema(schema_with = document_category)]
    category: String,
    /// What is asked for, in words.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The endings of the names of files that are taken; none for all that are kept.
    #[schema(required = false, max_items = 20, examples(json!(["pdf"])))]
    formats: Option<Vec<String>>,
    /// In bytes.
    #[schema(minimum = 1)]
    max_size: Option<u64>,
    /// By when.
    due_on: Option<Date>,
}

/// A page of what a person is and was asked for, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/document-requests",
    tag = "documents",
    operation_id = "list_document_requests",
    params(("id" = Uuid, Path, description = "The employee's id"),
        ("limit" = Option<u16>, Query, description = "How many requests a page holds at most", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of the list", body = DocumentRequestPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(PathId(id): PathId, asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(move |asked: PageRequest| async move { page(&asked, id).await }).await
}

async fn page(asked: &PageRequest, person: Uuid) -> Result<DocumentRequestPage, Error> {
    let part = query::requests(&asked.parameters)?;
    Ok(app::list_requests(asked.call.context(), asked.call.caller(), person.into(), part).await?.into())
}

/// Asks a person for a document. The person files it with the request's id.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/document-requests",
    tag = "documents",
    operation_id = "create_document_request",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewDocumentRequest,
    responses((status = 201, description = "The request that was made", body = DocumentRequest,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    PathId(id): PathId,
    fields: Fields,
) -> Result<Created<DocumentRequest>, Problem> {
    let new = read(fields)?;
    let made = app::request(call.context(), call.caller(), id.into(), new).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// One request.
#[utoipa::path(
    get,
    path = "/api/v1/document-requests/{id}",
    tag = "documents",
    operation_id = "show_document_request",
    params(("id" = Uuid, Path, description = "The request's id")),
    responses((status = 200, description = "The request", body = DocumentRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<DocumentRequest>, Problem> {
    let found = app::show_request(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(found.version, found.into()))
}

/// Withdraws a request that is open.
#[utoipa::path(
    post,
    path = "/api/v1/document-requests/{id}/withdraw",
    tag = "documents",
    operation_id = "withdraw_document_request",
    params(("id" = Uuid, Path, description = "The request's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The request as it is now", body = DocumentRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn withdraw(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<DocumentRequest>, Problem> {
    let found = app::withdraw(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(found.version, found.into()))
}

fn read(mut fields: Fields) -> Result<app::NewRequest, Error> {
    let category = fields.required("category", text::<Category>);
    let title = fields.required("title", text);
    let formats = fields.optional("formats", formats).unwrap_or_default();
    let max_size = fields.optional("max_size", nullable(bytes)).flatten();
    let due_on = fields.optional("due_on", nullable(date)).flatten();
    let made = category.zip(title);
    fields.finish(made.map(|(category, title)| app::NewRequest { category, title, formats, max_size, due_on }))
}

fn formats(value: Value) -> Result<Vec<String>, String> {
    let formats: Vec<String> = list_of(value, text)?;
    if formats.len() > 20 { Err("has more than 20 endings".to_owned()) } else { Ok(formats) }
}

fn bytes(value: Value) -> Result<u64, String> {
    let bytes = serde_json::from_value(value).ok().filter(|bytes| *bytes > 0 && i64::try_from(*bytes).is_ok());
    bytes.ok_or_else(|| "is no number of bytes from 1 on".to_owned())
}

impl From<app::DocumentRequest> for DocumentRequest {
    fn from(request: app::DocumentRequest) -> Self {
        Self {
            id: request.id.uuid(),
            employee_id: request.person.map(Uuid::from),
            state: request.state,
            category: request.category,
            title: request.title,
            formats: request.formats,
            max_size: request.max_size,
            due_on: request.due_on,
            document_id: request.document.map(Uuid::from),
            version: request.version,
            created_at: request.created_at,
            updated_at: request.updated_at,
        }
    }
}

impl From<Page<app::DocumentRequest>> for DocumentRequestPage {
    fn from(page: Page<app::DocumentRequest>) -> Self {
        let next_cursor = next_cursor(List::DocumentRequests, page.next.as_ref());
        Self { data: page.rows.into_iter().map(DocumentRequest::from).collect(), next_cursor }
    }
}
