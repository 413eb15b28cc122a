//! One person's form: who sees what of it when, and how it is filled in, calibrated and acknowledged.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenure_core::appraisal::{
    Answers, Part, PartScores, Stage, Step, Template as Content, check_answers, final_score, part_score, rounded,
};
use tenure_core::ids::EmployeeId;
use tenure_core::text::Line;
use uuid::Uuid;

use super::document::{Cycle, FORMS, Form, Row, put};
use super::open::{Access, Open, WHAT, open, open_for_managing, open_for_writing};
use super::{feedback, goals, invalid, rule, step_rule};
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::employees;
use crate::error::{Error, Result};

/// A form as somebody may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The form, without what the actor may not see yet.
    pub form: Row<Form>,
    /// Its cycle.
    pub cycle: Cycle,
    /// What the version of the template asks that it is filled in under.
    pub content: Content,
}

/// A score that is set in calibration.
#[derive(Debug, Clone)]
pub struct Calibration {
    /// In per cent.
    pub score: Decimal,
    /// Why.
    pub reason: Line<500>,
}

/// One form. That somebody else's was read is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one that the actor may not see), `Unavailable`.
pub async fn form(context: &Context, caller: Caller<'_>, id: Uuid) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open(change, id).await?;
        if !open.access.is_own {
            let reading = Record { action: "appraisal.read", entity: WHAT, id, before: None, after: None };
            change.record(reading).await?;
        }
        Ok(open.show())
    })
    .await
}

/// Keeps the answers of one party, in place of those that it has kept before. The audit log says which questions are answered, and not
/// how.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied` (the part is somebody else's), `Stale`, `Invalid` (answers that are not of their questions'
/// kinds), `Rule` (the step is another one, the part was submitted), `Unavailable`.
pub async fn save(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    part: Part,
    answers: Answers,
) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open_for_writing(change, target, part).await?;
        let state = open.form.body.state.saved(open.cycle.step, part).map_err(step_rule)?;
        invalid(check_answers(&open.content, part.into(), &answers, Stage::Draft), "answers.")?;
        let mut wanted = Form { state, ..open.form.body.clone() };
        *answers_of(&mut wanted, part) = answers;
        keep(change, open, wanted, "appraisal.saved").await
    })
    .await
}

/// Submits what one party has kept.
///
/// # Errors
/// As [`save`]; `Invalid` also when a required question is not answered.
pub async fn submit(context: &Context, caller: Caller<'_>, target: Target<Uuid>, part: Part) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open_for_writing(change, target, part).await?;
        open.form.body.state.saved(open.cycle.step, part).map_err(step_rule)?;
        let mut wanted = open.form.body.clone();
        let answers = answers_of(&mut wanted, part).clone();
        invalid(check_answers(&open.content, part.into(), &answers, Stage::Submitted), "answers.")?;
        let (score, now) = (part_score(&open.content, part.into(), &answers), Some(change.context.now()));
        match part {
            Part::Own => (wanted.self_score, wanted.self_submitted_at) = (score, now),
            Part::Manager => (wanted.manager_score, wanted.manager_submitted_at) = (score, now),
        }
        if part == Part::Manager {
            score_others(change, &open, &mut wanted).await?;
        }
        wanted.score = final_score(&open.cycle.weights, &scores_of(&wanted));
        wanted.state = wanted.state.submitted(open.cycle.step, part, wanted.score.is_some()).map_err(step_rule)?;
        keep(change, open, wanted, "appraisal.submitted").await
    })
    .await
}

/// Sets the final score, in place of what the rule gave.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for one's own), `NotFound`, `Stale`, `Rule` (the step is another one), `Unavailable`.
pub async fn calibrate(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    calibration: Calibration,
) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open_for_managing(change, target).await?;
        let state = open.form.body.state.calibrated(open.cycle.step).map_err(step_rule)?;
        let (score, reason) = (Some(rounded(calibration.score)), Some(calibration.reason.into()));
        let wanted = Form { state, score, calibration: reason, ..open.form.body.clone() };
        keep(change, open, wanted, "appraisal.calibrated").await
    })
    .await
}

/// Says that one has seen one's result, and perhaps what one has to say to it.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `Denied` (it is somebody else's), `Stale`, `Rule` (the step is another one, it was done), `Unavailable`.
pub async fn acknowledge(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    comment: Option<Line<2000>>,
) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open(change, target.id).await?;
        target.check(WHAT, open.form.stored.version)?;
        if !open.access.is_own || !open.access.may_write {
            return Err(Error::Denied("everybody acknowledges their own appraisal".to_owned()));
        }
        let state = open.form.body.state.acknowledged(open.cycle.step).map_err(step_rule)?;
        let (acknowledged_at, comment) = (Some(change.context.now()), comment.map(Into::into));
        let wanted = Form { state, acknowledged_at, comment, ..open.form.body.clone() };
        keep(change, open, wanted, "appraisal.acknowledged").await
    })
    .await
}

