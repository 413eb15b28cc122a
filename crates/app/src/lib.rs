//! Use cases: permission, load, rule, save, audit; what every front door calls.

pub mod actor;
pub mod context;
pub mod employees;
pub mod error;
pub mod tenants;
pub mod tokens;

pub use context::Context;
pub use error::{Error, Result};
