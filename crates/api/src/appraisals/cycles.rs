//! `/api/v1/appraisals/cycles`

use axum::Json;
use axum::response::Response;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::appraisals as app;
use tenure_core::appraisal::{Minimum, NotMinimum};
use uuid::Uuid;

use super::cycle_body::{
    AppraisalCycle, AppraisalCycleChanges, AppraisalCyclePage, AppraisalPeople, AppraisalProgress, NewAppraisalCycle,
};
use super::part;
use super::query::{self, PageParameters};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, date, id as uuid, list as several, text, whole};
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{Created, IfMatch, Versioned, created, versioned};

const PATH: &str = "/api/v1/appraisals/cycles";

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
    Ok(Json(app::progress(call.context(), call.caller(), id).await?.into()))
}
