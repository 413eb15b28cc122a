//! Signing in: passwords, where attempts come from, and how guessing is slowed down.

mod origin;
mod password;
mod throttle;

pub use origin::Origin;
pub use password::{Password, PasswordError, Surroundings};
pub use throttle::{Counter, Decision, Subject, blocked_until, decide};
