//! Splits text into records and cells (RFC 4180, with the liberties that spreadsheets take).
//!
//! The `csv` crate reads on through a quote that is never closed and does not say where it was opened; one bad row would take
//! all that follow with it. This scanner names the line, gives that row up, and goes on with the next one.

use std::borrow::Cow;

use thiserror::Error;

use super::limits;

/// One record: the cells between two line ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Line on which it begins, from 1.
    pub(super) line: usize,
    /// The text of the record, without its line end.
    pub(super) raw: &'a str,
    /// At most one more than [`limits::COLUMNS`]; further ones are dropped.
    pub(super) cells: Vec<Cow<'a, str>>,
}

/// A record that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken<'a> {
    /// Line on which the trouble begins: where the quote was opened.
    pub(super) line: usize,
    /// The text that was given up.
    pub(super) raw: &'a str,
    /// What is wrong.
    pub(super) fault: Fault,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Fault {
    #[error("a quote is opened and never closed")]
    NeverClosed,
    #[error(
        "text follows a closing quote; the quote opened in this line may lack its end, or quotes inside a cell are not doubled"
    )]
    TextAfterQuote,
    #[error("a cell has more than {max} bytes, or a quote is never closed", max = limits::CELL_BYTES)]
    LongCell,
    #[error("the row has {cells} cells, the headings are {headings}")]
    Ragged { cells: usize, headings: usize },
}

#[derive(Clone)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    delimiter: char,
    line: usize,
}

/// Where a cell stopped: before a delimiter, or at the end of its record.
#[derive(PartialEq, Eq)]
enum Stop {
    Delimiter,
    Record,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, delimiter: char, line: usize) -> Self {
        Self { rest: text, delimiter, line }
    }

    fn record(&mut self) -> Result<Record<'a>, Broken<'a>> {
        let (start, line) = (self.rest, self.line);
        let mut cells = Vec::new();
        loop {
            let before = self.rest;
            match self.cell() {
                Ok((cell, stop)) => {
                    if cells.len() <= limits::COLUMNS {
                        cells.push(cell);
                    }
                    if stop == Stop::Record {
                        break;
                    }
                }
                Err(fault) => return Err(self.give_up(start, before, fault)),
            }
        }
        let raw = consumed(start, self.rest);
        self.end_line();
        self.line += line_ends(raw) + 1;
        Ok(Record { line, raw, cells })
    }

    fn cell(&mut self) -> Result<(Cow<'a, str>, Stop), Fault> {
        let cell = match self.rest.trim_start_matches(' ').strip_prefix('"') {
            Some(quoted) => self.quoted(quoted)?,
            None => self.bare()?,
        };
        match self.rest.strip_prefix(self.delimiter) {
            Some(rest) => {
                self.rest = rest;
                Ok((cell, Stop::Delimiter))
            }
            None => Ok((cell, Stop::Record)),
        }
    }

    fn bare(&mut self) -> Result<Cow<'a, str>, Fault> {
        let end = self.rest.find([self.delimiter, '\n', '\r']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        if cell.len() > limits::CELL_BYTES {
            return Err(Fault::LongCell);
        }
        self.rest = rest;
        Ok(Cow::Borrowed(cell))
    }

    /// Reads a cell whose opening quote has just been taken. Looks no further than a cell may be long, so that a file full of
    /// open quotes is still read in linear time.
    fn quoted(&mut self, quoted: &'a str) -> Result<Cow<'a, str>, Fault> {
        let mut cell = Cow::Borrowed("");
        let mut rest = quoted;
        loop {
            let room = limits::CELL_BYTES.saturating_sub(cell.len());
            let (window, _) = rest.split_at(rest.floor_char_boundary(room + 1));
            let Some((text, _)) = window.split_once('"') else {
                return Err(if window.len() < rest.len() { Fault::LongCell } else { Fault::NeverClosed });
            };
            append(&mut cell, text);
            let (_, after) = rest.split_at(text.len() + 1);
            match after.strip_prefix('"') {
                Some(more) => {
                    cell.to_mut().push('"');
                    rest = more;
                }
                None => return self.close(cell, after),
            }
        }
    }

    fn close(&mut self, cell: Cow<'a, str>, after: &'a str) -> Result<Cow<'a, str>, Fault> {
        let after = after.trim_start_matches(' ');
        if after.is_empty() || after.starts_with([self.delimiter, '\n', '\r']) {
            self.rest = after;
            Ok(cell)
        } else {
            Err(Fault::TextAfterQuote)
        }
    }

    /// Gives up a record that began at `start` and went wrong in the cell at `cell`; goes on after the line of that cell.
    fn give_up(&mut self, start: &'a str, cell: &'a str, fault: Fault) -> Broken<'a> {
        let line = self.line + line_ends(consumed(start, cell));
        let (_, rest) = cell.split_at(cell.find(['\n', '\r']).unwrap_or(cell.len()));
        self.rest = rest;
        self.end_line();
        self.line = line + 1;
        Broken { line, raw: consumed(start, rest), fault }
    }

    fn end_line(&mut self) {
        let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        self.rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Result<Record<'a>, Broken<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() { None } else { Some(self.record()) }
    }
}

