//! `tenure audit …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::audit::{self, Anchor, Fault, Verified};
use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::tenants::{self, Page};

use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

/// Tenants that are read at once from the list.
const PAGE: u32 = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compute every hash of an audit log again, name what was changed, removed or inserted, and print an anchor to keep elsewhere
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Slug or id
    #[arg(long, required_unless_present = "all")]
    tenant: Option<TenantRef>,
    /// The anchor that an earlier run has printed: also finds a log that was rewritten or cut off as a whole
    #[arg(long, value_name = "POSITION:HASH", conflicts_with = "all")]
    anchor: Option<Anchor>,
    /// Every tenant, also those that are suspended or archived
    #[arg(long, conflicts_with = "tenant")]
    all: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(command: &Command, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let Command::Verify(wanted) = command;
    match &wanted.tenant {
        Some(tenant) => {
            let tenant = tenant.find(session.db()).await?;
            verify(session, output, (tenant.id, &tenant.slug), wanted.anchor).await
        }
        None => verify_all(session, output).await,
    }
}

/// One tenant after the other. One that cannot be verified does not end it.
async fn verify_all(session: &Session, output: &Output) -> Result<Outcome, Error> {
    let mut worst = Outcome::Done;
    let mut page = Page { after: None, limit: PAGE };
    loop {
        let tenants = tenants::list(session.db(), None, &page).await?;
        let Some(last) = tenants.last() else { return Ok(worst) };
        page.after = Some(last.slug.clone());
        // One that is not complete has no log yet.
        for tenant in tenants.iter().filter(|tenant| tenant.status != TenantStatus::Provisioning) {
            let outcome = verify(session, output, (tenant.id, &tenant.slug), None).await;
            worst = match outcome {
                Ok(Outcome::Done) => worst,
                Ok(outcome) => outcome,
                Err(Error::App(error)) => {
                    output.record(&Unverified { tenant: &tenant.slug, error: error.to_string() })?;
                    if worst == Outcome::Done { Outcome::Partial } else { worst }
                }
                Err(error) => return Err(error),
            };
        }
    }
}

async fn verify(
    session: &Session,
    output: &Output,
    (id, slug): (TenantId, &Slug),
    anchor: Option<Anchor>,
) -> Result<Outcome, Error> {
    let mut told = Ok(());
    let tell = |fault| {
        if told.is_ok() {
            told = output.record(&Found { tenant: slug, fault });
        }
    };
    let Verified { entries, links, faults, head } = audit::verify(&session.context, id, anchor, tell).await?;
    told?;
    output.record(&Summary { tenant: slug, entries, links, faults, anchor: head })?;
    Ok(if faults == 0 { Outcome::Done } else { Outcome::Failed })
}

#[derive(Serialize)]
struct Found<'a> {
    tenant: &'a Slug,
    #[serde(flatten)]
    fault: Fault,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tenant, self.fault)
    }
}

#[derive(Serialize)]
struct Unverified<'a> {
    tenant: &'a Slug,
    error: String,
}

impl fmt::Display for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: not verified: {}", self.tenant, self.error)
    }
}

#[derive(Serialize)]
struct Summary<'a> {
    tenant: &'a Slug,
    entries: i64,
    links: i64,
    faults: u64,
    anchor: Anchor,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, entries, links, faults, anchor } = self;
        let found = match faults {
            0 => "as they were written".to_owned(),
            1 => "1 fault".to_owned(),
            faults => format!("{faults} faults"),
        };
        write!(f, "{tenant}: {entries} entries in {links} links: {found}; anchor {anchor}")
    }
}
