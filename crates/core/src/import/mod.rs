//! Import of employees from CSV as spreadsheets write it: from the bytes of a file to typed rows.
//!
//! 1. [`Table::open`] makes sure that the file is CSV and reads its headings;
//! 2. [`parse`] maps columns to fields, decides over whole columns how dates and amounts are written, and reads each row;
//! 3. [`Parsed::settle`] and [`Parsed::reject_taken_emails`] hold the rows against what is stored;
//! 4. [`Parsed::resolve_managers`] finds managers among the people of the file and those who are stored;
//! 5. [`write_rejects`] writes the rows that were not imported, to be corrected and imported again.
//!
//! What is wrong with a row never stops other rows: it is a [`Reject`]. What is wrong with the file is an [`ImportError`].

mod amount;
mod country;
mod date;
mod date_parts;
mod employee;
mod encoding;
mod error;
mod field;
mod findings;
mod formats;
pub mod limits;
mod managers;
mod mapping;
mod name;
mod rejects_file;
mod row;
mod scanner;
mod standing;
mod stored;
mod table;
mod words;

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

pub(crate) use country::is_code as is_country_code;

pub use amount::{DecimalMark, DecimalMarkError};
pub use date::{DateOrder, DateOrderError};
pub use employee::EmployeeRow;
pub use error::ImportError;
pub use field::Field;
pub use findings::{Reject, Warning};
pub use formats::Formats;
pub use managers::Colleague;
pub use mapping::{Column, MapRule, Mapping, REASON_HEADING, Target};
pub use name::{NameError, PersonName};
pub use rejects_file::write_rejects;
pub use stored::{Stored, TakenEmail};
pub use table::Table;

use findings::Warnings;
use row::{Context, RowReader};
use scanner::{Broken, Record};
use table::squeeze;

/// What the caller says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Columns that are mapped by hand.
    pub rules: Vec<MapRule>,
    /// How dates are written; found out for each column when `None`.
    pub date_order: Option<DateOrder>,
    /// How amounts are written; found out when `None`.
    pub decimal_mark: Option<DecimalMark>,
    /// The present day, which decides about centuries and about who has left.
    pub today: Date,
}

/// The content of a file: employees to import, and what is wrong with the other rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Which column fills which field.
    pub mapping: Mapping,
    /// How dates and amounts are written.
    pub formats: Formats,
    /// The day that was taken for the present one.
    pub today: Date,
    /// The rows that can be imported, in the order of the file, each with another employee number.
    pub rows: Vec<EmployeeRow>,
    /// What is wrong with the other rows, in the order of the file.
    pub rejects: Vec<Reject>,
    warnings: Warnings,
}

impl Parsed {
    /// How many rows the file has, besides blank ones.
    #[must_use]
    pub fn read(&self) -> usize {
        self.rows.len() + self.rejected()
    }

    /// How many rows are rejected; a row may have several [`Reject`]s.
    #[must_use]
    pub fn rejected(&self) -> usize {
        self.rejects.iter().map(|reject| reject.line).collect::<BTreeSet<_>>().len()
    }

    /// What was read in another way than it was written, in the order of the file.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.list()
    }

    /// Finds the manager of each row among the people of the file and those who are stored already.
    ///
    /// A manager is found by number or by name, whichever the file gives; where both are given and differ, the name counts: numbers
    /// beside names often come from another numbering. One who is not found, or would make someone their own manager, is a
    /// warning; the text is kept as a custom value under the column's heading.
    pub fn resolve_managers(&mut self, existing: &[Colleague]) {
        managers::resolve(&mut self.rows, existing, &self.mapping, &mut self.warnings);
    }

    /// Takes the managers out of rows by which people would, with what is filed for later, report to each other: that is a warning, and the
    /// text is kept as a custom value. A row that names no manager is a reject: it is its dates that close the circle. Each line comes with
    /// the names of those in it.
    pub fn take_managers(&mut self, closed: &HashMap<usize, String>) {
        let mut rejects = Vec::new();
        for row in &mut self.rows {
            let Some(names) = closed.get(&row.line) else { continue };
            let words = format!("with what is filed, these people would report to each other in a circle: {names}");
            if row.manager.take().is_some() {
                managers::keep_stated(row, &format!("{words}; no manager set"), &self.mapping, &mut self.warnings);
            } else {
                let column = self.mapping.column_of(Field::HiredOn).map(|(_, heading)| heading.to_owned());
                rejects.push(Reject { line: row.line, column, value: row.hired_on.to_string(), reason: words });
            }
        }
        self.reject(rejects);
    }
}

/// Reads all rows of a file.
///
/// # Errors
/// When columns cannot be mapped to fields, or the values of a column do not show how its dates or amounts are written.
pub fn parse(table: &Table<'_>, options: &Options) -> Result<Parsed, ImportError> {
    let mapping = Mapping::new(table.headings(), &options.rules)?;
    let formats = Formats::decide(table, &mapping, options.date_order, options.decimal_mark)?;
    let context = Context { mapping: &mapping, formats: &formats, today: options.today };
    let mut reading = Reading {
        context: &context,
        rows: Vec::new(),
        rejects: Vec::new(),
        warnings: Warnings::default(),
        seen: HashMap::new(),
    };
    for (count, record) in table.records().enumerate() {
        if count == limits::ROWS {
            return Err(ImportError::TooManyRows);
        }
        match record {
            Ok(record) => reading.take(&record),
            Err(broken) => reading.give_up(&broken),
        }
    }
    let Reading { rows, rejects, warnings, .. } = reading;
    Ok(Parsed { mapping, formats, today: options.today, rows, rejects, warnings })
}

/// The rows that have been read so far.
struct Reading<'a> {
    context: &'a Context<'a>,
    rows: Vec<EmployeeRow>,
    rejects: Vec<Reject>,
    warnings: Warnings,
    /// Values that only one employee can have, in lower case, and the line where each stands first.
    seen: HashMap<(Field, String), usize>,
}

impl Reading<'_> {
    fn take(&mut self, record: &Record<'_>) {
        // A number counts as taken also by a row that is rejected: once corrected, that row would overwrite the later one.
        let number =
            self.context.mapping.column_of(Field::EmployeeNumber).and_then(|(column, _)| record.cells.get(column));
        if number.is_some_and(|number| !self.is_first(record.line, Field::EmployeeNumber, &squeeze(number))) {
            return;
        }
        match RowReader::new(self.context, record.line, &record.cells, &mut self.warnings).read() {
            Ok(row) => {
                if row.work_email.as_ref().is_none_or(|email| self.is_first(row.line, Field::WorkEmail, email)) {
                    self.rows.push(row);
                }
            }
            Err(rejects) => self.rejects.extend(rejects),
        }
    }

    fn give_up(&mut self, broken: &Broken<'_>) {
        let value = broken.raw.chars().take(limits::TEXT_CHARS).collect();
        self.rejects.push(Reject { line: broken.line, column: None, value, reason: broken.fault.to_string() });
    }

    /// Whether no earlier line has this value, in whatever case; rejects the line otherwise.
    fn is_first(&mut self, line: usize, field: Field, value: &str) -> bool {
        if value.is_empty() || words::is_placeholder(value) {
            return true;
        }
        let first = *self.seen.entry((field, value.to_lowercase())).or_insert(line);
        if first != line {
            let column = self.context.mapping.column_of(field).map(|(_, heading)| heading.to_owned());
            self.rejects.push(Reject {
                line,
                column,
                value: value.to_owned(),
                reason: format!("already in line {first}"),
            });
        }
        first == line
    }
}
