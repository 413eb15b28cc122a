//! Use cases: permission, load, rule, save, audit; what every front door calls.

pub mod context;
pub mod error;
pub mod import_employees;
pub mod tenants;
pub mod tokens;

pub use context::Context;
pub use error::{Error, Result};
