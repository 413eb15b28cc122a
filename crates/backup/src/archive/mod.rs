//! The archive's form: tar in zstd in age.
//!
//! The entries are `header.json` (what is known at the start), the rows as `data/<table>/00001` and so on in PostgreSQL's text form, each
//! entry ending with a whole row, and last `manifest.json`, the header again with the rows and the SHA-256 of every table. An
//! archive without a manifest at its end is not whole.

pub(crate) mod manifest;
mod pipe;
pub(crate) mod reader;
pub(crate) mod writer;
