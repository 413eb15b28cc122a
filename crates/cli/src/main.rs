//! The binary `tenure`: arguments in, one use case called, text or JSON out.

mod commands;
mod config;
mod confirm;
mod error;
mod files;
mod housekeeping;
mod installation;
mod logging;
mod mail;
mod node;
mod operations;
mod output;
mod progress;
mod psql;
mod schedule;
mod session;
mod signals;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Settings};
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::session::Session;
use crate::signals::Signals;

/// Multi-tenant HR: many companies on one server, each in its own PostgreSQL schema.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, after_help = EXIT_STATUS)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUS: &str =
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done in part (the output names what failed).";

/// The options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Options {
    /// Read this configuration file instead of ./tenure.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document on stdout instead of text
    #[arg(long, global = true)]
    json: bool,
}

impl Options {
    fn load_config(&self) -> Result<Config, Error> {
        Ok(Config::load(self.config.as_deref(), env::vars_os())?)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find what was done to an audit log behind Tenure's back
    #[command(subcommand)]
    Audit(commands::audit::Command),
    /// Make archives of tenants, list and check them
    #[command(subcommand)]
    Backup(commands::backup::Command),
    /// Look after values that are kept because they are dear to compute
    #[command(subcommand)]
    Cache(commands::cache::Command),
    /// Show and check the configuration
    #[command(subcommand)]
    Config(commands::config::Command),
    /// Reach the database directly
    #[command(subcommand)]
    Db(commands::db::Command),
    /// Serve two made-up companies to try, from a database of their own in ./.tenure
    Demo(commands::demo::Demo),
    /// Move documents between PostgreSQL and MongoDB, and look after them
    #[command(subcommand)]
    Documents(commands::documents::Command),
    /// Examine everything that Tenure depends on
    Doctor(commands::doctor::Doctor),
    /// Look after the keys of the tenants' files
    #[command(subcommand)]
    Files(commands::files::Command),
    /// Switch feature flags, for all companies or for one
    #[command(subcommand)]
    Flag(commands::flag::Command),
    /// Bring data from other systems into a tenant
    #[command(subcommand)]
    Import(commands::import::Command),
    /// Look after what is sent by mail, and try the mail server
    #[command(subcommand)]
    Mail(commands::mail::Command),
    /// Bring schemas up to date, take them back, and find drift
    #[command(subcommand)]
    Migrate(commands::migrate::Command),
    /// Print the description of the HTTP API, OpenAPI 3.1
    Openapi(commands::openapi::Openapi),
    /// Let others operate the platform over HTTP
    #[command(subcommand)]
    Operator(commands::operator::Command),
    /// Bring a tenant back to what an archive holds, or make another tenant of it
    Restore(commands::restore::Restore),
    /// Serve the HTTP API until told to stop (SIGTERM or Ctrl-C)
    Serve(commands::serve::Serve),
    /// Provision tenants and look after them
    #[command(subcommand)]
    Tenant(commands::tenant::Command),
    /// Make and revoke API tokens
    #[command(subcommand)]
    Token(commands::token::Command),
    /// Make users, give them roles, and let them choose passwords
    #[command(subcommand)]
    User(commands::user::Command),
    /// Make archives, send mail, do operations and keep house as `tenure serve` does, without serving, until told to stop
    Worker(commands::worker::Worker),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = run(&cli);
    outcome.unwrap_or_else(|error| error.report()).into()
}

#[tokio::main]
async fn run(cli: &Cli) -> Result<Outcome, Error> {
    // These treat signals in their own way.
    if matches!(cli.command, Command::Demo(_) | Command::Serve(_) | Command::Worker(_) | Command::Db(_)) {
        return execute(cli).await;
    }
    let mut signals = Signals::new()?;
    tokio::select! {
        outcome = execute(cli) => outcome,
        // What the command held is dropped, so that an embedded server is stopped and not left behind.
        () = signals.next() => Err(Error::Interrupted),
    }
}

async fn execute(cli: &Cli) -> Result<Outcome, Error> {
    let output = Output::new(cli.options.json);
    match &cli.command {
        Command::Audit(command) => {
            in_session(&cli.options, async |session, _| commands::audit::run(command, session, &output).await).await
        }
        Command::Backup(command) => {
            in_session(&cli.options, async |session, settings| {
                commands::backup::run(command, session, settings, &output).await
            })
            .await
        }
        Command::Restore(restore) => {
            in_session(&cli.options, async |session, settings| {
                commands::restore::run(restore, session, settings, &output).await
            })
            .await
        }
        Command::Cache(command) => {
            in_session(&cli.options, async |session, settings| {
                commands::cache::run(command, session, &settings.cache, &output).await
            })
            .await
        }
        Command::Config(command) => commands::config::run(command, &cli.options, &output),
        Command::Db(command) => {
            let config = cli.options.load_config()?;
            logging::start(&config.settings.log);
            commands::db::run(command, &config.settings.database, &output).await
        }
        Command::Documents(command) => {
            in_session(&cli.options, async |session, settings| {
                commands::documents::run(command, session, &settings.documents, &output).await
            })
            .await
        }
        Command::Doctor(options) => {
            let config = cli.options.load_config()?;
            logging::start(&config.settings.log);
            commands::doctor::run(options, &config.settings, &output).await
        }
        Command::Files(command) => {
            in_session(&cli.options, async |session, settings| {
                commands::files::run(command, session, &settings.files, &output).await
            })
            .await
        }
        Command::Flag(command) => {
            in_session(&cli.options, async |session, _| commands::flag::run(command, session, &output).await).await
        }
        Command::Import(command) => {
            let mut settings = cli.options.load_config()?.settings;
            settings.database.slow_query = commands::import::SLOW_STATEMENT.max(settings.database.slow_query);
            in_session_with(&settings, async |session, _| commands::import::run(command, session, &output).await).await
        }
        Command::Mail(command) => look_after_mail(command, cli, &output).await,
        Command::Migrate(commands::migrate::Command::New(new)) => commands::migrate::write_new(new, &output),
        Command::Migrate(commands::migrate::Command::Database(command)) => {
            in_session(&cli.options, async |session, settings| {
                commands::migrate::run(command, session, &settings.migrate, &output).await
            })
            .await
        }
        Command::Demo(demo) => {
            let config = cli.options.load_config()?;
            let slow = logging::start(&config.settings.log);
            Box::pin(commands::demo::run(demo, &config.settings, &slow, &output)).await
        }
        Command::Openapi(options) => commands::openapi::run(options, &output),
        Command::Operator(command) => {
            in_session(&cli.options, async |session, _| commands::operator::run(command, session, &output).await).await
        }
        Command::Serve(options) => {
            let config = cli.options.load_config()?;
            let slow = logging::start(&config.settings.log);
            Box::pin(commands::serve::run(options, &config.settings, &slow, &output)).await
        }
        Command::Tenant(command) => {
            in_session(&cli.options, async |session, settings| {
                commands::tenant::run(command, session, &settings.files, &output).await
            })
            .await
        }
        Command::Token(command) => {
            in_session(&cli.options, async |session, _| commands::token::run(command, session, &output).await).await
        }
        Command::User(command) => {
            in_session(&cli.options, async |session, _| commands::user::run(command, session, &output).await).await
        }
        Command::Worker(options) => {
            let config = cli.options.load_config()?;
            let slow = logging::start(&config.settings.log);
            Box::pin(commands::worker::run(options, &config.settings, &slow, &output)).await
        }
    }
}

async fn look_after_mail(command: &commands::mail::Command, cli: &Cli, output: &Output) -> Result<Outcome, Error> {
    in_session(&cli.options, async |session, settings| {
        commands::mail::run(command, session, &settings.mail, output).await
    })
    .await
}

/// Opens the installation for a command and leaves it afterwards, also when the command failed.
async fn in_session<F>(options: &Options, command: F) -> Result<Outcome, Error>
where
    F: AsyncFnOnce(&Session, &Settings) -> Result<Outcome, Error>,
{
    in_session_with(&options.load_config()?.settings, command).await
}

/// The same with settings that the command has adapted.
async fn in_session_with<F>(settings: &Settings, command: F) -> Result<Outcome, Error>
where
    F: AsyncFnOnce(&Session, &Settings) -> Result<Outcome, Error>,
{
    logging::start(&settings.log);
    let session = Session::open(&settings.database).await?.with_documents(settings.documents.open()?);
    // Boxed, as all commands are in one function.
    let outcome = Box::pin(command(&session, settings)).await;
    session.close().await?;
    outcome
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    /// The path of every command and its help.
    fn helps(command: &mut clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        found.push((path.to_owned(), command.render_long_help().to_string()));
        for child in command.get_subcommands_mut().filter(|child| child.get_name() != "help") {
            let path = format!("{path}_{}", child.get_name());
            helps(child, &path, found);
        }
    }

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_is_as_reviewed() {
        let mut command = Cli::command();
        command.build();
        let mut found = Vec::new();
        helps(&mut command, "tenure", &mut found);
        for (path, help) in found {
            insta::assert_snapshot!(format!("help_{path}"), help);
        }
    }
}
