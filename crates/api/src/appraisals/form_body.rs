//! What is asked and answered about forms.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_app::Page;
use tenure_app::appraisals::{self as app, Row};
use tenure_core::appraisal::{FormState, Section, Step};
use utoipa::ToSchema;
use uuid::Uuid;

use super::templates::AppraisalSection;
use crate::cursor::List;
use crate::listing::Listing;
use crate::words::{appraisal_part, appraisal_state, appraisal_step};

/// A form without its answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalRow {
    id: Uuid,
    cycle_id: Uuid,
    employee_id: Uuid,
    /// Who appraises; null when nobody is named.
    manager_id: Option<Uuid>,
    #[schema(schema_with = appraisal_state)]
    state: FormState,
    /// In per cent; null until there is one, and of one's own until it is shared.
    #[schema(value_type = Option<String>)]
    score: Option<Decimal>,
    self_submitted_at: Option<Timestamp>,
    manager_submitted_at: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of forms.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppraisalPage {
    /// Those of a cycle by state, those of an employee by cycle.
    data: Vec<AppraisalRow>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for AppraisalPage {
    const FILE: &'static str = "appraisals";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "cycle_id",
        "employee_id",
        "manager_id",
        "state",
        "score",
        "self_submitted_at",
        "manager_submitted_at",
        "acknowledged_at",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// One person's form, as far as the caller may see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Appraisal {
    id: Uuid,
    cycle_id: Uuid,
    employee_id: Uuid,
    /// Who appraises; null when nobody is named.
    manager_id: Option<Uuid>,
    #[schema(schema_with = appraisal_state)]
    state: FormState,
    /// What people call the cycle.
    cycle_name: String,
    /// The first day that is appraised.
    starts_on: Date,
    /// The last one.
    ends_on: Date,
    #[schema(schema_with = appraisal_step)]
    step: Step,
    /// The last day of this step, where it has one.
    due_on: Option<Date>,
    /// What is asked.
    #[schema(value_type = Vec<AppraisalSection>)]
    sections: Vec<Section>,
    /// What the person has answered, by the keys of the questions; for others once it is submitted, or the time for it is over.
    #[schema(value_type = Object)]
    self_answers: Map<String, Value>,
    /// What the manager has answered; for the person once it is shared.
    #[schema(value_type = Object)]
    manager_answers: Map<String, Value>,
    #[schema(value_type = Option<String>)]
    self_score: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    manager_score: Option<Decimal>,
    /// What the goals of this cycle scored when the manager submitted, where they count.
    #[schema(value_type = Option<String>)]
    goals_score: Option<Decimal>,
    /// What the colleagues' feedback scored when the manager submitted, where it counts.
    #[schema(value_type = Option<String>)]
    feedback_score: Option<Decimal>,
    /// The final score in per cent, by rule or as it was calibrated.
    #[schema(value_type = Option<String>)]
    score: Option<Decimal>,
    /// Why it was calibrated.
    calibration: Option<String>,
    self_submitted_at: Option<Timestamp>,
    manager_submitted_at: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    /// What the person said to the result.
    comment: Option<String>,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The answers of one party.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalAnswers {
    #[schema(schema_with = appraisal_part)]
    part: String,
    /// By the keys of the questions, all of them, in place of those that were kept before.
    #[schema(value_type = Object)]
    answers: Value,
}

/// The party that submits.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalSubmission {
    #[schema(schema_with = appraisal_part)]
    part: String,
}

/// A score that is set in calibration.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalCalibration {
    /// From 0 to 100.
    #[schema(pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$", examples("75.50"))]
    score: String,
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What the person has to say to the result.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalAcknowledgement {
    #[schema(min_length = 1, max_length = 2000)]
    comment: Option<String>,
}

/// Who appraises from now on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct AppraisalAssignment {
    #[schema(required = true)]
    manager_id: Option<Uuid>,
}

pub(super) fn of_page(page: Page<Row<app::Form>>, list: List) -> AppraisalPage {
    let next_cursor = crate::query::next_cursor(list, page.next.as_ref());
    AppraisalPage { data: page.rows.into_iter().map(AppraisalRow::from).collect(), next_cursor }
}

impl From<Row<app::Form>> for AppraisalRow {
    fn from(row: Row<app::Form>) -> Self {
        Self {
            id: row.id,
            cycle_id: row.body.cycle_id,
            employee_id: row.body.employee_id.uuid(),
            manager_id: row.body.manager_id.map(Uuid::from),
            state: row.body.state,
            score: row.body.score,
            self_submitted_at: row.body.self_submitted_at,
            manager_submitted_at: row.body.manager_submitted_at,
            acknowledged_at: row.body.acknowledged_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<app::Shown> for Appraisal {
    fn from(app::Shown { form: row, cycle, content }: app::Shown) -> Self {
        Self {
            id: row.id,
            cycle_id: row.body.cycle_id,
            employee_id: row.body.employee_id.uuid(),
            manager_id: row.body.manager_id.map(Uuid::from),
            state: row.body.state,
            due_on: cycle.deadlines.of(cycle.step),
            cycle_name: cycle.name,
            starts_on: cycle.starts_on,
            ends_on: cycle.ends_on,
            step: cycle.step,
            sections: content.sections,
            self_answers: row.body.self_answers,
            manager_answers: row.body.manager_answers,
            self_score: row.body.self_score,
            manager_score: row.body.manager_score,
            goals_score: row.body.goals_score,
            feedback_score: row.body.feedback_score,
            score: row.body.score,
            calibration: row.body.calibration,
            self_submitted_at: row.body.self_submitted_at,
            manager_submitted_at: row.body.manager_submitted_at,
            acknowledged_at: row.body.acknowledged_at,
            comment: row.body.comment,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
