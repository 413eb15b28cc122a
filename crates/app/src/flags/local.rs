//! The flags in the memory of this process, ready to be evaluated.
//!
//! A company's own flags follow its stamps: whoever is let in after a change sees it. Those of the platform are read again when what is
//! held is older than [`PLATFORM_BOUND`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tenure_core::flags::{Flag, Snapshot};
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::platform_flags::{self, Known, StoredFlag};

use super::{Entry, FLAGS, Origin, read_own};
use crate::caller::Principal;
use crate::context::Context;
use crate::error::Result;
use crate::kept::{self, Kept};

/// For how long a change of the platform's flags, or of a company's plan, may go unseen.
const PLATFORM_BOUND: SignedDuration = SignedDuration::from_secs(5);

/// How many companies' flags are held ready; the memory of more is given back.
const MOST_HELD: usize = 2_000;

/// What the platform says.
#[derive(Debug, PartialEq)]
struct Platform {
    flags: Vec<StoredFlag>,
    tenants: HashMap<TenantId, Known>,
}

/// What the platform said when it was last read.
#[derive(Debug, Clone)]
struct Read {
    at: Timestamp,
    platform: Arc<Platform>,
}

impl Read {
    fn is_new(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() < PLATFORM_BOUND
    }
}

/// The flags that hold for a company.
#[derive(Debug)]
pub(super) struct Flags {
    pub(super) snapshot: Snapshot,
    pub(super) known: Known,
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
    platform: Mutex<Option<Read>>,
    tenants: Mutex<HashMap<TenantId, Arc<Flags>>>,
}

impl Local {
    /// What the platform said, if that was within the bound.
    fn read(&self, now: Timestamp) -> Option<Arc<Platform>> {
        let held = self.platform.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| held.is_new(now)).map(|held| held.platform)
    }

    /// What says the same as before stays the same one, so that what companies' flags were made of it counts on.
    fn keep(&self, at: Timestamp, read: Platform) -> Arc<Platform> {
        let mut held = self.platform.lock().unwrap_or_else(PoisonError::into_inner);
        let same = held.take().map(|held| held.platform).filter(|platform| **platform == read);
        let platform = same.unwrap_or_else(|| Arc::new(read));
        *held = Some(Read { at, platform: Arc::clone(&platform) });
        platform
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
    let platform = platform(context, tenant).await?;
    let held = context.flags.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned();
    if let Some(held) = held.filter(|held| held.own.is(&own) && Arc::ptr_eq(&held.platform, &platform)) {
        return Ok(held);
    }
    let made = Arc::new(combine(tenant, own, platform)?);
    let mut tenants = context.flags.tenants.lock().unwrap_or_else(PoisonError::into_inner);
    if tenants.len() >= MOST_HELD {
        tenants.clear();
    }
    tenants.insert(tenant, Arc::clone(&made));
    Ok(made)
}

/// What the platform says, not older than the bound and with this company in it.
async fn platform(context: &Context, tenant: TenantId) -> Result<Arc<Platform>> {
    match context.flags.read(context.now()) {
        Some(platform) if platform.tenants.contains_key(&tenant) => Ok(platform),
        _ => read_platform(context).await,
    }
}

/// The flags of the platform, not older than the bound. For before a transaction begins: within one, there may be no second connection.
pub(super) async fn of_platform(context: &Context) -> Result<Vec<Flag>> {
    let platform = match context.flags.read(context.now()) {
        Some(platform) => platform,
        None => read_platform(context).await?,
    };
    Ok(platform.flags.iter().map(|stored| stored.flag.clone()).collect())
}

async fn read_platform(context: &Context) -> Result<Arc<Platform>> {
    let at = context.now();
    let (flags, tenants) = (platform_flags::all(&context.db).await?, platform_flags::tenants(&context.db).await?);
    Ok(context.flags.keep(at, Platform { flags, tenants }))
}

fn combine(tenant: TenantId, own: Kept<Vec<Entry>>, platform: Arc<Platform>) -> Result<Flags> {
    let of_platform = platform.flags.iter().map(|stored| Entry {
        flag: stored.flag.clone(),
        origin: Origin::Platform,
        version: stored.version,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    });
    let entries = merge(of_platform, own.get()?);
    let snapshot = Snapshot::new(entries.values().map(|entry| entry.flag.clone()));
    let unknown = || Known { slug: String::new(), plan: String::new() };
    let known = platform.tenants.get(&tenant).cloned().unwrap_or_else(unknown);
    Ok(Flags { snapshot, known, entries, own, platform })
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
