//! `/api/v1/appraisals/forms`, the forms of a cycle, and those of an employee.

use axum::http::StatusCode;
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::Value;
use tenure_app::Error;
use tenure_app::appraisals as app;
use tenure_core::appraisal::{FormState, Part};
use utoipa::IntoParams;
use uuid::Uuid;

use super::form_body::{
    Appraisal, AppraisalAcknowledgement, AppraisalAnswers, AppraisalAssignment, AppraisalCalibration, AppraisalPage,
    AppraisalSubmission, of_page,
};
use super::query::{self, PageParameters};
use crate::caller::Call;
use crate::cursor::List;
use crate::fields::{Fields, id as uuid, nullable, object, text};
use crate::listing::PageRequest;
use crate::path::PathId;
use crate::problem::Problem;
use crate::version::{IfMatch, Versioned, versioned};
use crate::words::appraisal_state;

/// What the list of a cycle takes besides.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; they are read one by one so that each error names its own")]
pub(crate) struct StateParameter {
    /// Only the forms in one state.
    #[param(schema_with = appraisal_state, required = false)]
    state: Option<String>,
}

/// A page of the forms of a cycle.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/cycles/{id}/forms",
    tag = "appraisals",
    operation_id = "list_appraisals",
    params(("id" = Uuid, Path, description = "The cycle's id"), PageParameters, StateParameter),
    responses((status = 200, description = "A page of the list", body = AppraisalPage)),
    security(("token" = [])),
)]
pub(crate) async fn list(PathId(cycle): PathId, asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(move |asked| page(cycle, asked)).await
}

async fn page(cycle: Uuid, asked: PageRequest) -> Result<AppraisalPage, Error> {
    let mut state = None;
    let ask = query::read(List::Appraisals, &asked.parameters, " and state", |name, value| {
        let read = || value.parse::<FormState>().map(|read| state = Some(read)).map_err(|error| error.to_string());
        (name == "state").then(read)
    })?;
    let page = app::forms(asked.call.context(), asked.call.caller(), cycle, state, ask).await?;
    Ok(of_page(page, List::Appraisals))
}

/// A page of those for whom the present step still waits though its last day is over: whom to remind. Tenure sends no mail itself.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/cycles/{id}/late",
    tag = "appraisals",
    operation_id = "list_late_appraisals",
    params(("id" = Uuid, Path, description = "The cycle's id"), PageParameters),
    responses((status = 200, description = "A page of the list", body = AppraisalPage)),
    security(("token" = [])),
)]
pub(crate) async fn late(PathId(cycle): PathId, asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(move |asked| late_page(cycle, asked)).await
}

async fn late_page(cycle: Uuid, asked: PageRequest) -> Result<AppraisalPage, Error> {
    let ask = query::read(List::Appraisals, &asked.parameters, "", |_, _| None)?;
    let page = app::late(asked.call.context(), asked.call.caller(), cycle, ask).await?;
    Ok(of_page(page, List::Appraisals))
}

/// A page of the appraisals of an employee.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/appraisals",
    tag = "appraisals",
    operation_id = "list_employee_appraisals",
    params(("id" = Uuid, Path, description = "The employee's id"), PageParameters),
    responses((status = 200, description = "A page of the list", body = AppraisalPage)),
    security(("token" = [])),
)]
pub(crate) async fn of_employee(PathId(id): PathId, asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(move |asked| page_of(app::Of::Employee(id.into()), asked)).await
}

/// A page of the appraisals that an employee writes as the appraiser. Others than this employee see no scores there.
#[utoipa::path(
    get,
    path = "/api/v1/employees/{id}/appraisals-to-write",
    tag = "appraisals",
    operation_id = "list_appraisals_to_write",
    params(("id" = Uuid, Path, description = "The employee's id"), PageParameters),
    responses((status = 200, description = "A page of the list", body = AppraisalPage)),
    security(("token" = [])),
)]
pub(crate) async fn of_appraiser(PathId(id): PathId, asked: PageRequest) -> Result<Response, Problem> {
    asked.answer(move |asked| page_of(app::Of::Appraiser(id.into()), asked)).await
}

async fn page_of(of: app::Of, asked: PageRequest) -> Result<AppraisalPage, Error> {
    let ask = query::read(List::EmployeeAppraisals, &asked.parameters, "", |_, _| None)?;
    let page = app::of_employee(asked.call.context(), asked.call.caller(), of, ask).await?;
    Ok(of_page(page, List::EmployeeAppraisals))
}