/// Names who appraises.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for one's own), `NotFound`, `Stale`, `Invalid` (nobody of the company, the person, or somebody
/// who is asked for feedback on the person), `Rule` (the result is shared), `Unavailable`.
pub async fn assign(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    manager: Option<EmployeeId>,
) -> Result<Shown> {
    change::run(context, caller, async |change| {
        let open = open_for_managing(change, target).await?;
        before_sharing(&open.cycle)?;
        if let Some(manager) = manager {
            let is_there = employees::is_visible(&mut change.tx, &change.actor, manager).await?;
            if !is_there || manager == open.form.body.employee_id {
                return Err(Error::invalid("manager_id", "is no employee of this company, or the person"));
            }
            if feedback::is_asked(change, target.id, manager).await? {
                let words = "is asked for feedback on the person: withdraw the request, or name somebody else";
                return Err(Error::invalid("manager_id", words));
            }
        }
        let wanted = Form { manager_id: manager, ..open.form.body.clone() };
        keep(change, open, wanted, "appraisal.assigned").await
    })
    .await
}

/// Takes a person out of a cycle, with everything that was answered.
///
/// # Errors
/// `Unauthenticated`, `Denied` (also for one's own), `NotFound`, `Stale`, `Rule` (the result is shared), `Unavailable`.
pub async fn remove(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<()> {
    change::run(context, caller, async |change| {
        let open = open_for_managing(change, target).await?;
        before_sharing(&open.cycle)?;
        let removed = open.form.body;
        change.documents().delete(FORMS, target.id, target.version).await?;
        feedback::remove(change, target.id).await?;
        let before = Some(outline(&removed));
        change.record(Record { action: "appraisal.removed", entity: WHAT, id: target.id, before, after: None }).await
    })
    .await
}

fn before_sharing(cycle: &Cycle) -> Result<()> {
    if cycle.step.shows_result() { Err(rule("the results of this cycle are shared")) } else { Ok(()) }
}

/// Writes a form and what the audit log says of it.
async fn keep(change: &mut Change<'_>, open: Open, wanted: Form, action: &'static str) -> Result<Shown> {
    let Open { form, cycle, content, access } = open;
    if form.body == wanted {
        return Ok(Open { form, cycle, content, access }.show());
    }
    let (before, after) = (Some(outline(&form.body)), Some(outline(&wanted)));
    change.record(Record { action, entity: WHAT, id: form.stored.id, before, after }).await?;
    let row = put(change, form, wanted).await?;
    Ok(show(row, cycle, content, access))
}

/// A form for the audit log, whose readers are others than the form's: which questions are answered, and not how; and the result, which somebody
/// has to answer for.
fn outline(form: &Form) -> serde_json::Value {
    let answered = |answers: &Answers| answers.keys().cloned().collect::<Vec<_>>();
    json!({
        "cycle_id": form.cycle_id, "employee_id": form.employee_id, "manager_id": form.manager_id, "state": form.state,
        "self_answered": answered(&form.self_answers), "manager_answered": answered(&form.manager_answers),
        "score": form.score, "calibration": form.calibration,
    })
}

impl Open {
    fn show(self) -> Shown {
        show(self.form.into_row(), self.cycle, self.content, self.access)
    }
}

fn show(mut row: Row<Form>, cycle: Cycle, content: Content, access: Access) -> Shown {
    redact(&mut row.body, cycle.step, access.is_own);
    if !access.is_own && !access.may_write && !row.body.state.is_reviewed() {
        row.body.manager_answers.clear();
    }
    Shown { form: row, cycle, content }
}

/// Takes out of a form what is not to be seen yet: of one's own the manager's part and the result, of others' what they have not submitted
/// while they still can.
pub(super) fn redact(form: &mut Form, step: Step, is_own: bool) {
    if is_own && !step.shows_result() {
        form.manager_answers.clear();
        (form.manager_score, form.manager_submitted_at) = (None, None);
        (form.goals_score, form.feedback_score) = (None, None);
        (form.score, form.calibration) = (None, None);
    } else if !is_own && form.self_submitted_at.is_none() && step <= Step::SelfReview {
        form.self_answers.clear();
    }
}

/// Puts down what goals and colleagues make of the person, where the cycle counts it. Neither changes the result later.
async fn score_others(change: &mut Change<'_>, open: &Open, form: &mut Form) -> Result<()> {
    let weights = open.cycle.weights;
    if weights.goals > Decimal::ZERO {
        let scored = goals::score(&mut change.documents(), form.employee_id, form.cycle_id).await?;
        form.goals_score = scored.map(rounded);
    }
    if weights.feedback > Decimal::ZERO {
        form.feedback_score = feedback::told(change, open).await?.score;
    }
    Ok(())
}

fn scores_of(form: &Form) -> PartScores {
    PartScores {
        own: form.self_score,
        manager: form.manager_score,
        feedback: form.feedback_score,
        goals: form.goals_score,
    }
}

fn answers_of(form: &mut Form, part: Part) -> &mut Answers {
    match part {
        Part::Own => &mut form.self_answers,
        Part::Manager => &mut form.manager_answers,
    }
}
