//! Tests of the database layer against a real PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what surrounds the tests fails them by panicking")]

mod audit_chain;
mod doctor;
mod isolation;
mod lifecycle;
mod lists;
mod mail_queue;
mod migrations;
mod pools;
mod provisioning;
mod schema;
mod verify;
