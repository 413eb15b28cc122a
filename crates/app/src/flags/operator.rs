//! Flags as those who operate Tenure switch them: for one company or for all.

use tenure_core::flags::{By, Flag, Key, Percent, Switch, check, check_prerequisites};
use tenure_core::ids::TenantId;
use tenure_db::audit::Actor;
use tenure_db::platform_flags;

use super::change::{check_all, find, insert, invalid, lock, remove, save};
use super::local::of_platform;
use super::{Entry, Origin, read_own};
use crate::caller;
use crate::change::run_as_operator;
use crate::context::Context;
use crate::error::{Error, Result};

/// The flags of the platform, or of a company's own.
///
/// # Errors
/// `NotFound` (the company), `Unavailable`.
pub async fn list_as_operator(context: &Context, tenant: Option<TenantId>) -> Result<Vec<Entry>> {
    let Some(tenant) = tenant else { return list_of_platform(context).await };
    let mut tx = context.db.begin_read(tenant).await?;
    let own = read_own(context, &mut tx).await;
    caller::conclude(tx, own).await
}

async fn list_of_platform(context: &Context) -> Result<Vec<Entry>> {
    let entry = |stored: platform_flags::StoredFlag| Entry {
        flag: stored.flag,
        origin: Origin::Platform,
        version: stored.version,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    };
    Ok(platform_flags::all(&context.db).await?.into_iter().map(entry).collect())
}

/// How a flag is switched: on, off, or on for a part, which is one of the companies or, in a company, of its users.
#[derive(Debug, Clone, Copy)]
pub enum To {
    /// On for everybody.
    On,
    /// Off for everybody.
    Off,
    /// On for so many.
    Percent(Percent),
}

impl To {
    fn switch(self, by: By) -> Switch {
        match self {
            Self::On => Switch::On,
            Self::Off => Switch::Off,
            Self::Percent(percent) => Switch::Part(percent, by),
        }
    }
}

/// Switches a boolean flag, which is made if it is not there. A company's own begins as the platform's of the same key is.
///
/// # Errors
/// `NotFound` (the company), `Rule` (it is not boolean), `Invalid`, `Unavailable`.
pub async fn set_as_operator(
    context: &Context,
    actor: &Actor,
    tenant: Option<TenantId>,
    key: &Key,
    to: To,
) -> Result<()> {
    let Some(tenant) = tenant else { return set_of_platform(context, actor, key, to).await };
    let platform = of_platform(context).await?;
    run_as_operator(context, actor, tenant, async |change| {
        let own = lock(change).await?;
        let stored = find(change, key).await?;
        let of_platform = || platform.iter().find(|flag| flag.key == *key).cloned();
        let before = stored.as_ref().map(|stored| stored.body.flag.clone()).or_else(of_platform);
        let wanted = switched(before.unwrap_or_else(|| Flag::boolean(key.clone())), to, By::User)?;
        check_all(&wanted, &own, &platform)?;
        if let Some(stored) = stored {
            save(change, stored, wanted).await?;
        } else {
            insert(change, wanted, &own).await?;
        }
        Ok(())
    })
    .await
}

async fn set_of_platform(context: &Context, actor: &Actor, key: &Key, to: To) -> Result<()> {
    let wanted = |before: Option<Flag>, others: Vec<Flag>| {
        let flag = switched(before.unwrap_or_else(|| Flag::boolean(key.clone())), to, By::Tenant)?;
        check(&flag).map_err(invalid)?;
        check_prerequisites(&flag, &others).map_err(invalid)?;
        Ok::<_, Error>(flag)
    };
    platform_flags::set(&context.db, key, &context.act(actor), wanted).await?;
    Ok(())
}

fn switched(flag: Flag, to: To, by: By) -> Result<Flag> {
    flag.switched(to.switch(by)).map_err(|error| Error::Rule(error.to_string()))
}

/// Deletes a flag of the platform, or of a company's own.
///
/// # Errors
/// `NotFound`, `Rule` (another flag needs it), `Unavailable`.
pub async fn delete_as_operator(context: &Context, actor: &Actor, tenant: Option<TenantId>, key: &Key) -> Result<()> {
    let Some(tenant) = tenant else {
        return Ok(platform_flags::delete(&context.db, key, &context.act(actor)).await?);
    };
    let platform = of_platform(context).await?;
    run_as_operator(context, actor, tenant, async |change| {
        let own = lock(change).await?;
        let stored = find(change, key).await?.ok_or_else(|| Error::not_found("flag", key))?;
        remove(change, stored, &own, &platform).await
    })
    .await
}
