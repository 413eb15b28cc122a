//! Stores beside the relational one, chosen by URL.

pub mod objects;
