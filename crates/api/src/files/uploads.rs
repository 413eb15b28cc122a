//! `/api/v1/uploads`: files in parts, of which what was cut off is sent again.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tenure_app::change::Target;
use tenure_app::{Error, files as app};
use tenure_core::files::{FileName, UploadState};
use tenure_core::ids::EmployeeId;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Document, remind_days};
use super::incoming::Incoming;
use crate::caller::Call;
use crate::fields::{Fields, date, id, text, whole};
use crate::path::PathId;
use crate::problem::{Kind, Problem};
use crate::version::{Created, created};
use crate::words::{document_category, upload_state};

const PATH: &str = "/api/v1/uploads";

/// A file that is to be sent in parts: a new document, or with `document_id` a new version of one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewUpload {
    /// What the file is called, with its ending.
    #[schema(min_length = 1, max_length = 200, examples("contract.pdf"))]
    name: String,
    /// Of the whole file, in bytes.
    #[schema(minimum = 1, examples(1_048_576))]
    size: u64,
    /// Of the whole file, in hexadecimal digits. It is compared when all is there.
    #[schema(pattern = "^[0-9a-fA-F]{64}$", nullable = false)]
    sha256: Option<String>,
    /// Its media type.
    #[schema(nullable = false)]
    content_type: Option<String>,
    /// Whose the document is; without it the company's.
    #[schema(nullable = false)]
    employee_id: Option<Uuid>,
    /// The document that this is a new version of.
    #[schema(nullable = false)]
    document_id: Option<Uuid>,
    /// With `document_id`: the version of the document that was read.
    #[schema(nullable = false)]
    document_version: Option<i32>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(schema_with = document_category, required = false)]
    category: Option<String>,
    /// The last day on which the document is good.
    #[schema(nullable = false)]
    expires_on: Option<Date>,
    #[schema(minimum = 0, maximum = 365, nullable = false)]
    remind_days: Option<u16>,
    /// The request that it answers.
    #[schema(nullable = false)]
    request_id: Option<Uuid>,
}

/// An upload in parts, for whoever has begun it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Upload {
    id: Uuid,
    #[schema(schema_with = upload_state)]
    state: UploadState,
    /// What the file is called.
    name: String,
    /// Of the whole file, in bytes.
    size: u64,
    /// Each part but the last has so many bytes.
    part_size: u64,
    /// How many parts there are.
    part_count: u64,
    /// The parts that are there.
    parts: Vec<UploadPart>,
    /// The document that it has become.
    document_id: Option<Uuid>,
    /// What is not complete then, is removed.
    expires_at: Timestamp,
}

/// A part that is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadPart {
    /// From 1 on.
    number: u64,
    /// In bytes.
    size: u64,
    /// In hexadecimal digits.
    sha256: String,
}

/// The number of a part in a path, after the upload's id.
pub(crate) struct PathPart(Uuid, u64);

impl<S: Send + Sync> FromRequestParts<S> for PathPart {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<(Uuid, u64)>::from_request_parts(parts, state).await;
        found
            .map(|Path((id, number))| Self(id, number))
            .map_err(|_| Problem::new(Kind::NotFound, "there is no such part: the path has a UUID and a whole number"))
    }
}

/// Begins an upload in parts. What is not complete within a day is removed.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    tag = "documents",
    operation_id = "begin_upload",
    request_body = NewUpload,
    responses((status = 201, description = "The upload, with the size that its parts have to have", body = Upload,
        headers(("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn begin(call: Call, fields: Fields) -> Result<Created<Upload>, Problem> {
    let (what, announce) = read(fields)?;
    let begun = app::begin(call.context(), call.caller(), what, announce).await?;
    Ok(created(PATH, begun.id.uuid(), 1, begun.into()))
}

/// What is there of an upload.
#[utoipa::path(
    get,
    path = "/api/v1/uploads/{id}",
    tag = "documents",
    operation_id = "show_upload",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 200, description = "The upload", body = Upload)),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Json<Upload>, Problem> {
    Ok(Json(app::show_upload(call.context(), call.caller(), id.into()).await?.into()))
}

/// Sends a part. Sent again, it takes the place of what was there, so a part that was cut off is sent once more.
#[utoipa::path(
    put,
    path = "/api/v1/uploads/{id}/parts/{number}",
    tag = "documents",
    operation_id = "put_upload_part",
    params(("id" = Uuid, Path, description = "The upload's id"), ("number" = u64, Path, description = "The part's number, from 1 on"),
        ("X-Content-Sha256" = Option<String>, Header, description = "The part's SHA-256 in hexadecimal digits; it is compared")),
    request_body(content = String, content_type = "application/octet-stream", description = "The part"),
    responses((status = 200, description = "The part as it is there", body = UploadPart)),
    security(("token" = [])),
)]
pub(crate) async fn put_part(
    call: Call,
    PathPart(id, number): PathPart,
    headers: HeaderMap,
    incoming: Incoming,
) -> Result<Json<UploadPart>, Problem> {
    let sha256 = headers.get("x-content-sha256").map(|value| value.to_str().unwrap_or_default().to_owned());
    let sent = app::Sent { number, sha256 };
    let part = app::put_part(call.context(), call.caller(), id.into(), sent, incoming.content()).await?;
    Ok(Json(part.into()))
}

