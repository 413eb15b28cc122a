//! The one error that front doors see. What it wraps of the database's own words goes to the log, never to a client.

use serde::Serialize;
use tenure_db as db;
use tenure_store::documents;
use thiserror::Error;

/// The result of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not happen.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such thing, or none that the actor may see: the two are not told apart.
    #[error("there is no {what} {which}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// How it was asked for.
        which: String,
    },
    /// The credential is missing, unknown, expired or revoked.
    #[error("the credential is missing, unknown, expired or revoked")]
    Unauthenticated,
    /// Too many sign-ins failed; another may be tried after so many seconds.
    #[error("too many sign-ins failed; try again in {0} s")]
    TooManyAttempts(u64),
    /// Too much of what takes long is asked for at once; another may be tried after so many seconds.
    #[error("too many passwords are being checked at the moment; try again in {0} s")]
    Busy(u64),
    /// The actor is known and may not do this.
    #[error("{0}")]
    Denied(String),
    /// The input has errors.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldError>),
    /// The input is well-formed, but a rule forbids it in the present state.
    #[error("{0}")]
    Rule(String),
    /// Somebody else has the name, or changed the thing first.
    #[error("{0}")]
    Conflict(String),
    /// A value that must be unique is in use already.
    #[error("{}: {}", .0.field, .0.message)]
    Taken(FieldError),
    /// The thing is no longer as the caller has read it.
    #[error("the {0} has been changed since it was read")]
    Stale(&'static str),
    /// What was sent is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// Another request was made under the same key.
    #[error("another request was made under this Idempotency-Key; a new request needs a key of its own")]
    KeyReused,
    /// Something that is needed is away or busy; the same request may succeed later.
    #[error("{0}")]
    Unavailable(String),
    /// PostgreSQL is away or full; the same request may succeed later.
    #[error("the database is not available")]
    DatabaseAway(#[source] db::Error),
    /// A fault of Tenure or of its surroundings.
    #[error("internal error")]
    Internal(#[source] db::Error),
}

/// What is wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name on the wire.
    pub field: String,
    /// What is wrong with it, in words that its writer can act on.
    pub message: String,
}

impl Error {
    /// An [`Error::Invalid`] for one field.
    pub fn invalid(field: impl Into<String>, message: &(impl ToString + ?Sized)) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.to_string() }])
    }

    /// The same again for another who waited for the same thing.
    pub(crate) fn shared(&self) -> Self {
        match self {
            Self::NotFound { what, which } => Self::NotFound { what, which: which.clone() },
            Self::Denied(words) => Self::Denied(words.clone()),
            Self::Rule(words) => Self::Rule(words.clone()),
            Self::Conflict(words) => Self::Conflict(words.clone()),
            Self::Unavailable(words) => Self::Unavailable(words.clone()),
            Self::Unauthenticated => Self::Unauthenticated,
            Self::DatabaseAway(_) => Self::Unavailable(self.to_string()),
            other => {
                let cause = std::error::Error::source(other).map_or_else(|| other.to_string(), ToString::to_string);
                Self::Internal(db::Error::Refused(cause))
            }
        }
    }

    /// An [`Error::NotFound`] for a thing and the id that it was asked by.
    pub fn not_found(what: &'static str, id: &impl ToString) -> Self {
        Self::NotFound { what, which: id.to_string() }
    }
}

fn join(errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
    lines.join("; ")
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        let words = error.to_string();
        match error {
            db::Error::NotFound { what, which } => Self::NotFound { what, which },
            db::Error::Conflict(words) => Self::Conflict(words),
            db::Error::Taken { field, message } => {
                Self::Taken(FieldError { field: field.to_owned(), message: message.to_owned() })
            }
            db::Error::SchemaTaken(_) => Self::Conflict(words),
            db::Error::Refused(words) | db::Error::Migration(words) => Self::Rule(words),
            db::Error::NotServed(_) => Self::Denied(words),
            db::Error::SchemaVersion { .. } | db::Error::NotSetUp | db::Error::PlatformBehind { .. } => {
                Self::Unavailable(words)
            }
            error @ db::Error::Unavailable(_) => Self::DatabaseAway(error),
            error @ db::Error::Sql(_) => Self::Internal(error),
        }
    }
}

impl From<documents::Error> for Error {
    fn from(error: documents::Error) -> Self {
        let words = error.to_string();
        match error {
            documents::Error::Taken(_) => Self::Conflict(words),
            documents::Error::Stale(_) => Self::Stale("document"),
            documents::Error::Unstorable { .. } => Self::Rule(words),
            documents::Error::Sql(error) => db::Error::from(error).into(),
            documents::Error::Elsewhere(_) => {
                tracing::error!("{words}");
                Self::Unavailable("the document store of this company is not available".to_owned())
            }
            documents::Error::Away(_) | documents::Error::WithoutTransactions => {
                Self::Unavailable("the document store is not available".to_owned())
            }
            documents::Error::Unreadable { source, .. } => {
                Self::Internal(db::Error::Refused(format!("{words}: {source}")))
            }
            documents::Error::Unindexed { .. }
            | documents::Error::ReadOnly
            | documents::Error::Place(_)
            | documents::Error::SamePlace(_)
            | documents::Error::TooOld
            | documents::Error::Mongo(_) => Self::Internal(db::Error::Refused(words)),
        }
    }
}
