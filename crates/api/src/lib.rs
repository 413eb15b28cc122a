//! The JSON API: axum handlers that parse, call one use case, and write what it returns.

mod audit;
mod caller;
mod cors;
mod cursor;
mod custom_fields;
mod departments;
mod designations;
mod docs;
mod employees;
mod employment;
mod examples;
mod fields;
mod health;
mod idempotency;
mod listen;
mod locations;
mod metrics;
mod money;
mod numbers;
mod observe;
mod openapi;
mod org_chart;
mod path;
mod person_records;
mod problem;
mod query;
mod request_id;
mod rules;
mod server;
mod version;

pub use cors::{NoOrigin, Origin};
pub use listen::{Transport, serve};
pub use metrics::SlowQueries;
pub use openapi::document;
pub use server::{Limits, Server};
