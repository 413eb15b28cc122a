//! Where an option came from and what can be wrong with it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::layers::Kind;

/// The place that set an option, the lowest layer first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "layer", rename_all = "snake_case")]
pub(crate) enum Source {
    /// The compiled-in file.
    Default,
    /// A line of a file, counted from 1.
    File { path: PathBuf, line: usize },
    /// A variable of the environment.
    Environment { variable: String },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Environment { variable } => f.write_str(variable),
        }
    }
}

/// One thing that is wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    source: Source,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Syntax(String),
    NotUnicode,
    UnknownKey { key: String, nearest: Option<String> },
    Type { key: String, expected: Kind, found: &'static str },
    Value { key: String, reason: String },
}

impl Problem {
    pub(super) const fn new(source: Source, fault: Fault) -> Self {
        Self { source, fault }
    }

    pub(super) const fn mistyped(source: Source, key: String, expected: Kind, found: &'static str) -> Self {
        Self::new(source, Fault::Type { key, expected, found })
    }

    /// The place to look at.
    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    /// What to do about it, where the message does not say it.
    pub(crate) fn hint(&self) -> Option<String> {
        match (&self.fault, &self.source) {
            (Fault::UnknownKey { nearest: Some(nearest), .. }, Source::Environment { .. }) => {
                Some(format!("the nearest known variable is {}", variable(nearest)))
            }
            (Fault::UnknownKey { nearest: Some(nearest), .. }, _) => {
                Some(format!("the nearest known key is {nearest}"))
            }
            (Fault::Syntax(_), _) => Some("`tenure config default` prints a file to begin with".to_owned()),
            _ => None,
        }
    }
}

/// The variable that sets a key.
fn variable(key: &str) -> String {
    format!("TENURE_{}", key.replacen('.', "__", 1).to_ascii_uppercase())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        match &self.fault {
            Fault::Syntax(message) => write!(f, "not TOML: {message}"),
            Fault::NotUnicode => f.write_str("the value is not UTF-8"),
            Fault::UnknownKey { key, .. } => write!(f, "unknown key {key}"),
            Fault::Type { key, expected, found } => {
                write!(f, "{key} must be {}, not {found}", expected.article_and_name())
            }
            Fault::Value { key, reason } => write!(f, "{key}: {reason}"),
        }
    }
}
