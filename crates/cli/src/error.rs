//! How a command ends.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};

use tenure_core::import::ImportError;
use thiserror::Error;

use crate::config::ConfigError;

/// How a command ended; its value is the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All was done.
    Done,
    /// Nothing was done, or not what matters.
    Failed,
    /// The arguments cannot be used. Most of these are found by the argument parser.
    WrongUsage,
    /// Some was done; the output names what failed.
    Partial,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::WrongUsage => 2,
            Outcome::Partial => 3,
        })
    }
}

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Neither a URL nor an installation in this folder.
    #[error("no database: database.url is not set and this folder holds no .tenure")]
    NoDatabase,
    /// The embedded server could not be started or left.
    #[error(transparent)]
    Embedded(#[from] tenure_embedded::Error),
    /// The embedded server has an address that is no URL, for example with a folder that is not UTF-8.
    #[error("the address of the installation in .tenure cannot be used: {0}")]
    EmbeddedUrl(String),
    /// The database refused or could not be reached.
    #[error(transparent)]
    Database(#[from] tenure_db::Error),
    /// A use case did not happen.
    #[error("{}", with_cause(.0))]
    App(#[from] tenure_app::Error),
    /// A backup or restore did not happen.
    #[error(transparent)]
    Backup(#[from] tenure_backup::Error),
    /// Nothing says where archives are kept, for whom, or how to open them.
    #[error("{0}")]
    NoBackup(&'static str, &'static str),
    /// Files cannot be kept where the configuration says, or by its key.
    #[error("files cannot be kept: {0}")]
    Files(String),
    /// Files have a place and no key.
    #[error("files.url is set and files.key_file is not: files are not kept without encryption")]
    NoFilesKey,
    /// No files are kept here.
    #[error("no files are kept: files.url is not set")]
    NoFiles,
    /// No mail is sent here.
    #[error("no mail is sent: mail.url is not set")]
    NoMail,
    /// The mail server cannot be used.
    #[error(transparent)]
    Mail(#[from] tenure_jobs::Error),
    /// The arguments are well-formed, but not for this command.
    #[error("{0}")]
    Usage(&'static str),
    /// What would be destroyed was not confirmed.
    #[error("{0}")]
    NotConfirmed(&'static str),
    /// A version that the program's migrations do not have.
    #[error("there is no version {version}; this program has migrations up to {latest}")]
    NoSuchVersion {
        /// The version asked for.
        version: i32,
        /// The newest that there is.
        latest: i32,
    },
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The server's address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// The operating system does not let the program wait for signals.
    #[error("cannot wait for signals: {0}")]
    Signals(io::Error),
    /// Somebody ended the command before it was done.
    #[error("interrupted")]
    Interrupted,
    /// A file cannot be imported at all.
    #[error("{}: {cause}", path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: ImportError,
    },
    /// The output could not be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// `psql` could not be run.
    #[error("cannot start psql: {0}")]
    Psql(io::Error),
    /// `psql` ran and failed; it has said why.
    #[error("psql failed ({0})")]
    PsqlFailed(ExitStatus),
}

impl Error {
    /// Says on stderr what went wrong and what can be done, and gives the exit status.
    pub(crate) fn report(&self) -> Outcome {
        match self {
            // The reader, for example `head`, has all it wants.
            Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe => return Outcome::Done,
            Self::Config(ConfigError::Invalid(problems)) => {
                for problem in problems {
                    say(&problem.to_string(), problem.hint().as_deref());
                }
            }
            Self::Import { cause, .. } => say(&self.to_string(), Some(&cause.hint())),
            other => say(&other.to_string(), other.hint()),
        }
        match self {
            Self::Usage(_) | Self::NoSuchVersion { .. } => Outcome::WrongUsage,
            _ => Outcome::Failed,
        }
    }

    const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Config(_) => {
                Some("`--config FILE` names the file; without it ./tenure.toml is read when it is there")
            }
            Self::NoDatabase => Some(
                "set database.url in ./tenure.toml or in TENURE_DATABASE__URL, or run `tenure demo`, which makes an installation here",
            ),
            Self::Psql(_) => Some("install PostgreSQL's client (Debian: apt-get install postgresql-client)"),
            Self::Listen { .. } => Some(
                "`--listen ADDRESS` and `--port N` choose another, as does `make demo PORT=N`; port 0 takes a free one",
            ),
            Self::NoBackup(_, hint) => Some(hint),
            Self::NoFilesKey => Some(
                "`(umask 077; openssl rand -hex 32 > /etc/tenure/files.key)` makes a key; keep a copy elsewhere, as nothing opens the files without it",
            ),
            Self::NotConfirmed(_) => Some("--yes does it without asking"),
            Self::Database(tenure_db::Error::Unavailable(_)) | Self::App(tenure_app::Error::DatabaseAway(_)) => {
                Some("`tenure config show` prints the URLs in force and where they were set")
            }
            _ => None,
        }
    }
}

/// An operator may see the cause that is kept from clients.
fn with_cause(error: &tenure_app::Error) -> String {
    match error {
        tenure_app::Error::Internal(cause) | tenure_app::Error::DatabaseAway(cause) => cause.to_string(),
        error => error.to_string(),
    }
}

fn say(message: &str, hint: Option<&str>) {
    let mut stderr = io::stderr().lock();
    // When stderr is closed there is nobody to tell.
    let _ = writeln!(stderr, "error: {message}");
    if let Some(hint) = hint {
        let _ = writeln!(stderr, "hint: {hint}");
    }
}
