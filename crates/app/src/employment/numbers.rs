//! The sequence of employee numbers.

use serde_json::json;
use tenure_core::access::Permission;
use tenure_core::employment::Pattern;
use tenure_db::employment::{self as db, Sequence};
use uuid::Uuid;

use crate::caller::{self, Caller};
use crate::change::{self, Change, Record};
use crate::context::Context;
use crate::error::{Error, Result};

/// How the next employee numbers are made.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn sequence(context: &Context, caller: Caller<'_>) -> Result<Sequence> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::SettingsWrite)?;
        Ok(db::sequence(tx).await?)
    })
    .await
}

/// Chooses another pattern, and the number that is tried next. Numbers that are in use are left out when their turn comes.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Stale`, `Unavailable`.
pub async fn put_sequence(
    context: &Context,
    caller: Caller<'_>,
    version: i32,
    (pattern, next_value): (Pattern, i64),
) -> Result<Sequence> {
    change::run(context, caller, async |change| {
        change.require(Permission::SettingsWrite)?;
        put(change, version, &pattern, next_value).await
    })
    .await
}

async fn put(change: &mut Change<'_>, version: i32, pattern: &Pattern, next_value: i64) -> Result<Sequence> {
    db::lock(&mut change.tx).await?;
    let before = db::sequence(&mut change.tx).await?;
    if before.version != version {
        return Err(Error::Stale("number sequence"));
    }
    let after = db::put_sequence(&mut change.tx, pattern, next_value, change.context.now()).await?;
    // The sequence has a key of its own kind; there is one.
    let record = Record {
        action: "number_sequence.updated",
        entity: "number_sequence",
        id: Uuid::nil(),
        before: Some(json!(before)),
        after: Some(json!(after)),
    };
    change.record(record).await?;
    Ok(after)
}
