//! Goals of a person. A goal can be made of others, and is then as far as they are.
//!
//! How far it is follows from all goals of the person whenever it is asked for. They are few enough to be read at once, and so no change of one
//! has to write those above it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tenure_core::access::Permission;
use tenure_core::appraisal::Step;
use tenure_core::goals::{Node, Progress, Standing, Status, Tree};
use tenure_core::ids::EmployeeId;
use tenure_core::text::Line;
use tenure_db::person_records;
use tenure_store::documents::TenantDocuments;
use uuid::Uuid;

use super::document::{self, Cycle, FORMS, Goal, Loaded, Row, insert, read, save};
use super::lists::may_see;
use super::{cycles, rule};
use crate::caller::{self, Caller};
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::documents::{self, Find};
use crate::error::{Error, Result};

const WHAT: &str = "goal";

/// How many goals a person may have.
const MOST: usize = 100;

/// A goal to be made.
#[derive(Debug, Clone)]
pub struct NewGoal {
    /// What is to be reached.
    pub title: Line<200>,
    /// More about it.
    pub description: Option<Line<2000>>,
    /// The cycle whose score it counts in.
    pub cycle_id: Option<Uuid>,
    /// The goal that it is a part of.
    pub parent_id: Option<Uuid>,
    /// When it is begun with.
    pub starts_on: Option<Date>,
    /// Until when it is to be reached.
    pub due_on: Option<Date>,
    /// How much of it is done.
    pub progress: Progress,
}

/// New values of a goal; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct GoalChanges {
    /// What is to be reached.
    pub title: Option<Line<200>>,
    /// More about it.
    pub description: Option<Option<Line<2000>>>,
    /// The cycle.
    pub cycle_id: Option<Option<Uuid>>,
    /// The goal that it is a part of.
    pub parent_id: Option<Option<Uuid>>,
    /// When it is begun with.
    pub starts_on: Option<Option<Date>>,
    /// Until when it is to be reached.
    pub due_on: Option<Option<Date>>,
    /// Whether it is worked on.
    pub standing: Option<Standing>,
    /// How much of it is done.
    pub progress: Option<Progress>,
}

/// A goal with what follows from those below it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownGoal {
    /// The goal.
    pub goal: Row<Goal>,
    /// How much of it is done.
    pub progress: Progress,
    /// Where it stands.
    pub status: Status,
    /// Whether its progress is that of the goals below it.
    pub follows: bool,
}

/// All goals of a person.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn goals(context: &Context, caller: Caller<'_>, person: EmployeeId) -> Result<Vec<ShownGoal>> {
    caller::read(context, caller, async |tx, actor| {
        may_see(tx, actor, person, &[Permission::AppraisalsRead]).await?;
        let rows = all(&mut documents::of(context, tx), person).await?;
        let tree = tree(&rows);
        Ok(rows.into_iter().map(|row| show(row, &tree)).collect())
    })
    .await
}

/// One goal of a person.
///
/// # Errors
/// As [`goals`]; `NotFound` also when there is none.
pub async fn goal(context: &Context, caller: Caller<'_>, person: EmployeeId, id: Uuid) -> Result<ShownGoal> {
    let goals = goals(context, caller, person).await?;
    goals.into_iter().find(|shown| shown.goal.id == id).ok_or_else(|| Error::not_found(WHAT, &id))
}

/// Makes a goal.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Invalid` (parent, cycle, dates), `Rule` (too many),
/// `Unavailable`.
pub async fn create_goal(context: &Context, caller: Caller<'_>, person: EmployeeId, new: NewGoal) -> Result<ShownGoal> {
    change::run(context, caller, async |change| {
        let mut present = hold(change, person).await?;
        if present.len() >= MOST {
            return Err(rule(format!("one person has at most {MOST} goals; delete an old one first")));
        }
        let NewGoal { title, description, cycle_id, parent_id, starts_on, due_on, progress } = new;
        let (title, description, standing) = (title.into(), description.map(Into::into), Standing::Open);
        let (employee_id, id) = (person, change.context.id());
        let made = Goal { employee_id, cycle_id, parent_id, title, description, starts_on, due_on, standing, progress };
        check(change, (id, &made), None, &tree(&present)).await?;
        let row = insert(change, id, made, "goal.created").await?;
        present.push(row.clone());
        Ok(show(row, &tree(&present)))
    })
    .await
}

/// Changes a goal.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Invalid` (parent, cycle, dates), `Rule` (its
/// progress is that of the goals below it), `Unavailable`.
pub async fn change_goal(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<Uuid>,
    changes: GoalChanges,
) -> Result<ShownGoal> {
    change::run(context, caller, async |change| {
        let mut present = hold(change, person).await?;
        let loaded = load(change, person, target).await?;
        let before = tree(&present);
        if changes.progress.is_some() && before.follows(target.id) {
            return Err(rule("the progress of this goal is that of the goals below it"));
        }
        let wanted = apply(loaded.body.clone(), changes);
        check(change, (target.id, &wanted), Some(&loaded.body), &before).await?;
        let row = save(change, loaded, wanted, "goal.updated").await?;
        present.retain(|other| other.id != row.id);
        present.push(row.clone());
        Ok(show(row, &tree(&present)))
    })
    .await
}

