//! Stores beside the relational one, chosen by URL.

pub mod cache;
pub mod objects;
