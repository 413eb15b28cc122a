//! `/api/v1/feedback-requests`: what the caller is asked about colleagues.

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_app::Error;
use tenure_app::appraisals::{self as app, FeedbackRequest as Body, Row};
use tenure_core::appraisal::{RequestState, Section, Step};
use utoipa::ToSchema;
use uuid::Uuid;

use super::query::{self, PageParameters};
use super::templates::AppraisalSection;
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, object};
use crate::listing::{Listing, PageRequest};
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};
use crate::words::{appraisal_step, feedback_state};

/// A request in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackRequestRow {
    id: Uuid,
    cycle_id: Uuid,
    /// Whom it is about.
    employee_id: Uuid,
    /// The name of whom it is about.
    employee_name: String,
    #[schema(schema_with = feedback_state)]
    state: RequestState,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of what the caller is asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackRequestPage {
    /// By cycle.
    data: Vec<FeedbackRequestRow>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for FeedbackRequestPage {
    const FILE: &'static str = "feedback-requests";
    const COLUMNS: &'static [&'static str] =
        &["id", "cycle_id", "employee_id", "employee_name", "state", "version", "created_at", "updated_at"];
}

/// What the caller is asked about a colleague.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackRequest {
    id: Uuid,
    cycle_id: Uuid,
    cycle_name: String,
    /// Whom it is about.
    employee_id: Uuid,
    /// The name of whom it is about.
    employee_name: String,
    #[schema(schema_with = feedback_state)]
    state: RequestState,
    /// Where the cycle is; requests are answered in the self review.
    #[schema(schema_with = appraisal_step)]
    step: Step,
    /// The last day to answer, where there is one.
    due_on: Option<Date>,
    /// What is asked.
    #[schema(value_type = Vec<AppraisalSection>)]
    sections: Vec<Section>,
    /// What was kept, until it is submitted; after that it is nowhere with the name of the one who has said it.
    #[schema(value_type = Object)]
    answers: Map<String, Value>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Answers to be kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct FeedbackAnswers {
    /// By the keys of the questions, all of them, in place of those that were kept before.
    #[schema(value_type = Object)]
    answers: Value,
}

/// A page of what the caller is asked about colleagues.
#[utoipa::path(
    get,
    path = "/api/v1/feedback-requests",
    tag = "appraisals",
    operation_id = "list_feedback_requests",
    params(PageParameters),
    responses((status = 200, description = "A page of the list", body = FeedbackRequestPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<FeedbackRequestPage, Error> {
    let ask = query::read(List::FeedbackRequests, &asked.parameters, "", |_, _| None)?;
    let page = app::requests(asked.call.context(), asked.call.caller(), ask).await?;
    let next_cursor = crate::query::next_cursor(List::FeedbackRequests, page.next.as_ref());
    Ok(FeedbackRequestPage { data: page.rows.into_iter().map(FeedbackRequestRow::from).collect(), next_cursor })
}

/// What the caller is asked about a colleague.
#[utoipa::path(
    get,
    path = "/api/v1/feedback-requests/{id}",
    tag = "appraisals",
    operation_id = "show_feedback_request",
    params(("id" = Uuid, Path, description = "The request's id")),
    responses((status = 200, description = "The request", body = FeedbackRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<FeedbackRequest>, Problem> {
    Ok(answer(app::request(call.context(), call.caller(), id).await?))
}

/// Keeps answers. Each is checked against its question; what is required may still be missing. Nobody else sees them.
#[utoipa::path(
    put,
    path = "/api/v1/feedback-requests/{id}/answers",
    tag = "appraisals",
    operation_id = "save_feedback",
    params(("id" = Uuid, Path, description = "The request's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = FeedbackAnswers,
    responses((status = 200, description = "The request as it is now", body = FeedbackRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn save(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<FeedbackRequest>, Problem> {
    let answers = fields.required("answers", object);
    let answers = fields.finish(answers)?;
    Ok(answer(app::save_feedback(call.context(), call.caller(), version.of(id), answers).await?))
}

/// Submits what was kept: it goes among what others have said, without a name, and is not to be seen or changed any more.
#[utoipa::path(
    post,
    path = "/api/v1/feedback-requests/{id}/submit",
    tag = "appraisals",
    operation_id = "submit_feedback",
    params(("id" = Uuid, Path, description = "The request's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The request as it is now", body = FeedbackRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn submit(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<FeedbackRequest>, Problem> {
    Ok(answer(app::submit_feedback(call.context(), call.caller(), version.of(id)).await?))
}

/// Says no. What was kept of the answers is gone.
#[utoipa::path(
    post,
    path = "/api/v1/feedback-requests/{id}/decline",
    tag = "appraisals",
    operation_id = "decline_feedback",
    params(("id" = Uuid, Path, description = "The request's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The request as it is now", body = FeedbackRequest, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn decline(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<FeedbackRequest>, Problem> {
    Ok(answer(app::decline(call.context(), call.caller(), version.of(id)).await?))
}

fn answer(shown: app::ShownRequest) -> Versioned<FeedbackRequest> {
    versioned(shown.request.version, shown.into())
}

impl From<(Row<Body>, String)> for FeedbackRequestRow {
    fn from((row, employee_name): (Row<Body>, String)) -> Self {
        Self {
            id: row.id,
            cycle_id: row.body.cycle_id,
            employee_id: row.body.about_id.uuid(),
            employee_name,
            state: row.body.state,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<app::ShownRequest> for FeedbackRequest {
    fn from(app::ShownRequest { request: row, about, cycle_name, step, due_on, sections }: app::ShownRequest) -> Self {
        Self {
            id: row.id,
            cycle_id: row.body.cycle_id,
            cycle_name,
            employee_id: row.body.about_id.uuid(),
            employee_name: about,
            state: row.body.state,
            step,
            due_on,
            sections,
            answers: row.body.answers,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
