//! `tenure mail …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::mail::{self, Kept, Letter, Outcome as Sent, State};
use tenure_app::tenants::TenantRef;
use tenure_core::contact::Email;
use uuid::Uuid;

use crate::config;
use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what a tenant's people were told by mail or are to be told, the newest first
    List(List),
    /// Send messages at once that have failed or wait for their next attempt
    Retry(Retry),
    /// Send a mail to try the mail server
    Test {
        /// To whom
        address: Email,
    },
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Only those of this state: waiting, sent, dropped or failed
    #[arg(long)]
    state: Option<State>,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// One message; without it, all of the tenant
    id: Option<Uuid>,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Mail,
    output: &Output,
) -> Result<Outcome, Error> {
    match command {
        Command::List(List { tenant, state, limit }) => {
            let tenant = tenant.find(session.db()).await?.id;
            output.document(&Messages { messages: mail::list(&session.context, tenant, *state, *limit).await? })?;
        }
        Command::Retry(Retry { tenant, id }) => {
            let tenant = tenant.find(session.db()).await?.id;
            output.document(&Retried { messages: mail::retry(&session.context, tenant, *id).await? })?;
        }
        Command::Test { address } => return test(session, configured, address, output).await,
    }
    Ok(Outcome::Done)
}

async fn test(
    session: &Session,
    configured: &config::Mail,
    address: &Email,
    output: &Output,
) -> Result<Outcome, Error> {
    let server = configured.server.as_ref().ok_or(Error::NoMail)?;
    let letter = Letter {
        to: address.to_string(),
        sender: "Tenure".to_owned(),
        reply_to: None,
        subject: "Tenure: a mail to try the mail server".to_owned(),
        body: "If you can read this, Tenure sends mail.\n".to_owned(),
    };
    let name: Uuid = session.context.id();
    let (sent, _) = server.open()?.send(&letter, &name.to_string()).await;
    let error = match sent {
        Sent::Sent => None,
        Sent::Failed(error) | Sent::Refused(error) => Some(error),
        Sent::Dropped(why) => Some(why.to_owned()),
    };
    let outcome = if error.is_none() { Outcome::Done } else { Outcome::Failed };
    output.document(&Tried { address, error })?;
    Ok(outcome)
}

#[derive(Serialize)]
struct Messages {
    messages: Vec<Kept>,
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["ID", "KIND", "STATE", "DUE", "TRIED", "ERROR"]);
        for Kept { id, kind, state, due_at, attempts, error, .. } in &self.messages {
            let error = error.clone().unwrap_or_default();
            table.row([
                id.to_string(),
                kind.clone(),
                state.to_string(),
                format!("{due_at:.0}"),
                attempts.to_string(),
                error,
            ]);
        }
        table.fmt(f)
    }
}

#[derive(Serialize)]
struct Retried {
    messages: u64,
}

impl fmt::Display for Retried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages are sent at once", self.messages)
    }
}

#[derive(Serialize)]
struct Tried<'a> {
    address: &'a Email,
    error: Option<String>,
}

impl fmt::Display for Tried<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            None => write!(f, "the mail server has taken a mail to {}", self.address.as_str()),
            Some(error) => write!(f, "no mail to {}: {error}", self.address.as_str()),
        }
    }
}
