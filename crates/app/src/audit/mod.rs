//! The tenant's audit log, held against its chain.

mod verify;

pub use tenure_core::audit::{Anchor, Fault};

pub use self::verify::{Verified, verify};
