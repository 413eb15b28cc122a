//! What colleagues say of a person: who is asked, and what is told of it all.
//!
//! Answers are put together in one document of the person's form when they are submitted, and nothing else keeps them. Nobody can learn from
//! here who has said what.

pub(super) mod requests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tenure_core::appraisal::{Answers, CycleError, Group, RequestState, Summary, summarise};
use tenure_core::ids::EmployeeId;
use tenure_db::appraisals::{self, Chosen};
use tenure_store::documents::{TenantDocuments, id_of};
use uuid::Uuid;

use super::document::{Asked, Document, FORMS, Feedback, FeedbackRequest, Form, Loaded, of_kind, read};
use super::open::{Open, WHAT, access, open, open_held};
use super::{rule, step_rule};
use crate::caller::{self, Caller};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::documents;
use crate::error::{Error, Result};

/// How many colleagues are asked about one person in a cycle at most.
const MOST: usize = 30;

/// Who was asked about a person. Of those who have answered there is the number alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requests {
    /// Who was asked, and how they stand to the person.
    pub asked: Vec<Asked>,
    /// How many of them have answered.
    pub answered: usize,
}

/// Asks colleagues about the person of a form. Who was asked before is left out.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for a form that the actor may not see), `Denied`, `Invalid` (nobody of the company, the person, or who
/// appraises), `Rule` (the step is another one, too many), `Unavailable`.
pub async fn ask(context: &Context, caller: Caller<'_>, form: Uuid, colleagues: Vec<EmployeeId>) -> Result<Requests> {
    change::run(context, caller, async |change| {
        let open = open_for_asking(change, form).await?;
        check_step(&open)?;
        let about = &open.form.body;
        if colleagues.iter().any(|one| *one == about.employee_id || Some(*one) == about.manager_id) {
            return Err(Error::invalid("employee_ids", "names the person, or who appraises the person"));
        }
        let groups = groups(change, about.employee_id, &colleagues).await?;
        let loaded = find(&mut change.documents(), form).await?;
        let present = loaded.as_ref().map_or_else(|| Feedback::of(form), |loaded| loaded.body.clone());
        let mut wanted = present.clone();
        for (employee_id, group) in groups {
            wanted.ask(employee_id, group);
        }
        if wanted.asked.len() > MOST {
            return Err(rule(format!("at most {MOST} colleagues are asked about one person")));
        }
        let new: Vec<Asked> = wanted.asked.iter().filter(|asked| !present.asked.contains(asked)).copied().collect();
        if !new.is_empty() {
            send(change, (form, about), &new).await?;
            match loaded {
                Some(loaded) => keep(change, loaded, wanted.clone()).await?,
                None => begin(change, &open, wanted.clone()).await?,
            }
        }
        Ok(wanted.into_requests())
    })
    .await
}

/// Who was asked about the person of a form.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for a form that the actor may not see), `Unavailable`.
pub async fn asked(context: &Context, caller: Caller<'_>, form: Uuid) -> Result<Requests> {
    caller::read(context, caller, async |tx, actor| {
        let about = read::<Form>(&mut documents::of(context, tx), WHAT, form).await?.body;
        access(tx, actor, &about).await?.ok_or_else(|| Error::not_found(WHAT, &form))?;
        let loaded = find(&mut documents::of(context, tx), form).await?;
        Ok(loaded.map(|loaded| loaded.body.into_requests()).unwrap_or_default())
    })
    .await
}

/// Takes a request back that was not answered.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for a form that the actor may not see), `Denied`, `Rule` (the step is another one, it was answered or
/// declined), `Unavailable`.
pub async fn withdraw(context: &Context, caller: Caller<'_>, form: Uuid, request: Uuid) -> Result<()> {
    change::run(context, caller, async |change| {
        let open = open_for_asking(change, form).await?;
        let no_such = || Error::not_found(requests::WHAT, &request);
        let loaded = find(&mut change.documents(), form).await?.ok_or_else(no_such)?;
        let withdrawn = loaded.body.asked.iter().find(|asked| asked.request_id == request).copied();
        let withdrawn = withdrawn.ok_or_else(no_such)?;
        check_step(&open)?;
        let asked = read::<FeedbackRequest>(&mut change.documents(), requests::WHAT, request).await?;
        if asked.body.state != RequestState::Asked {
            return Err(rule("this was answered or declined already"));
        }
        change.documents().delete(FORMS, request, asked.stored.version).await?;
        let before = Some(json!({ "employee_ids": [withdrawn.employee_id] }));
        let record = Record { action: "feedback.withdrawn", entity: WHAT, id: form, before, after: None };
        change.record(record).await?;
        let mut wanted = loaded.body.clone();
        wanted.asked.retain(|asked| asked.request_id != request);
        keep(change, loaded, wanted).await
    })
    .await
}

/// What colleagues have said of the person of a form, once nothing is added any more. That it was read of somebody else is recorded in the
/// audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for a form that the actor may not see), `Rule` (it is not told yet), `Unavailable`.
pub async fn summary(context: &Context, caller: Caller<'_>, form: Uuid) -> Result<Summary> {
    change::run(context, caller, async |change| {
        let open = open(change, form).await?;
        if !open.cycle.step.tells_feedback(open.access.is_own) {
            let words = "what colleagues say is told after the self review, and to the person once results are shared";
            return Err(rule(words));
        }
        if !open.access.is_own {
            let reading = Record { action: "feedback.read", entity: WHAT, id: form, before: None, after: None };
            change.record(reading).await?;
        }
        told(change, &open).await
    })
    .await
}

