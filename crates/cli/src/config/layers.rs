//! The layers, laid over each other key by key.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::document::{self, Scalar};
use super::problem::{Fault, Problem, Source};
use super::value;

const PREFIX: &str = "TENURE_";
/// Variables that begin like options but are read elsewhere: where PostgreSQL's programs are, and where tests find services.
const NOT_OPTIONS: [&str; 4] = ["TENURE_PG_BIN", "TENURE_TEST_POSTGRES", "TENURE_TEST_REDIS", "TENURE_TEST_MONGO"];

/// An option in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// `section.key`.
    pub(crate) key: String,
    /// The value; for a secret without its secret part.
    pub(crate) text: String,
    /// What the value must be.
    pub(crate) kind: Kind,
    /// The layer that it came from.
    pub(crate) source: Source,
}

/// The type of an option in TOML and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Whole,
}

impl Kind {
    pub(super) const fn article_and_name(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Whole => "a whole number",
        }
    }
}

/// What was read so far, and what was wrong with it.
pub(super) struct Layers {
    entries: BTreeMap<String, Entry>,
    defaults: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Layers {
    /// The lowest layer, which names every key.
    pub(super) fn defaults(text: &str) -> Result<Self, Problem> {
        let items =
            document::parse(text).map_err(|error| Problem::new(Source::Default, Fault::Syntax(error.message)))?;
        let mut layers = Self { entries: BTreeMap::new(), defaults: BTreeMap::new(), problems: Vec::new() };
        for item in items {
            let (kind, text) = match item.scalar {
                Scalar::Known(kind, text) => (kind, text),
                Scalar::Other(found) => return Err(Problem::mistyped(Source::Default, item.key, Kind::Text, found)),
            };
            layers.defaults.insert(item.key.clone(), text.clone());
            layers.entries.insert(item.key.clone(), Entry { key: item.key, text, kind, source: Source::Default });
        }
        Ok(layers)
    }

    /// Lays a file over what is there.
    pub(super) fn apply_file(&mut self, path: &Path, text: &str) {
        let source = |line| Source::File { path: path.to_owned(), line };
        match document::parse(text) {
            Ok(items) => items.into_iter().for_each(|item| self.set(item.key, item.scalar, source(item.line))),
            Err(error) => self.problems.push(Problem::new(source(error.line), Fault::Syntax(error.message))),
        }
    }

    /// Lays every variable `TENURE_…` over what is there.
    pub(super) fn apply_environment(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        let mut own: Vec<_> = variables.into_iter().filter(|(name, _)| is_option(name)).collect();
        own.sort();
        for (name, text) in own {
            let variable = name.to_string_lossy().into_owned();
            let source = Source::Environment { variable: variable.clone() };
            let key = variable.replacen(PREFIX, "", 1).replacen("__", ".", 1).to_ascii_lowercase();
            match text.into_string() {
                // A variable has no type of its own: whether it is a number is seen when the value is read.
                Ok(text) => self.replace(key, text, source),
                Err(_) => self.problems.push(Problem::new(source, Fault::NotUnicode)),
            }
        }
    }

    fn set(&mut self, key: String, scalar: Scalar, source: Source) {
        let Some(kind) = self.entries.get(&key).map(|entry| entry.kind) else {
            return self.reject_key(key, source);
        };
        let found = match scalar {
            Scalar::Known(found, text) if found == kind => return self.replace(key, text, source),
            Scalar::Known(found, _) => found.article_and_name(),
            Scalar::Other(found) => found,
        };
        self.problems.push(Problem::mistyped(source, key, kind, found));
    }

    fn replace(&mut self, key: String, text: String, source: Source) {
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.text = text;
                entry.source = source;
            }
            None => self.reject_key(key, source),
        }
    }

    fn reject_key(&mut self, key: String, source: Source) {
        let nearest = value::nearest(&key, self.entries.keys().map(String::as_str)).map(ToOwned::to_owned);
        self.problems.push(Problem::new(source, Fault::UnknownKey { key, nearest }));
    }

    /// An option by type. A wrong value is noted and the default taken, so that one run finds everything that is wrong; the
    /// error is a compiled-in file that lacks the key or breaks its own rules.
    pub(super) fn get<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Problem> {
        let fault = |reason| Fault::Value { key: key.to_owned(), reason };
        let (Some(entry), Some(default)) = (self.entries.get(key), self.defaults.get(key)) else {
            return Err(Problem::new(Source::Default, fault("it is missing".to_owned())));
        };
        parse(&entry.text).or_else(|reason| {
            self.problems.push(Problem::new(entry.source.clone(), fault(reason)));
            parse(default).map_err(|reason| Problem::new(Source::Default, fault(reason)))
        })
    }

    /// Replaces the text that is shown, for a secret.
    pub(super) fn show_as(&mut self, key: &str, text: String) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.text = text;
        }
    }

    /// Notes that an option does not go with the others.
    pub(super) fn reject_value(&mut self, key: &str, reason: &str) {
        if let Some(entry) = self.entries.get(key) {
            let fault = Fault::Value { key: key.to_owned(), reason: reason.to_owned() };
            self.problems.push(Problem::new(entry.source.clone(), fault));
        }
    }

    /// The options as text, or all that is wrong, in the order of the lines.
    pub(super) fn finish(mut self) -> Result<Vec<Entry>, Vec<Problem>> {
        self.problems.sort_by(|a, b| a.source().cmp(b.source()));
        if self.problems.is_empty() { Ok(self.entries.into_values().collect()) } else { Err(self.problems) }
    }
}

fn is_option(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(PREFIX) && !NOT_OPTIONS.iter().any(|other| name == *other)
}
