//! `tenure token …`

use std::fmt;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::Serialize;
use tenure_app::tokens::{self, Create};
use tenure_core::ids::TokenId;
use tenure_db::tokens::Token;

use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an API token; it is shown once and cannot be had again
    Create(CreateToken),
    /// List a tenant's tokens, newest first
    List {
        /// Slug or id
        #[arg(long)]
        tenant: TenantRef,
    },
    /// Make a token useless from now on
    Revoke {
        /// Slug or id
        #[arg(long)]
        tenant: TenantRef,
        /// The token's id, from `tenure token list`
        token: TokenId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// Slug or id
    #[arg(long)]
    tenant: TenantRef,
    /// Mail address of the user on whose behalf it acts [default: the tenant's owner]
    #[arg(long, value_name = "MAIL")]
    user: Option<String>,
    /// What it is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// How long it works, for example 90d or 12h [default: until it is revoked]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    valid_for: Option<SignedDuration>,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let (Command::Create(CreateToken { tenant, .. }) | Command::List { tenant } | Command::Revoke { tenant, .. }) =
        command;
    let tenant = tenant.find(session.db()).await?.id;
    match command {
        Command::Create(input) => {
            let CreateToken { user, name, valid_for, .. } = input;
            let input = Create { tenant, user: user.clone(), name: name.clone(), valid_for: *valid_for };
            let made = tokens::create(&session.context, &session.actor, &input).await?;
            output.document(&Made { id: made.id, token: made.token.reveal(), expires_at: made.expires_at })?;
        }
        Command::List { .. } => output.document(&Tokens { tokens: tokens::list(&session.context, tenant).await? })?,
        Command::Revoke { token, .. } => {
            tokens::revoke(&session.context, &session.actor, tenant, *token).await?;
            output.document(&Revoked { id: *token, revoked: true })?;
        }
    }
    Ok(Outcome::Done)
}

/// Reads a time like 90d or 12h.
pub(super) fn parse_time(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| "write it as 90d or 12h".to_owned())?;
    let time =
        span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| "use days, hours or less".to_owned())?;
    if time.is_positive() { Ok(time) } else { Err("it must be longer than nothing".to_owned()) }
}

#[derive(Serialize)]
struct Made {
    id: TokenId,
    token: String,
    expires_at: Option<Timestamp>,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

#[derive(Serialize)]
struct Revoked {
    id: TokenId,
    revoked: bool,
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is revoked", self.id)
    }
}

#[derive(Serialize)]
struct Tokens {
    tokens: Vec<Token>,
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["ID", "USER", "NAME", "MADE", "EXPIRES", "REVOKED"]);
        for token in &self.tokens {
            let moment = |time: Option<Timestamp>| time.map(|time| format!("{time:.0}")).unwrap_or_default();
            let Token { id, user, name, created_at, expires_at, revoked_at, .. } = token;
            let (made, expires, revoked) = (format!("{created_at:.0}"), moment(*expires_at), moment(*revoked_at));
            table.row([id.to_string(), user.clone(), name.clone(), made, expires, revoked]);
        }
        table.fmt(f)
    }
}
