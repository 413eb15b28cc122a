//! Documents of people and of the company: files with versions, who may open them, uploads, links and requests.
//!
//! What is said of a file is a record of the collection `document_metadata`; its content is an object, encrypted by a key of the tenant. The
//! object is there before the record that names it. An upload has a record of its own from before the first byte until it is done, so
//! that whatever it has left is found again.

mod change;
mod content;
mod keys;
mod list;
mod receive;
mod records;
mod remind;
mod requests;
mod resumable;
mod rewrap;
mod rights;
mod stored;
mod sweep;
mod take_back;
mod upload;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tenure_core::files::{Category, Expiry, Limits, State, expiry};
use tenure_core::ids::DocumentId;
use tenure_store::sealed;

pub use self::change::{Changes, change, delete, restore};
pub use self::content::{LinkMade, Opened, link, open, open_link};
pub use self::list::{Filter, Of, Page, get, list};
pub(crate) use self::remind::{ends_on, is_asked_for, remind, tell_of_kept_request};
pub use self::requests::{DocumentRequest, NewRequest, list as list_requests, request, show as show_request, withdraw};
pub use self::resumable::{Announce, Sent, Upload, begin, complete, give_up, put_part, show as show_upload};
pub use self::rewrap::{Key, Keys};
pub use self::stored::{Owner, Part, Version};
pub use self::sweep::{Swept, sweep};
pub use self::upload::{Given, New, add_version, upload};
use crate::context::Context;
use crate::error::{Error, Result};
pub use tenure_store::objects::{Credentials, Objects, S3};
pub use tenure_store::sealed::{MasterKey, MasterKeys};

/// For so many days before its end a document is named as due, unless it says otherwise.
pub const REMIND_DAYS: u16 = 30;

/// Where files are kept, by which keys, and how large they may be. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    objects: Objects,
    master: Arc<MasterKeys>,
    limits: Limits,
}

impl Files {
    /// Files in a place.
    #[must_use]
    pub fn new(objects: Objects, master: MasterKeys, limits: Limits) -> Self {
        Self { objects, master: Arc::new(master), limits }
    }

    /// How large files and their parts may be.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Asks whether their place answers, and how long that took.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn check(&self) -> Result<Duration> {
        let begun = Instant::now();
        self.objects.check().await.map_err(sealed::Error::from).map_err(|error| away(&error))?;
        Ok(begun.elapsed())
    }
}

/// A document with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Whose it is.
    pub owner: Owner,
    /// What it is.
    pub category: Category,
    /// Where it stands.
    pub state: State,
    /// What it is called.
    pub title: String,
    /// The last day on which it is good.
    pub expires_on: Option<Date>,
    /// How it stands to that day.
    pub expiry: Option<Expiry>,
    /// So many days before that day it is due.
    pub remind_days: u16,
    /// Whether it must not be deleted.
    pub legal_hold: bool,
    /// Its versions, the oldest first.
    pub versions: Vec<Version>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// The version of what is known of it.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Document {
    fn of(found: records::Found<stored::DocumentBody>, today: Date) -> Self {
        let body = found.body;
        Self {
            id: found.id.into(),
            owner: body.owner,
            category: body.category,
            state: body.state,
            title: body.title,
            expires_on: body.expires_on,
            expiry: body.expires_on.map(|last| expiry(last, body.remind_days, today)),
            remind_days: body.remind_days,
            legal_hold: body.legal_hold,
            versions: body.versions,
            deleted_at: body.deleted_at,
            version: found.version,
            created_at: found.created_at,
            updated_at: found.updated_at,
        }
    }
}

impl Context {
    /// Where files are kept.
    pub(crate) fn files(&self) -> Result<&Files> {
        let missing =
            || Error::Unavailable("files are not set up on this server: files.url and files.key_file".to_owned());
        self.files.as_ref().ok_or_else(missing)
    }
}

/// The store of files did not do what it was asked for. Why, goes to the log.
fn away(error: &sealed::Error) -> Error {
    match error {
        sealed::Error::Damaged(_)
        | sealed::Error::NotSealed
        | sealed::Error::Store(tenure_store::objects::Error::NotFound(_)) => {
            Error::Internal(tenure_db::Error::Refused(error.to_string()))
        }
        sealed::Error::Store(_) => {
            tracing::warn!(%error, "the store of files is not available");
            Error::Unavailable("the store of files is not available; try again later".to_owned())
        }
    }
}
