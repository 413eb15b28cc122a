//! Stores beside the relational one, chosen by URL.

pub mod cache;
pub mod documents;
pub mod objects;
pub mod sealed;
