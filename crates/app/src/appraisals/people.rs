//! Who takes part in a cycle.

use std::collections::BTreeSet;

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::ids::EmployeeId;
use tenure_db::appraisals::{self, Chosen, Participant};
use tenure_store::documents::id_of;
use uuid::Uuid;

use super::cycles::load;
use super::document::{Cycle, Document, FORMS, Form, Row, put};
use super::open::WHAT;
use super::rule;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::error::{Error, FieldError, Result};
use crate::mail;

/// How many people one request adds.
const MOST: usize = 5000;

/// Adds the people who are chosen to a cycle, without those who take part already, and returns the cycle. Each gets the manager of today as
/// the appraiser. The cycle is written too, so that nobody is added to one that goes on meanwhile.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Rule` (the reviews have begun, too many at once), `Invalid` (unknown ids, nobody is
/// chosen), `Unavailable`.
pub async fn add_people(
    context: &Context,
    caller: Caller<'_>,
    target: Target<Uuid>,
    chosen: Chosen,
) -> Result<Row<Cycle>> {
    change::run(context, caller, async |change| {
        change.require(Permission::AppraisalsManage)?;
        let loaded = load(change, target).await?;
        if !loaded.body.step.takes_people() {
            return Err(rule(format!(
                "people are added until the self review is over; the cycle is in {}",
                loaded.body.step
            )));
        }
        let people = choose(change, &chosen).await?;
        enrol(change, target.id, &people).await?;
        mail::plan_soon(change).await?;
        let cycle = loaded.body.clone();
        put(change, loaded, cycle).await
    })
    .await
}

async fn choose(change: &mut Change<'_>, chosen: &Chosen) -> Result<Vec<Participant>> {
    let missing = appraisals::missing(&mut change.tx, chosen).await?;
    let names = ["department_ids", "designation_ids", "employee_ids"];
    let wrong = names.into_iter().zip(missing).filter(|(_, missing)| *missing);
    let errors: Vec<FieldError> = wrong
        .map(|(name, _)| FieldError { field: name.to_owned(), message: "names one that is not there".to_owned() })
        .collect();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX).saturating_add(1);
    let people = appraisals::participants(&mut change.tx, chosen, limit).await?;
    if people.len() > MOST {
        return Err(rule(format!(
            "more than {MOST} people are chosen; add them in several goes, by department for example"
        )));
    }
    Ok(people)
}

/// Makes the forms of those who have none yet: one person has one form in a cycle.
async fn enrol(change: &mut Change<'_>, cycle: Uuid, people: &[Participant]) -> Result<()> {
    let ids: Vec<Uuid> = people.iter().map(|person| form_id(cycle, person.employee)).collect();
    let there = change.documents().get_each::<Document>(FORMS, &ids).await?;
    let there: BTreeSet<Uuid> = there.into_iter().map(|stored| stored.id).collect();
    let new = ids.iter().zip(people).filter(|(id, _)| !there.contains(id));
    let forms: Vec<(Uuid, Document)> =
        new.map(|(id, person)| (*id, Form::new(cycle, person.employee, person.manager).into())).collect();
    let added: Vec<Uuid> = forms.iter().map(|(id, _)| *id).collect();
    let now = change.context.now();
    change.documents().insert_each(FORMS, forms, now, None).await?;
    let after = Some(json!({ "cycle_id": cycle }));
    let record = Record { action: "appraisal.created", entity: WHAT, id: cycle, before: None, after };
    change.record_each(&added, record).await
}

pub(super) fn form_id(cycle: Uuid, employee: EmployeeId) -> Uuid {
    id_of(&["appraisal", &cycle.to_string(), &employee.to_string()])
}
