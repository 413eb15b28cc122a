//! The archive's form: tar in zstd in age.
//!
//! The entries are `header.json` (what is known at the start), the rows as `data/<table>/00001` and so on in PostgreSQL's text form, each
//! entry ending with a whole row, `files/key` and `files/00001` and so on (what opens the copies of files, and which they are), and last
//! `manifest.json`, the header again with the rows and the SHA-256 of every table and of what is said of files. An archive without a
//! manifest at its end is not whole.

mod files;
pub(crate) mod manifest;
mod pipe;
pub(crate) mod reader;
pub(crate) mod writer;
