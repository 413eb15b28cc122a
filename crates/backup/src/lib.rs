//! Tenant archives: made from one snapshot, verified, restored.
//!
//! Rows go from PostgreSQL through tar, zstd and age to the object store piece by piece, and back the same way; nothing lies on the
//! local disk, and what is held in memory does not grow with the tenant.

mod archive;
mod create;
mod error;
mod keys;
mod read;
mod restore;

pub use archive::manifest::{FORMAT, Header, Manifest, TableSum};
pub use create::create;
pub use error::{Error, Result};
pub use keys::{Identities, Recipients, new_identity};
pub use read::{Verified, verify, verify_deep};
pub use restore::{Restored, Target, restore};
