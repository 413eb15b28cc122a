//! Feature flags: those of the platform and those of a company, and what somebody gets of them.

mod change;
mod evaluate;
mod local;
mod operator;
mod platform;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tenure_core::access::Permission;
use tenure_core::flags::{Flag, Key, serves_everybody};
use tenure_core::settings::Number;
use tenure_core::stamps::Area;
use tenure_db::TenantTx;
use tenure_db::platform_flags::StoredFlag;

pub use self::change::{Changes, change, create, delete};
pub use self::evaluate::{Answer, Asked, evaluate, evaluate_all};
pub(crate) use self::local::Local;
pub use self::operator::{Put, To, delete_as_operator, list_as_operator, set_as_operator};
pub use self::platform::{
    change_of_platform, create_of_platform, delete_of_platform, get_of_platform, list_of_platform,
};
use crate::caller::Caller;
use crate::context::Context;
use crate::documents::{self, Collection, Find};
use crate::error::{Error, Result};
use crate::kept::{self, Subject};
use crate::settings;

/// The most flags that a company has of its own: all of them are held in memory together.
pub const MOST_FLAGS: u32 = 1_000;

static FLAGS: Subject = Subject::new("flag:own", 1, 60, &[Area::Flags]);

const KIND: &str = "flag";

/// Whose a flag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Of who operates Tenure, for all companies.
    Platform,
    /// Of the company; of one key with one of the platform, it takes that one's place unless that is killed.
    Tenant,
}

impl Origin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Platform, Self::Tenant];

    /// The word that stands for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Tenant => "tenant",
        }
    }
}

/// A flag with its version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The flag.
    pub flag: Flag,
    /// Whose it is.
    pub origin: Origin,
    /// Grows with each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The document of a flag.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    kind: String,
    key: String,
    flag: Flag,
}

/// Which flags are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of the company or of the platform.
    pub origin: Option<Origin>,
    /// Only those that are stale, or are not.
    pub stale: Option<bool>,
}

/// A flag that is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The flag.
    pub entry: Entry,
    /// The one variant that everybody gets, when the flag has not been changed for as many days as `flags.stale_days` says.
    pub stale: Option<String>,
}

/// The flags that hold for the company, by key: after `after`, at most `limit`. The second is the key to go on after, if there are more.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn list(
    context: &Context,
    caller: Caller<'_>,
    filter: Filter,
    after: Option<String>,
    limit: u16,
) -> Result<(Vec<Listed>, Option<String>)> {
    let actor = kept::enter(context, caller).await?;
    actor.require(Permission::FlagsRead)?;
    let tenant = caller.token.tenant();
    let all = local::of(context, tenant, &actor).await?;
    let days = settings::number_for(context, tenant, &actor, Number::FlagStaleDays).await?;
    let of_origin = all.entries().filter(|entry| filter.origin.is_none_or(|origin| origin == entry.origin));
    let listed = of_origin.map(|entry| listed_as(context, entry, days));
    Ok(page(listed, filter.stale, after.as_deref(), limit))
}

/// A part of a list that is in the order of keys, and the key to go on after, if there are more.
fn page(
    listed: impl Iterator<Item = Listed>,
    stale: Option<bool>,
    after: Option<&str>,
    limit: u16,
) -> (Vec<Listed>, Option<String>) {
    let limit = usize::from(limit);
    let wanted = listed.filter(|row| after.is_none_or(|after| row.entry.flag.key.as_str() > after));
    let wanted = wanted.filter(|row| stale.is_none_or(|stale| stale == row.stale.is_some()));
    let mut rows: Vec<Listed> = wanted.take(limit.saturating_add(1)).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.entry.flag.key.to_string());
    (rows, next)
}

/// The flag of a key that holds for the company.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `NotFound`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, key: &str) -> Result<Listed> {
    let actor = kept::enter(context, caller).await?;
    actor.require(Permission::FlagsRead)?;
    let tenant = caller.token.tenant();
    let all = local::of(context, tenant, &actor).await?;
    let entry = all.get(key).ok_or_else(|| Error::not_found("flag", &key))?;
    let days = settings::number_for(context, tenant, &actor, Number::FlagStaleDays).await?;
    Ok(listed_as(context, entry, days))
}

fn listed_as(context: &Context, entry: &Entry, stale_days: i64) -> Listed {
    let now = context.now();
    let age = SignedDuration::from_hours(stale_days.saturating_mul(24));
    let is_old = now.duration_since(entry.updated_at) >= age;
    let stale = serves_everybody(&entry.flag, now).filter(|_| is_old).map(ToOwned::to_owned);
    Listed { entry: entry.clone(), stale }
}

/// The company's own flags, by key.
async fn read_own(context: &Context, tx: &mut TenantTx) -> Result<Vec<Entry>> {
    let equal = [("kind", KIND)];
    let find = Find { equal: &equal, by: Some("key"), limit: MOST_FLAGS, ..Find::default() };
    let found = documents::of(context, tx).find::<Body>(Collection::FeatureFlags, &find).await?;
    Ok(found.documents.into_iter().map(Entry::from).collect())
}

fn document_id(key: &Key) -> uuid::Uuid {
    documents::id_of(&[KIND, key.as_str()])
}

impl From<StoredFlag> for Entry {
    fn from(stored: StoredFlag) -> Self {
        Self {
            flag: stored.flag,
            origin: Origin::Platform,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

impl From<documents::Stored<Body>> for Entry {
    fn from(stored: documents::Stored<Body>) -> Self {
        Self {
            flag: stored.body.flag,
            origin: Origin::Tenant,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
