//! Lists of forms: of a cycle, of who is late in it, of a person, and of who appraises. Their rows have no answers. That scores of others were
//! read is in the audit log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::appraisal::{FormState, Step};
use tenure_core::ids::EmployeeId;
use tenure_db::TenantTx;
use uuid::Uuid;

use super::Ask;
use super::cycles::{WHAT, is_over};
use super::document::{self, Cycle, Document, FORMS, Form, Row, read};
use super::forms::redact;
use crate::Page;
use crate::caller::{Caller, Principal};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::employees;
use crate::error::{Error, Result};

/// Whose forms are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those of a person.
    Employee(EmployeeId),
    /// Those that a person appraises.
    Appraiser(EmployeeId),
}

/// A page of the forms of a cycle by state, or of those in one state.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn forms(
    context: &Context,
    caller: Caller<'_>,
    cycle: Uuid,
    state: Option<FormState>,
    ask: Ask,
) -> Result<Page<Row<Form>>> {
    change::run_unkept(context, caller, async |change| {
        change.require(Permission::AppraisalsRead)?;
        let found = cycle_of(change, cycle).await?;
        let (id, after) = (cycle.to_string(), document::place(ask.after));
        let whole = [("kind", "form"), ("cycle_id", id.as_str())];
        let in_state = state.map(|state| [("kind", "form"), ("cycle_id", id.as_str()), ("state", state.as_str())]);
        let find = Find {
            equal: in_state.as_ref().map_or(&whole, |equal| equal.as_slice()),
            by: state.is_none().then_some("state"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        let page = document::page(&mut documents::of(context, &mut change.tx), &find).await?;
        let page = shown(page, &change.actor, true, |_| Some(found.step));
        record_reading(change, ("appraisal_cycle.forms_read", "appraisal_cycle", cycle), &page).await?;
        Ok(page)
    })
    .await
}

/// A page of the forms for which the present step of a cycle still waits though its last day is over.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn late(context: &Context, caller: Caller<'_>, cycle: Uuid, ask: Ask) -> Result<Page<Row<Form>>> {
    change::run_unkept(context, caller, async |change| {
        change.require(Permission::AppraisalsRead)?;
        let found = cycle_of(change, cycle).await?;
        let Some(late) = found.step.late().filter(|_| is_over(&found, context.today())) else {
            return Ok(Page { rows: Vec::new(), next: None });
        };
        // The words of these states follow each other in the order of bytes; nothing lies between the last one and the same with a NUL.
        let (id, after, end) = (cycle.to_string(), document::place(ask.after), format!("{}\u{1}", late.last));
        let find = Find {
            equal: &[("kind", "form"), ("cycle_id", &id)],
            by: Some("state"),
            from: Some(late.first.as_str()),
            before: Some(&end),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        let page = document::page(&mut documents::of(context, &mut change.tx), &find).await?;
        let page = shown(page, &change.actor, true, |_| Some(found.step));
        record_reading(change, ("appraisal_cycle.forms_read", "appraisal_cycle", cycle), &page).await?;
        Ok(page)
    })
    .await
}

/// A page of the forms of a person, or of those that a person appraises, which shows no scores to others.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound` (also for somebody whom the actor may not see), `Unavailable`.
pub async fn of_employee(context: &Context, caller: Caller<'_>, of: Of, ask: Ask) -> Result<Page<Row<Form>>> {
    change::run_unkept(context, caller, async |change| {
        let (field, person) = match of {
            Of::Employee(person) => ("employee_id", person),
            Of::Appraiser(person) => ("manager_id", person),
        };
        may_see(&mut change.tx, &change.actor, person, &[Permission::AppraisalsRead]).await?;
        let (id, after) = (person.to_string(), document::place(ask.after));
        let find = Find {
            equal: &[("kind", "form"), (field, &id)],
            by: Some("cycle_id"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        let page = document::page::<Form>(&mut documents::of(context, &mut change.tx), &find).await?;
        let steps = steps(change, &page).await?;
        let with_scores = matches!(of, Of::Employee(_)) || change.actor.employee == Some(person);
        let page = shown(page, &change.actor, with_scores, |cycle| steps.get(&cycle).copied());
        record_reading(change, ("employee.appraisals_read", "employee", person.uuid()), &page).await?;
        Ok(page)
    })
    .await
}

/// Refuses what is asked of a person whom the actor may not see, or for whom it lacks one of the permissions.
pub(super) async fn may_see(
    tx: &mut TenantTx,
    actor: &Principal,
    person: EmployeeId,
    needed: &[Permission],
) -> Result<()> {
    let lies_in = employees::scopes_of(tx, actor, person).await?;
    let is_there =
        actor.grants.allow(Permission::EmployeesRead, lies_in) && tenure_db::employees::exists(tx, person).await?;
    if !is_there {
        return Err(employees::not_found(person));
    }
    match needed.iter().find(|permission| !actor.grants.allow(**permission, lies_in)) {
        None => Ok(()),
        Some(missing) => Err(Error::Denied(format!("this needs the permission {missing} for this employee"))),
    }
}

async fn cycle_of(change: &mut Change<'_>, id: Uuid) -> Result<Cycle> {
    Ok(read(&mut documents::of(change.context, &mut change.tx), WHAT, id).await?.body)
}

/// Records whose scores a page has shown to somebody else: one entry, however many they are.
async fn record_reading(
    change: &mut Change<'_>,
    (action, entity, id): (&'static str, &'static str, Uuid),
    page: &Page<Row<Form>>,
) -> Result<()> {
    let (mut people, mut fields) = (Vec::new(), BTreeSet::new());
    for form in page.rows.iter().map(|row| &row.body).filter(|form| change.actor.employee != Some(form.employee_id)) {
        let scores = [
            ("self_score", form.self_score),
            ("manager_score", form.manager_score),
            ("goals_score", form.goals_score),
            ("feedback_score", form.feedback_score),
            ("score", form.score),
        ];
        let shown: Vec<&str> = scores.iter().filter(|(_, score)| score.is_some()).map(|(name, _)| *name).collect();
        if !shown.is_empty() {
            people.push(form.employee_id);
            fields.extend(shown);
        }
    }
    if people.is_empty() {
        return Ok(());
    }
    let after = Some(json!({ "employee_ids": people, "fields": fields }));
    change.record(Record { action, entity, id, before: None, after }).await
}

/// Where the cycles of a page's forms are.
async fn steps(change: &mut Change<'_>, page: &Page<Row<Form>>) -> Result<BTreeMap<Uuid, Step>> {
    let mut ids: Vec<Uuid> = page.rows.iter().map(|row| row.body.cycle_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let cycles = documents::of(change.context, &mut change.tx).get_each::<Document>(FORMS, &ids).await?;
    let step = |document| Cycle::try_from(document).ok().map(|cycle| cycle.step);
    Ok(cycles.into_iter().filter_map(|stored| Some((stored.id, step(stored.body)?))).collect())
}

fn shown(
    mut page: Page<Row<Form>>,
    actor: &Principal,
    with_scores: bool,
    step_of: impl Fn(Uuid) -> Option<Step>,
) -> Page<Row<Form>> {
    for row in &mut page.rows {
        let is_own = actor.employee == Some(row.body.employee_id);
        let step = step_of(row.body.cycle_id).unwrap_or(Step::Draft);
        redact(&mut row.body, step, is_own);
        if !with_scores {
            (row.body.self_score, row.body.manager_score) = (None, None);
            (row.body.goals_score, row.body.feedback_score, row.body.score) = (None, None, None);
        }
    }
    page
}
