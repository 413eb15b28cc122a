//! The JSON API: axum handlers that parse, call one use case, and write what it returns.

mod audit;
mod caller;
mod cursor;
mod departments;
mod designations;
mod employees;
mod examples;
mod fields;
mod health;
mod idempotency;
mod listen;
mod locations;
mod me;
mod metrics;
mod money;
mod observe;
mod openapi;
mod org_chart;
mod origin;
mod path;
mod problem;
mod query;
mod request_id;
mod roles;
mod rules;
mod server;
mod sessions;
mod tokens;
mod users;
mod version;

pub use listen::{Transport, serve};
pub use metrics::SlowQueries;
pub use openapi::document;
pub use origin::{Network, NetworkError, Peer};
pub use server::{Limits, Server};
