//! Cycles: prepared as drafts, and taken from step to step.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::access::Permission;
use tenure_core::appraisal::{Deadlines, FormState, Minimum, Step, Weights};
use tenure_db::appraisals;
use tenure_store::documents::TenantDocuments;
use uuid::Uuid;

use super::document::{self, Cycle, FORMS, Loaded, Row, Template, insert, read, save};
use super::{Ask, Name, invalid, rule, step_rule};
use crate::Page;
use crate::caller::{self, Caller};
use crate::change::{self, Change, Target, put};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::error::{Error, Result};
use crate::mail;

pub(super) const WHAT: &str = "appraisal cycle";

/// A cycle to be made.
#[derive(Debug, Clone)]
pub struct NewCycle {
    /// What people call it.
    pub name: Name,
    /// A published version of a template.
    pub template_id: Uuid,
    /// The first day that is appraised.
    pub starts_on: Date,
    /// The last one.
    pub ends_on: Date,
    /// What the parts count; the manager's alone when nothing is said.
    pub weights: Weights,
    /// The last days of the steps.
    pub deadlines: Deadlines,
    /// How many colleagues are told of together at least.
    pub feedback_minimum: Minimum,
}

/// New values of a cycle; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CycleChanges {
    /// The name.
    pub name: Option<Name>,
    /// The version of a template.
    pub template_id: Option<Uuid>,
    /// The first day that is appraised.
    pub starts_on: Option<Date>,
    /// The last one.
    pub ends_on: Option<Date>,
    /// What the parts count.
    pub weights: Option<Weights>,
    /// The last days of the steps.
    pub deadlines: Option<Deadlines>,
    /// How many colleagues are told of together at least.
    pub feedback_minimum: Option<Minimum>,
}

/// How far the people of a cycle are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where the cycle is.
    pub step: Step,
    /// How many take part.
    pub people: u64,
    /// How many forms are in each state.
    pub by_state: BTreeMap<FormState, u64>,
    /// How many are behind, the last day of the step being over.
    pub late: u64,
}

/// One cycle.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn cycle(context: &Context, caller: Caller<'_>, id: Uuid) -> Result<Row<Cycle>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::AppraisalsRead)?;
        Ok(read(&mut documents::of(context, tx), WHAT, id).await?.into_row())
    })
    .await
}

/// A page of the cycles by name.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn cycles(context: &Context, caller: Caller<'_>, ask: Ask) -> Result<Page<Row<Cycle>>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::AppraisalsRead)?;
        let after = document::place(ask.after);
        let find = Find {
            equal: &[("kind", "cycle")],
            by: Some("name"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        document::page(&mut documents::of(context, tx), &find).await
    })
    .await
}

/// Makes a cycle, as a draft that nobody takes part in.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (template, dates, weights), `Unavailable`.
pub async fn create_cycle(context: &Context, caller: Caller<'_>, new: NewCycle) -> Result<Row<Cycle>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        let NewCycle { name, template_id, starts_on, ends_on, weights, deadlines, feedback_minimum } = new;
        let step = Step::Draft;
        let made =
            Cycle { name: name.into(), template_id, starts_on, ends_on, step, weights, deadlines, feedback_minimum };
        check(change, &made).await?;
        let id = change.context.id();
        insert(change, id, made, "appraisal_cycle.created").await
    })
    .await
}

/// Changes a cycle that is a draft.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (it is no draft), `Invalid`, `Unavailable`.
pub async fn change_cycle(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    changes: CycleChanges,
) -> Result<Row<Cycle>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        let loaded = load(change, target).await?;
        if loaded.body.step != Step::Draft {
            return Err(rule("a cycle changes while it is a draft; people have begun with this one"));
        }
        let mut wanted = loaded.body.clone();
        put(&mut wanted.name, changes.name);
        put(&mut wanted.template_id, changes.template_id);
        put(&mut wanted.starts_on, changes.starts_on);
        put(&mut wanted.ends_on, changes.ends_on);
        put(&mut wanted.weights, changes.weights);
        put(&mut wanted.deadlines, changes.deadlines);
        put(&mut wanted.feedback_minimum, changes.feedback_minimum);
        check(change, &wanted).await?;
        save(change, loaded, wanted, "appraisal_cycle.updated").await
    })
    .await
}

