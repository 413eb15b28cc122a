//! Use cases: permission, load, rule, save, audit; what every front door calls.

pub mod context;
pub mod demo;
pub mod error;
pub mod sample;
pub mod tenants;
pub mod tokens;

pub use context::Context;
pub use error::{Error, Result};
