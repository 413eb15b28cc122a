//! What is asked and answered about cycles.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::Page;
use tenure_app::appraisals::{self as app, Row};
use tenure_core::appraisal::{Deadlines, Minimum, Step, Weights};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::List;
use crate::listing::Listing;
use crate::words::appraisal_step;

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

impl From<app::Progress> for AppraisalProgress {
    fn from(app::Progress { step, people, by_state, late }: app::Progress) -> Self {
        let by_state = by_state.into_iter().map(|(state, count)| (state.to_string(), count)).collect();
        Self { step, people, by_state, late }
    }
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
