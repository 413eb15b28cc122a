//! Tenant archives: made from one snapshot, verified, restored.
//!
//! Rows go from PostgreSQL through tar, zstd and age to the object store piece by piece, and back the same way; nothing lies on the
//! local disk, and what is held in memory does not grow with the tenant but for the names of its files. Their content is copied once
//! beside the archives.

mod all;
mod archive;
mod content;
mod drill;
mod error;
mod export;
mod files;
mod found;
mod keys;
mod leftovers;
mod make;
mod prune;
mod read;
mod restore;
mod restore_all;
mod source;

pub use all::{AllMade, Failed, make_all};
pub use archive::manifest::{FORMAT, FilesSum, Header, Manifest, TableSum};
pub use drill::{Drilled, drill};
pub use error::{Error, Result};
pub use export::export;
pub use files::{Files, FilesBack};
pub use keys::{Identities, Recipients, holds_secret_key, new_identity};
pub use make::Maker;
pub use prune::{Pruned, prune};
pub use read::{Verified, verify, verify_deep};
pub use restore::{Beside, Restored, Restorer, Target, restore_table};
pub use restore_all::{AllOptions, AllRestored, Older};
