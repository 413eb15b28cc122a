//! `tenure import …`

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use tenure_app::import_employees::{ImportEmployees, Imported, Mode, import_employees, today};
use tenure_core::employment::PayPeriod;
use tenure_core::import::{DateOrder, DecimalMark, ImportError, MapRule, Options, Table, limits, parse, write_rejects};
use tenure_core::money::Currency;

use super::import_output::Report;
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

/// A statement of an import works on a whole file, so it is not slow before this time.
pub(crate) const SLOW_STATEMENT: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make and change employees by a CSV file, as spreadsheets and other HR systems write it
    Employees(Employees),
}

#[derive(Debug, Args)]
pub(crate) struct Employees {
    /// CSV in UTF-8 with a line of headings; separated by commas, semicolons or tabs
    file: PathBuf,
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Say what a column is, for example 'Wage=salary'; 'Heading=' keeps it as a custom value
    #[arg(long, value_name = "HEADING=FIELD", value_parser = parse_rule)]
    map: Vec<MapRule>,
    /// How dates are written: mdy, dmy, ymd or iso [default: found out for each column]
    #[arg(long, value_name = "ORDER")]
    date_format: Option<DateOrder>,
    /// What stands before the decimals of amounts: point or comma [default: found out]
    #[arg(long, value_name = "MARK")]
    decimal: Option<DecimalMark>,
    /// Currency of salaries whose row names none, for example EUR [default: that of the person's earlier salary, else of the
    /// company's setting regional.currency]
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Pay period of salaries whose row names none: year, month, week, day or hour [default: that of the person's earlier
    /// salary, else year]
    #[arg(long, value_name = "PERIOD")]
    pay_period: Option<PayPeriod>,
    /// Show what each column is taken for and what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Import nothing when a row is rejected
    #[arg(long, conflicts_with = "dry_run")]
    all_or_nothing: bool,
    /// Where rejected rows go, to be corrected and imported again [default: FILE.rejects.csv; none with --dry-run]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let Command::Employees(options) = command;
    let rejects_path = options.rejects_path()?;
    let tenant = options.tenant.find(session.db()).await?.id;
    let fault = |cause| Error::Import { path: options.file.clone(), cause };
    let bytes = read(&options.file)?;
    let table = Table::open(&bytes).map_err(fault)?;
    let parsed = parse(&table, &options.reading(session)).map_err(fault)?;
    let input =
        ImportEmployees { tenant, currency: options.currency, pay_period: options.pay_period, mode: options.mode() };
    let (progress, total) = (Progress::new("rows"), parsed.rows.len());
    let on_row = || progress.advance(total);
    let imported = import_employees(&session.context, &session.actor, &input, parsed, &on_row).await;
    progress.finish();
    let imported = imported?;
    let written = rejects_path.filter(|_| !imported.file.rejects.is_empty());
    if let Some(path) = &written {
        write(path, &table, &imported)?;
    }
    output.document(&Report::new(&imported, input.mode, written))?;
    Ok(outcome(&imported, input.mode))
}

impl Employees {
    fn mode(&self) -> Mode {
        match (self.dry_run, self.all_or_nothing) {
            (true, _) => Mode::DryRun,
            (false, true) => Mode::AllOrNothing,
            (false, false) => Mode::GoodRows,
        }
    }

    fn reading(&self, session: &Session) -> Options {
        Options {
            rules: self.map.clone(),
            date_order: self.date_format,
            decimal_mark: self.decimal,
            today: today(&session.context),
        }
    }

    /// Where rejected rows are to be written, which must not be the file itself.
    fn rejects_path(&self) -> Result<Option<PathBuf>, Error> {
        let Some(path) = &self.rejects else {
            let mut path = self.file.clone().into_os_string();
            path.push(".rejects.csv");
            return Ok((!self.dry_run).then(|| path.into()));
        };
        match (fs::canonicalize(path), fs::canonicalize(&self.file)) {
            (Ok(rejects), Ok(file)) if rejects == file => {
                Err(Error::Usage("--rejects names the file that is imported; choose another"))
            }
            _ => Ok(Some(path.clone())),
        }
    }
}

fn outcome(imported: &Imported, mode: Mode) -> Outcome {
    if imported.file.rejects.is_empty() {
        Outcome::Done
    } else if imported.file.rows.is_empty() || mode == Mode::AllOrNothing {
        Outcome::Failed
    } else {
        Outcome::Partial
    }
}

fn parse_rule(text: &str) -> Result<MapRule, String> {
    text.parse().map_err(|error: ImportError| format!("{error}; {}", error.hint()))
}

/// Reads a file, up to one byte more than an import takes.
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let fault = |cause| Error::File { path: path.to_owned(), cause };
    let limit = u64::try_from(limits::FILE_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path).map_err(fault)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// Writes the rejected rows to a file that only its owner can read: it holds personal data.
fn write(path: &Path, table: &Table<'_>, imported: &Imported) -> Result<(), Error> {
    let fault = |cause| Error::File { path: path.to_owned(), cause };
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(fault)?;
    let mut file = BufWriter::new(file);
    write_rejects(table, &imported.file.rejects, &mut file).and_then(|()| file.flush()).map_err(fault)
}