/// Deletes a goal that has none below it.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Rule` (there are goals below it),
/// `Unavailable`.
pub async fn delete_goal(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<Uuid>,
) -> Result<()> {
    change::run(context, caller, async |change| {
        let present = hold(change, person).await?;
        let removed = load(change, person, target).await?.body;
        if tree(&present).has_below(target.id) {
            return Err(rule("there are goals below this one; delete or move them first"));
        }
        change.documents().delete(FORMS, target.id, target.version).await?;
        change.record(Record::of("goal.deleted", target.id, Some(&removed), None)).await
    })
    .await
}

/// What the goals of a person for a cycle score; nothing when there are none.
pub(super) async fn score(
    documents: &mut TenantDocuments<'_>,
    person: EmployeeId,
    cycle: Uuid,
) -> Result<Option<Decimal>> {
    let rows = all(documents, person).await?;
    let of_cycle: Vec<Uuid> = rows.iter().filter(|row| row.body.cycle_id == Some(cycle)).map(|row| row.id).collect();
    Ok(tree(&rows).average_of(&of_cycle).map(Progress::percent))
}

/// Lets the actor change the goals of a person, and reads all of them. Until the change ends, nobody else does.
async fn hold(change: &mut Change<'_>, person: EmployeeId) -> Result<Vec<Row<Goal>>> {
    // The answer to a change shows the goal.
    let needed = [Permission::AppraisalsRead, Permission::AppraisalsWrite];
    may_see(&mut change.tx, &change.actor, person, &needed).await?;
    if !person_records::hold(&mut change.tx, person).await? {
        return Err(Error::not_found("employee", &person));
    }
    all(&mut change.documents(), person).await
}

async fn load(change: &mut Change<'_>, person: EmployeeId, target: Target<Uuid>) -> Result<Loaded<Goal>> {
    let loaded = read::<Goal>(&mut change.documents(), WHAT, target.id).await?;
    if loaded.body.employee_id != person {
        return Err(Error::not_found(WHAT, &target.id));
    }
    target.check(WHAT, loaded.stored.version)?;
    Ok(loaded)
}

fn apply(mut goal: Goal, changes: GoalChanges) -> Goal {
    put(&mut goal.title, changes.title);
    put_or_empty(&mut goal.description, changes.description);
    put_or_empty(&mut goal.cycle_id, changes.cycle_id);
    put_or_empty(&mut goal.parent_id, changes.parent_id);
    put_or_empty(&mut goal.starts_on, changes.starts_on);
    put_or_empty(&mut goal.due_on, changes.due_on);
    put(&mut goal.standing, changes.standing);
    put(&mut goal.progress, changes.progress);
    goal
}

/// Checks what is new in a goal.
async fn check(change: &mut Change<'_>, (id, goal): (Uuid, &Goal), before: Option<&Goal>, tree: &Tree) -> Result<()> {
    if goal.starts_on.zip(goal.due_on).is_some_and(|(start, due)| due < start) {
        return Err(Error::invalid("due_on", "lies before starts_on"));
    }
    if let Some(parent) = goal.parent_id.filter(|_| before.is_none_or(|before| before.parent_id != goal.parent_id)) {
        tree.check_parent(id, parent).map_err(|error| Error::invalid("parent_id", &error))?;
    }
    if let Some(cycle) = goal.cycle_id.filter(|_| before.is_none_or(|before| before.cycle_id != goal.cycle_id)) {
        match read::<Cycle>(&mut change.documents(), cycles::WHAT, cycle).await {
            Ok(found) if found.body.step == Step::Closed => {
                return Err(Error::invalid("cycle_id", "is a cycle that is closed"));
            }
            Ok(_) => {}
            Err(Error::NotFound { .. }) => return Err(Error::invalid("cycle_id", "is no cycle of this company")),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn all(documents: &mut TenantDocuments<'_>, person: EmployeeId) -> Result<Vec<Row<Goal>>> {
    let person = person.to_string();
    let find = Find {
        equal: &[("kind", "goal"), ("employee_id", &person)],
        by: Some("cycle_id"),
        limit: MOST.try_into().unwrap_or(u32::MAX),
        ..Find::default()
    };
    Ok(document::page(documents, &find).await?.rows)
}

fn tree(rows: &[Row<Goal>]) -> Tree {
    let node = |row: &Row<Goal>| {
        let Goal { parent_id: parent, standing, progress: own, .. } = row.body;
        Node { id: row.id, parent, standing, own }
    };
    rows.iter().map(node).collect()
}

fn show(goal: Row<Goal>, tree: &Tree) -> ShownGoal {
    let progress = tree.progress(goal.id);
    let status = Status::of(goal.body.standing, progress);
    let follows = tree.follows(goal.id);
    ShownGoal { goal, progress, status, follows }
}