fn append<'a>(cell: &mut Cow<'a, str>, text: &'a str) {
    if cell.is_empty() {
        *cell = Cow::Borrowed(text);
    } else {
        cell.to_mut().push_str(text);
    }
}

/// What of `start` was read when `rest` is left of it.
fn consumed<'a>(start: &'a str, rest: &str) -> &'a str {
    start.split_at(start.len() - rest.len()).0
}

/// Line ends in a text: CR LF, LF, and the CR alone of old Macintosh files.
fn line_ends(text: &str) -> usize {
    let carriage_returns = text.split('\r').skip(1).filter(|after| !after.starts_with('\n')).count();
    carriage_returns + text.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Scanned {
        Row(usize, Vec<String>),
        Broken(usize, Fault),
    }
    use Scanned::Broken as Lost;

    fn scan(text: &str) -> Vec<Scanned> {
        let scanned = |record: Result<Record<'_>, Broken<'_>>| match record {
            Ok(record) => Scanned::Row(record.line, record.cells.into_iter().map(Cow::into_owned).collect()),
            Err(broken) => Lost(broken.line, broken.fault),
        };
        Scanner::new(text, ',', 1).map(scanned).collect()
    }

    fn row(line: usize, cells: &[&str]) -> Scanned {
        Scanned::Row(line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    fn lines(text: &str) -> Vec<usize> {
        scan(text)
            .into_iter()
            .map(|scanned| match scanned {
                Scanned::Row(line, _) | Lost(line, _) => line,
            })
            .collect()
    }

    #[test]
    fn quotes_delimiters_and_line_ends_inside_quotes_are_text() {
        let text = "a,\"b,1\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\",,\n last";
        assert_eq!(
            scan(text),
            [row(1, &["a", "b,1", "say \"hi\""]), row(2, &["two\r\nlines", "", ""]), row(4, &[" last"])]
        );
    }

    #[test]
    fn spaces_around_quotes_and_quotes_inside_bare_cells_are_tolerated() {
        assert_eq!(scan("1, \"x, y\" ,5\" pipe\n"), [row(1, &["1", "x, y", "5\" pipe"])]);
    }

    #[test]
    fn lines_are_those_of_the_file_for_every_kind_of_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a{end}{end}\"b{end}c\"{end}d");
            assert_eq!(lines(&text), [1, 2, 3, 5], "{end:?}");
        }
    }

    #[test]
    fn a_quote_without_its_end_costs_its_own_row_only() {
        let text = "1,\"Ann\n2,\"Bob\"\n3,Eve\n4,\"Zoe";
        let expected =
            [Lost(1, Fault::TextAfterQuote), row(2, &["2", "Bob"]), row(3, &["3", "Eve"]), Lost(4, Fault::NeverClosed)];
        assert_eq!(scan(text), expected);
    }

    #[test]
    fn a_broken_record_names_the_line_where_its_quote_opened() {
        let broken = Scanner::new("\"two\nlines\",\"open\nnext,row\n", ',', 7).next().unwrap().unwrap_err();
        assert_eq!((broken.line, broken.raw, broken.fault), (8, "\"two\nlines\",\"open", Fault::NeverClosed));
    }

    #[test]
    fn cells_that_are_too_long_are_given_up_quoted_or_not() {
        let long = "x".repeat(limits::CELL_BYTES + 1);
        let text = format!("{long}\n\"{long}\"\n\"{}\"\n", "é".repeat(limits::CELL_BYTES / 2));
        let records = scan(&text);
        assert_eq!(records[..2], [Lost(1, Fault::LongCell), Lost(2, Fault::LongCell)]);
        assert!(matches!(records[2], Scanned::Row(3, _)), "a cell of exactly the limit is read");
    }

    #[test]
    fn cells_beyond_the_limit_are_not_kept() {
        let text = ",".repeat(100_000);
        let record = Scanner::new(&text, ',', 1).next().unwrap().unwrap();
        assert_eq!(record.cells.len(), limits::COLUMNS + 1);
    }

    proptest! {
        #[test]
        fn scanning_any_text_ends_and_counts_its_lines(text in "[a,\"\r\n ]{0,60}") {
            let lines = lines(&text);
            prop_assert!(lines.is_sorted_by(|a, b| a < b), "{lines:?}");
            prop_assert!(lines.last().is_none_or(|last| *last <= line_ends(&text) + 1), "{lines:?}");
        }
    }
}
