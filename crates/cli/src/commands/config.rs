//! `tenure config …`

use std::fmt;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Options;
use crate::config::{Config, DEFAULT_FILE, Entry, Kind, Source};
use crate::error::{Error, Outcome};
use crate::output::{Output, Table};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print every option in force and where it was set, without passwords
    Show,
    /// Print a configuration file with every option, its meaning and its default
    Default,
    /// Say what is wrong with the configuration, all of it at once
    Check,
}

/// Runs one of the commands.
pub(crate) fn run(command: &Command, options: &Options, output: &Output) -> Result<Outcome, Error> {
    match command {
        Command::Show => output.document(&Shown::from(options.load_config()?))?,
        Command::Default => output.document(&DefaultFile { toml: DEFAULT_FILE })?,
        Command::Check => output.document(&Checked::from(options.load_config()?))?,
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Shown {
    file: Option<PathBuf>,
    options: Vec<ShownOption>,
}

#[derive(Serialize)]
struct ShownOption {
    key: String,
    value: Value,
    source: Source,
}

impl From<Config> for Shown {
    fn from(config: Config) -> Self {
        Self { file: config.file, options: config.entries.into_iter().map(ShownOption::from).collect() }
    }
}

impl From<Entry> for ShownOption {
    fn from(entry: Entry) -> Self {
        let value = match entry.kind {
            Kind::Whole => entry.text.parse::<u64>().map_or_else(|_| json!(entry.text), |number| json!(number)),
            Kind::Text => json!(entry.text),
        };
        Self { key: entry.key, value, source: entry.source }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["KEY", "VALUE", "SET BY"]);
        for option in &self.options {
            table.row([option.key.clone(), option.value.to_string(), option.source.to_string()]);
        }
        table.fmt(f)
    }
}

#[derive(Serialize)]
struct DefaultFile {
    toml: &'static str,
}

impl fmt::Display for DefaultFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.toml)
    }
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    file: Option<PathBuf>,
    /// How many options differ in origin from the defaults.
    set: usize,
}

impl From<Config> for Checked {
    fn from(config: Config) -> Self {
        let set = config.entries.iter().filter(|entry| entry.source != Source::Default).count();
        Self { valid: true, file: config.file, set }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, set, .. } = self;
        match file {
            Some(file) => write!(f, "The configuration is valid: {} was read, {set} options are set.", file.display()),
            None => write!(f, "The configuration is valid: no file was read, {set} options are set."),
        }
    }
}
