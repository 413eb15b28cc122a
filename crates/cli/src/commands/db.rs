//! `tenure db …`

use std::ffi::OsString;
use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::task::block_in_place;

use crate::config::{DatabaseUrl, Settings};
use crate::error::{Error, Outcome};
use crate::installation::Installation;
use crate::output::Output;
use crate::psql;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the database's URL, with its password
    Url {
        #[command(flatten)]
        login: Login,
    },
    /// Open psql on the database
    Shell {
        #[command(flatten)]
        login: Login,
        /// Arguments for psql, for example: tenure db shell -- -c 'SELECT 1'
        #[arg(last = true, value_name = "PSQL ARGUMENT")]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// As the login that owns the database, instead of the one that serves
    #[arg(long)]
    owner: bool,
}

impl Login {
    fn of<'a>(&self, installation: &'a Installation) -> &'a DatabaseUrl {
        if self.owner { installation.owner() } else { installation.application() }
    }
}

/// Runs one of the commands.
pub(crate) fn run(command: &Command, settings: &Settings, output: &Output) -> Result<Outcome, Error> {
    let installation = Installation::find(&settings.database)?;
    match command {
        Command::Url { login } => output.document(&ShownUrl { url: login.of(&installation).expose() })?,
        Command::Shell { login, arguments } => {
            block_in_place(|| psql::run(login.of(&installation), None, arguments))?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct ShownUrl<'a> {
    url: &'a str,
}

impl fmt::Display for ShownUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url)
    }
}
