//! One module per group of commands: its arguments, what it calls, and how the result looks.

pub(crate) mod config;
pub(crate) mod db;
