//! Making, changing and deleting the definition of a field.

use tenure_core::access::Permission;
use tenure_core::custom_fields::{Class, Entity};
use tenure_core::ids::CustomFieldId;
use tenure_db::custom_fields::{self, Choice, Content, CustomField, Label};

use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put};
use crate::context::Context;
use crate::error::{Error, Result};

/// How many fields a kind of record may have. All are read whenever a record is written.
const MAX_FIELDS: i64 = 200;

/// New values of a definition; what is `None` stays. Key, kind and kind of record are what they were from the start: values depend
/// on them.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What people call it.
    pub label: Option<Label>,
    /// Whether every record has it.
    pub required: Option<bool>,
    /// The words to choose from, all of them.
    pub choices: Option<Vec<Choice>>,
    /// Who may see and change it.
    pub class: Option<Class>,
    /// Its place among the fields of the kind of record.
    pub position: Option<i32>,
}

/// Defines a field. Values that are there under its key get its class, which takes the permission to see them.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Invalid` (choices or class), `Taken` (key), `Rule` (too many), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, new: Content) -> Result<CustomField> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        make(change, &new).await
    })
    .await
}

/// Changes the definition of a field. Values that records have stay as they are, also those that it would no longer let in. Nobody opens
/// to others what they may not see themselves.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Invalid` (choices or class), `Rule` (a word that goes is in use), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    target: Target<CustomFieldId>,
    changes: Changes,
) -> Result<CustomField> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        apply(change, target, changes).await
    })
    .await
}

/// Deletes the definition of a field. The values stay in the records, in the class that they had.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Stale`, `Unavailable`.
pub async fn delete(context: &Context, caller: Caller<'_>, target: Target<CustomFieldId>) -> Result<()> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        remove(change, target).await
    })
    .await
}

async fn make(change: &mut Change<'_>, new: &Content) -> Result<CustomField> {
    new.definition.check(new.entity).map_err(|error| Error::invalid(error.field(), &error))?;
    let defined = custom_fields::count(&mut change.tx, new.entity).await?;
    check_opening(change, new).await?;
    if defined >= MAX_FIELDS {
        return Err(Error::Rule(format!("these records have {MAX_FIELDS} fields already, which is the most")));
    }
    let (id, now) = (change.context.id(), change.context.now());
    let made = custom_fields::insert(&mut change.tx, id, new, now).await?;
    change.record(Record::of("custom_field.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

/// Refuses a definition under the key of values that are there, if it puts them into another class than the actor may see.
async fn check_opening(change: &mut Change<'_>, new: &Content) -> Result<()> {
    let (entity, key) = (new.entity, new.definition.key.as_str());
    if entity != Entity::Employee || !custom_fields::is_held(&mut change.tx, key).await? {
        return Ok(());
    }
    let was = custom_fields::classes(&mut change.tx).await?.of(key);
    require_sight(change, was, new.definition.class)
}

/// Denies to put values of one class into another to who may not see them.
fn require_sight(change: &Change<'_>, was: Class, class: Class) -> Result<()> {
    if was == class || change.actor.grants.allow_everywhere(was.read()) {
        return Ok(());
    }
    let words = format!(
        "the values of this field are {was}; to put them into another class takes the permission {}",
        was.read()
    );
    Err(Error::Denied(format!("{words} for the whole company")))
}

async fn apply(change: &mut Change<'_>, target: Target<CustomFieldId>, changes: Changes) -> Result<CustomField> {
    let before = read_for_change(change, target).await?;
    let mut wanted = before.clone();
    put(&mut wanted.label, changes.label);
    put(&mut wanted.definition.required, changes.required);
    put(&mut wanted.definition.class, changes.class);
    put(&mut wanted.position, changes.position);
    let choices: Option<Vec<String>> = changes.choices.map(|words| words.into_iter().map(String::from).collect());
    put(&mut wanted.definition.choices, choices);
    if wanted == before {
        return Ok(wanted);
    }
    wanted.definition.check(wanted.entity).map_err(|error| Error::invalid(error.field(), &error))?;
    require_sight(change, before.definition.class, wanted.definition.class)?;
    check_uses(change, wanted.entity, &before, &wanted.definition.choices).await?;
    let after = custom_fields::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(Record::of("custom_field.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

/// Refuses to take words away that records have.
async fn check_uses(change: &mut Change<'_>, entity: Entity, before: &CustomField, kept: &[String]) -> Result<()> {
    let gone = before.definition.choices.iter().filter(|word| !kept.contains(word));
    let gone: Vec<String> = gone.cloned().collect();
    if gone.is_empty() {
        return Ok(());
    }
    match custom_fields::uses(&mut change.tx, entity, &before.definition.key, &gone).await? {
        0 => Ok(()),
        uses => Err(Error::Rule(format!(
            "{uses} records have a word that is no longer among the choices ({}); give them another first",
            gone.join(", ")
        ))),
    }
}

async fn remove(change: &mut Change<'_>, target: Target<CustomFieldId>) -> Result<()> {
    let before = read_for_change(change, target).await?;
    custom_fields::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(Record::of("custom_field.deleted", target.id, Some(&before), None)).await
}

async fn read_for_change(change: &mut Change<'_>, target: Target<CustomFieldId>) -> Result<CustomField> {
    let found = custom_fields::find_for_change(&mut change.tx, target.id).await?;
    let field = found.ok_or_else(|| Error::not_found("field", &target.id))?;
    target.check("field", field.version)?;
    Ok(field)
}
