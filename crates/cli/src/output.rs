//! What commands print on stdout: text for people or JSON for programs.

use std::fmt::{self, Display};
use std::io::{self, Write};

use serde::Serialize;

use crate::error::Error;

/// Where results go, and in which form.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints the one result of a command: its `Display`, or with `--json` its serialised form.
    pub(crate) fn document(&self, value: &(impl Serialize + Display)) -> Result<(), Error> {
        if self.json {
            print(&serde_json::to_string_pretty(value).map_err(|error| Error::Output(error.into()))?)
        } else {
            print(&value.to_string())
        }
    }

    /// Prints one of many results: a line of text or, with `--json`, of JSON.
    pub(crate) fn record(&self, value: &(impl Serialize + Display)) -> Result<(), Error> {
        if self.json {
            print(&serde_json::to_string(value).map_err(|error| Error::Output(error.into()))?)
        } else {
            print(&value.to_string())
        }
    }
}

fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()).map_err(Error::Output)
}

/// Columns of text, aligned to the left.
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with its headings.
    pub(crate) fn new(headings: [&str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(ToOwned::to_owned)] }
    }

    /// Adds a row. Control characters are replaced, so that stored text cannot steer a terminal.
    pub(crate) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| cell.replace(char::is_control, "\u{fffd}")));
    }
}

impl<const COLUMNS: usize> Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; COLUMNS];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &self.rows {
            let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_hold_no_control_characters() {
        let mut table = Table::new(["KEY", "VALUE"]);
        table.row(["server.port".to_owned(), "7700".to_owned()]);
        table.row(["ü".to_owned(), "a\u{1b}[2Jb".to_owned()]);
        assert_eq!(table.to_string(), "KEY          VALUE\nserver.port  7700\nü            a\u{fffd}[2Jb\n");
    }
}
