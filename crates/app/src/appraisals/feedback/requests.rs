//! What somebody is asked about colleagues: drafts that the one who writes them alone sees, and that nobody sees once they are submitted.

use jiff::civil::Date;
use tenure_core::appraisal::{Answers, CycleError, Given, Party, RequestState, Section, Stage, Step, check_answers};
use tenure_core::ids::EmployeeId;
use tenure_db::{TenantTx, appraisals, person_records};
use tenure_store::documents::TenantDocuments;
use uuid::Uuid;

use super::super::document::{self, Cycle, FeedbackRequest, Loaded, Row, Template, put, read};
use super::super::{Ask, cycles, invalid, rule, step_rule};
use crate::Page;
use crate::caller::{self, Caller};
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::error::{Error, Result};

pub(super) const WHAT: &str = "request for feedback";

/// A request as whoever is asked sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRequest {
    /// The request, with what was kept of the answers until they are submitted.
    pub request: Row<FeedbackRequest>,
    /// The name of whom it is about.
    pub about: String,
    /// What people call the cycle.
    pub cycle_name: String,
    /// Where it is; a request is answered in the self review.
    pub step: Step,
    /// Until when it is to be answered.
    pub due_on: Option<Date>,
    /// What is asked.
    pub sections: Vec<Section>,
}

/// A request with what it takes to judge a change of it.
struct Asked {
    request: Loaded<FeedbackRequest>,
    cycle: Cycle,
    template: Template,
}

