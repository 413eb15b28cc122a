//! `/api/v1/appraisals/cycles`

use std::collections::BTreeMap;

use axum::Json;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tenure_app::appraisals::{self as app, Row};
use tenure_app::{Error, Page};
use tenure_core::appraisal::{Deadlines, Minimum, NotMinimum, Step, Weights};
use utoipa::ToSchema;
use uuid::Uuid;

use super::part;
use super::query::{self, PageParameters};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, date, id as uuid, list as several, text, whole};
use crate::listing::{Listing, PageRequest};
use crate::openapi::appraisal_step;
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/appraisals/cycles";

/// A cycle.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalCycle {
    id: Uuid,
    name: String,
    /// The version of a template that its forms are of.
    template_id: Uuid,
    #[schema(schema_with = appraisal_step)]
    step: Step,
    /// The first day that is appraised.
    starts_on: Date,
    /// The last one.
    ends_on: Date,
    #[schema(value_type = AppraisalWeights)]
    weights: Weights,
    #[schema(value_type = AppraisalDeadlines)]
    deadlines: Deadlines,
    /// How many colleagues' feedback is told of together at least.
    #[schema(value_type = u8, minimum = 3, maximum = 20)]
    feedback_minimum: Minimum,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalCyclePage {
    /// By name, in the order of bytes, and id.
    data: Vec<AppraisalCycle>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for AppraisalCyclePage {
    const FILE: &'static str = "appraisal-cycles";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "template_id",
        "step",
        "starts_on",
        "ends_on",
        "weights",
        "deadlines",
        "feedback_minimum",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// What the parts count in the final score, in per cent. They total 100; the weight of a part that is missing is shared out among the others.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read as the rules know it")]
pub(crate) struct AppraisalWeights {
    #[schema(rename = "self", default = "0", nullable = false)]
    own: Option<String>,
    #[schema(default = "0", nullable = false)]
    manager: Option<String>,
    #[schema(default = "0", nullable = false)]
    feedback: Option<String>,
    #[schema(default = "0", nullable = false)]
    goals: Option<String>,
}

/// The last days of the steps; who is not done after that is late.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of the body, which is read as the rules know it")]
pub(crate) struct AppraisalDeadlines {
    self_review: Option<Date>,
    manager_review: Option<Date>,
    shared: Option<Date>,
}

/// A cycle to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewAppraisalCycle {
    #[schema(min_length = 1, max_length = 120, examples("2026"))]
    name: String,
    /// A published version of a template.
    template_id: Uuid,
    starts_on: Date,
    ends_on: Date,
    /// The manager's part alone when nothing is said.
    #[schema(value_type = AppraisalWeights, required = false)]
    weights: Option<Weights>,
    #[schema(value_type = AppraisalDeadlines, required = false)]
    deadlines: Option<Deadlines>,
    #[schema(value_type = u8, minimum = 3, maximum = 20, default = 3, required = false)]
    feedback_minimum: Option<Minimum>,
}

/// What is to change in a cycle that is a draft. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalCycleChanges {
    #[schema(min_length = 1, max_length = 120, nullable = false)]
    name: Option<String>,
    #[schema(nullable = false)]
    template_id: Option<Uuid>,
    #[schema(nullable = false)]
    starts_on: Option<Date>,
    #[schema(nullable = false)]
    ends_on: Option<Date>,
    #[schema(value_type = AppraisalWeights, required = false)]
    weights: Option<Weights>,
    #[schema(value_type = AppraisalDeadlines, required = false)]
    deadlines: Option<Deadlines>,
    #[schema(value_type = u8, minimum = 3, maximum = 20, default = 3, required = false)]
    feedback_minimum: Option<Minimum>,
}

/// Who is to take part in a cycle: whoever meets one of these.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
#[expect(clippy::struct_field_names, reason = "the fields have the names that they have in the body")]
pub(crate) struct AppraisalPeople {
    /// Those in these departments and the ones below them.
    #[schema(nullable = false)]
    department_ids: Option<Vec<Uuid>>,
    /// Those with these job titles.
    #[schema(nullable = false)]
    designation_ids: Option<Vec<Uuid>>,
    /// These.
    #[schema(nullable = false)]
    employee_ids: Option<Vec<Uuid>>,
}

/// How far the people of a cycle are.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalProgress {
    #[schema(schema_with = appraisal_step)]
    step: Step,
    /// How many take part.
    people: u64,
    /// How many forms are in each state.
    by_state: BTreeMap<String, u64>,
    /// How many are behind, the last day of the step being over.
    late: u64,
}

/// A page of the cycles.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/cycles",
    tag = "appraisals",
    operation_id = "list_appraisal_cycles",
    params(PageParameters),
    responses((status = 200, description = "A page of the list", body = AppraisalCyclePage)),
    security(("token" = [])),
)]
pub(crate) async fn list(asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(page).await
}

async fn page(asked: PageRequest) -> Result<AppraisalCyclePage, Error> {
    let ask = query::read(List::AppraisalCycles, &asked.parameters, "", |_, _| None)?;
    let page = app::cycles(asked.call.context(), asked.call.caller(), ask).await?;
    Ok(page.into())
}

