//! Pure HR rules and vocabulary: no I/O, no async, no clock.
//!
//! Everything here is a function of its inputs. Time, ids and randomness are passed in, so that every rule can be tested by
//! calling it.

pub mod access;
pub mod appraisal;
pub mod audit;
pub mod backups;
pub mod contact;
pub mod custom_fields;
pub mod document_address;
pub mod employment;
pub mod files;
pub mod flags;
pub mod goals;
pub mod ids;
pub mod import;
pub mod mail;
pub mod money;
pub mod operations;
pub mod organisation;
pub mod person_records;
pub mod place;
pub mod sample;
pub mod settings;
pub mod sign_in;
pub mod stamps;
pub mod tenant;
pub mod text;
