//! Documents: `/api/v1/documents`, and those of a person below `/api/v1/employees/{id}`.

mod body;
mod content;
mod incoming;
pub(crate) mod links;
mod query;
pub(crate) mod requests;
pub(crate) mod uploads;

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use tenure_app::{Error, files};

use self::body::DocumentChanges;
pub(crate) use self::body::{Document, DocumentPage};
use self::incoming::Incoming;
pub(crate) use self::incoming::no_key;
use self::query::{ExpiringParameters, FileParameters, ListParameters, VersionParameter};
use crate::caller::Call;
use crate::fields::Fields;
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/documents";

/// The operations whose bodies are files: they may be larger and take longer than others, and are read as they come.
const TAKES_FILES: [(&Method, &str); 5] = [
    (&Method::POST, "/api/v1/documents"),
    (&Method::POST, "/api/v1/employees/{id}/documents"),
    (&Method::POST, "/api/v1/documents/{id}/versions"),
    (&Method::PUT, "/api/v1/uploads/{id}/parts/{number}"),
    (&Method::POST, "/api/v1/uploads/{id}/complete"),
];

/// Whether a request is one of those whose bodies are files.
pub(crate) fn takes_file(method: &Method, route: &str) -> bool {
    TAKES_FILES.iter().any(|(of, path)| *of == method && *path == route)
}

/// A page of the company's own documents, the newest first: those of the public categories for everybody, the others by their category.
#[utoipa::path(
    get,
    path = "/api/v1/documents",
    tag = "documents",
    operation_id = "list_documents",
    params(ListParameters),
    responses((status = 200, description = "A page of the list", body = DocumentPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(async |asked: PageRequest| page(&asked, files::Owner::Company).await).await
}

/// A page of a person's documents that the caller may open, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/documents",
    tag = "documents",
    operation_id = "list_documents_of_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), ListParameters),
    responses((status = 200, description = "A page of the list", body = DocumentPage)),
    security(("token" = [])),
)]
pub(crate) async fn list_of_employee(PathId(id): PathId, asked: PageRequest) -> Result<Response, Problem> {
    let owner = files::Owner::Person(id.into());
    asked.answer(move |asked: PageRequest| async move { page(&asked, owner).await }).await
}

async fn page(asked: &PageRequest, owner: files::Owner) -> Result<DocumentPage, Error> {
    let filter = query::filter(&asked.parameters, owner)?;
    let page = files::list(asked.call.context(), asked.call.caller(), filter).await?;
    Ok(page.into())
}

/// A page of the documents of everybody and of the company that expire before a day, the first to expire first: what somebody has to be
/// reminded of.
#[utoipa::path(
    get,
    path = "/api/v1/expiring-documents",
    tag = "documents",
    operation_id = "list_expiring_documents",
    params(ExpiringParameters),
    responses((status = 200, description = "A page of the list", body = DocumentPage)),
    security(("token" = [])),
)]
pub(crate) async fn list_expiring(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(expiring).await
}

async fn expiring(asked: PageRequest) -> Result<DocumentPage, Error> {
    let filter = query::expiring(&asked.parameters, asked.call.context().today())?;
    let page = files::list(asked.call.context(), asked.call.caller(), filter).await?;
    Ok(page.into())
}

/// Files a document of the company. The body is the file.
#[utoipa::path(
    post,
    path = "/api/v1/documents",
    tag = "documents",
    operation_id = "create_document",
    params(FileParameters),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, description = "The document that was made", body = Document,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    parameters: Parameters,
    incoming: Incoming,
) -> Result<Created<Document>, Problem> {
    file(&call, files::Owner::Company, &parameters, incoming).await
}

/// Files a document of a person. The body is the file. Who was asked for a document files it with `request_id`.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/documents",
    tag = "documents",
    operation_id = "create_document_of_employee",
    params(("id" = Uuid, Path, description = "The employee's id"), FileParameters),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, description = "The document that was made", body = Document,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create_of_employee(
    call: Call,
    PathId(id): PathId,
    parameters: Parameters,
    incoming: Incoming,
) -> Result<Created<Document>, Problem> {
    file(&call, files::Owner::Person(id.into()), &parameters, incoming).await
}

