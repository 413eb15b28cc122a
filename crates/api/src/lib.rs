//! The JSON API: axum handlers that parse, call one use case, and write what it returns.

mod caller;
mod cursor;
mod custom_fields;
mod departments;
mod designations;
mod employees;
mod fields;
mod health;
mod listen;
mod locations;
mod metrics;
mod money;
mod observe;
mod openapi;
mod org_chart;
mod path;
mod person_records;
mod problem;
mod query;
mod request_id;
mod server;
mod version;

pub use listen::{Transport, serve};
pub use metrics::SlowQueries;
pub use openapi::document;
pub use server::{Limits, Server};
