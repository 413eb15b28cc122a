//! A file as headings and rows: finds the delimiter, checks the headings, and walks the rows.

use std::collections::HashMap;

use super::encoding::decode;
use super::error::ImportError;
use super::limits;
use super::scanner::{Broken, Fault, Record, Scanner};

const DELIMITERS: [char; 3] = [',', ';', '\t'];
/// Records that are looked at to find the delimiter.
const SAMPLE: usize = 20;

/// A CSV file that has been found readable: its headings, and its rows on demand.
#[derive(Clone)]
pub struct Table<'a> {
    delimiter: char,
    headings: Vec<String>,
    rows: Scanner<'a>,
}

impl<'a> Table<'a> {
    /// Reads the headings of a file and finds out how it is written.
    ///
    /// # Errors
    /// When the file is not CSV in UTF-8, is empty, has no rows, or its headings are too many, too long or not unique.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let text = decode(bytes)?;
        let (text, line, stated) = spreadsheet_preamble(text);
        let delimiter = stated.unwrap_or_else(|| detect_delimiter(text));
        let mut rows = Scanner::new(text, delimiter, line);
        let record = loop {
            match rows.next() {
                None => return Err(ImportError::Empty),
                Some(Err(broken)) => {
                    return Err(ImportError::BrokenHeadings { line: broken.line, reason: broken.fault.to_string() });
                }
                Some(Ok(record)) if is_blank(&record) => {}
                Some(Ok(record)) => break record,
            }
        };
        let headings = headings(&record)?;
        let table = Self { delimiter, headings, rows };
        if table.records().next().is_none() { Err(ImportError::NoRows) } else { Ok(table) }
    }

    /// The character between cells: a comma, a semicolon or a tab.
    #[must_use]
    pub fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The headings in the order of the columns, without spaces around them. A column without a heading is called by its number.
    #[must_use]
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The rows that are not blank, each with as many cells as there are headings, or what is wrong with it.
    pub(super) fn records(&self) -> impl Iterator<Item = Result<Record<'a>, Broken<'a>>> {
        let headings = self.headings.len();
        self.rows
            .clone()
            .filter(|record| !record.as_ref().is_ok_and(is_blank))
            .map(move |record| fit(record?, headings))
    }
}

/// A row may end in delimiters that no heading stands over; other rows of a wrong length are broken.
fn fit(mut record: Record<'_>, headings: usize) -> Result<Record<'_>, Broken<'_>> {
    let cells = record.cells.len();
    let surplus_is_blank = record.cells.iter().skip(headings).all(|cell| cell.trim().is_empty());
    if cells < headings || !surplus_is_blank {
        return Err(Broken { line: record.line, raw: record.raw, fault: Fault::Ragged { cells, headings } });
    }
    record.cells.truncate(headings);
    Ok(record)
}

fn is_blank(record: &Record<'_>) -> bool {
    record.cells.iter().all(|cell| cell.trim().is_empty())
}

/// Excel writes and understands a first line `sep=;`.
fn spreadsheet_preamble(text: &str) -> (&str, usize, Option<char>) {
    let stated = DELIMITERS.into_iter().find_map(|delimiter| {
        let rest = text.strip_prefix("sep=")?.strip_prefix(delimiter)?;
        Some((rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?, 2, Some(delimiter)))
    });
    stated.unwrap_or((text, 1, None))
}

/// The delimiter that gives most rows the same number of cells as the headings; among equals the one that gives most cells.
fn detect_delimiter(text: &str) -> char {
    let width = |record: &Result<Record<'_>, Broken<'_>>, delimiter: char| match record {
        Ok(record) => record.cells.len(),
        Err(broken) => broken.raw.split(delimiter).count(),
    };
    let score = |delimiter: &char| {
        let mut records =
            Scanner::new(text, *delimiter, 1).filter(|record| !record.as_ref().is_ok_and(is_blank)).take(SAMPLE);
        let Some(first) = records.next() else { return (false, 0, 0) };
        let headings = width(&first, *delimiter);
        let fitting = records.filter(|record| width(record, *delimiter) == headings).count();
        (first.is_ok() && headings > 1, fitting, headings)
    };
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(',')
}

