//! Queued work of all tenants: what is in their outboxes, sent by mail.
//!
//! Each message is sent at least once: one whose sender was killed after the mail server had taken it, and before that was noted, is sent once
//! more, under the same Message-ID.

mod deliver;
mod smtp;

pub use deliver::{Done, Post};
pub use smtp::{Error, Place, Smtp};
