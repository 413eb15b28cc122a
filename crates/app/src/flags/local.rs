//! The flags in the memory of this process, ready to be evaluated.
//!
//! A company's own flags follow its stamps, and those of the platform follow one of their own: whoever is let in after a change sees it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tenure_core::flags::{Flag, Snapshot};
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::platform_flags::{self, StoredFlag};
use uuid::Uuid;

use super::{Entry, FLAGS, read_own};
use crate::caller::Principal;
use crate::context::Context;
use crate::error::Result;
use crate::kept::{self, Kept};

/// How many companies' flags are held ready; the memory of more is given back.
const MOST_HELD: usize = 2_000;

/// The platform's flags, and the stamp that they had; one that is not known is like no other.
#[derive(Debug)]
pub(super) struct Platform {
    stamp: Option<Uuid>,
    flags: Vec<StoredFlag>,
}

impl Platform {
    pub(super) fn flags(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter().map(|stored| &stored.flag)
    }

    fn is_of(&self, stamp: Option<Uuid>) -> bool {
        stamp.is_some() && self.stamp == stamp
    }
}

/// The flags that hold for a company.
#[derive(Debug)]
pub(super) struct Flags {
    pub(super) snapshot: Snapshot,
    entries: BTreeMap<String, Entry>,
    /// What they were made of.
    own: Kept<Vec<Entry>>,
    platform: Arc<Platform>,
}

impl Flags {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

/// What this process holds.
#[derive(Default)]
pub(crate) struct Local {
    platform: Mutex<Option<Arc<Platform>>>,
    /// Held by the one who reads them, for whom the others wait.
    reading: tokio::sync::Mutex<()>,
    tenants: Mutex<HashMap<TenantId, Arc<Flags>>>,
}

impl Local {
    /// The platform's flags, if they have this stamp.
    fn held(&self, stamp: Option<Uuid>) -> Option<Arc<Platform>> {
        let held = self.platform.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| held.is_of(stamp))
    }

    fn keep(&self, read: &Arc<Platform>) {
        *self.platform.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(read));
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

/// The flags that hold for a company in the state in which the actor was let in.
pub(super) async fn of(context: &Context, tenant: TenantId, actor: &Principal) -> Result<Arc<Flags>> {
    let load = async |tx: &mut TenantTx| read_own(context, tx).await;
    let own = kept::find(context, (tenant, actor), &FLAGS, "all", load).await?;
    let platform = platform(context, actor).await?;
    let held = context.flags.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned();
    if let Some(held) = held.filter(|held| held.own.is(&own) && held.platform.is_of(platform.stamp)) {
        return Ok(held);
    }
    let made = Arc::new(combine(own, platform)?);
    let mut tenants = context.flags.tenants.lock().unwrap_or_else(PoisonError::into_inner);
    if tenants.len() >= MOST_HELD {
        tenants.clear();
    }
    tenants.insert(tenant, Arc::clone(&made));
    Ok(made)
}

/// The platform's flags in the state in which the actor was let in, or in a later one.
pub(super) async fn platform(context: &Context, actor: &Principal) -> Result<Arc<Platform>> {
    let (local, stamp) = (&context.flags, actor.known.flags);
    if let Some(held) = local.held(stamp) {
        return Ok(held);
    }
    let _reading = local.reading.lock().await;
    if let Some(held) = local.held(stamp) {
        return Ok(held);
    }
    let read = read_platform(context).await?;
    local.keep(&read);
    Ok(read)
}

/// The platform's flags as they are now. For before a transaction begins: within one, there may be no second connection.
pub(super) async fn read_platform(context: &Context) -> Result<Arc<Platform>> {
    let (stamp, flags) = platform_flags::all(&context.db).await?;
    Ok(Arc::new(Platform { stamp, flags }))
}

fn combine(own: Kept<Vec<Entry>>, platform: Arc<Platform>) -> Result<Flags> {
    let entries = merge(platform.flags.iter().cloned().map(Entry::from), own.get()?);
    let snapshot = Snapshot::new(entries.values().map(|entry| entry.flag.clone()));
    Ok(Flags { snapshot, entries, own, platform })
}

/// Those of the platform and the company's own, which take their place: but not that of one that is killed.
fn merge(of_platform: impl Iterator<Item = Entry>, own: &[Entry]) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = of_platform.map(|entry| (entry.flag.key.to_string(), entry)).collect();
    for entry in own {
        let is_killed = entries.get(entry.flag.key.as_str()).is_some_and(|other| !other.flag.enabled);
        if !is_killed {
            entries.insert(entry.flag.key.to_string(), entry.clone());
        }
    }
    entries
}
