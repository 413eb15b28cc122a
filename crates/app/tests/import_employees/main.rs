//! The import of employees, from the bytes of a file to the tenant's tables.
#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them by panicking")]

mod again;
mod company;
mod guard;
mod over_time;
mod sample;