/// Takes a cycle to its next step. No form is written: what may be done with one follows from the cycle.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (nobody takes part, results are missing, it is closed), `Invalid` (what a draft
/// says is not such that it can be opened), `Unavailable`.
pub async fn advance(context: &Context, caller: Caller<'_>, target: Target<Uuid>) -> Result<Row<Cycle>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        appraisals::lock_steps(&mut change.tx).await?;
        let loaded = load(change, target).await?;
        if loaded.body.step == Step::Draft {
            // A draft of before may have been kept without a look at its template.
            check(change, &loaded.body).await?;
        }
        let by_state = by_state(&mut change.documents(), target.id).await?;
        let of = |done: bool| {
            by_state.iter().filter(|(state, _)| state.has_result() == done).map(|(_, count)| count).sum::<u64>()
        };
        let (finished, unfinished) = (of(true), of(false));
        let step = loaded.body.step.next(finished.saturating_add(unfinished), unfinished).map_err(step_rule)?;
        let wanted = Cycle { step, ..loaded.body.clone() };
        mail::plan_soon(change).await?;
        save(change, loaded, wanted, "appraisal_cycle.advanced").await
    })
    .await
}

/// How far the people of a cycle are.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn progress(context: &Context, caller: Caller<'_>, id: Uuid) -> Result<Progress> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::AppraisalsRead)?;
        let mut documents = documents::of(context, tx);
        let cycle: Cycle = read(&mut documents, WHAT, id).await?.body;
        let by_state = by_state(&mut documents, id).await?;
        let behind = cycle.step.late().filter(|_| is_over(&cycle, context.today()));
        let range = behind.map(|late| late.first..=late.last);
        let is_behind = |state: &FormState| range.as_ref().is_some_and(|range| range.contains(state));
        let late = by_state.iter().filter(|(state, _)| is_behind(state)).map(|(_, count)| count).sum();
        Ok(Progress { step: cycle.step, people: by_state.values().sum(), by_state, late })
    })
    .await
}

/// Whether the last day of the present step is over.
pub(super) fn is_over(cycle: &Cycle, today: Date) -> bool {
    cycle.deadlines.of(cycle.step).is_some_and(|last| today > last)
}

/// One count by an index for each state, however many forms there are.
async fn by_state(documents: &mut TenantDocuments<'_>, cycle: Uuid) -> Result<BTreeMap<FormState, u64>> {
    let (cycle, mut counts) = (cycle.to_string(), BTreeMap::new());
    for state in FormState::ALL {
        let equal = [("kind", "form"), ("cycle_id", cycle.as_str()), ("state", state.as_str())];
        counts.insert(*state, documents.count(FORMS, &equal).await?);
    }
    Ok(counts)
}

/// The cycle that is to be changed, if it still is as the caller has read it.
pub(super) async fn load(change: &mut Change<'_>, target: Target<Uuid>) -> Result<Loaded<Cycle>> {
    let loaded = read::<Cycle>(&mut change.documents(), WHAT, target.id).await?;
    target.check(WHAT, loaded.stored.version)?;
    Ok(loaded)
}

async fn check(change: &mut Change<'_>, cycle: &Cycle) -> Result<()> {
    if cycle.ends_on < cycle.starts_on {
        return Err(Error::invalid("ends_on", "lies before starts_on"));
    }
    cycle.weights.check().map_err(|error| Error::invalid("weights", &error))?;
    let template = read::<Template>(&mut change.documents(), "appraisal template", cycle.template_id).await;
    match template {
        Ok(template) if template.body.published => invalid(cycle.weights.faults(&template.body.content), "weights."),
        Ok(_) => Err(Error::invalid("template_id", "is a draft; publish it first")),
        Err(Error::NotFound { .. }) => Err(Error::invalid("template_id", "is no template of this company")),
        Err(error) => Err(error),
    }
}
