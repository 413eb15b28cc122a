//! `tenure operator …`

use std::fmt;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tenure_app::platform::operators::{self, Stored};

use super::token::parse_time;
use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let somebody or a program operate the platform over HTTP; the token is shown once and cannot be had again
    Create {
        /// Who it is, for the audit trails
        name: String,
        /// How long the token works, for example 90d or 12h [default: until it is revoked]
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        valid_for: Option<SignedDuration>,
    },
    /// List operators, newest first
    List,
    /// Make an operator's token useless from now on
    Revoke {
        /// Who it is
        name: String,
    },
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let (context, actor) = (&session.context, &session.actor);
    match command {
        Command::Create { name, valid_for } => {
            let secret = operators::create(context, actor, name, *valid_for).await?;
            output.document(&Made { name, token: secret.reveal() })?;
        }
        Command::List => output.document(&Operators { operators: operators::list(context).await? })?,
        Command::Revoke { name } => {
            operators::revoke(context, actor, name).await?;
            output.document(&Revoked { name, revoked: true })?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    token: String,
}

impl fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

#[derive(Serialize)]
struct Revoked<'a> {
    name: &'a str,
    revoked: bool,
}

impl fmt::Display for Revoked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is revoked", self.name)
    }
}

#[derive(Serialize)]
struct Operators {
    operators: Vec<Stored>,
}

impl fmt::Display for Operators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["NAME", "MADE", "EXPIRES", "REVOKED"]);
        for operator in &self.operators {
            let moment = |time: Option<Timestamp>| time.map(|time| format!("{time:.0}")).unwrap_or_default();
            let made = format!("{:.0}", operator.created_at);
            table.row([operator.name.clone(), made, moment(operator.expires_at), moment(operator.revoked_at)]);
        }
        table.fmt(f)
    }
}