/// One form. Reading somebody else's is recorded in the audit log.
#[utoipa::path(
    get,
    path = "/api/v1/appraisals/forms/{id}",
    tag = "appraisals",
    operation_id = "show_appraisal",
    params(("id" = Uuid, Path, description = "The form's id")),
    responses((status = 200, description = "The form", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn show(call: Call, PathId(id): PathId) -> Result<Versioned<Appraisal>, Problem> {
    Ok(answer(app::form(call.context(), call.caller(), id).await?))
}

/// Keeps the answers of one party. Each is checked against its question; what is required may still be missing.
#[utoipa::path(
    put,
    path = "/api/v1/appraisals/forms/{id}/answers",
    tag = "appraisals",
    operation_id = "save_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalAnswers,
    responses((status = 200, description = "The form as it is now", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn save(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<Appraisal>, Problem> {
    let part = fields.required("part", text::<Part>);
    let answers = fields.required("answers", object);
    let (part, answers) = fields.finish(part.zip(answers))?;
    Ok(answer(app::save(call.context(), call.caller(), version.of(id), part, answers).await?))
}

/// Submits what one party has kept; every required question that is shown has to be answered.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/forms/{id}/submit",
    tag = "appraisals",
    operation_id = "submit_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalSubmission,
    responses((status = 200, description = "The form as it is now", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn submit(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<Appraisal>, Problem> {
    let part = fields.required("part", text::<Part>);
    let part = fields.finish(part)?;
    Ok(answer(app::submit(call.context(), call.caller(), version.of(id), part).await?))
}

/// Sets the final score in calibration, in place of the one by rule.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/forms/{id}/calibrate",
    tag = "appraisals",
    operation_id = "calibrate_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalCalibration,
    responses((status = 200, description = "The form as it is now", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn calibrate(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<Appraisal>, Problem> {
    let score = fields.required("score", score);
    let reason = fields.required("reason", text);
    let calibration = score.zip(reason).map(|(score, reason)| app::Calibration { score, reason });
    let calibration = fields.finish(calibration)?;
    Ok(answer(app::calibrate(call.context(), call.caller(), version.of(id), calibration).await?))
}

fn score(value: Value) -> Result<Decimal, String> {
    let score: Option<Decimal> = text(value).ok();
    let fits = |score: &Decimal| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(score) && score.scale() <= 2;
    score
        .filter(fits)
        .ok_or_else(|| "is a number from 0 to 100 as a text, with at most two digits after the point".to_owned())
}

/// Says that the caller has seen the own result.
#[utoipa::path(
    post,
    path = "/api/v1/appraisals/forms/{id}/acknowledge",
    tag = "appraisals",
    operation_id = "acknowledge_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalAcknowledgement,
    responses((status = 200, description = "The form as it is now", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn acknowledge(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<Appraisal>, Problem> {
    let comment = fields.optional("comment", nullable(text)).flatten();
    let comment = fields.finish(Some(comment))?;
    Ok(answer(app::acknowledge(call.context(), call.caller(), version.of(id), comment).await?))
}

/// Names who appraises, until the result is shared.
#[utoipa::path(
    patch,
    path = "/api/v1/appraisals/forms/{id}",
    tag = "appraisals",
    operation_id = "assign_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = AppraisalAssignment,
    responses((status = 200, description = "The form as it is now", body = Appraisal, headers(("ETag", description = "Its version")))),
    security(("token" = [])),
)]
pub(crate) async fn assign(
    call: Call,
    PathId(id): PathId,
    version: IfMatch,
    mut fields: Fields,
) -> Result<Versioned<Appraisal>, Problem> {
    let manager = fields.required("manager_id", nullable(uuid));
    let manager = fields.finish(manager)?;
    Ok(answer(app::assign(call.context(), call.caller(), version.of(id), manager).await?))
}

/// Takes a person out of a cycle, with everything that was answered, until the result is shared.
#[utoipa::path(
    delete,
    path = "/api/v1/appraisals/forms/{id}",
    tag = "appraisals",
    operation_id = "remove_appraisal",
    params(("id" = Uuid, Path, description = "The form's id"), ("If-Match" = String, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is removed")),
    security(("token" = [])),
)]
pub(crate) async fn remove(call: Call, PathId(id): PathId, version: IfMatch) -> Result<StatusCode, Problem> {
    app::remove(call.context(), call.caller(), version.of(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(shown: app::Shown) -> Versioned<Appraisal> {
    versioned(shown.form.version, shown.into())
}
