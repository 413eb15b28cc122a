//! What can go wrong between Tenure and PostgreSQL, in words that an operator can act on.

use tenure_core::tenant::{SchemaName, TenantStatus, TransitionError};
use thiserror::Error;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the database layer.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such thing, or none that the caller may know of.
    #[error("there is no {what} {which}")]
    NotFound {
        /// The kind of thing, for example `tenant`.
        what: &'static str,
        /// How it was asked for.
        which: String,
    },
    /// Somebody else has taken the name, or changed the row first.
    #[error("{0}")]
    Conflict(String),
    /// Another row has the value of this field already.
    #[error("{field}: {message}")]
    Taken {
        /// The field, as interfaces call it.
        field: &'static str,
        /// What is wrong with it.
        message: &'static str,
    },
    /// The name that a new tenant's schema and role would get is in use: tenants of one slug that are made within a minute share
    /// it, in one database as well as in two of one cluster, whose roles are common. Another id gives another name.
    #[error("the schema or role {0} exists already; try again in a minute")]
    SchemaTaken(SchemaName),
    /// The request is well-formed but not allowed in the present state.
    #[error("{0}")]
    Refused(String),
    /// The tenant exists but is not being served.
    #[error("the tenant is {0} and is not being served")]
    NotServed(TenantStatus),
    /// The tenant's schema is at a version that this program was not built for.
    #[error(
        "the tenant's schema is at version {found}, and this program serves {oldest} to {newest}; {}",
        if found < oldest { "run `tenure migrate up`" } else { "use a newer tenure" }
    )]
    SchemaVersion {
        /// The version of the tenant's schema.
        found: i32,
        /// The oldest version that this program serves.
        oldest: i32,
        /// The newest version that this program knows.
        newest: i32,
    },
    /// The database has no platform tables yet.
    #[error("the database has not been set up; run `tenure migrate up`")]
    NotSetUp,
    /// The platform's tables are older than this program.
    #[error("the platform is at version {found} of {latest}; run `tenure migrate up --platform`")]
    PlatformBehind {
        /// Their version.
        found: i32,
        /// The version that this program works with.
        latest: i32,
    },
    /// Migrations as they stand cannot be applied to this database.
    #[error("{0}")]
    Migration(String),
    /// PostgreSQL cannot be reached, or has no connection to spare.
    #[error("PostgreSQL is not available: {}", words(.0))]
    Unavailable(#[source] sqlx::Error),
    /// PostgreSQL refused a statement.
    #[error("PostgreSQL refused a statement: {}", words(.0))]
    Sql(#[source] sqlx::Error),
}

impl Error {
    /// A [`Error::NotFound`] for a thing and the name it was asked by.
    pub fn not_found(what: &'static str, which: &(impl ToString + ?Sized)) -> Self {
        Self::NotFound { what, which: which.to_string() }
    }

    /// A value that the database holds and the program cannot read.
    pub(crate) fn decode(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Sql(sqlx::Error::Decode(Box::new(error)))
    }

    /// An [`Error::Taken`] when a statement violated one of these constraints, each given with its field and what to say of it.
    pub(crate) fn taken(error: sqlx::Error, constraints: &[(&str, &'static str, &'static str)]) -> Self {
        let violated = violated_constraint(&error);
        match constraints.iter().find(|(constraint, ..)| violated.as_deref() == Some(*constraint)) {
            Some((_, field, message)) => Self::Taken { field, message },
            None => error.into(),
        }
    }

    /// The five-character SQLSTATE, when PostgreSQL gave one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<String> {
        match self {
            Self::Unavailable(error) | Self::Sql(error) => Some(error.as_database_error()?.code()?.into_owned()),
            _ => None,
        }
    }
}

impl From<TransitionError> for Error {
    fn from(error: TransitionError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What happened, less what only says where in PostgreSQL's or a library's source it was noticed.
fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(db) => db.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => {
            "there was no connection to be had in time; `tenure doctor` looks for the cause".to_owned()
        }
        error => error.to_string(),
    }
}

/// SQLSTATEs of a server that is starting, stopping or full, and of one that does not let the login in: classes 08, 57P and 28,
/// too many connections, and no such database.
fn means_unavailable(code: &str) -> bool {
    ["08", "57P", "28"].iter().any(|class| code.starts_with(class)) || ["53300", "3D000"].contains(&code)
}

/// Whether PostgreSQL misses one of the platform's tables, which are the only ones that are written with their schema.
fn names_platform_table(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|db| db.message().contains("\"public."))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code =
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(std::borrow::Cow::into_owned);
        match (&error, code.as_deref()) {
            (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed, _) => {
                Self::Unavailable(error)
            }
            (_, Some(code)) if means_unavailable(code) => Self::Unavailable(error),
            (_, Some("42P01")) if names_platform_table(&error) => Self::NotSetUp,
            _ => Self::Sql(error),
        }
    }
}

/// The name of the constraint that a statement violated.
///
/// Citus leaves the structured field empty, so the name is then taken from the message, less the shard suffix.
#[must_use]
pub fn violated_constraint(error: &sqlx::Error) -> Option<String> {
    let db = error.as_database_error()?;
    if let Some(name) = db.constraint() {
        return Some(name.to_owned());
    }
    if !db.code().is_some_and(|code| code.starts_with("23")) {
        return None;
    }
    let (_, rest) = db.message().split_once("constraint \"")?;
    let (name, _) = rest.split_once('"')?;
    Some(without_shard_suffix(name).to_owned())
}

fn without_shard_suffix(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, digits)) if digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_suffix_is_not_part_of_a_constraint_name() {
        assert_eq!(without_shard_suffix("tenants_slug_key_102060"), "tenants_slug_key");
        assert_eq!(without_shard_suffix("employees_v2"), "employees_v2");
    }

    #[test]
    fn the_version_error_says_which_side_is_behind() {
        let behind = Error::SchemaVersion { found: 1, oldest: 3, newest: 4 }.to_string();
        assert!(behind.ends_with("run `tenure migrate up`"), "{behind}");
        let ahead = Error::SchemaVersion { found: 9, oldest: 3, newest: 4 }.to_string();
        assert!(ahead.ends_with("use a newer tenure"), "{ahead}");
    }
}