/// Makes the document of the parts. Asked again within a day, it answers the same.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/{id}/complete",
    tag = "documents",
    operation_id = "complete_upload",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 201, description = "The document that was made or has a new version", body = Document,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn complete(call: Call, PathId(id): PathId) -> Result<Created<Document>, Problem> {
    // On the heap, for it holds a file's stream and a change.
    let made = Box::pin(app::complete(call.context(), call.caller(), id.into())).await?;
    Ok(created(super::PATH, made.id.uuid(), made.version, made.into()))
}

/// Gives an upload up, and removes what was sent.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{id}",
    tag = "documents",
    operation_id = "give_up_upload",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 204, description = "It is gone")),
    security(("token" = [])),
)]
pub(crate) async fn give_up(call: Call, PathId(id): PathId) -> Result<StatusCode, Problem> {
    app::give_up(call.context(), call.caller(), id.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

type Wanted = (Result<app::New, Target<tenure_core::ids::DocumentId>>, app::Announce);

fn read(mut fields: Fields) -> Result<Wanted, Error> {
    let name = fields.required("name", text::<FileName>);
    let size = fields.required("size", size);
    let sha256 = fields.optional("sha256", checksum);
    let declared = fields.optional("content_type", text::<String>).unwrap_or_default();
    let owner = fields.optional("employee_id", id::<EmployeeId>).map_or(app::Owner::Company, app::Owner::Person);
    let document = fields.optional("document_id", id::<tenure_core::ids::DocumentId>);
    let version = fields.optional("document_version", |value| whole(value, 1..=i32::MAX));
    let new = app::New {
        owner,
        category: fields.optional("category", text),
        title: fields.optional("title", text),
        expires_on: fields.optional("expires_on", date),
        remind_days: fields.optional("remind_days", remind_days),
        request: fields.optional("request_id", id),
    };
    let made = name.zip(size).map(|(name, size)| app::Announce { given: app::Given { name, declared }, size, sha256 });
    let announce = fields.finish(made)?;
    let what = match (document, version) {
        (None, None) => Ok(new),
        (Some(id), Some(version)) => Err(Target { id, version }),
        (Some(_), None) => return Err(Error::invalid("document_version", "is missing")),
        (None, Some(_)) => return Err(Error::invalid("document_id", "is missing")),
    };
    Ok((what, announce))
}

fn size(value: Value) -> Result<u64, String> {
    let bytes = serde_json::from_value(value).ok().filter(|bytes| *bytes > 0 && i64::try_from(*bytes).is_ok());
    bytes.ok_or_else(|| "is no number of bytes from 1 on".to_owned())
}

fn checksum(value: Value) -> Result<String, String> {
    let digits: String = text(value)?;
    let is_one = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_one { Ok(digits) } else { Err("is no SHA-256 in 64 hexadecimal digits".to_owned()) }
}

impl From<app::Upload> for Upload {
    fn from(upload: app::Upload) -> Self {
        Self {
            id: upload.id.uuid(),
            state: upload.state,
            name: upload.name,
            size: upload.size,
            part_size: upload.part_size,
            part_count: upload.part_count,
            parts: upload.parts.into_iter().map(UploadPart::from).collect(),
            document_id: upload.document.map(Uuid::from),
            expires_at: upload.expires_at,
        }
    }
}

impl From<app::Part> for UploadPart {
    fn from(part: app::Part) -> Self {
        Self { number: part.number, size: part.size, sha256: part.sha256 }
    }
}
