//! `tenure db …`

use std::ffi::OsString;
use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_core::tenant::SchemaName;
use tenure_db::Database;
use tokio::task::block_in_place;

use crate::config::{self, DatabaseUrl};
use crate::error::{Error, Outcome};
use crate::installation::Installation;
use crate::output::Output;
use crate::psql;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the database's URL, with its password
    ///
    /// The server of an installation in .tenure runs only while a command of Tenure uses it, for example `tenure serve`.
    Url {
        #[command(flatten)]
        login: Login,
    },
    /// Open psql on the database
    Shell(Shell),
}

#[derive(Debug, Args)]
pub(crate) struct Shell {
    #[command(flatten)]
    login: Login,
    /// Work in this tenant (slug or id): by its role, in its schema
    #[arg(long, conflicts_with = "owner")]
    tenant: Option<TenantRef>,
    /// Arguments for psql, for example: tenure db shell -- -c 'SELECT 1'
    #[arg(last = true, value_name = "PSQL ARGUMENT")]
    arguments: Vec<OsString>,
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
pub(crate) async fn run(command: &Command, configured: &config::Database, output: &Output) -> Result<Outcome, Error> {
    let installation = Installation::find(configured)?;
    match command {
        Command::Url { login } => output.document(&ShownUrl { url: login.of(&installation).expose() })?,
        Command::Shell(shell) => open_shell(shell, &installation, configured).await?,
    }
    installation.close()?;
    Ok(Outcome::Done)
}

async fn open_shell(shell: &Shell, installation: &Installation, configured: &config::Database) -> Result<(), Error> {
    let schema = match &shell.tenant {
        Some(tenant) => Some(schema_of(tenant, &installation.database(configured)?).await?),
        None => None,
    };
    block_in_place(|| psql::run(shell.login.of(installation), schema.as_ref(), &shell.arguments))
}

async fn schema_of(tenant: &TenantRef, db: &Database) -> Result<SchemaName, Error> {
    let found = tenant.find(db).await;
    // psql may stay open for hours: no connection waits beside it.
    db.close().await;
    Ok(found?.schema)
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
