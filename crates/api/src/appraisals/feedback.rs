//! What colleagues say of the person of a form: `/api/v1/appraisals/forms/{id}/feedback-requests` and `…/feedback`

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Serialize;
use tenure_app::appraisals as app;
use tenure_core::appraisal::{Group, PartSummary, QuestionSummary, Summary};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ArrayBuilder};
use uuid::Uuid;

use crate::caller::Call;
use crate::fields::{Fields, id as uuid, list as several};
use crate::listing::{Form, Listing};
use crate::path::{PathId, PathIds};
use crate::problem::Problem;
use crate::words::feedback_group;

/// Who was asked about a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskedForFeedback {
    /// All of them: at most 30.
    data: Vec<AskedColleague>,
    /// How many of them have answered. Who has is not to be learnt.
    answered: usize,
}

impl Listing for AskedForFeedback {
    const FILE: &'static str = "asked-for-feedback";
    const COLUMNS: &'static [&'static str] = &["id", "employee_id", "group"];
}

/// Somebody who was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskedColleague {
    /// The request.
    id: Uuid,
    employee_id: Uuid,
    #[schema(schema_with = feedback_group)]
    group: Group,
}

/// Whom to ask.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct FeedbackColleagues {
    /// Not the person, and not who appraises.
    #[schema(min_items = 1)]
    employee_ids: Vec<Uuid>,
}

/// What colleagues have said, in parts of several people each. Either all of it is in some part, or there is none.
#[derive(Serialize, ToSchema)]
pub(crate) struct Feedback {
    parts: Vec<FeedbackPart>,
    /// What the parts score together, in per cent; null when there is nothing that scores.
    #[schema(value_type = Option<String>)]
    score: Option<Decimal>,
}

/// What some colleagues have said together.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackPart {
    /// The groups that they are of. One that is too small is told of together with another.
    #[schema(schema_with = feedback_groups)]
    groups: Vec<Group>,
    /// How many they are.
    answered: usize,
    /// Those that enough of them have answered, in the order of the template.
    questions: Vec<FeedbackQuestion>,
}

/// What they have said to one question.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedbackQuestion {
    key: String,
    /// How many have answered it.
    answered: usize,
    /// Of numbers, ratings and goals.
    #[schema(value_type = Option<String>)]
    average: Option<Decimal>,
    /// What the answers score on average, in per cent.
    #[schema(value_type = Option<String>)]
    score: Option<Decimal>,
    /// How often each word was chosen; null also when one was chosen by one colleague alone.
    choices: Option<BTreeMap<String, usize>>,
    /// By the alphabet.
    texts: Vec<String>,
}

fn feedback_groups() -> Array {
    ArrayBuilder::new().items(RefOr::T(feedback_group())).build()
}

/// Asks colleagues what they say of the person, until the self review is over: the person, who appraises, and HR may. Who was asked before stays as
/// they are. How each stands to the person, the organisation of today says.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/forms/{id}/feedback-requests",
    tag = "appraisals",
    operation_id = "ask_for_feedback",
    params(("id" = Uuid, Path, description = "The form's id")),
    request_body = FeedbackColleagues,
    responses((status = 200, description = "Who was asked by now", body = AskedForFeedback)),
    security(("token" = [])),
)]
pub(crate) async fn ask(
    call: Call,
    PathId(form): PathId,
    mut fields: Fields,
) -> Result<Json<AskedForFeedback>, Problem> {
    let colleagues = fields.required("employee_ids", |value| several(value, uuid));
    let colleagues = fields.finish(colleagues)?;
    let requests = app::ask(call.context(), call.caller(), form, colleagues).await?;
    Ok(Json(requests.into()))
}

/// Who was asked about the person, and how many have answered.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/forms/{id}/feedback-requests",
    tag = "appraisals",
    operation_id = "list_asked_for_feedback",
    params(("id" = Uuid, Path, description = "The form's id")),
    responses((status = 200, description = "Who was asked", body = AskedForFeedback)),
    security(("token" = [])),
)]
pub(crate) async fn asked(call: Call, form: Form, PathId(id): PathId) -> Result<Response, Problem> {
    let requests = app::asked(call.context(), call.caller(), id).await?;
    form.answer(AskedForFeedback::from(requests))
}

/// Takes a request back that was not answered.
#[utoipa::path(
    delete,
    path = "/api/v1/appraisals/forms/{id}/feedback-requests/{request_id}",
    tag = "appraisals",
    operation_id = "withdraw_feedback_request",
    params(("id" = Uuid, Path, description = "The form's id"), ("request_id" = Uuid, Path, description = "The request's id")),
    responses((status = 204, description = "It is withdrawn")),
    security(("token" = [])),
)]
pub(crate) async fn withdraw(call: Call, PathIds(form, request): PathIds) -> Result<StatusCode, Problem> {
    app::withdraw(call.context(), call.caller(), form, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What colleagues have said of the person: for others once the self review is over, for the person once results are shared. From then on it does not
/// change. Reading that of somebody else is recorded in the audit log.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/forms/{id}/feedback",
    tag = "appraisals",
    operation_id = "show_feedback",
    params(("id" = Uuid, Path, description = "The form's id")),
    responses((status = 200, description = "What they have said", body = Feedback)),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(form): PathId) -> Result<Json<Feedback>, Problem> {
    Ok(Json(app::summary(call.context(), call.caller(), form).await?.into()))
}

impl From<app::Requests> for AskedForFeedback {
    fn from(app::Requests { asked, answered }: app::Requests) -> Self {
        let colleague = |asked: app::Asked| AskedColleague {
            id: asked.request_id,
            employee_id: asked.employee_id.uuid(),
            group: asked.group,
        };
        Self { data: asked.into_iter().map(colleague).collect(), answered }
    }
}

impl From<Summary> for Feedback {
    fn from(Summary { parts, score }: Summary) -> Self {
        let part = |PartSummary { groups, answered, questions }: PartSummary| FeedbackPart {
            groups,
            answered,
            questions: questions.into_iter().map(FeedbackQuestion::from).collect(),
        };
        Self { parts: parts.into_iter().map(part).collect(), score }
    }
}

impl From<QuestionSummary> for FeedbackQuestion {
    fn from(summary: QuestionSummary) -> Self {
        let QuestionSummary { key, answered, average, score, choices, texts } = summary;
        Self { key, answered, average, score, choices, texts }
    }
}
