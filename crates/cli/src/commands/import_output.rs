//! How the result of an import looks.

use std::fmt::{self, Display};
use std::path::PathBuf;

use serde::Serialize;
use tenure_app::import_employees::{Imported, Mode};
use tenure_core::import::{Column, Reject, Target, Warning};

use crate::output::Table;

/// Rejects and warnings that are shown as text; all of them are in the JSON, and rejects in their file.
const SHOWN: usize = 20;
/// Lines that are named for one warning.
const LINES_SHOWN: usize = 5;

/// What an import did, or would do.
#[derive(Serialize)]
pub(super) struct Report {
    read: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    rejected: usize,
    warnings: usize,
    /// False when nothing was kept.
    imported: bool,
    departments_created: Vec<String>,
    designations_created: Vec<String>,
    columns: Vec<ColumnUse>,
    rejects_file: Option<PathBuf>,
    details: Details,
    #[serde(skip)]
    mode: Mode,
}

#[derive(Serialize)]
struct Details {
    rejects: Vec<Reject>,
    warnings: Vec<Warning>,
}

/// A column and what it is taken for.
#[derive(Serialize)]
struct ColumnUse {
    heading: String,
    /// A field's name, `custom`, or null for a column that is passed over.
    field: Option<&'static str>,
}

impl Report {
    pub(super) fn new(imported: &Imported, mode: Mode, rejects_file: Option<PathBuf>) -> Self {
        let (file, merged) = (&imported.file, &imported.merged);
        let details = Details { rejects: file.rejects.clone(), warnings: file.warnings() };
        Self {
            read: file.read(),
            created: merged.created,
            updated: merged.updated,
            unchanged: merged.unchanged,
            rejected: file.rejected(),
            warnings: details.warnings.len(),
            imported: imported.kept,
            departments_created: merged.departments.clone(),
            designations_created: merged.designations.clone(),
            columns: file.mapping.columns().iter().map(ColumnUse::of).collect(),
            rejects_file,
            details,
            mode,
        }
    }
}

impl ColumnUse {
    fn of(column: &Column) -> Self {
        let field = match column.target {
            Target::Field(field) => Some(field.name()),
            Target::Custom => Some("custom"),
            Target::Nowhere => None,
        };
        Self { heading: column.heading.clone(), field }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mode == Mode::DryRun {
            let mut table = Table::new(["COLUMN", "TAKEN FOR"]);
            for column in &self.columns {
                table.row([column.heading.clone(), column.field.unwrap_or("nothing").to_owned()]);
            }
            writeln!(f, "{table}")?;
        }
        list(f, self.details.warnings.iter().map(warning_line))?;
        list(f, self.details.rejects.iter().map(reject_line))?;
        let Self { read, created, updated, unchanged, rejected, warnings, .. } = self;
        writeln!(
            f,
            "{read} read: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected, {warnings} warnings"
        )?;
        let (departments, designations) = (self.departments_created.len(), self.designations_created.len());
        writeln!(f, "{departments} departments and {designations} designations made")?;
        if let Some(path) = &self.rejects_file {
            writeln!(f, "rejected rows are in {}; correct them there and import that file", path.display())?;
        }
        match self.mode {
            Mode::DryRun => writeln!(f, "dry run: nothing was changed"),
            Mode::AllOrNothing if !self.imported => writeln!(f, "nothing was imported, because rows are rejected"),
            Mode::AllOrNothing | Mode::GoodRows => Ok(()),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, lines: impl ExactSizeIterator<Item = String>) -> fmt::Result {
    let more = lines.len().saturating_sub(SHOWN);
    for line in lines.take(SHOWN) {
        // Text of the file cannot steer a terminal.
        writeln!(f, "{}", line.replace(char::is_control, "\u{fffd}"))?;
    }
    if more > 0 { writeln!(f, "and {more} more; --json names all") } else { Ok(()) }
}

fn warning_line(warning: &Warning) -> String {
    let lines: Vec<String> = warning.lines.iter().take(LINES_SHOWN).map(ToString::to_string).collect();
    let more = match warning.lines.len().saturating_sub(LINES_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let value = if warning.value.is_empty() { String::new() } else { format!(" {:?}", warning.value) };
    let word = if warning.lines.len() == 1 { "line" } else { "lines" };
    format!("warning: {}{value}: {} ({word} {}{more})", warning.column, warning.message, lines.join(", "))
}

fn reject_line(reject: &Reject) -> String {
    let column = reject.column.as_deref().map(|column| format!(", {column}")).unwrap_or_default();
    format!("rejected: line {}{column}: {:?}: {}", reject.line, reject.value, reject.reason)
}
