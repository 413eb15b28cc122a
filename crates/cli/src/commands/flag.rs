//! `tenure flag …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::flags::{self, Entry, To};
use tenure_core::flags::{Key, Percent, serves_everybody};
use tenure_core::ids::TenantId;

use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the flags of the platform, or with --tenant a company's own
    List(Whose),
    /// Show a flag with its rules
    Show(One),
    /// Switch a boolean flag, which is made if it is not there
    Set(Set),
    /// Delete a flag
    Delete(One),
}

#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// Slug or id; without it, the flags of the platform, which hold for all companies
    #[arg(long)]
    tenant: Option<TenantRef>,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The flag's key
    key: Key,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The flag's key
    key: Key,
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    to: Position,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Position {
    /// Give it to everybody; its rules are dropped
    #[arg(long)]
    on: bool,
    /// Give it to nobody; of the platform's, no company has it then, whatever flags of its own it has. Its rules stay
    #[arg(long)]
    off: bool,
    /// Give it to so many of the companies, or with --tenant of the users; whoever has it keeps it when the number is raised
    #[arg(long, value_name = "NUMBER")]
    percent: Option<Percent>,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let context = &session.context;
    match command {
        Command::List(whose) => {
            let flags = flags::list_as_operator(context, whose.find(session).await?).await?;
            output.document(&Flags { flags: flags.iter().map(|entry| Shown::of(session, entry)).collect() })?;
        }
        Command::Show(one) => show(session, one, output).await?,
        Command::Set(set) => {
            let tenant = set.whose.find(session).await?;
            flags::set_as_operator(context, &session.actor, tenant, &set.key, set.to.read()).await?;
            show_of(session, tenant, &set.key, output).await?;
        }
        Command::Delete(one) => {
            let tenant = one.whose.find(session).await?;
            flags::delete_as_operator(context, &session.actor, tenant, &one.key).await?;
            output.document(&Deleted { deleted: &one.key })?;
        }
    }
    Ok(Outcome::Done)
}

impl Whose {
    async fn find(&self, session: &Session) -> Result<Option<TenantId>, Error> {
        match &self.tenant {
            Some(tenant) => Ok(Some(tenant.find(session.db()).await?.id)),
            None => Ok(None),
        }
    }
}

impl Position {
    fn read(&self) -> To {
        match self.percent {
            Some(percent) => To::Percent(percent),
            None if self.on => To::On,
            None => To::Off,
        }
    }
}

async fn show(session: &Session, one: &One, output: &Output) -> Result<(), Error> {
    show_of(session, one.whose.find(session).await?, &one.key, output).await
}

async fn show_of(session: &Session, tenant: Option<TenantId>, key: &Key, output: &Output) -> Result<(), Error> {
    let flags = flags::list_as_operator(&session.context, tenant).await?;
    let entry = flags.iter().find(|entry| entry.flag.key == *key);
    let entry = entry.ok_or_else(|| tenure_app::Error::not_found("flag", key))?;
    output.document(&Shown::of(session, entry))
}

/// A flag as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// The variant that everybody gets, if so.
    everybody: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(session: &Session, entry: &'a Entry) -> Self {
        Self { entry, everybody: serves_everybody(&entry.flag, session.context.now()) }
    }

    /// Who gets what, in a few words.
    fn summary(&self) -> String {
        match self.everybody {
            Some(variant) => format!("{variant} for everybody"),
            None => format!("by {} rules, else {}", self.entry.flag.rules.len(), self.entry.flag.default_variant),
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = &self.entry.flag;
        writeln!(f, "{} ({}, version {}): {}", flag.key, flag.kind, self.entry.version, self.summary())?;
        let json = serde_json::to_string_pretty(flag).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

#[derive(Serialize)]
struct Flags<'a> {
    flags: Vec<Shown<'a>>,
}

impl fmt::Display for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["FLAG", "KIND", "ENABLED", "GIVES", "SINCE"]);
        for shown in &self.flags {
            let Entry { flag, updated_at, .. } = shown.entry;
            let enabled = if flag.enabled { "yes" } else { "no" };
            table.row([
                flag.key.to_string(),
                flag.kind.to_string(),
                enabled.to_owned(),
                shown.summary(),
                format!("{updated_at:.0}"),
            ]);
        }
        table.fmt(f)
    }
}

#[derive(Serialize)]
struct Deleted<'a> {
    deleted: &'a Key,
}

impl fmt::Display for Deleted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deleted the flag {}", self.deleted)
    }
}
