//! `tenure restore …`

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_backup::{Restored, Target};
use tenure_core::tenant::Slug;
use tenure_db::archive;
use tenure_db::tenants::Tenant;
use uuid::Uuid;

use super::backup::{identities, objects};
use crate::config;
use crate::confirm::confirm;
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::session::Session;
use crate::tenant::TenantRef;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Restore {
    #[command(flatten)]
    whole: Option<Whole>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Whole {
    /// Slug or id of the tenant that the archive was made of
    #[arg(long)]
    tenant: TenantRef,
    /// The archive's id, from `tenure backup list`
    #[arg(long, value_name = "ID")]
    from: Uuid,
    /// Make a new tenant of this slug instead, and leave the other alone
    #[arg(long = "as", value_name = "SLUG")]
    new: Option<Slug>,
    /// Do all but the last step, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not keep the former schema for `tenure restore undo`
    #[arg(long, conflicts_with_all = ["new", "dry_run"])]
    drop_old: bool,
    /// The file with the secret key
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take what the last restore replaced back into service; again, and the restored rows are back
    Undo {
        /// Slug or id
        #[arg(long)]
        tenant: TenantRef,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Drop what the last restore replaced
    DropOld {
        /// Slug or id
        #[arg(long)]
        tenant: TenantRef,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command.
pub(crate) async fn run(
    restore: &Restore,
    session: &Session,
    configured: &config::Backup,
    output: &Output,
) -> Result<Outcome, Error> {
    match (&restore.command, &restore.whole) {
        (Some(Command::Undo { tenant, yes }), _) => {
            let tenant = tenant.find(session.db()).await?;
            ask(&tenant, "is replaced by what the last restore replaced", *yes)?;
            output.document(&Changed(archive::undo(session.db(), tenant.id, &session.act()).await?))?;
        }
        (Some(Command::DropOld { tenant, yes }), _) => {
            let tenant = tenant.find(session.db()).await?;
            ask(&tenant, "cannot be taken back to before the last restore afterwards", *yes)?;
            archive::drop_kept_schema(session.db(), tenant.id, &session.act()).await?;
            output.document(&Changed(tenant))?;
        }
        (None, Some(whole)) => output.document(&Done(restored(whole, session, configured).await?))?,
        (None, None) => return Err(Error::Usage("give --tenant and --from")),
    }
    Ok(Outcome::Done)
}

async fn restored(whole: &Whole, session: &Session, configured: &config::Backup) -> Result<Restored, Error> {
    let (objects, identities) = (objects(session, configured)?, identities(whole.identity.as_deref(), configured)?);
    let tenant = whole.tenant.find(session.db()).await?;
    let target = match &whole.new {
        _ if whole.dry_run => Target::DryRun,
        Some(slug) => Target::New { id: session.context.id(), slug: slug.clone(), name: tenant.name.clone() },
        None => {
            ask(&tenant, "is replaced by what the archive holds", whole.yes)?;
            Target::Same(tenant.id)
        }
    };
    let wanted = (whole.from, &target);
    let restored = tenure_backup::restore(session.db(), &objects, &identities, wanted, &session.act()).await?;
    if whole.drop_old {
        archive::drop_kept_schema(session.db(), tenant.id, &session.act()).await?;
    }
    Ok(restored)
}

fn ask(tenant: &Tenant, what: &str, yes: bool) -> Result<(), Error> {
    confirm(&format!("All data of {} ({}) {what}.", tenant.name, tenant.slug), tenant.slug.as_str(), yes)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Changed(Tenant);

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: done", self.0.slug)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Done(Restored);

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restored { tenant, manifest } = &self.0;
        let rows: u64 = manifest.sums.iter().map(|sum| sum.rows).sum();
        let at = manifest.header.snapshot_at;
        match tenant {
            Some(tenant) => {
                write!(f, "{} is as of {at:.0}: {rows} rows, schema version {}", tenant.slug, tenant.schema_version)
            }
            None => write!(f, "{rows} rows as of {at:.0} could be restored; nothing was changed"),
        }
    }
}
