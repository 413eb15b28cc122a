//! `tenure restore …`

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::documents;
use tenure_backup::{AllOptions, AllRestored, Beside, FilesBack, Identities, Older, Restored, Restorer, Target};
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;
use tenure_db::archive::{self, Closed};
use tenure_db::tenants::Tenant;
use tenure_store::objects::Objects;
use uuid::Uuid;

use super::backup::{identities, list, objects, outcome};
use crate::config::Settings;
use crate::confirm::confirm;
use crate::error::{Error, Outcome};
use crate::files::ForArchives;
use crate::output::Output;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Restore {
    #[command(flatten)]
    whole: Option<Whole>,
    /// Bring back the platform and every tenant, each from its newest archive, in a database without tenants; go on where one was cut
    /// off
    #[arg(long, conflicts_with_all = ["tenant", "from"])]
    all: bool,
    /// With --all: let sessions and API tokens of the archives go on, though some may have been ended or revoked since
    #[arg(long, requires = "all")]
    keep_access: bool,
    /// The file with the secret key
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
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
    /// Bring back one table, into a schema of its own beside the tenant
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["new", "dry_run", "drop_old"])]
    table: Option<String>,
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
    settings: &Settings,
    output: &Output,
) -> Result<Outcome, Error> {
    let configured = &settings.backup;
    match (&restore.command, &restore.whole) {
        (Some(Command::Undo { tenant, yes }), _) => {
            let tenant = tenant.find(session.db()).await?;
            ask(&tenant, "is replaced by what the last restore replaced", *yes)?;
            output.document(&Changed(archive::undo(session.db(), tenant.id, &session.act()).await?))?;
        }
        (Some(Command::DropOld { tenant, yes }), _) => {
            let tenant = tenant.find(session.db()).await?;
            ask(&tenant, "cannot be taken back to before the last restore afterwards", *yes)?;
            drop_old(session, tenant.id).await?;
            output.document(&Changed(tenant))?;
        }
        (None, _) if restore.all => return all(restore, session, settings, output).await,
        (None, Some(Whole { table: Some(table), from, .. })) => {
            let keys = (objects(session, configured)?, identities(restore.identity.as_deref(), configured)?);
            let (db, wanted) = (session.db(), (*from, table.as_str()));
            let beside = tenure_backup::restore_table(db, &keys.0, &keys.1, wanted, session.context.id()).await?;
            output.document(&Aside(beside))?;
        }
        (None, Some(whole)) => {
            let keys = (objects(session, configured)?, identities(restore.identity.as_deref(), configured)?);
            let files = ForArchives::open(session.is_embedded(), &settings.files)?;
            let done = Done(restored(whole, session, &keys, (&files, configured.lock_timeout)).await?);
            output.document(&done)?;
            return Ok(done.outcome());
        }
        (None, None) => return Err(Error::Usage("give --tenant and --from, or --all")),
    }
    Ok(Outcome::Done)
}

async fn restored(
    whole: &Whole,
    session: &Session,
    (objects, identities): &(Objects, Identities),
    (files, patience): (&ForArchives, Duration),
) -> Result<Restored, Error> {
    let tenant = whole.tenant.find(session.db()).await?;
    let target = match &whole.new {
        _ if whole.dry_run => Target::DryRun,
        Some(slug) => Target::New { id: session.context.id(), slug: slug.clone(), name: tenant.name.clone() },
        None => {
            ask(&tenant, "is replaced by what the archive holds", whole.yes)?;
            Target::Same(tenant.id)
        }
    };
    let (now, random) = (|| session.context.now(), || session.context.random_bytes());
    let (db, documents, files) = (session.db(), session.context.documents(), files.files(&random));
    let restorer = Restorer { db, objects, identities, documents, files, now: &now, patience };
    let done = restorer.restore(whole.from, &target, &session.act()).await?;
    if whole.drop_old {
        drop_old(session, tenant.id).await?;
    }
    Ok(done)
}

async fn drop_old(session: &Session, tenant: TenantId) -> Result<(), Error> {
    archive::drop_kept_schema(session.db(), tenant, &session.act()).await?;
    documents::remove_leftovers(&session.context).await?;
    Ok(())
}

async fn all(restore: &Restore, session: &Session, settings: &Settings, output: &Output) -> Result<Outcome, Error> {
    let configured = &settings.backup;
    let files = ForArchives::open(session.is_embedded(), &settings.files)?;
    let (now, random) = (|| session.context.now(), || session.context.random_bytes());
    let (objects, identities) = (objects(session, configured)?, identities(restore.identity.as_deref(), configured)?);
    let (objects, identities) = (&objects, &identities);
    let (db, documents, files) = (session.db(), session.context.documents(), files.files(&random));
    let patience = configured.lock_timeout;
    let restorer = Restorer { db, objects, identities, documents, files, now: &now, patience };
    let options = AllOptions { at_once: configured.parallelism, keeps_access: restore.keep_access };
    let back = Back(restorer.restore_all(options, &|| session.act()).await?);
    output.document(&back)?;
    Ok(back.outcome())
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

impl Done {
    /// A tenant that lacks files is in service, and is not what was asked for.
    fn outcome(&self) -> Outcome {
        if self.0.files.is_some_and(|files| files.missing > 0) { Outcome::Partial } else { Outcome::Done }
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restored { tenant, manifest, files, closed } = &self.0;
        let rows: u64 = manifest.sums.iter().map(|sum| sum.rows).sum();
        let at = manifest.header.snapshot_at;
        match tenant {
            Some(tenant) => {
                write!(f, "{} is as of {at:.0}: {rows} rows, schema version {}", tenant.slug, tenant.schema_version)
            }
            None => write!(f, "{rows} rows as of {at:.0} could be restored; nothing was changed"),
        }?;
        match files {
            Some(FilesBack { copied: 0, present: 0, missing: 0 }) | None => Ok(()),
            Some(FilesBack { copied, present, missing }) => {
                write!(f, "; files: {copied} copied back, {present} were there, {missing} missing")
            }
        }?;
        match closed {
            Some(Closed { sessions: 0, tokens: 0, users: 0 }) | None => Ok(()),
            Some(Closed { sessions, tokens, users }) => {
                write!(f, "; not let in again: {sessions} sessions, {tokens} tokens, {users} users")
            }
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Aside(Beside);

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Beside { schema, table, rows } = &self.0;
        write!(f, "{rows} rows are in {schema}.{table}; DROP SCHEMA {schema} CASCADE when they are no longer needed")
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Back(AllRestored);

impl Back {
    /// What came from an older archive than the newest is not all that was asked for.
    fn outcome(&self) -> Outcome {
        match outcome(&self.0.failed, self.0.restored.len()) {
            Outcome::Done if !self.0.older.is_empty() => Outcome::Partial,
            outcome => outcome,
        }
    }
}

impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AllRestored { platform, restored, older, failed } = &self.0;
        let of = platform.map_or_else(|| "the platform was there".to_owned(), |id| format!("the platform from {id}"));
        write!(f, "{of}, {} tenants restored, {} failed", restored.len(), failed.len())?;
        for Older { tenant, backup, error } in older {
            let whose = tenant.as_ref().map_or("the platform", |slug| slug.as_str());
            write!(f, "\n{whose}: from the older archive {backup}, as a newer one is not whole: {error}")?;
        }
        list(f, failed)
    }
}
