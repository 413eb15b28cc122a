//! Assignments and employment periods as they look on the wire.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tenure_app::employment as app;
use tenure_core::employment::{EmploymentType, Field, TerminationKind};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::listing::Listing;
use crate::words::{assigned_field, employment_type, termination_kind};

/// Where an employee stands from a day on, until the day of the next assignment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Assignment {
    id: Uuid,
    /// The first day on which it holds.
    effective_from: Date,
    department_id: Option<Uuid>,
    designation_id: Option<Uuid>,
    manager_id: Option<Uuid>,
    location_id: Option<Uuid>,
    #[schema(schema_with = employment_type)]
    employment_type: Option<EmploymentType>,
    /// Of full time: a decimal number above 0 and at most 1, as text.
    #[schema(examples("0.5"))]
    working_time_fraction: Option<String>,
    pay_grade: Option<String>,
    /// What was changed on that day. Everything else is as in the assignment before, and follows it when that one is corrected.
    #[schema(schema_with = assigned_field)]
    changed: BTreeSet<Field>,
    reason: Option<String>,
    /// When it took effect; null while its day lies ahead.
    applied_at: Option<Timestamp>,
    /// Since when it is known.
    created_at: Timestamp,
    /// When it was corrected or taken back; null unless the past is asked for.
    superseded_at: Option<Timestamp>,
}

/// All assignments of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssignmentList {
    /// By their days.
    data: Vec<Assignment>,
}

impl Listing for AssignmentList {
    const FILE: &'static str = "assignments";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "effective_from",
        "department_id",
        "designation_id",
        "manager_id",
        "location_id",
        "employment_type",
        "working_time_fraction",
        "pay_grade",
        "changed",
        "reason",
        "applied_at",
        "created_at",
        "superseded_at",
    ];
}

/// One time that an employee was employed.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmploymentPeriod {
    id: Uuid,
    /// The first day.
    hired_on: Date,
    /// The last day, which may lie ahead.
    terminated_on: Option<Date>,
    #[serde(flatten)]
    #[schema(value_type = EndFields)]
    end: Option<EndFields>,
    /// Since when this is known.
    created_at: Timestamp,
}

/// There with the permission `employees.read_sensitive`.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndFields {
    #[schema(schema_with = termination_kind)]
    termination_kind: Option<TerminationKind>,
    termination_reason: Option<String>,
}

/// All times that an employee was employed.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmploymentPeriodList {
    /// By their first days.
    data: Vec<EmploymentPeriod>,
}

impl Listing for EmploymentPeriodList {
    const FILE: &'static str = "employment-periods";
    const COLUMNS: &'static [&'static str] =
        &["id", "hired_on", "terminated_on", "termination_kind", "termination_reason", "created_at"];
}

impl From<Vec<app::Assignment>> for AssignmentList {
    fn from(assignments: Vec<app::Assignment>) -> Self {
        Self { data: assignments.into_iter().map(Assignment::from).collect() }
    }
}

impl From<app::Assignment> for Assignment {
    fn from(assignment: app::Assignment) -> Self {
        let position = assignment.position;
        Self {
            id: assignment.id.uuid(),
            effective_from: assignment.effective_from,
            department_id: position.department_id.map(Uuid::from),
            designation_id: position.designation_id.map(Uuid::from),
            manager_id: position.manager_id.map(Uuid::from),
            location_id: position.location_id.map(Uuid::from),
            employment_type: position.employment_type,
            working_time_fraction: position.working_time_fraction.map(|fraction| fraction.to_string()),
            pay_grade: position.pay_grade,
            changed: assignment.changed,
            reason: assignment.reason,
            applied_at: assignment.applied_at,
            created_at: assignment.created_at,
            superseded_at: assignment.superseded_at,
        }
    }
}

impl EmploymentPeriodList {
    /// The periods, with why they ended where the caller may see it.
    pub(crate) fn new(periods: Vec<app::PeriodRow>, with_reasons: bool) -> Self {
        let data = periods.into_iter().map(|period| EmploymentPeriod {
            id: period.id.uuid(),
            hired_on: period.hired_on,
            terminated_on: period.terminated_on,
            end: with_reasons.then_some(EndFields {
                termination_kind: period.termination_kind,
                termination_reason: period.termination_reason,
            }),
            created_at: period.created_at,
        });
        Self { data: data.collect() }
    }
}
