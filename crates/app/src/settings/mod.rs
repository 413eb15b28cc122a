//! The settings of a company: what they are, and what they were.

mod change;
mod history;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tenure_core::access::Permission;
use tenure_core::ids::TenantId;
use tenure_core::money::Currency;
use tenure_core::settings::{Chosen, Difference, Number};
use tenure_core::stamps::Area;
use tenure_db::TenantTx;
use uuid::Uuid;

pub use self::change::{Changes, Reason, change, roll_back};
pub use self::history::{Query, changes, differences, version, versions};
use crate::caller::{Caller, Principal};
use crate::context::Context;
use crate::documents::{self, Collection, id_of};
use crate::error::Result;
use crate::kept::{self, Kept, Subject};

static SETTINGS: Subject = Subject::new("settings", 1, 60, &[Area::Settings]);

/// The kinds of documents that settings consist of.
const CURRENT: &str = "current";
const VERSION: &str = "version";
const CHANGE: &str = "change";

/// What a company has chosen, and in which version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// How often they were changed.
    pub version: i32,
    /// What was chosen.
    pub chosen: Chosen,
}

/// The settings as they were after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Which change that was, counted from 1 on; 0 is before the first.
    pub number: i32,
    /// What was chosen then.
    pub chosen: Chosen,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// Who made it, in words.
    pub actor: String,
    /// The user who made it; `None` for an operator.
    pub actor_id: Option<Uuid>,
    /// The version that came back by it.
    pub rolled_back_to: Option<i32>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A change of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Which one.
    pub id: Uuid,
    /// The version that it made.
    pub number: i32,
    /// Who made it, in words.
    pub actor: String,
    /// The user who made it; `None` for an operator.
    pub actor_id: Option<Uuid>,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// What changed.
    pub differences: Vec<Difference>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The document of the settings as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CurrentBody {
    kind: String,
    number: String,
    settings: Chosen,
}

/// The document of the settings as they were after a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct VersionBody {
    kind: String,
    number: String,
    settings: Chosen,
    reason: Option<String>,
    actor: String,
    actor_id: Option<Uuid>,
    rolled_back_to: Option<i32>,
}

/// The document of a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ChangeBody {
    kind: String,
    number: String,
    reason: Option<String>,
    actor: String,
    actor_id: Option<Uuid>,
    changes: Vec<Difference>,
}

/// The settings as they are.
///
/// # Errors
/// `Unauthenticated`, `Denied`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>) -> Result<Kept<Settings>> {
    let actor = kept::enter(context, caller).await?;
    actor.require(Permission::OrganisationRead)?;
    find(context, caller.token.tenant(), &actor).await
}

async fn find(context: &Context, tenant: TenantId, actor: &Principal) -> Result<Kept<Settings>> {
    let load = async |tx: &mut TenantTx| read(context, tx).await;
    kept::find(context, (tenant, actor), &SETTINGS, "all", load).await
}

/// A setting that the program goes by, in the state in which the actor was let in.
pub(crate) async fn number_for(context: &Context, tenant: TenantId, actor: &Principal, number: Number) -> Result<i64> {
    Ok(find(context, tenant, actor).await?.get()?.chosen.number(number))
}

/// A setting that the program goes by, as it is now.
pub(crate) async fn number(context: &Context, tx: &mut TenantTx, number: Number) -> Result<i64> {
    Ok(read(context, tx).await?.chosen.number(number))
}

/// The currency of amounts that name none, and whether the company has chosen it.
pub(crate) async fn currency(context: &Context, tx: &mut TenantTx) -> Result<(Currency, bool)> {
    Ok(read(context, tx).await?.chosen.currency())
}

/// A number in a transaction of its own.
pub(crate) async fn number_of(context: &Context, tenant: TenantId, which: Number) -> Result<i64> {
    let mut tx = context.db.begin_read(tenant).await?;
    let found = number(context, &mut tx, which).await;
    crate::caller::conclude(tx, found).await
}

/// What the company has chosen, as it is now.
pub(crate) async fn chosen(context: &Context, tx: &mut TenantTx) -> Result<Chosen> {
    Ok(read(context, tx).await?.chosen)
}

async fn read(context: &Context, tx: &mut TenantTx) -> Result<Settings> {
    let found = documents::of(context, tx).get::<CurrentBody>(Collection::TenantSettings, id_of(&[CURRENT])).await?;
    Ok(found.map_or_else(Settings::default, |found| Settings {
        version: count(&found.body.number),
        chosen: found.body.settings,
    }))
}

/// The count of a version as documents are put in order by it.
fn padded(number: i32) -> String {
    format!("{number:010}")
}

fn count(padded: &str) -> i32 {
    padded.parse().unwrap_or_default()
}
