//! `tenure documents …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::documents::copy::{self, Copied};
use tenure_app::documents::{self, Documents, Healed};
use tenure_core::tenant::Slug;

use crate::config::{self, DocumentsUrl};
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Move the documents of all tenants to another place, and compare both; run again, it goes on where it was cut off
    Copy(Copy),
    /// Remove what has expired, and complete the audit log of changes that had broken off; `tenure serve` does so by itself
    Sweep,
}

#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// Where to: a URL of MongoDB, with the name of the database, or postgres: [default: documents.url]
    #[arg(long, value_name = "URL")]
    to: Option<DocumentsUrl>,
    /// Slug or id of one tenant; without it, every tenant
    #[arg(long)]
    tenant: Option<TenantRef>,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Documents,
    output: &Output,
) -> Result<Outcome, Error> {
    match command {
        Command::Copy(wanted) => copy(session, wanted, &configured.open_to(wanted.to.as_ref())?, output).await,
        Command::Sweep => {
            let healed = documents::heal(&session.context).await?;
            let expired = documents::expiry::expire(&session.context).await?;
            let left_over = documents::remove_leftovers(&session.context).await?;
            output.document(&Swept { expired, left_over, healed })?;
            Ok(if healed.left == 0 { Outcome::Done } else { Outcome::Partial })
        }
    }
}

/// One tenant after the other. One that fails does not end it.
async fn copy(session: &Session, wanted: &Copy, to: &Documents, output: &Output) -> Result<Outcome, Error> {
    to.prepare().await.map_err(tenure_app::Error::from)?;
    if !session.context.documents().places().contains(&to.place()) {
        let place = to.place();
        tracing::warn!(%place, "servers that neither documents.url nor documents.former_url leads there do not serve the documents of a company that was moved");
    }
    let tenants = match &wanted.tenant {
        Some(tenant) => vec![tenant.find(session.db()).await?],
        None => copy::tenants(&session.context).await?,
    };
    let (progress, mut failed) = (Progress::new("tenants"), 0);
    for tenant in &tenants {
        let (collections, error) = match copy::copy(&session.context, &session.actor, to, tenant.id, &|_| ()).await {
            Ok(copied) => (copied, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        failed += usize::from(error.is_some());
        progress.advance(tenants.len());
        output.record(&OfTenant { tenant: &tenant.slug, collections, error })?;
    }
    progress.finish();
    Ok(match failed {
        0 => Outcome::Done,
        all if all == tenants.len() => Outcome::Failed,
        _ => Outcome::Partial,
    })
}

#[derive(Serialize)]
struct Swept {
    /// Documents that were removed because their time was over.
    expired: u64,
    /// Those that no company needs any more.
    left_over: u64,
    #[serde(flatten)]
    healed: Healed,
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Healed { records, entries, left } = self.healed;
        writeln!(f, "expired    {} documents removed", self.expired)?;
        writeln!(f, "left over  {} documents removed", self.left_over)?;
        writeln!(f, "completed  {records} changes, with {entries} entries of the audit log")?;
        write!(f, "left       {left} changes")
    }
}

#[derive(Serialize)]
struct OfTenant<'a> {
    tenant: &'a Slug,
    collections: Vec<Copied>,
    error: Option<String>,
}

impl fmt::Display for OfTenant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.error {
            return write!(f, "{}: {error}", self.tenant);
        }
        if self.collections.is_empty() {
            return write!(f, "{}: all lies there already", self.tenant);
        }
        let documents: u64 = self.collections.iter().map(|collection| collection.documents).sum();
        let written = self.collections.iter().filter(|collection| collection.was_written).count();
        write!(f, "{}: {documents} documents in both, {written} collections written", self.tenant)
    }
}
