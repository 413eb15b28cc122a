//! One module per group of commands: its arguments, what it calls, and how the result looks.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod cache;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod documents;
mod feature;
pub(crate) mod files;
pub(crate) mod flag;
pub(crate) mod import;
mod import_output;
pub(crate) mod mail;
pub(crate) mod migrate;
mod migrate_new;
mod migrate_output;
pub(crate) mod openapi;
pub(crate) mod operator;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod worker;
