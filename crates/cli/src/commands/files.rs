//! `tenure files …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::documents;
use tenure_app::files::Keys;
use tenure_core::tenant::Slug;

use crate::config;
use crate::error::{Error, Outcome};
use crate::files;
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Wrap the tenants' keys in the first key of the file of keys; run again, it goes on where it was cut off
    Rewrap(Rewrap),
}

#[derive(Debug, Args)]
pub(crate) struct Rewrap {
    /// Slug or id of one tenant; without it, every tenant
    #[arg(long)]
    tenant: Option<TenantRef>,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Files,
    output: &Output,
) -> Result<Outcome, Error> {
    let Command::Rewrap(Rewrap { tenant }) = command;
    let kept = files::open(session.is_embedded(), configured)?.ok_or(Error::NoFiles)?;
    let tenants = match tenant {
        Some(tenant) => vec![tenant.find(session.db()).await?],
        None => documents::copy::tenants(&session.context).await?,
    };
    let progress = Progress::new("tenants");
    let advance = || progress.advance(tenants.len());
    let keys = kept.rewrap_each(&session.context, &session.actor, &tenants, &advance).await;
    progress.finish();
    let rewrapped = Report::from(keys);
    output.document(&rewrapped)?;
    Ok(rewrapped.outcome())
}

#[derive(Serialize)]
struct Report {
    rewrapped: usize,
    /// Those whose key was wrapped in the first one already.
    unchanged: usize,
    /// Those that have no files, and so no key.
    without_files: usize,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Failed {
    tenant: Slug,
    error: String,
}

impl From<Keys> for Report {
    fn from(keys: Keys) -> Self {
        let Keys { none, current, former, failed } = keys;
        let failed = failed.into_iter();
        let failed = failed.map(|(tenant, error)| Failed { tenant, error: Error::from(error).to_string() });
        Self { rewrapped: former, unchanged: current, without_files: none, failed: failed.collect() }
    }
}

impl Report {
    const fn outcome(&self) -> Outcome {
        match (self.failed.is_empty(), self.rewrapped + self.unchanged) {
            (true, _) => Outcome::Done,
            (false, 0) => Outcome::Failed,
            (false, _) => Outcome::Partial,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rewrapped, unchanged, without_files, failed } = self;
        write!(
            f,
            "{rewrapped} rewrapped, {unchanged} unchanged, {without_files} without files, {} failed",
            failed.len()
        )?;
        failed.iter().try_for_each(|Failed { tenant, error }| write!(f, "\n{tenant}: {error}"))
    }
}
