//! Who is told that an appraisal waits for them.

use std::collections::BTreeMap;

use tenure_core::appraisal::{FormState, Late, Step};
use tenure_core::ids::EmployeeId;
use tenure_core::mail::{Due, Message, Review, Rhythm, Stage, due};
use tenure_db::TenantTx;
use tenure_db::outbox::To;
use tenure_store::documents::id_of;
use uuid::Uuid;

use super::document::{self, Cycle, FORMS, Form, Row, of_kind, read};
use super::people::form_id;
use super::{Ask, cycles};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::error::{Error, Result};
use crate::mail::{BEGUN, Days, Notice};

/// How many documents are read at once.
const PAGE: u16 = 500;
/// How many appraisals of one cycle a person is counted for at most.
const MOST: u32 = 1000;

/// What those are to be told for whom the present step of a cycle waits: that it has begun, and that its last day is near or over.
pub(crate) async fn remind(context: &Context, tx: &mut TenantTx, days: &Days) -> Result<Vec<Notice>> {
    let mut notices = Vec::new();
    let mut ask = Ask { after: None, limit: PAGE };
    loop {
        let after = document::place(ask.after.take());
        let find = Find {
            equal: &[("kind", "cycle")],
            by: Some("name"),
            after: after.as_ref(),
            limit: ask.limit.into(),
            ..Find::default()
        };
        let page = document::page::<Cycle>(&mut documents::of(context, tx), &find).await?;
        for cycle in page.rows {
            if let Some(waits) = cycle.body.step.late() {
                remind_of(context, tx, (&cycle, waits), days, &mut notices).await?;
            }
        }
        ask.after = page.next;
        if ask.after.is_none() {
            return Ok(notices);
        }
    }
}

async fn remind_of(
    context: &Context,
    tx: &mut TenantTx,
    (cycle, waits): (&Row<Cycle>, Late),
    days: &Days,
    notices: &mut Vec<Notice>,
) -> Result<()> {
    let last_day = cycle.body.deadlines.of(cycle.body.step);
    let dated = last_day.and_then(|last| due(last, Rhythm::of_a_task(days.before), days.span()));
    let is_over = last_day.is_some_and(|last| days.today > last);
    if is_over && dated.is_none() {
        return Ok(());
    }
    let forms = waiting(context, tx, cycle.id, waits).await?;
    let occasions = [(!is_over).then(|| (Stage::Begun, BEGUN.to_owned())), dated.map(named)];
    for (stage, occasion) in occasions.into_iter().flatten() {
        let review = || Review { cycle: cycle.id, name: cycle.body.name.clone(), last_day, stage };
        let notice = |(message, subject, employee)| Notice {
            message,
            subject,
            occasion: occasion.clone(),
            to: To::Employee(employee),
            due_at: days.now,
        };
        notices.extend(messages(cycle, &forms, review).into_iter().map(notice));
    }
    Ok(())
}

fn named(due: Due) -> (Stage, String) {
    (due.stage, format!("{} {}", due.stage, due.day))
}

/// What to whom, and what it is about: in the managers' review one message for all that somebody has to write.
fn messages(
    cycle: &Row<Cycle>,
    forms: &[(Uuid, Form)],
    review: impl Fn() -> Review,
) -> Vec<(Message, Uuid, EmployeeId)> {
    if cycle.body.step == Step::ManagerReview {
        let mut counts: BTreeMap<EmployeeId, usize> = BTreeMap::new();
        for manager in forms.iter().filter_map(|(_, form)| form.manager_id) {
            *counts.entry(manager).or_default() += 1;
        }
        let about = |manager: EmployeeId| id_of(&["to write", &cycle.id.to_string(), &manager.to_string()]);
        let one = |(manager, count)| (Message::ManagerReview { review: review(), count }, about(manager), manager);
        return counts.into_iter().map(one).collect();
    }
    let message = |(id, form): &(Uuid, Form)| {
        let message = match cycle.body.step {
            Step::Shared => Message::AppraisalShared(review()),
            _ => Message::SelfReview(review()),
        };
        (message, *id, form.employee_id)
    };
    forms.iter().map(message).collect()
}

/// The forms of a cycle that are in one of the states for which a step waits.
async fn waiting(context: &Context, tx: &mut TenantTx, cycle: Uuid, waits: Late) -> Result<Vec<(Uuid, Form)>> {
    let (mut forms, mut after) = (Vec::new(), None);
    // The words of these states follow each other in the order of bytes.
    let (cycle, end) = (cycle.to_string(), format!("{}\u{1}", waits.last));
    loop {
        let find = Find {
            equal: &[("kind", "form"), ("cycle_id", &cycle)],
            by: Some("state"),
            from: Some(waits.first.as_str()),
            before: Some(&end),
            after: after.as_ref(),
            limit: PAGE.into(),
            ..Find::default()
        };
        let page = document::page::<Form>(&mut documents::of(context, tx), &find).await?;
        forms.extend(page.rows.into_iter().map(|row| (row.id, row.body)));
        after = document::place(page.next);
        if after.is_none() {
            return Ok(forms);
        }
    }
}

/// The message as it is by now, or nothing when nothing waits for the person any more.
pub(crate) async fn still_waits(
    context: &Context,
    tx: &mut TenantTx,
    message: Message,
    person: EmployeeId,
) -> Result<Option<Message>> {
    let (review, step) = match &message {
        Message::SelfReview(review) => (review, Step::SelfReview),
        Message::ManagerReview { review, .. } => (review, Step::ManagerReview),
        Message::AppraisalShared(review) => (review, Step::Shared),
        _ => return Ok(None),
    };
    let cycle = match read::<Cycle>(&mut documents::of(context, tx), cycles::WHAT, review.cycle).await {
        Err(Error::NotFound { .. }) => return Ok(None),
        cycle => cycle?.body,
    };
    let Some(waits) = step.late().filter(|_| cycle.step == step) else { return Ok(None) };
    let states = waits.first.as_str()..=waits.last.as_str();
    let counts = |state: FormState| states.contains(&state.as_str());
    Ok(match message {
        Message::ManagerReview { review, .. } => {
            let forms = to_write(context, tx, review.cycle, person).await?;
            let count = forms.into_iter().filter(|form| counts(form.state)).count();
            (count > 0).then_some(Message::ManagerReview { review, count })
        }
        Message::SelfReview(ref review) | Message::AppraisalShared(ref review) => {
            let id = form_id(review.cycle, person);
            let form = documents::of(context, tx).get::<document::Document>(FORMS, id).await?;
            let form = form.and_then(of_kind::<Form>);
            form.filter(|form| counts(form.body.state)).map(|_| message)
        }
        _ => None,
    })
}

async fn to_write(context: &Context, tx: &mut TenantTx, cycle: Uuid, manager: EmployeeId) -> Result<Vec<Form>> {
    let (cycle, manager) = (cycle.to_string(), manager.to_string());
    let equal = [("kind", "form"), ("manager_id", manager.as_str()), ("cycle_id", cycle.as_str())];
    let find = Find { equal: &equal, limit: MOST, ..Find::default() };
    let page = document::page::<Form>(&mut documents::of(context, tx), &find).await?;
    Ok(page.rows.into_iter().map(|row| row.body).collect())
}