async fn file(
    call: &Call,
    owner: files::Owner,
    parameters: &Parameters,
    incoming: Incoming,
) -> Result<Created<Document>, Problem> {
    let (new, name) = query::new_file(parameters, owner)?;
    incoming.check_size(call.context())?;
    let given = files::Given { name, declared: incoming.declared.clone() };
    let made = files::upload(call.context(), call.caller(), new, given, incoming.content()).await?;
    Ok(created(PATH, made.id.uuid(), made.version, made.into()))
}

/// What is known of a document.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}",
    tag = "documents",
    operation_id = "show_document",
    params(("id" = Uuid, Path, description = "The document's id")),
    responses((status = 200, description = "The document", body = Document, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Document>, Problem> {
    let document = files::get(call.context(), call.caller(), id.into()).await?;
    Ok(versioned(document.version, document.into()))
}

/// Changes what is known of a document. A new category decides anew who opens it.
#[utoipa::path(
    patch,
    path = "/api/v1/documents/{id}",
    tag = "documents",
    operation_id = "change_document",
    params(("id" = Uuid, Path, description = "The document's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = DocumentChanges,
    responses((status = 200, description = "The document as it is now", body = Document, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<Document>, Problem> {
    let changes = DocumentChanges::read(fields)?;
    let document = files::change(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(document.version, document.into()))
}

/// Deletes a document. It can be brought back for as many days as the server keeps deleted ones; links to it open nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/documents/{id}",
    tag = "documents",
    operation_id = "delete_document",
    params(("id" = Uuid, Path, description = "The document's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    files::delete(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back a document that was deleted. The list of the deleted ones shows its version.
#[utoipa::path(
    post,
    path = "/api/v1/documents/{id}/restore",
    tag = "documents",
    operation_id = "restore_document",
    params(("id" = Uuid, Path, description = "The document's id"), ("If-Match" = String, Header, description = "Its version, as an ETag")),
    responses((status = 200, description = "The document as it is now", body = Document, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn restore(call: Call, PathId(id): PathId, version: IfMatch) -> Result<Versioned<Document>, Problem> {
    let document = files::restore(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(document.version, document.into()))
}

/// Files a new version of a document. The body is the file.
#[utoipa::path(
    post,
    path = "/api/v1/documents/{id}/versions",
    tag = "documents",
    operation_id = "add_document_version",
    params(("id" = Uuid, Path, description = "The document's id"),
        ("name" = String, Query, description = "What the file is called, with its ending"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "The document as it is now", body = Document, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn add_version(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    parameters: Parameters,
    incoming: Incoming,
) -> Result<Versioned<Document>, Problem> {
    let name = query::name(&parameters)?;
    incoming.check_size(call.context())?;
    let given = files::Given { name, declared: incoming.declared.clone() };
    let added = files::add_version(call.context(), call.caller(), version.of(id), given, incoming.content()).await?;
    Ok(versioned(added.version, added.into()))
}

/// The file: its newest version, or the one of a number. A part of it with `Range`.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/content",
    tag = "documents",
    operation_id = "read_document",
    params(("id" = Uuid, Path, description = "The document's id"), VersionParameter),
    responses(
        (status = 200, description = "The file, to be kept and not to be shown in a page", body = String, content_type = "application/octet-stream",
            headers(("ETag", description = "The file's SHA-256"), ("Content-Disposition", description = "The file's name"))),
        (status = 206, description = "The part that was asked for", body = String, content_type = "application/octet-stream"),
        (status = 304, description = "The file is the one of `If-None-Match`"),
        (status = 416, description = "The file has no bytes there"),
    ),
    security(("token" = [])),
)]
pub(crate) async fn read(
    call: Call,
    PathId(id): PathId,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = query::version_number(&parameters)?;
    let opened = files::open(call.context(), call.caller(), id.into(), number).await?;
    content::answer(&opened, &headers).await
}
