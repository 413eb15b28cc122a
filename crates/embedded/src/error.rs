//! What can go wrong, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::binaries::{NEWEST, OLDEST};

/// Why an installation could not be made, started or stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No server of an accepted version is installed.
    #[error(
        "no PostgreSQL server of version {OLDEST} to {NEWEST} was found{}; install one (Debian, Ubuntu: apt-get install postgresql) \
         or set TENURE_PG_BIN to the folder that holds its programs",
        list(.found)
    )]
    NoServer {
        /// What was found instead, each as `version in folder`.
        found: Vec<String>,
    },
    /// The data needs the version that made it, and that one is not installed.
    #[error(
        "{} was made by PostgreSQL {major}, which was not found; install it (Debian, Ubuntu: apt-get install postgresql-{major}) \
         or set TENURE_PG_BIN to the folder that holds its programs",
        .data.display()
    )]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it.
        major: u32,
    },
    /// `TENURE_PG_BIN` does not name a folder with a server.
    #[error("TENURE_PG_BIN is {}, where there is no PostgreSQL server (postgres and initdb)", .folder.display())]
    NotAServer {
        /// The folder it names.
        folder: PathBuf,
    },
    /// Started as root, and there is nobody else to run the server.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody; run: useradd --system postgres"
    )]
    NoAccount,
    /// The user who runs the server may not enter a folder.
    #[error("the user {account}, who runs PostgreSQL, cannot enter {}; let that user through or move the installation", .folder.display())]
    Unreachable {
        /// Who runs the server.
        account: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The user who runs the server may not write where the output of programs goes that nobody reads.
    #[error(
        "the user {account}, who runs PostgreSQL, cannot write to {0}, which its programs need; as root: chmod 666 {0}",
        .device.display()
    )]
    NullDevice {
        /// Who runs the server.
        account: String,
        /// Usually `/dev/null`.
        device: PathBuf,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// The program's name.
        program: &'static str,
        /// The last lines of what it said.
        output: String,
    },
    /// The server did not start.
    #[error("PostgreSQL did not start ({reason}); the end of its log:\n{log}")]
    Start {
        /// How it ended or how long it took.
        reason: String,
        /// The last lines of its log.
        log: String,
    },
    /// The server is there after every way to stop it.
    #[error("PostgreSQL (process {pid}) does not stop")]
    Stop {
        /// The server's process.
        pid: i32,
    },
    /// The passwords are not in the form in which they were written.
    #[error("{} does not hold the installation's passwords; restore it, or remove the installation to begin anew", .file.display())]
    Logins {
        /// The file.
        file: PathBuf,
    },
    /// The system refused something.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl Error {
    /// Says what was tried when the system refused it; for `map_err`.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

fn list(found: &[String]) -> String {
    if found.is_empty() { String::new() } else { format!(" (there is {})", found.join(", ")) }
}
