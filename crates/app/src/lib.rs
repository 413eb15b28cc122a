//! Use cases: permission, load, rule, save, audit; what every front door calls.

pub mod audit;
pub mod caller;
pub mod change;
pub mod context;
pub mod custom_fields;
pub mod demo;
pub mod departments;
pub mod designations;
pub mod employees;
pub mod employment;
pub mod error;
pub mod health;
pub mod import_employees;
pub mod locations;
pub mod once;
pub mod org_chart;
mod organisation;
pub mod person_records;
pub mod salaries;
pub mod sample;
pub mod tenants;
pub mod tokens;

pub use context::Context;
pub use error::{Error, Result};
pub use tenure_db::audit::Actor;
pub use tenure_db::page::{Page, PageStart, Part};
