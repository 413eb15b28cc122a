//! `tenure flag …`

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::flags::{self, Entry, Listed, Put, To};
use tenure_core::flags::{Key, Percent, serves_everybody};
use tenure_core::ids::TenantId;

use crate::error::{Error, Outcome};
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the flags of the platform, or with --tenant a company's own
    List(List),
    /// Show a flag with its rules
    Show(One),
    /// Switch a flag, or say all of it by a file; it is made if it is not there
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
pub(crate) struct List {
    #[command(flatten)]
    whose: Whose,
    /// Only those that are stale: everybody gets one variant, and they were not changed for as many days as the setting `flags.stale_days`
    /// of the company says, of the platform's for 30
    #[arg(long)]
    stale: bool,
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
    /// With --on or --percent, drop the rules that somebody has written; without it such a flag is left as it is
    #[arg(long, conflicts_with_all = ["off", "enable", "file"])]
    drop_rules: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Position {
    /// Give it to everybody
    #[arg(long)]
    on: bool,
    /// Give it to nobody; of the platform's, no company has it then, whatever flags of its own it has. Its rules stay
    #[arg(long)]
    off: bool,
    /// Take --off back: what its rules give holds again
    #[arg(long)]
    enable: bool,
    /// Give it to so many of the companies, or with --tenant of the users; whoever has it keeps it when the number is raised
    #[arg(long, value_name = "NUMBER")]
    percent: Option<Percent>,
    /// Make it as this JSON says, of the form that the API takes; - reads it from standard input
    #[arg(long)]
    file: Option<PathBuf>,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let context = &session.context;
    match command {
        Command::List(list) => {
            let mut flags = flags::list_as_operator(context, list.whose.find(session).await?).await?;
            flags.retain(|listed| !list.stale || listed.stale.is_some());
            output.document(&Flags { flags: flags.iter().map(|listed| Shown::of(session, listed)).collect() })?;
        }
        Command::Show(one) => show(session, one, output).await?,
        Command::Set(set) => {
            let tenant = set.whose.find(session).await?;
            flags::set_as_operator(context, &session.actor, tenant, &set.key, set.read()?).await?;
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

impl Set {
    fn read(&self) -> Result<Put, Error> {
        if let Some(file) = &self.to.file {
            return written(file);
        }
        let to = match self.to.percent {
            Some(percent) => To::Percent(percent),
            None if self.to.on => To::On,
            None if self.to.enable => To::Enabled,
            None => To::Off,
        };
        Ok(Put::Switched { to, drops_rules: self.drop_rules })
    }
}

/// Reads a flag out of a file, or standard input.
fn written(file: &Path) -> Result<Put, Error> {
    let fault = |cause| Error::File { path: file.to_owned(), cause };
    let input = if file.as_os_str() == "-" { io::read_to_string(io::stdin()) } else { std::fs::read_to_string(file) };
    let written = serde_json::from_str(&input.map_err(fault)?);
    written.map(|written| Put::Whole(Box::new(written))).map_err(|error| fault(io::Error::other(error)))
}

async fn show(session: &Session, one: &One, output: &Output) -> Result<(), Error> {
    show_of(session, one.whose.find(session).await?, &one.key, output).await
}

async fn show_of(session: &Session, tenant: Option<TenantId>, key: &Key, output: &Output) -> Result<(), Error> {
    let flags = flags::list_as_operator(&session.context, tenant).await?;
    let listed = flags.iter().find(|listed| listed.entry.flag.key == *key);
    let listed = listed.ok_or_else(|| tenure_app::Error::not_found("flag", key))?;
    output.document(&Shown::of(session, listed))
}

/// A flag as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// The variant that everybody gets, if so.
    everybody: Option<&'a str>,
    /// The same, if the flag was not changed for long.
    stale: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(session: &Session, listed: &'a Listed) -> Self {
        let everybody = serves_everybody(&listed.entry.flag, session.context.now());
        Self { entry: &listed.entry, everybody, stale: listed.stale.as_deref() }
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
