//! When archives of tenants are made and checked, and which of them are kept.

mod retention;
mod schedule;

pub use retention::{Held, Retention};
pub use schedule::{RunKind, UnknownRunKind, due, retry_after};
