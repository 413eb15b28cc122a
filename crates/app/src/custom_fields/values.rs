//! The values of the company's own fields: checking them, showing them by class, and changing those of an employee.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tenure_core::access::Permission;
use tenure_core::custom_fields::{self as rules, Class, Classes, Definition, Entity};
use tenure_core::ids::EmployeeId;
use tenure_db::TenantTx;
use tenure_db::custom_fields;

use crate::caller::Caller;
use crate::change::{self, Change, Record, Target};
use crate::context::Context;
use crate::employees::{self, scopes_of};
use crate::error::{Error, FieldError, Result};

/// The company's own fields of an employee, as far as the actor may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// The fields.
    pub custom: Map<String, Value>,
    /// The version of the employee.
    pub version: i32,
}

/// Checks what the fields of a record are to be. `before` is what they were, for a record that is there. Until the change ends, nobody
/// changes the definitions.
///
/// # Errors
/// `Invalid`, which names `custom.` and the field.
pub(crate) async fn check(
    change: &mut Change<'_>,
    entity: Entity,
    before: Option<&Map<String, Value>>,
    after: &Map<String, Value>,
) -> Result<Vec<Definition>> {
    custom_fields::hold(&mut change.tx, entity).await?;
    let definitions = custom_fields::definitions(&mut change.tx, entity).await?;
    refuse_wrong(&definitions, before, after)?;
    Ok(definitions)
}

/// Checks the fields of somebody who is hired. Each takes the permission to write its class; what is required is asked of those who may
/// write it, so that nobody is kept from hiring by a field that is for others. Until the change ends, nobody changes the definitions.
///
/// # Errors
/// `Denied`; `Invalid`, which names `custom.` and the field.
pub(crate) async fn check_new_employee(change: &mut Change<'_>, new: &Map<String, Value>) -> Result<()> {
    custom_fields::hold(&mut change.tx, Entity::Employee).await?;
    let mut definitions = custom_fields::definitions(&mut change.tx, Entity::Employee).await?;
    let classes = if new.is_empty() { Classes::default() } else { custom_fields::classes(&mut change.tx).await? };
    let may_write = |class: Class| change.actor.grants.allow_everywhere(class.write());
    deny_others(&classes, new, may_write)?;
    for definition in &mut definitions {
        definition.required &= may_write(definition.class);
    }
    refuse_wrong(&definitions, None, new)
}

/// Denies fields of a class that the actor may not write.
fn deny_others(classes: &Classes, new: &Map<String, Value>, may_write: impl Fn(Class) -> bool) -> Result<()> {
    let denied = new.keys().find(|key| !may_write(classes.of(key)));
    denied.map_or(Ok(()), |key| {
        let permission = classes.of(key).write();
        Err(Error::Denied(format!("changing {key} needs the permission {permission} for this employee")))
    })
}

fn refuse_wrong(
    definitions: &[Definition],
    before: Option<&Map<String, Value>>,
    after: &Map<String, Value>,
) -> Result<()> {
    let wrong = rules::check(definitions, before, after);
    if wrong.is_empty() {
        return Ok(());
    }
    let named =
        |wrong: rules::Wrong| FieldError { field: format!("custom.{}", wrong.key), message: wrong.fault.to_string() };
    Err(Error::Invalid(wrong.into_iter().map(named).collect()))
}

/// What of an employee's fields may be seen by who has these permissions for the employee.
pub(crate) async fn visible(
    tx: &mut TenantTx,
    custom: Map<String, Value>,
    may: impl Fn(Permission) -> bool,
) -> Result<Map<String, Value>> {
    if custom.is_empty() {
        return Ok(custom);
    }
    Ok(custom_fields::classes(tx).await?.visible(custom, |class| may(class.read())))
}

/// Changes some of the company's own fields of an employee; null takes one away. Each takes the permission to write its class. Showing all
/// of them that the actor may see is recorded as reading is.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied` (a field of a class that the actor may not
/// write), `Stale`, `Invalid`, `Unavailable`.
pub async fn change_of_employee(
    context: &Context,
    caller: Caller<'_>,
    target: Target<EmployeeId>,
    new: Map<String, Value>,
) -> Result<Custom> {
    let make = async |change: &mut Change<'_>| apply(change, target, new).await;
    let note = async |change: &mut Change<'_>, shown: &Custom| note_shown(change, target.id, shown).await;
    change::run_shown(context, caller, make, note).await
}

/// Records the classes of the fields that the answer to a change shows.
async fn note_shown(change: &mut Change<'_>, person: EmployeeId, shown: &Custom) -> Result<()> {
    if shown.custom.is_empty() {
        return Ok(());
    }
    let classes = custom_fields::classes(&mut change.tx).await?;
    let shown: BTreeSet<Class> = shown.custom.keys().map(|key| classes.of(key)).collect();
    let classes: Vec<&str> = shown.into_iter().filter(|class| *class != Class::Public).map(Class::as_str).collect();
    employees::note_classes(change, person, &classes).await
}

async fn apply(change: &mut Change<'_>, target: Target<EmployeeId>, new: Map<String, Value>) -> Result<Custom> {
    let not_found = || Error::not_found("employee", &target.id);
    let lies_in = scopes_of(&mut change.tx, &change.actor, target.id).await?;
    if !change.actor.grants.allow(Permission::EmployeesRead, lies_in) {
        return Err(not_found());
    }
    let before = tenure_db::employees::custom_for_change(&mut change.tx, target.id).await?.ok_or_else(not_found)?;
    custom_fields::hold(&mut change.tx, Entity::Employee).await?;
    let definitions = custom_fields::definitions(&mut change.tx, Entity::Employee).await?;
    let classes = custom_fields::classes(&mut change.tx).await?;
    let may_write = |class: Class| change.actor.grants.allow(class.write(), lies_in);
    if !Class::ALL.iter().any(|class| may_write(*class)) {
        return Err(Error::Denied("there is no field of this employee that you may change".to_owned()));
    }
    // Before anything else is told of the fields: an answer must not give away what they hold.
    deny_others(&classes, &new, may_write)?;
    target.check("employee", before.version)?;
    let after = rules::merge(&before.values, new);
    refuse_wrong(&definitions, Some(&before.values), &after)?;
    let version = save(change, target, &before.values, &after).await?;
    let grants = &change.actor.grants;
    let may_see = |class: Class| grants.allow(class.read(), lies_in);
    Ok(Custom { custom: classes.visible(after, may_see), version })
}

/// Writes the fields that changed; an employee who stays as he or she is keeps the version.
async fn save(
    change: &mut Change<'_>,
    target: Target<EmployeeId>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<i32> {
    if before == after {
        return Ok(target.version);
    }
    let version =
        tenure_db::employees::set_custom(&mut change.tx, target.id, after.clone(), change.context.now()).await?;
    let changed = |own: &Map<String, Value>, other: &Map<String, Value>| {
        let members = own.iter().filter(|(key, value)| other.get(*key) != Some(*value));
        json!({ "custom": members.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>() })
    };
    let (was, is) = (changed(before, after), changed(after, before));
    change.record(Record::of("employee.updated", target.id, Some(&was), Some(&is))).await?;
    Ok(version)
}
