//! The tenant's audit log: read by those who audit, and held against its chain.

mod list;
mod verify;

pub use tenure_core::audit::{Anchor, Fault};
pub use tenure_db::audit::{Filter, PageStart, Stored};

pub use self::list::{Page, Query, list};
pub use self::verify::{Verified, verify};
