//! What an import has to tell about single rows.

use std::collections::BTreeMap;

use serde::Serialize;

/// Why a row is not imported. A row with several bad cells has several rejects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reject {
    /// Line of the file, from 1, on which the row begins.
    pub line: usize,
    /// Heading of the column, where one is to blame.
    pub column: Option<String>,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Something that was imported in another way than it was written. The same finding in many rows is one warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Heading of the column.
    pub column: String,
    /// What stands there; empty where the warning is about many values.
    pub value: String,
    /// What was done instead.
    pub message: String,
    /// The lines of the file, from 1, that it concerns.
    pub lines: Vec<usize>,
}

/// Collects warnings, one for each finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Warnings(BTreeMap<(String, String, String), Vec<usize>>);

impl Warnings {
    pub(super) fn add(&mut self, line: usize, column: &str, value: &str, message: impl Into<String>) {
        self.0.entry((column.to_owned(), value.to_owned(), message.into())).or_default().push(line);
    }

    /// In the order of the first line that each concerns.
    pub(super) fn list(&self) -> Vec<Warning> {
        let warning = |((column, value, message), lines): (&(String, String, String), &Vec<usize>)| Warning {
            column: column.clone(),
            value: value.clone(),
            message: message.clone(),
            lines: lines.clone(),
        };
        let mut list: Vec<Warning> = self.0.iter().map(warning).collect();
        list.sort_by_key(|warning| warning.lines.first().copied());
        list
    }
}
