//! Flags as those who operate Tenure set them at the command line: for one company or for all.

use tenure_core::flags::{By, Flag, Key, NotSwitched, Percent, Switch, Written};
use tenure_core::ids::TenantId;
use tenure_core::settings::Number;
use tenure_db::audit::Actor;
use tenure_db::platform_flags;

use super::change::{check_all, check_kind, find, insert, lock, remove, save};
use super::local::read_platform;
use super::{Entry, Listed, delete_of_platform, listed_as, platform, read_own};
use crate::caller;
use crate::change::run_as_operator;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::settings;

/// The flags of the platform, or of a company's own.
///
/// # Errors
/// `NotFound` (the company), `Unavailable`.
pub async fn list_as_operator(context: &Context, tenant: Option<TenantId>) -> Result<Vec<Listed>> {
    let Some(tenant) = tenant else {
        let all = platform_flags::all(&context.db).await?.1;
        return Ok(all.into_iter().map(|stored| platform::listed(context, stored)).collect());
    };
    let mut tx = context.db.begin_read(tenant).await?;
    let read = async {
        let days = settings::number(context, &mut tx, Number::FlagStaleDays).await?;
        Ok((days, read_own(context, &mut tx).await?))
    };
    let read = read.await;
    let (days, own) = caller::conclude(tx, read).await?;
    Ok(own.iter().map(|entry| listed_as(context, entry, days)).collect())
}

/// What a flag is to be.
#[derive(Debug, Clone)]
pub enum Put {
    /// Switched, as a whole; rules that somebody has written are dropped if that is said, and refuse it otherwise.
    Switched {
        /// To what.
        to: To,
        /// To drop them.
        drops_rules: bool,
    },
    /// As it is written.
    Whole(Box<Written>),
}

/// How a flag is switched: on, off, or on for a part, which is one of the companies or, in a company, of its users.
#[derive(Debug, Clone, Copy)]
pub enum To {
    /// On for everybody.
    On,
    /// Off for everybody.
    Off,
    /// As its rules say.
    Enabled,
    /// On for so many.
    Percent(Percent),
}

impl To {
    fn switch(self, by: By) -> Switch {
        match self {
            Self::On => Switch::On,
            Self::Off => Switch::Off,
            Self::Enabled => Switch::Enabled,
            Self::Percent(percent) => Switch::Part(percent, by),
        }
    }
}

/// Sets a flag, which is made if it is not there. One that is only switched begins as boolean, or a company's own as the platform's of
/// the same key.
///
/// # Errors
/// `NotFound` (the company), `Rule` (it cannot be switched like this), `Invalid`, `Unavailable`.
pub async fn set_as_operator(
    context: &Context,
    actor: &Actor,
    tenant: Option<TenantId>,
    key: &Key,
    put: Put,
) -> Result<Entry> {
    let Some(tenant) = tenant else {
        let act = context.act(actor);
        let wanted = |before: Option<&platform_flags::StoredFlag>| {
            wanted(key, before.map(|stored| stored.flag.clone()), put, By::Tenant)
        };
        return platform::write(context, &act, key, wanted).await;
    };
    let platform = read_platform(context).await?;
    run_as_operator(context, actor, tenant, async |change| {
        let own = lock(change).await?;
        let stored = find(change, key).await?;
        let Some(stored) = stored else {
            let begun = platform.flags().find(|flag| flag.key == *key).cloned();
            let flag = wanted(key, begun.map(begin), put.clone(), By::User)?;
            check_kind(&flag, &platform)?;
            check_all(&flag, &own, &platform)?;
            return insert(change, flag, &own).await;
        };
        let flag = wanted(key, Some(stored.body.flag.clone()), put.clone(), By::User)?;
        check_all(&flag, &own, &platform)?;
        save(change, stored, flag).await
    })
    .await
}

/// What a company's own flag begins as: without the part of the companies for which the platform's is on.
fn begin(of_platform: Flag) -> Flag {
    if of_platform.has_rules_of_its_own() { of_platform } else { of_platform.without_rules() }
}

fn wanted(key: &Key, before: Option<Flag>, put: Put, by: By) -> Result<Flag> {
    match put {
        Put::Whole(written) => whole(key, before.as_ref(), *written),
        Put::Switched { to, drops_rules } => {
            let before = before.unwrap_or_else(|| Flag::boolean(key.clone()));
            let before = if drops_rules { before.without_rules() } else { before };
            let rules = before.rules.len();
            before.switched(to.switch(by)).map_err(|error| Error::Rule(words(key, rules, error)))
        }
    }
}

fn whole(key: &Key, before: Option<&Flag>, written: Written) -> Result<Flag> {
    if written.key.as_ref().is_some_and(|other| other != key) {
        return Err(Error::invalid("key", &format!("is not {key}, which is to be set")));
    }
    match before.filter(|before| before.kind != written.kind) {
        Some(before) => Err(Error::invalid("kind", &format!("is {} already, and never changes", before.kind))),
        None => Ok(written.complete(key.clone())),
    }
}

fn words(key: &Key, rules: usize, error: NotSwitched) -> String {
    match error {
        NotSwitched::NotBoolean => error.to_string(),
        NotSwitched::HasRules => format!(
            "{key} has {rules} rules of its own, which this would drop: change them with --file (`tenure flag show {key} --json` gives \
             what they are), let them hold as they are with --enable, or add --drop-rules"
        ),
    }
}

/// Deletes a flag of the platform, or of a company's own.
///
/// # Errors
/// `NotFound`, `Rule` (another flag needs it), `Unavailable`.
pub async fn delete_as_operator(context: &Context, actor: &Actor, tenant: Option<TenantId>, key: &Key) -> Result<()> {
    let Some(tenant) = tenant else {
        return delete_of_platform(context, &context.act(actor), key, None).await;
    };
    let platform = read_platform(context).await?;
    run_as_operator(context, actor, tenant, async |change| {
        let own = lock(change).await?;
        let stored = find(change, key).await?.ok_or_else(|| Error::not_found("flag", key))?;
        remove(change, stored, &own, &platform).await
    })
    .await
}
