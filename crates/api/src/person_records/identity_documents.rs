//! `/api/v1/employees/{id}/identity-documents`

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::Error;
use tenure_app::person_records::identity_documents as app;
use tenure_core::person_records::{DocumentKind, DocumentNumber};
use utoipa::ToSchema;
use uuid::Uuid;

use super::path;
use crate::caller::Call;
use crate::fields::{Fields, date, nullable, text};
use crate::listing::{Form, Listing};
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};
use crate::words::document_kind;

/// A passport or other proof of who an employee is and what he or she may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityDocument {
    id: Uuid,
    employee_id: Uuid,
    #[schema(schema_with = document_kind)]
    kind: DocumentKind,
    number: String,
    /// The country that gave it, ISO 3166-1 alpha-2.
    country_code: Option<String>,
    issued_on: Option<Date>,
    /// The last day on which it is good.
    expires_on: Option<Date>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The identity documents of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityDocumentList {
    /// The oldest first. All of them: an employee has at most 50.
    data: Vec<IdentityDocument>,
}

impl Listing for IdentityDocumentList {
    const FILE: &'static str = "identity-documents";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "kind",
        "number",
        "country_code",
        "issued_on",
        "expires_on",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// An identity document to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewIdentityDocument {
    #[schema(schema_with = document_kind)]
    kind: String,
    #[schema(min_length = 1, max_length = 50)]
    number: String,
    /// The country that gave it, ISO 3166-1 alpha-2.
    country_code: Option<String>,
    issued_on: Option<Date>,
    /// The last day on which it is good.
    expires_on: Option<Date>,
}

/// What is to change in an identity document. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct IdentityDocumentChanges {
    #[schema(schema_with = document_kind, required = false)]
    kind: Option<String>,
    #[schema(min_length = 1, max_length = 50, nullable = false)]
    number: Option<String>,
    /// The country that gave it, ISO 3166-1 alpha-2.
    country_code: Option<String>,
    issued_on: Option<Date>,
    /// The last day on which it is good.
    expires_on: Option<Date>,
}

impl NewIdentityDocument {
    fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let kind = fields.required("kind", text::<DocumentKind>);
        let number = fields.required("number", text::<DocumentNumber>);
        let country_code = fields.optional("country_code", nullable(text)).flatten();
        let issued_on = fields.optional("issued_on", nullable(date)).flatten();
        let expires_on = fields.optional("expires_on", nullable(date)).flatten();
        fields.finish(kind.zip(number).map(|(kind, number)| app::Content {
            kind,
            number,
            country_code,
            issued_on,
            expires_on,
        }))
    }
}

impl IdentityDocumentChanges {
    fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            kind: fields.optional("kind", text),
            number: fields.optional("number", text),
            country_code: fields.optional("country_code", nullable(text)),
            issued_on: fields.optional("issued_on", nullable(date)),
            expires_on: fields.optional("expires_on", nullable(date)),
        };
        fields.finish(Some(changes))
    }
}

impl From<app::IdentityDocument> for IdentityDocument {
    fn from(row: app::IdentityDocument) -> Self {
        Self {
            id: row.id.uuid(),
            employee_id: row.employee_id.uuid(),
            kind: row.kind,
            number: row.number.reveal().to_owned(),
            country_code: row.country_code,
            issued_on: row.issued_on,
            expires_on: row.expires_on,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The identity documents of an employee. Reading those of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/identity-documents",
    tag = "employees",
    operation_id = "list_identity_documents",
    params(("id" = Uuid, Path, description = "The employee's id")),
    responses((status = 200, description = "All identity documents", body = IdentityDocumentList)),
    security(("token" = [])),
)]
pub(crate) async fn list(call: Call, form: Form, PathId(person): PathId) -> Result<Response, Problem> {
    let rows = app::list(call.context(), call.caller(), person.into()).await?;
    form.answer(IdentityDocumentList { data: rows.into_iter().map(IdentityDocument::from).collect() })
}

/// One identity document of an employee. Reading that of somebody else is recorded in the company's audit log.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/identity-documents/{record_id}",
    tag = "employees",
    operation_id = "show_identity_document",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The identity document's id")),
    responses((status = 200, description = "The identity document", body = IdentityDocument, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathIds(person, id): PathIds) -> Result<Versioned<IdentityDocument>, Problem> {
    let row = app::get(call.context(), call.caller(), person.into(), id.into()).await?;
    Ok(versioned(row.version, row.into()))
}

/// Adds an identity document.
#[utoipa::path(
    post,
    path = "/api/v1/employees/{id}/identity-documents",
    tag = "employees",
    operation_id = "create_identity_document",
    params(("id" = Uuid, Path, description = "The employee's id")),
    request_body = NewIdentityDocument,
    responses((status = 201, description = "The identity document that was made", body = IdentityDocument,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(
    call: Call,
    PathId(person): PathId,
    fields: Fields,
) -> Result<Created<IdentityDocument>, Problem> {
    let content = NewIdentityDocument::read(fields)?;
    let made = app::create(call.context(), call.caller(), person.into(), content).await?;
    Ok(created(&path(person, "identity-documents"), made.id.uuid(), made.version, made.into()))
}

/// Changes those fields of an identity document that the body names; null empties one.
#[utoipa::path(
    patch,
    path = "/api/v1/employees/{id}/identity-documents/{record_id}",
    tag = "employees",
    operation_id = "change_identity_document",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The identity document's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = IdentityDocumentChanges,
    responses((status = 200, description = "The identity document as it is now", body = IdentityDocument, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathIds(person, id): PathIds,
    version: IfMatch,
    fields: Fields,
) -> Result<Versioned<IdentityDocument>, Problem> {
    let changes = IdentityDocumentChanges::read(fields)?;
    let row = app::change(call.context(), call.caller(), person.into(), version.of(id), changes).await?;
    Ok(versioned(row.version, row.into()))
}

/// Deletes an identity document.
#[utoipa::path(
    delete,
    path = "/api/v1/employees/{id}/identity-documents/{record_id}",
    tag = "employees",
    operation_id = "delete_identity_document",
    params(("id" = Uuid, Path, description = "The employee's id"), ("record_id" = Uuid, Path, description = "The identity document's id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is deleted")),
    security(("token" = [])),
)]
pub(crate) async fn delete(call: Call, PathIds(person, id): PathIds, version: IfMatch) -> Result<StatusCode, Problem> {
    app::delete(call.context(), call.caller(), person.into(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