fn headings(record: &Record<'_>) -> Result<Vec<String>, ImportError> {
    if record.cells.len() > limits::COLUMNS {
        return Err(ImportError::TooManyColumns);
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut headings = Vec::new();
    for (column, cell) in (1..).zip(&record.cells) {
        let heading = if cell.trim().is_empty() { format!("Column {column}") } else { squeeze(cell) };
        let length = heading.chars().count();
        if length > limits::HEADING_CHARS {
            return Err(ImportError::LongHeading { column, length, line: record.line });
        }
        if let Some(first) = seen.insert(heading.to_lowercase(), column) {
            return Err(ImportError::DuplicateHeading { heading, first, second: column });
        }
        headings.push(heading);
    }
    Ok(headings)
}

/// The text without white space around it, and with single spaces inside.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(text: &str) -> Result<Table<'_>, ImportError> {
        Table::open(text.as_bytes())
    }

    fn cells(table: &Table<'_>) -> Vec<Vec<String>> {
        table.records().map(|record| record.unwrap().cells.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn the_delimiter_is_found_also_when_another_stands_in_quotes_or_values() {
        for (text, delimiter) in [
            ("a,b,c\n1;2,3;4,5\n", ','),
            ("\"a,1\";\"b,2\"\n1,5;2,5\n", ';'),
            ("a\tb\n1,000\t2;3\n", '\t'),
            ("name, full;hired\nX, Y;2020-01-01\nZ;2020-01-01\n", ';'),
            ("single\nvalue\n", ','),
            ("sep=;\na;b\n1;2\n", ';'),
        ] {
            assert_eq!(open(text).unwrap().delimiter(), delimiter, "{text:?}");
        }
    }

    #[test]
    fn headings_are_trimmed_and_missing_ones_numbered() {
        let table = open("\u{feff}\r\n Emp  No ,,Name\r\n1,2,3\r\n").unwrap();
        assert_eq!(table.headings(), ["Emp No", "Column 2", "Name"]);
        assert_eq!(table.records().next().unwrap().unwrap().line, 3);
    }

    #[test]
    fn duplicate_headings_are_named() {
        let error = open("Name,Dept,name\n1,2,3\n").err().unwrap();
        assert_eq!(error.to_string(), "columns 1 and 3 are both headed \"name\"");
    }

    #[test]
    fn files_without_rows_or_with_absurd_headings_are_refused() {
        assert_eq!(open("a,b\n \n,\n").err(), Some(ImportError::NoRows));
        assert_eq!(open(&"x,".repeat(100_000)).err(), Some(ImportError::TooManyColumns));
        let long = format!("{},b\n1,2\n", "x".repeat(201));
        assert_eq!(open(&long).err(), Some(ImportError::LongHeading { column: 1, length: 201, line: 1 }));
        assert!(matches!(open("a,\"b\n1,2\n").err(), Some(ImportError::BrokenHeadings { line: 1, .. })));
    }

    #[test]
    fn rows_of_another_length_are_broken_but_trailing_delimiters_are_not() {
        let text = "a,b\n1\n1,2,,\n1,2,3\n";
        let faults: Vec<_> =
            open(text).unwrap().records().map(|record| record.map_err(|broken| broken.fault).err()).collect();
        let ragged = |cells| Some(Fault::Ragged { cells, headings: 2 });
        assert_eq!(faults, [ragged(1), None, ragged(3)]);
    }

    proptest! {
        #[test]
        fn what_a_writer_wrote_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-z,;\"\r\n\té ]{0,8}x", 3), 1..8),
            delimiter in prop::sample::select(DELIMITERS.to_vec()),
            crlf: bool,
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let byte = u8::try_from(delimiter).unwrap();
            let mut writer = csv::WriterBuilder::new().delimiter(byte).terminator(terminator).from_writer(Vec::new());
            writer.write_record(["one", "two", "three"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let mut table = Table::open(&bytes).unwrap();
            // What the values look like may suggest another delimiter; reading back is what is tested here.
            if table.delimiter() != delimiter {
                let text = std::str::from_utf8(&bytes).unwrap();
                let mut rows = Scanner::new(text, delimiter, 1);
                rows.next();
                table = Table { delimiter, headings: vec![String::new(); 3], rows };
            }
            prop_assert_eq!(cells(&table), rows);
        }
    }
}
