//! Tests of the database layer against a real PostgreSQL.

mod isolation;
mod lifecycle;
mod migrations;
mod pools;
mod provisioning;
mod verify;
