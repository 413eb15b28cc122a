//! `/api/v1/appraisals/templates`

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::appraisals::{self as app, Row};
use tenure_app::{Error, Page};
use tenure_core::appraisal::{Kind, Party, Section, Template as Content};
use utoipa::ToSchema;
use uuid::Uuid;

use super::part;
use super::query::{self, PageParameters};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, text};
use crate::listing::{Listing, PageRequest};
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};
use crate::words::{appraisal_party, question_kind};

const PATH: &str = "/api/v1/appraisals/templates";

/// A version of a template.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalTemplate {
    id: Uuid,
    /// The same for all versions of a template: the id of the first.
    family_id: Uuid,
    /// Which version it is, from 1 on.
    number: u32,
    name: String,
    /// A published version never changes.
    published: bool,
    #[schema(value_type = Vec<AppraisalSection>)]
    sections: Vec<Section>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalTemplatePage {
    /// By name, in the order of bytes, and id.
    data: Vec<AppraisalTemplate>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for AppraisalTemplatePage {
    const FILE: &'static str = "appraisal-templates";
    const COLUMNS: &'static [&'static str] =
        &["id", "family_id", "number", "name", "published", "sections", "version", "created_at", "updated_at"];
}

/// Some questions that one party answers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read as the rules know it")]
pub(crate) struct AppraisalSection {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(schema_with = appraisal_party)]
    answered_by: Party,
    /// What it counts in the score of its part, in per cent. Those of a part total 100, or none has one.
    #[schema(pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$", examples("100"))]
    weight: Option<String>,
    questions: Vec<AppraisalQuestion>,
}

/// A question.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read as the rules know it")]
pub(crate) struct AppraisalQuestion {
    /// What answers name it by; unique in the template.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$")]
    key: String,
    #[schema(min_length = 1, max_length = 500)]
    label: String,
    #[schema(schema_with = question_kind)]
    kind: Kind,
    /// Whether it has to be answered before the part is submitted, as long as it is shown.
    #[schema(default = false, nullable = false)]
    required: Option<bool>,
    /// The words of `choice`, `multiple_choice` and `likert`, of the last from worst to best.
    #[schema(max_items = 50, nullable = false)]
    choices: Option<Vec<String>>,
    /// The least that a `number` or `rating` can be.
    minimum: Option<String>,
    /// The most.
    maximum: Option<String>,
    /// The answer of an earlier question of the same part that shows this one.
    shown_when: Option<AppraisalCondition>,
}

/// When a question is shown.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read as the rules know it")]
pub(crate) struct AppraisalCondition {
    /// The key of the earlier question.
    question: String,
    /// Its answer; of a `multiple_choice`, one of the words chosen.
    is: Value,
}

/// A template to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewAppraisalTemplate {
    #[schema(min_length = 1, max_length = 120, examples("Year"))]
    name: String,
    #[schema(value_type = Vec<AppraisalSection>, min_items = 1, max_items = 30, examples(json!([{ "title": "Results", "answered_by": "self",
        "questions": [{ "key": "results", "label": "What went well?", "kind": "text" }] }])))]
    sections: Vec<Section>,
}

/// What is to change in a draft. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalTemplateChanges {
    #[schema(min_length = 1, max_length = 120, nullable = false)]
    name: Option<String>,
    /// All of its sections.
    #[schema(value_type = Vec<AppraisalSection>, required = false, min_items = 1, max_items = 30)]
    sections: Option<Vec<Section>>,
}

/// A page of the templates, each version by itself.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/templates",
    tag = "appraisals",
    operation_id = "list_appraisal_templates",
    params(PageParameters),
    responses((status = 200, description = "A page of the list", body = AppraisalTemplatePage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<AppraisalTemplatePage, Error> {
    let ask = query::read(List::AppraisalTemplates, &asked.parameters, "", |_, _| None)?;
    let page = app::templates(asked.call.context(), asked.call.caller(), ask).await?;
    Ok(page.into())
}

/// One version of a template.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/templates/{id}",
    tag = "appraisals",
    operation_id = "show_appraisal_template",
    params(("id" = Uuid, Path, description = "The version's id")),
    responses((status = 200, description = "The version", body = AppraisalTemplate, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<AppraisalTemplate>, Problem> {
    let template = app::template(call.context(), call.caller(), id).await?;
    Ok(versioned(template.version, template.into()))
}

/// Makes a template, as a draft.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/templates",
    tag = "appraisals",
    operation_id = "create_appraisal_template",
    request_body = NewAppraisalTemplate,
    responses((status = 201, description = "The template that was made", body = AppraisalTemplate,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, mut fields: Fields) -> Result<Created<AppraisalTemplate>, Problem> {
    let name = fields.required("name", text::<app::Name>);
    let sections = fields.required("sections", part);
    let (name, sections) = fields.finish(name.zip(sections))?;
    let made = app::create_template(call.context(), call.caller(), name, Content { sections }).await?;
    Ok(created(PATH, made.id, made.version, made.into()))
}

/// Changes a draft.
#[utoipa::path(
    patch,
    path = "/api/v1/appraisals/templates/{id}",
    tag = "appraisals",
    operation_id = "change_appraisal_template",
    params(("id" = Uuid, Path, description = "The version's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalTemplateChanges,
    responses((status = 200, description = "The draft as it is now", body = AppraisalTemplate, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<AppraisalTemplate>, Problem> {
    let content = |value| part(value).map(|sections| Content { sections });
    let changes =
        app::TemplateChanges { name: fields.optional("name", text), content: fields.optional("sections", content) };
    let changes = fields.finish(Some(changes))?;
    let template = app::change_template(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(template.version, template.into()))
}

/// Publishes a draft: cycles can use it, and it never changes again.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/templates/{id}/publish",
    tag = "appraisals",
    operation_id = "publish_appraisal_template",
    params(("id" = Uuid, Path, description = "The version's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The version as it is now", body = AppraisalTemplate, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn publish(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<AppraisalTemplate>, Problem> {
    let template = app::publish(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(template.version, template.into()))
}

/// Begins the next version of a published one, as a draft that asks the same. Cycles and answers stay with the version that they have.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/templates/{id}/versions",
    tag = "appraisals",
    operation_id = "create_appraisal_template_version",
    params(("id" = Uuid, Path, description = "The version's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 201, description = "The draft", body = AppraisalTemplate,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn new_version(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Created<AppraisalTemplate>, Problem> {
    let made = app::new_version(call.context(), call.caller(), version.of(id)).await?;
    Ok(created(PATH, made.id, made.version, made.into()))
}

impl From<Page<Row<app::Template>>> for AppraisalTemplatePage {
    fn from(page: Page<Row<app::Template>>) -> Self {
        let next_cursor = crate::query::next_cursor(List::AppraisalTemplates, page.next.as_ref());
        Self { data: page.rows.into_iter().map(AppraisalTemplate::from).collect(), next_cursor }
    }
}

impl From<Row<app::Template>> for AppraisalTemplate {
    fn from(row: Row<app::Template>) -> Self {
        Self {
            id: row.id,
            family_id: row.body.family_id,
            number: row.body.number,
            name: row.body.name,
            published: row.body.published,
            sections: row.body.content.sections,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
