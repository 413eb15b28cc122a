//! Migrations: of the platform's tables once, of every tenant's schema by itself.
//!
//! A tenant is migrated in one transaction that also writes the central ledger, so that a tenant is either at a version or not,
//! whatever happens in between. Locks are per tenant; one tenant's failure is recorded and stops no other.

mod catalogue;
mod grants;
mod history;
mod ledger;
mod overview;
mod platform;
mod queue;
mod run;
mod source;
mod statements;
mod step;
mod verify;

pub use catalogue::{Catalogue, Drift};
pub(crate) use grants::grants;
pub use history::{HistoryEntry, history};
pub use overview::{Overview, Pending, VersionCount, overview};
pub(crate) use platform::{APPLICATION_RIGHTS, check_platform, platform_behind};
pub use platform::{migrate_platform, platform_down, platform_version};
pub use run::{Outcome, Report, RunOptions, run};
pub use source::{Migration, MigrationSet};
pub use statements::split as split_statements;
pub(crate) use step::apply;
pub use verify::{TenantDrift, verify};