/// What is told of all that was said.
pub(super) async fn told(change: &mut Change<'_>, open: &Open) -> Result<Summary> {
    let loaded = find(&mut change.documents(), open.form.stored.id).await?;
    let given = loaded.map(|loaded| loaded.body.given).unwrap_or_default();
    Ok(summarise(&open.content, open.cycle.feedback_minimum, &given))
}

/// Whether somebody was asked about the person of a form, whatever came of it.
pub(super) async fn is_asked(change: &mut Change<'_>, form: Uuid, who: EmployeeId) -> Result<bool> {
    let loaded = find(&mut change.documents(), form).await?;
    Ok(loaded.is_some_and(|loaded| loaded.body.asked.iter().any(|asked| asked.employee_id == who)))
}

/// Removes all of it with its form.
pub(super) async fn remove(change: &mut Change<'_>, form: Uuid) -> Result<()> {
    let Some(loaded) = find(&mut change.documents(), form).await? else { return Ok(()) };
    let requests = loaded.body.asked.iter().map(|asked| asked.request_id);
    let ids: Vec<Uuid> = requests.chain([loaded.stored.id]).collect();
    Ok(change.documents().delete_each(FORMS, &ids).await?)
}

/// A form about whose person colleagues are to be asked. Until the change ends, nobody else asks or answers about the person.
async fn open_for_asking(change: &mut Change<'_>, form: Uuid) -> Result<Open> {
    let open = open_held(change, form).await?;
    if !open.access.may_write {
        return Err(Error::Denied("this needs the permission appraisals.write for this employee".to_owned()));
    }
    Ok(open)
}

fn check_step(open: &Open) -> Result<()> {
    let step = open.cycle.step;
    if step.asks_for_feedback() { Ok(()) } else { Err(step_rule(CycleError::WrongStep(step))) }
}

/// How colleagues stand to a person today.
async fn groups(
    change: &mut Change<'_>,
    about: EmployeeId,
    colleagues: &[EmployeeId],
) -> Result<BTreeMap<EmployeeId, Group>> {
    let employees: Vec<EmployeeId> = colleagues.iter().copied().chain([about]).collect();
    let limit = i64::try_from(employees.len()).unwrap_or(i64::MAX);
    let chosen = Chosen { employees, ..Chosen::default() };
    let found = appraisals::participants(&mut change.tx, &chosen, limit).await?;
    let manager_of: BTreeMap<_, _> = found.into_iter().map(|person| (person.employee, person.manager)).collect();
    let shared = manager_of.get(&about).copied().flatten();
    let group = |colleague: &EmployeeId| {
        let words = "names somebody who is no employee of this company";
        let manager = manager_of.get(colleague).ok_or_else(|| Error::invalid("employee_ids", words))?;
        let group = match manager {
            Some(manager) if *manager == about => Group::Report,
            Some(manager) if Some(*manager) == shared => Group::Peer,
            _ => Group::Other,
        };
        Ok((*colleague, group))
    };
    colleagues.iter().map(group).collect()
}

/// Makes the requests of those who are asked.
async fn send(change: &mut Change<'_>, (form_id, about): (Uuid, &Form), new: &[Asked]) -> Result<()> {
    let request = |asked: &Asked| FeedbackRequest {
        form_id,
        cycle_id: about.cycle_id,
        employee_id: asked.employee_id,
        about_id: about.employee_id,
        group: asked.group,
        state: RequestState::Asked,
        answers: Answers::new(),
    };
    let made: Vec<(Uuid, Document)> = new.iter().map(|asked| (asked.request_id, request(asked).into())).collect();
    let now = change.context.now();
    change.documents().insert_each(FORMS, made, now, None).await?;
    let people: Vec<EmployeeId> = new.iter().map(|asked| asked.employee_id).collect();
    let after = Some(json!({ "employee_ids": people }));
    change.record(Record { action: "feedback.asked", entity: WHAT, id: form_id, before: None, after }).await
}

/// Makes the document of what is said about a person. Its times are that of the form and stay so: they say nothing of when something was
/// said.
async fn begin(change: &mut Change<'_>, open: &Open, made: Feedback) -> Result<()> {
    let (id, moment) = (id_of_feedback(made.form_id), open.form.stored.created_at);
    change.documents().insert(FORMS, id, Document::from(made), moment, None).await?;
    Ok(())
}

async fn keep(change: &mut Change<'_>, loaded: Loaded<Feedback>, wanted: Feedback) -> Result<()> {
    let mut stored = loaded.stored;
    stored.body = wanted.into();
    let moment = stored.created_at;
    Ok(change.documents().replace(FORMS, &mut stored, moment).await?)
}

pub(super) fn id_of_feedback(form: Uuid) -> Uuid {
    id_of(&["feedback", &form.to_string()])
}

async fn find(documents: &mut TenantDocuments<'_>, form: Uuid) -> Result<Option<Loaded<Feedback>>> {
    Ok(documents.get::<Document>(FORMS, id_of_feedback(form)).await?.and_then(of_kind))
}

impl Feedback {
    fn of(form_id: Uuid) -> Self {
        Self { form_id, asked: Vec::new(), given: Vec::new() }
    }

    pub(super) fn ask(&mut self, employee_id: EmployeeId, group: Group) {
        if !self.asked.iter().any(|asked| asked.employee_id == employee_id) {
            let request_id = id_of(&["feedback request", &self.form_id.to_string(), &employee_id.to_string()]);
            self.asked.push(Asked { request_id, employee_id, group });
        }
    }

    fn into_requests(self) -> Requests {
        Requests { answered: self.given.len(), asked: self.asked }
    }
}
