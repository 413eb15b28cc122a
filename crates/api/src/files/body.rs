//! Documents as they look on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::files as app;
use tenure_app::{Error, Page};
use tenure_core::files::{Category, Expiry, State};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::List;
use crate::fields::{Fields, boolean, date, nullable, text, whole};
use crate::listing::Listing;
use crate::query;
use crate::words::{document_category, document_expiry, document_state};

/// A document: what is known of a file and its versions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Document {
    id: Uuid,
    /// Whose it is; null for the company's own.
    employee_id: Option<Uuid>,
    #[schema(schema_with = document_category)]
    category: Category,
    #[schema(schema_with = document_state)]
    state: State,
    title: String,
    /// The last day on which the document is good.
    expires_on: Option<Date>,
    #[schema(schema_with = document_expiry)]
    expiry: Option<Expiry>,
    /// So many days before its last day it is named as due.
    remind_days: u16,
    /// Whether it must not be deleted.
    legal_hold: bool,
    /// The oldest first; the last one is given out.
    versions: Vec<DocumentVersion>,
    deleted_at: Option<Timestamp>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One version of a document's content.
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentVersion {
    /// From 1 on.
    number: u32,
    /// What the file was called.
    name: String,
    /// What it is, as its first bytes say.
    #[schema(examples("application/pdf"))]
    content_type: String,
    /// In bytes.
    size: u64,
    /// In hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    uploaded_at: Timestamp,
    /// The user who has sent it.
    uploaded_by: Option<Uuid>,
}

/// A page of documents.
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentPage {
    data: Vec<Document>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for DocumentPage {
    const FILE: &'static str = "documents";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "employee_id",
        "category",
        "state",
        "title",
        "expires_on",
        "expiry",
        "remind_days",
        "legal_hold",
        "versions",
        "deleted_at",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// What is to change in a document. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct DocumentChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(schema_with = document_category, required = false)]
    category: Option<String>,
    /// The last day on which the document is good.
    expires_on: Option<Date>,
    #[schema(minimum = 0, maximum = 365, nullable = false)]
    remind_days: Option<u16>,
    /// Takes `documents.write` for the whole company.
    #[schema(nullable = false)]
    legal_hold: Option<bool>,
}

impl DocumentChanges {
    pub(super) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            title: fields.optional("title", text),
            category: fields.optional("category", text),
            expires_on: fields.optional("expires_on", nullable(date)),
            remind_days: fields.optional("remind_days", remind_days),
            legal_hold: fields.optional("legal_hold", boolean),
        };
        fields.finish(Some(changes))
    }
}

/// Reads for how many days before its end a document is due.
pub(super) fn remind_days(value: serde_json::Value) -> Result<u16, String> {
    whole(value, 0..=365).map(|days| u16::try_from(days).unwrap_or_default())
}

impl From<app::Document> for Document {
    fn from(document: app::Document) -> Self {
        Self {
            id: document.id.uuid(),
            employee_id: document.owner.person().map(Uuid::from),
            category: document.category,
            state: document.state,
            title: document.title,
            expires_on: document.expires_on,
            expiry: document.expiry,
            remind_days: document.remind_days,
            legal_hold: document.legal_hold,
            versions: document.versions.into_iter().map(DocumentVersion::from).collect(),
            deleted_at: document.deleted_at,
            version: document.version,
            created_at: document.created_at,
            updated_at: document.updated_at,
        }
    }
}

impl From<app::Version> for DocumentVersion {
    fn from(version: app::Version) -> Self {
        Self {
            number: version.number,
            name: version.name,
            content_type: version.content_type,
            size: version.size,
            sha256: version.sha256,
            uploaded_at: version.uploaded_at,
            uploaded_by: version.uploaded_by.map(Uuid::from),
        }
    }
}

impl From<Page<app::Document>> for DocumentPage {
    fn from(page: Page<app::Document>) -> Self {
        // The list of an owner goes by ids alone, and its places have no name.
        let list = match &page.next {
            Some(start) if start.name.is_empty() => List::Documents,
            _ => List::ExpiringDocuments,
        };
        let next_cursor = query::next_cursor(list, page.next.as_ref());
        Self { data: page.rows.into_iter().map(Document::from).collect(), next_cursor }
    }
}
