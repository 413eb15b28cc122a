//! Changing settings, and bringing an earlier version back.

use serde_json::{Map, Value, json};
use tenure_core::access::Permission;
use tenure_core::settings::{Chosen, Fault, Number, check};
use tenure_core::text::Line;

use super::{CHANGE, CURRENT, ChangeBody, CurrentBody, Settings, VERSION, VersionBody, count, padded};
use crate::caller::Caller;
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::documents::{Collection, Stored, id_of};
use crate::error::{Error, FieldError, Result};

/// Why settings are changed.
pub type Reason = Line<500>;

/// New values by their keys, null taking a choice back, and why.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The values.
    pub settings: Map<String, Value>,
    /// Why, if it is said.
    pub reason: Option<Reason>,
}

/// How settings become what they are to be.
struct Step {
    chosen: Chosen,
    reason: Option<Reason>,
    rolled_back_to: Option<i32>,
}

/// Changes the settings that are named. One that changes nothing keeps the version.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Stale` (`version` is not that of today), `Invalid` (everything that is wrong), `Unavailable`.
pub async fn change(context: &Context, caller: Caller<'_>, version: i32, changes: Changes) -> Result<Settings> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        let current = read_for_change(change, version).await?;
        let before = current.as_ref().map_or_else(Chosen::default, |current| current.body.settings.clone());
        let chosen = check(&before, &changes.settings).map_err(invalid)?;
        save(change, current, Step { chosen, reason: changes.reason.clone(), rolled_back_to: None }).await
    })
    .await
}

/// Brings back the settings of an earlier version, as a new version.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Stale` (`version` is not that of today), `NotFound` (such an earlier version), `Rule` (this program would not
/// take its settings), `Unavailable`.
pub async fn roll_back(
    context: &Context,
    caller: Caller<'_>,
    version: i32,
    to: i32,
    reason: Option<Reason>,
) -> Result<Settings> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        let current = read_for_change(change, version).await?;
        let chosen = super::history::chosen(change.context, &mut change.tx, to).await?;
        check(&chosen, &Map::new()).map_err(|faults| Error::Rule(words(&faults)))?;
        save(change, current, Step { chosen, reason: reason.clone(), rolled_back_to: Some(to) }).await
    })
    .await
}

fn invalid(faults: Vec<Fault>) -> Error {
    let field = |fault: Fault| FieldError { field: format!("settings.{}", fault.key), message: fault.message };
    Error::Invalid(faults.into_iter().map(field).collect())
}

fn words(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.key, fault.message)).collect();
    format!("that version cannot come back as it was: {}", lines.join("; "))
}

/// The settings that are to be changed, if they still are as the caller has read them.
async fn read_for_change(change: &mut Change<'_>, version: i32) -> Result<Option<Stored<CurrentBody>>> {
    let current = change.documents().get::<CurrentBody>(Collection::TenantSettings, id_of(&[CURRENT])).await?;
    let number = current.as_ref().map_or(0, |current| count(&current.body.number));
    if number == version { Ok(current) } else { Err(Error::Stale("document of settings")) }
}

async fn save(change: &mut Change<'_>, current: Option<Stored<CurrentBody>>, step: Step) -> Result<Settings> {
    let (number, before) = match &current {
        Some(current) => (count(&current.body.number), current.body.settings.clone()),
        None => (0, Chosen::default()),
    };
    if before == step.chosen {
        return Ok(Settings { version: number, chosen: before });
    }
    let number = number.saturating_add(1);
    write_current(change, current, &step.chosen, number).await?;
    write_history(change, &before, &step, number).await?;
    let shown = |chosen: &Chosen, number: i32| Some(json!({ "version": number, "settings": chosen }));
    let record = Record {
        action: if step.rolled_back_to.is_some() { "settings.rolled_back" } else { "settings.updated" },
        entity: "settings",
        id: id_of(&[CURRENT]),
        before: shown(&before, number.saturating_sub(1)),
        after: shown(&step.chosen, number),
    };
    change.record(record).await?;
    Ok(Settings { version: number, chosen: step.chosen })
}

async fn write_current(
    change: &mut Change<'_>,
    current: Option<Stored<CurrentBody>>,
    chosen: &Chosen,
    number: i32,
) -> Result<()> {
    let now = change.context.now();
    let body = CurrentBody { kind: CURRENT.to_owned(), number: padded(number), settings: chosen.clone() };
    let mut documents = change.documents();
    let written = if let Some(mut current) = current {
        current.body = body;
        documents.replace(Collection::TenantSettings, &mut current, now).await
    } else {
        let first = documents.insert(Collection::TenantSettings, id_of(&[CURRENT]), body, now, None).await;
        first.map(drop)
    };
    // Of two who make the first choice at once, the second finds the other's.
    written.map_err(|error| match Error::from(error) {
        Error::Stale(_) | Error::Conflict(_) => Error::Stale("document of settings"),
        other => other,
    })
}

/// Keeps the version for good, and who made it for a time.
async fn write_history(change: &mut Change<'_>, before: &Chosen, step: &Step, number: i32) -> Result<()> {
    let now = change.context.now();
    let (actor, actor_id) = (change.actor.user.name().to_owned(), change.actor.user.user_id());
    let reason = step.reason.clone().map(String::from);
    let version = VersionBody {
        kind: VERSION.to_owned(),
        number: padded(number),
        settings: step.chosen.clone(),
        reason: reason.clone(),
        actor: actor.clone(),
        actor_id,
        rolled_back_to: step.rolled_back_to,
    };
    let made = ChangeBody {
        kind: CHANGE.to_owned(),
        number: padded(number),
        reason,
        actor,
        actor_id,
        changes: before.differences(&step.chosen),
    };
    let days = step.chosen.number(Number::SettingsKeptDays);
    let expires_at = now.checked_add(jiff::SignedDuration::from_hours(days.saturating_mul(24))).ok();
    let id = change.context.id();
    let mut documents = change.documents();
    documents.insert(Collection::TenantSettings, id_of(&[VERSION, &padded(number)]), version, now, None).await?;
    documents.insert(Collection::SettingsAudit, id, made, now, expires_at).await?;
    Ok(())
}
