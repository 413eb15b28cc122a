//! What MongoDB answers when it does not do what it was asked.

use mongodb::error::{Error as MongoError, ErrorKind, TRANSIENT_TRANSACTION_ERROR, WriteFailure};
use thiserror::Error as ThisError;

use super::super::Error;
use super::super::collection::Collection;

const DUPLICATE_KEY: i32 = 11000;
const WRITE_CONFLICT: i32 = 112;
const SNAPSHOT_TOO_OLD: i32 = 239;
/// What it answers to a moment from before its history begins, as after it was restarted.
const SNAPSHOT_UNAVAILABLE: i32 = 246;

/// Why a question was not answered.
#[derive(Debug, ThisError)]
pub(super) enum Failure {
    #[error("it did not answer in time")]
    TimedOut,
    #[error("{0}")]
    Answered(#[from] MongoError),
}

impl Failure {
    /// Whether nobody need ask again for a while.
    pub(super) fn means_away(&self) -> bool {
        match self {
            Self::TimedOut => true,
            Self::Answered(error) => matches!(
                *error.kind,
                ErrorKind::ServerSelection { .. }
                    | ErrorKind::Io(_)
                    | ErrorKind::ConnectionPoolCleared { .. }
                    | ErrorKind::DnsResolve { .. }
                    | ErrorKind::Authentication { .. }
            ),
        }
    }

    /// The error of a question about a collection, or about none.
    pub(super) fn into_error(self, collection: Option<Collection>) -> Error {
        if self.means_away() {
            return Error::Away(self.to_string());
        }
        match (self, collection) {
            (Self::TimedOut, _) => Error::Away("it did not answer in time".to_owned()),
            (Self::Answered(error), Some(collection)) if has_code(&error, DUPLICATE_KEY) => {
                drop(error);
                Error::Taken(collection)
            }
            (Self::Answered(error), Some(collection)) if has_code(&error, WRITE_CONFLICT) => {
                drop(error);
                Error::Stale(collection)
            }
            (Self::Answered(error), _)
                if has_code(&error, SNAPSHOT_TOO_OLD) || has_code(&error, SNAPSHOT_UNAVAILABLE) =>
            {
                drop(error);
                Error::TooOld
            }
            // A primary that steps down, for one: the same may succeed at once on another.
            (Self::Answered(error), _) if error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
                Error::Away(error.to_string())
            }
            (Self::Answered(error), _) => Error::Mongo(Box::new(error)),
        }
    }
}

pub(super) fn has_code(error: &MongoError, code: i32) -> bool {
    match &*error.kind {
        ErrorKind::Command(error) => error.code == code,
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == code,
        ErrorKind::InsertMany(error) => error.write_errors.iter().flatten().any(|error| error.code == code),
        _ => false,
    }
}
