//! Tests of the use cases against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them by panicking")]

mod audit;
mod coherence;
mod dashboard;
mod demo;
mod documents;
mod flags;
mod passing;
mod replica;
mod sample;
