//! What settings were, and who changed them.

use tenure_core::access::Permission;
use tenure_core::settings::{Chosen, Difference};
use tenure_db::TenantTx;

use super::{CHANGE, ChangeBody, Made, VERSION, Version, VersionBody, count, padded};
use crate::caller::{self, Caller};
use crate::context::Context;
use crate::documents::{self, Collection, Find, Place, Stored, id_of};
use crate::error::{Error, Result};

/// Which part of a list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where the page starts; `None` for the first one.
    pub after: Option<Place>,
    /// How many rows a page holds at most.
    pub limit: u16,
}

/// A page of the versions, newest first, and where the next one starts.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn versions(context: &Context, caller: Caller<'_>, query: Query) -> Result<(Vec<Version>, Option<Place>)> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::SettingsWrite)?;
        let equal = [("kind", VERSION)];
        let find = Find { equal: &equal, by: Some("number"), ..newest_first(&query) };
        let found = documents::of(context, tx).find::<VersionBody>(Collection::TenantSettings, &find).await?;
        Ok((found.documents.into_iter().map(Version::from).collect(), found.next))
    })
    .await
}

/// One version.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn version(context: &Context, caller: Caller<'_>, number: i32) -> Result<Version> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::SettingsWrite)?;
        Ok(read(context, tx, number).await?.into())
    })
    .await
}

/// What is not the same from one version to another, or to what holds now; 0 is before the first change.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn differences(context: &Context, caller: Caller<'_>, from: i32, to: Option<i32>) -> Result<Vec<Difference>> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::SettingsWrite)?;
        let after = match to {
            Some(to) => chosen(context, tx, to).await?,
            None => super::read(context, tx).await?.chosen,
        };
        Ok(chosen(context, tx, from).await?.differences(&after))
    })
    .await
}

/// A page of the changes that are still kept, newest first, and where the next one starts.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn changes(context: &Context, caller: Caller<'_>, query: Query) -> Result<(Vec<Made>, Option<Place>)> {
    caller::read(context, caller, async |tx, actor| {
        actor.require(Permission::SettingsWrite)?;
        let equal = [("kind", CHANGE)];
        let find = Find { equal: &equal, ..newest_first(&query) };
        let found = documents::of(context, tx).find::<ChangeBody>(Collection::SettingsAudit, &find).await?;
        Ok((found.documents.into_iter().map(Made::from).collect(), found.next))
    })
    .await
}

fn newest_first(query: &Query) -> Find<'_> {
    Find { descending: true, after: query.after.as_ref(), limit: query.limit.into(), ..Find::default() }
}

/// What was chosen in a version; nothing before the first.
pub(super) async fn chosen(context: &Context, tx: &mut TenantTx, number: i32) -> Result<Chosen> {
    if number == 0 { Ok(Chosen::default()) } else { Ok(read(context, tx, number).await?.body.settings) }
}

async fn read(context: &Context, tx: &mut TenantTx, number: i32) -> Result<Stored<VersionBody>> {
    let id = id_of(&[VERSION, &padded(number)]);
    let found = documents::of(context, tx).get(Collection::TenantSettings, id).await?;
    found.ok_or_else(|| Error::not_found("version of the settings", &number))
}

impl From<Stored<VersionBody>> for Version {
    fn from(stored: Stored<VersionBody>) -> Self {
        let Stored { body, created_at, .. } = stored;
        Self {
            number: count(&body.number),
            chosen: body.settings,
            reason: body.reason,
            actor: body.actor,
            actor_id: body.actor_id,
            rolled_back_to: body.rolled_back_to,
            created_at,
        }
    }
}

impl From<Stored<ChangeBody>> for Made {
    fn from(stored: Stored<ChangeBody>) -> Self {
        let Stored { id, body, created_at, .. } = stored;
        Self {
            id,
            number: count(&body.number),
            actor: body.actor,
            actor_id: body.actor_id,
            reason: body.reason,
            differences: body.changes,
            created_at,
        }
    }
}
