//! Designations as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::designations as app;
use tenure_app::{Error, Page};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::List;
use crate::fields::{Fields, nullable, object, text};
use crate::listing::Listing;
use crate::query;

/// A designation: a job title of the company.
#[derive(Serialize, ToSchema)]
pub(crate) struct Designation {
    id: Uuid,
    /// Unique in whatever case.
    title: String,
    /// The company's short word for it; unique in whatever case.
    code: Option<String>,
    /// The company's word for the rank.
    grade: Option<String>,
    /// What the job is about.
    description: Option<String>,
    /// The company's own fields.
    #[schema(value_type = Object)]
    custom: Value,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct DesignationPage {
    /// By title in whatever case, and id.
    data: Vec<Designation>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for DesignationPage {
    const FILE: &'static str = "designations";
    const COLUMNS: &'static [&'static str] =
        &["id", "title", "code", "grade", "description", "custom", "version", "created_at", "updated_at"];
}

/// A designation to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewDesignation {
    /// One line, unique in whatever case.
    #[schema(min_length = 1, max_length = 200, examples("Engineer"))]
    title: String,
    #[schema(min_length = 1, max_length = 50, examples("ENG"))]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 20, examples("P3"))]
    grade: Option<String>,
    /// One line.
    #[schema(min_length = 1, max_length = 10000)]
    description: Option<String>,
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

/// What is to change in a designation. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct DesignationChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 20)]
    grade: Option<String>,
    #[schema(min_length = 1, max_length = 10000)]
    description: Option<String>,
    /// All of the company's own fields, in place of those that are there.
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

impl NewDesignation {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let title = fields.required("title", text::<app::Title>);
        let code = fields.optional("code", nullable(text)).flatten();
        let grade = fields.optional("grade", nullable(text)).flatten();
        let description = fields.optional("description", nullable(text)).flatten();
        let custom = fields.optional("custom", object).unwrap_or_default();
        fields.finish(title.map(|title| app::Content { title, code, grade, description, custom }))
    }
}

impl DesignationChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            title: fields.optional("title", text),
            code: fields.optional("code", nullable(text)),
            grade: fields.optional("grade", nullable(text)),
            description: fields.optional("description", nullable(text)),
            custom: fields.optional("custom", object),
        };
        fields.finish(Some(changes))
    }
}

impl From<Page<app::Designation>> for DesignationPage {
    fn from(page: Page<app::Designation>) -> Self {
        let next_cursor = query::next_cursor(List::Designations, page.next.as_ref());
        Self { data: page.rows.into_iter().map(Designation::from).collect(), next_cursor }
    }
}

impl From<app::Designation> for Designation {
    fn from(designation: app::Designation) -> Self {
        Self {
            id: designation.id.uuid(),
            title: designation.title,
            code: designation.code,
            grade: designation.grade,
            description: designation.description,
            custom: designation.custom,
            version: designation.version,
            created_at: designation.created_at,
            updated_at: designation.updated_at,
        }
    }
}