/// One cycle.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/cycles/{id}",
    tag = "appraisals",
    operation_id = "show_appraisal_cycle",
    params(("id" = Uuid, Path, description = "The cycle's id")),
    responses((status = 200, description = "The cycle", body = AppraisalCycle, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<AppraisalCycle>, Problem> {
    let cycle = app::cycle(call.context(), call.caller(), id).await?;
    Ok(versioned(cycle.version, cycle.into()))
}

/// Makes a cycle, as a draft that nobody takes part in.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/cycles",
    tag = "appraisals",
    operation_id = "create_appraisal_cycle",
    request_body = NewAppraisalCycle,
    responses((status = 201, description = "The cycle that was made", body = AppraisalCycle,
        headers(("ETag", description = "Its version"), ("Location", description = "Its path")))),
    security(("token" = [])),
)]
pub(crate) async fn create(call: Call, mut fields: Fields) -> Result<Created<AppraisalCycle>, Problem> {
    let name = fields.required("name", text::<app::Name>);
    let template_id = fields.required("template_id", uuid);
    let starts_on = fields.required("starts_on", date);
    let ends_on = fields.required("ends_on", date);
    let weights = fields.optional("weights", part).unwrap_or_default();
    let deadlines = fields.optional("deadlines", part).unwrap_or_default();
    let feedback_minimum = fields.optional("feedback_minimum", minimum).unwrap_or_default();
    let made = name.zip(template_id).zip(starts_on).zip(ends_on).map(|(((name, template_id), starts_on), ends_on)| {
        app::NewCycle { name, template_id, starts_on, ends_on, weights, deadlines, feedback_minimum }
    });
    let new = fields.finish(made)?;
    let made = app::create_cycle(call.context(), call.caller(), new).await?;
    Ok(created(PATH, made.id, made.version, made.into()))
}

/// Changes a cycle that is a draft.
#[utoipa::path(
    patch,
    path = "/api/v1/appraisals/cycles/{id}",
    tag = "appraisals",
    operation_id = "change_appraisal_cycle",
    params(("id" = Uuid, Path, description = "The cycle's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalCycleChanges,
    responses((status = 200, description = "The cycle as it is now", body = AppraisalCycle, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn change(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<AppraisalCycle>, Problem> {
    let changes = app::CycleChanges {
        name: fields.optional("name", text),
        template_id: fields.optional("template_id", uuid),
        starts_on: fields.optional("starts_on", date),
        ends_on: fields.optional("ends_on", date),
        weights: fields.optional("weights", part),
        deadlines: fields.optional("deadlines", part),
        feedback_minimum: fields.optional("feedback_minimum", minimum),
    };
    let changes = fields.finish(Some(changes))?;
    let cycle = app::change_cycle(call.context(), call.caller(), version.of(id), changes).await?;
    Ok(versioned(cycle.version, cycle.into()))
}

/// Adds people to a cycle, at most 5,000 at once, until the self review is over. Who takes part already stays as they are; others get their
/// manager of today as the appraiser.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/cycles/{id}/people",
    tag = "appraisals",
    operation_id = "add_appraisal_people",
    params(("id" = Uuid, Path, description = "The cycle's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalPeople,
    responses((status = 200, description = "The cycle as it is now", body = AppraisalCycle, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn add_people(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<AppraisalCycle>, Problem> {
    let chosen = app::Chosen {
        departments: fields.optional("department_ids", ids).unwrap_or_default(),
        designations: fields.optional("designation_ids", ids).unwrap_or_default(),
        employees: fields.optional("employee_ids", ids).unwrap_or_default(),
    };
    let chosen = fields.finish(Some(chosen))?;
    let cycle = app::add_people(call.context(), call.caller(), version.of(id), chosen).await?;
    Ok(versioned(cycle.version, cycle.into()))
}

fn minimum(value: Value) -> Result<Minimum, String> {
    let number = whole(value, 0..=255).ok().and_then(|number| u8::try_from(number).ok());
    number.and_then(|number| number.try_into().ok()).ok_or_else(|| NotMinimum.to_string())
}

fn ids<T: From<Uuid>>(value: Value) -> Result<Vec<T>, String> {
    several(value, uuid)
}

/// Takes a cycle to its next step: `draft`, `open`, `self_review`, `manager_review`, `calibration`, `shared`, `acknowledged`, `closed`.
/// There is no way back.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/cycles/{id}/advance",
    tag = "appraisals",
    operation_id = "advance_appraisal_cycle",
    params(("id" = Uuid, Path, description = "The cycle's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, description = "The cycle as it is now", body = AppraisalCycle, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn advance(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
) -> Result<Versioned<AppraisalCycle>, Problem> {
    let cycle = app::advance(call.context(), call.caller(), version.of(id)).await?;
    Ok(versioned(cycle.version, cycle.into()))
}

/// How far the people of a cycle are, and how many are late.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/cycles/{id}/progress",
    tag = "appraisals",
    operation_id = "show_appraisal_progress",
    params(("id" = Uuid, Path, description = "The cycle's id")),
    responses((status = 200, description = "The figures", body = AppraisalProgress)),
    security(("token" = [])),
)]
pub(crate) async fn progress(call: Call, PathId(id): PathId) -> Result<Json<AppraisalProgress>, Problem> {
    let app::Progress { step, people, by_state, late } = app::progress(call.context(), call.caller(), id).await?;
    let by_state = by_state.into_iter().map(|(state, count)| (state.to_string(), count)).collect();
    Ok(Json(AppraisalProgress { step, people, by_state, late }))
}

impl From<Page<Row<app::Cycle>>> for AppraisalCyclePage {
    fn from(page: Page<Row<app::Cycle>>) -> Self {
        let next_cursor = crate::query::next_cursor(List::AppraisalCycles, page.next.as_ref());
        Self { data: page.rows.into_iter().map(AppraisalCycle::from).collect(), next_cursor }
    }
}

impl From<Row<app::Cycle>> for AppraisalCycle {
    fn from(row: Row<app::Cycle>) -> Self {
        Self {
            id: row.id,
            name: row.body.name,
            template_id: row.body.template_id,
            step: row.body.step,
            starts_on: row.body.starts_on,
            ends_on: row.body.ends_on,
            weights: row.body.weights,
            deadlines: row.body.deadlines,
            feedback_minimum: row.body.feedback_minimum,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
