//! Configuration in three layers: the compiled-in `config/tenure.toml`, a file, and the environment.
//!
//! The compiled-in file is also the list of all keys and of their types, so that what is documented and what is accepted
//! cannot differ.

mod document;
mod layers;
mod mail;
mod problem;
mod secret;
mod settings;
mod stores;
mod value;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

pub(crate) use self::layers::{Entry, Kind};
pub(crate) use self::mail::Mail;
pub(crate) use self::problem::{Problem, Source};
pub(crate) use self::secret::{DatabaseUrl, DocumentsUrl};
pub(crate) use self::settings::{Backup, Database, Files, Log, LogFormat, Migrate, Server, Settings};
pub(crate) use self::stores::{Cache, Documents};

/// Every option with its comment and default, as `tenure config default` prints it.
pub(crate) const DEFAULT_FILE: &str = include_str!("../../../../config/tenure.toml");
/// The file that is read from the current folder when `--config` is not given.
const LOCAL_FILE: &str = "./tenure.toml";

/// What is in force.
pub(crate) struct Config {
    /// The options by type, checked.
    pub(crate) settings: Settings,
    /// The same options as text with their origin, secrets redacted, in the order of their keys.
    pub(crate) entries: Vec<Entry>,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
}

/// Why no configuration could be put together.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
    /// Keys or values that are wrong; at least one.
    #[error("{}", list(.0))]
    Invalid(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Config {
    /// Reads `file` (or `./tenure.toml` when there is one) and lays it and `environment` over the defaults.
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => Some((path, read(path)?)),
            None => read_local()?.map(|text| (Path::new(LOCAL_FILE), text)),
        };
        Self::assemble(text.as_ref().map(|(path, text)| (*path, text.as_str())), environment)
    }

    fn assemble(
        file: Option<(&Path, &str)>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut layers =
            layers::Layers::defaults(DEFAULT_FILE).map_err(|problem| ConfigError::Invalid(vec![problem]))?;
        if let Some((path, text)) = file {
            layers.apply_file(path, text);
        }
        layers.apply_environment(environment);
        let settings = Settings::read(&mut layers).map_err(|problem| ConfigError::Invalid(vec![problem]))?;
        let entries = layers.finish().map_err(ConfigError::Invalid)?;
        Ok(Self { settings, entries, file: file.map(|(path, _)| path.to_owned()) })
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })
}

fn read_local() -> Result<Option<String>, ConfigError> {
    match read(Path::new(LOCAL_FILE)) {
        Err(ConfigError::Unreadable { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests;