/// A page of what the caller was asked, by cycle.
///
/// # Errors
/// `Unauthenticated`, `Unavailable`.
pub async fn requests(context: &Context, caller: Caller<'_>, ask: Ask) -> Result<Page<(Row<FeedbackRequest>, String)>> {
    caller::read(context, caller, async |tx, actor| {
        let Some(employee) = actor.employee else { return Ok(Page { rows: Vec::new(), next: None }) };
        let (employee, after) = (employee.to_string(), document::place(ask.after));
        let find = Find {
            equal: &[("kind", "feedback_request"), ("employee_id", &employee)],
            by: Some("cycle_id"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        let page = document::page::<FeedbackRequest>(&mut documents::of(context, tx), &find).await?;
        let about: Vec<EmployeeId> = page.rows.iter().map(|row| row.body.about_id).collect();
        let mut names = appraisals::names(tx, &about).await?;
        let with_name = |row: Row<FeedbackRequest>| {
            let name = names.entry(row.body.about_id).or_default().clone();
            (row, name)
        };
        Ok(Page { rows: page.rows.into_iter().map(with_name).collect(), next: page.next })
    })
    .await
}

/// What the caller was asked.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for what somebody else was asked), `Unavailable`.
pub async fn request(context: &Context, caller: Caller<'_>, id: Uuid) -> Result<ShownRequest> {
    caller::read(context, caller, async |tx, actor| {
        let asked = read_own(&mut documents::of(context, tx), actor.employee, id).await?;
        show(tx, asked.request.into_row(), &asked.cycle, asked.template).await
    })
    .await
}

/// Keeps answers, in place of those that were kept before.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for what somebody else was asked), `Stale`, `Invalid` (answers that are not of their questions' kinds),
/// `Rule` (the step is another one, it was answered or declined), `Unavailable`.
pub async fn save_feedback(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    answers: Answers,
) -> Result<ShownRequest> {
    let save = async |change: &mut Change<'_>| {
        let asked = open(change, target).await?;
        invalid(check_answers(&asked.template.content, Party::Peers, &answers, Stage::Draft), "answers.")?;
        let wanted = FeedbackRequest { answers, ..asked.request.body.clone() };
        keep(change, asked, wanted, "feedback.saved").await
    };
    change::run_by_version(context, caller, save, key, again).await
}

/// Submits the answers that were kept: they go among those of the others, and are not to be seen or changed any more.
///
/// # Errors
/// As [`save_feedback`]; `Invalid` also when a required question is not answered.
pub async fn submit_feedback(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<ShownRequest> {
    let submit = async |change: &mut Change<'_>| {
        let asked = open(change, target).await?;
        let FeedbackRequest { form_id, group, answers, .. } = asked.request.body.clone();
        invalid(check_answers(&asked.template.content, Party::Peers, &answers, Stage::Submitted), "answers.")?;
        let loaded = super::find(&mut change.documents(), form_id).await?;
        let loaded = loaded.ok_or_else(|| Error::not_found(WHAT, &target.id))?;
        let mut feedback = loaded.body.clone();
        Given { group, answers }.join(&mut feedback.given);
        super::keep(change, loaded, feedback).await?;
        let wanted =
            FeedbackRequest { state: RequestState::Submitted, answers: Answers::new(), ..asked.request.body.clone() };
        keep(change, asked, wanted, "feedback.submitted").await
    };
    change::run_by_version(context, caller, submit, key, again).await
}

/// Says no. What was kept of the answers is gone.
///
/// # Errors
/// As [`save_feedback`].
pub async fn decline(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<ShownRequest> {
    let decline = async |change: &mut Change<'_>| {
        let asked = open(change, target).await?;
        let wanted =
            FeedbackRequest { state: RequestState::Declined, answers: Answers::new(), ..asked.request.body.clone() };
        keep(change, asked, wanted, "feedback.declined").await
    };
    change::run_by_version(context, caller, decline, key, again).await
}

fn key(shown: &ShownRequest) -> (Uuid, i32) {
    (shown.request.id, shown.request.version)
}

/// What is shown to whoever sends a request of the API twice. First answers are not kept, for drafts would be in them.
async fn again(change: &mut Change<'_>, id: Uuid) -> Result<Option<ShownRequest>> {
    let asked = read_own(&mut documents::of(change.context, &mut change.tx), change.actor.employee, id).await?;
    Ok(Some(show(&mut change.tx, asked.request.into_row(), &asked.cycle, asked.template).await?))
}

async fn read_own(documents: &mut TenantDocuments<'_>, who: Option<EmployeeId>, id: Uuid) -> Result<Asked> {
    let request = read::<FeedbackRequest>(documents, WHAT, id).await?;
    if who != Some(request.body.employee_id) {
        return Err(Error::not_found(WHAT, &id));
    }
    let cycle: Cycle = read(documents, cycles::WHAT, request.body.cycle_id).await?.body;
    let template: Template = read(documents, "appraisal template", cycle.template_id).await?.body;
    Ok(Asked { request, cycle, template })
}

/// A request that can be answered. Until the change ends, nobody else answers about the person.
async fn open(change: &mut Change<'_>, target: Target<Uuid>) -> Result<Asked> {
    appraisals::hold_steps(&mut change.tx).await?;
    // Read outside of the change, which shall see what is there once the person is held.
    let before = read_own(&mut documents::of(change.context, &mut change.tx), change.actor.employee, target.id).await?;
    person_records::hold(&mut change.tx, before.request.body.about_id).await?;
    let who = change.actor.employee;
    let asked = read_own(&mut change.documents(), who, target.id).await?;
    target.check(WHAT, asked.request.stored.version)?;
    if !asked.cycle.step.takes_feedback() {
        return Err(step_rule(CycleError::WrongStep(asked.cycle.step)));
    }
    match asked.request.body.state {
        RequestState::Asked => Ok(asked),
        RequestState::Submitted => Err(rule("this was answered already")),
        RequestState::Declined => Err(rule("this was declined already")),
    }
}

/// Writes a request, and for the audit log what was done and nothing of what was said.
async fn keep(
    change: &mut Change<'_>,
    asked: Asked,
    wanted: FeedbackRequest,
    action: &'static str,
) -> Result<ShownRequest> {
    let Asked { request, cycle, template } = asked;
    if request.body == wanted {
        return show(&mut change.tx, request.into_row(), &cycle, template).await;
    }
    let record = Record { action, entity: "feedback_request", id: request.stored.id, before: None, after: None };
    change.record(record).await?;
    let row = put(change, request, wanted).await?;
    show(&mut change.tx, row, &cycle, template).await
}

async fn show(
    tx: &mut TenantTx,
    request: Row<FeedbackRequest>,
    cycle: &Cycle,
    template: Template,
) -> Result<ShownRequest> {
    let about = request.body.about_id;
    let about = appraisals::names(tx, &[about]).await?.remove(&about).unwrap_or_default();
    let sections = template.content.sections.into_iter().filter(|section| section.answered_by == Party::Peers);
    Ok(ShownRequest {
        about,
        cycle_name: cycle.name.clone(),
        step: cycle.step,
        due_on: cycle.deadlines.of(Step::SelfReview),
        sections: sections.collect(),
        request,
    })
}
