//! `tenure migrate …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tenure_core::ids::TenantId;
use tenure_db::migrate::{self, MigrationSet, RunOptions};
use tenure_db::tenants::{self, Page, Tenant};

use super::migrate_new;
use super::migrate_output::{History, Plan, PlatformDown, PlatformUp, Status, Up, Verified};
use crate::config;
use crate::confirm::confirm;
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

/// Tenants that are read at once from the list.
const PAGE: u32 = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Database(DatabaseCommand),
    /// Begin a new migration: two files to be filled in
    New(New),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Bring the platform's tables and every tenant's schema up to date
    Up(UpOptions),
    /// Take tenants' schemas, or the platform's tables, back to an earlier version
    Down(DownOptions),
    /// Show where the platform and the tenants stand
    Status,
    /// Show the ledger, newest first
    History {
        /// Only this tenant (slug or id)
        #[arg(long)]
        tenant: Option<TenantRef>,
        /// Most entries to show
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Print the SQL that `up` would run
    Plan,
    /// Compare tenants' schemas with what their migrations make
    Verify {
        /// Only these tenants (slug or id)
        #[arg(long)]
        tenant: Vec<TenantRef>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// What it does, for example `add_cost_centres`
    name: String,
    /// For the platform's tables instead of the tenants'
    #[arg(long)]
    platform: bool,
    /// The folder of the migrations
    #[arg(long, default_value = "migrations", value_name = "FOLDER")]
    folder: PathBuf,
}

#[derive(Debug, Default, Args)]
pub(crate) struct UpOptions {
    /// Stop at this version instead of the newest
    #[arg(long, value_name = "VERSION")]
    to: Option<i32>,
    /// The platform's tables alone, and no tenant's schema
    #[arg(long, conflicts_with_all = ["to", "tenant", "canary", "parallel"])]
    platform: bool,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Args)]
pub(crate) struct DownOptions {
    /// The version to go back to
    #[arg(long, value_name = "VERSION")]
    to: i32,
    /// The platform's tables instead of the tenants' schemas
    #[arg(long, conflicts_with_all = ["tenant", "canary", "parallel"])]
    platform: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Run {
    /// Only these tenants (slug or id)
    #[arg(long)]
    tenant: Vec<TenantRef>,
    /// So many tenants first; if one of them fails, no other is touched
    #[arg(long, default_value_t = 0)]
    canary: usize,
    /// Tenants at once [default: migrate.parallelism]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=64))]
    parallel: Option<u32>,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &DatabaseCommand,
    session: &Session,
    configured: &config::Migrate,
    output: &Output,
) -> Result<Outcome, Error> {
    match command {
        DatabaseCommand::Up(options) if options.platform => platform_up(session, output).await,
        DatabaseCommand::Up(options) => up(options, session, configured, output).await,
        DatabaseCommand::Down(options) if options.platform => platform_down(options, session, output).await,
        DatabaseCommand::Down(options) => down(options, session, configured, output).await,
        DatabaseCommand::Status => status(session, output).await,
        DatabaseCommand::History { tenant, limit } => history(tenant.as_ref(), *limit, session, output).await,
        DatabaseCommand::Plan => plan(session, output).await,
        DatabaseCommand::Verify { tenant } => verify(tenant, session, output).await,
    }
}

/// Writes the files of a new migration. It needs no database.
pub(crate) fn write_new(new: &New, output: &Output) -> Result<Outcome, Error> {
    let folder = new.folder.join(if new.platform { "platform" } else { "tenant" });
    output.document(&migrate_new::write(&folder, &new.name)?)?;
    Ok(Outcome::Done)
}

async fn up(
    options: &UpOptions,
    session: &Session,
    configured: &config::Migrate,
    output: &Output,
) -> Result<Outcome, Error> {
    let up = bring_up(options, session, configured).await?;
    output.document(&up)?;
    Ok(up.outcome())
}

/// Applies what is missing of the platform's migrations and the tenants'.
pub(super) async fn bring_up(
    options: &UpOptions,
    session: &Session,
    configured: &config::Migrate,
) -> Result<Up, Error> {
    let platform = bring_platform_up(session).await?;
    let set = MigrationSet::tenant();
    let target = options.to.unwrap_or_else(|| set.latest());
    if !(1..=set.latest()).contains(&target) {
        return Err(Error::NoSuchVersion { version: target, latest: set.latest() });
    }
    let run = RunOptions { target, down: false, ..options.run.options(session, configured).await? };
    let report = migrate_tenants(session, set, &run).await?;
    Ok(Up { platform, report })
}

async fn platform_up(session: &Session, output: &Output) -> Result<Outcome, Error> {
    output.document(&PlatformUp { platform: bring_platform_up(session).await? })?;
    Ok(Outcome::Done)
}

/// The names of what was applied.
async fn bring_platform_up(session: &Session) -> Result<Vec<String>, Error> {
    let applied = migrate::migrate_platform(session.db(), MigrationSet::platform(), session.context.now()).await?;
    Ok(applied.into_iter().map(|migration| format!("{:04}_{}", migration.version, migration.name)).collect())
}

async fn down(
    options: &DownOptions,
    session: &Session,
    configured: &config::Migrate,
    output: &Output,
) -> Result<Outcome, Error> {
    let set = MigrationSet::tenant();
    if !(0..=set.latest()).contains(&options.to) {
        return Err(Error::NoSuchVersion { version: options.to, latest: set.latest() });
    }
    let whose = if options.run.tenant.is_empty() { "every tenant" } else { "the tenants named" };
    let question =
        format!("What migrations above {} made in {whose} will be dropped, with the data in it.", options.to);
    confirm(&question, "down", options.yes)?;
    let run = RunOptions { target: options.to, down: true, ..options.run.options(session, configured).await? };
    let up = Up { platform: Vec::new(), report: migrate_tenants(session, set, &run).await? };
    output.document(&up)?;
    Ok(up.outcome())
}

async fn platform_down(options: &DownOptions, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let question = format!("What platform migrations above {} made will be dropped, with the data in it.", options.to);
    confirm(&question, "down", options.yes)?;
    let undone = migrate::platform_down(session.db(), MigrationSet::platform(), options.to).await?;
    output.document(&PlatformDown { undone })?;
    Ok(Outcome::Done)
}

async fn migrate_tenants(
    session: &Session,
    set: &MigrationSet,
    options: &RunOptions,
) -> Result<migrate::Report, Error> {
    let progress = Progress::new("tenants");
    let done = |_: &migrate::Outcome, total: usize| progress.advance(total);
    let report = migrate::run(session.db(), set, options, &|| session.act(), &done).await;
    progress.finish();
    Ok(report?)
}

async fn status(session: &Session, output: &Output) -> Result<Outcome, Error> {
    let platform = migrate::platform_version(session.db()).await?;
    let overview = migrate::overview(session.db(), MigrationSet::tenant()).await?;
    let (platform_latest, latest) = (MigrationSet::platform().latest(), MigrationSet::tenant().latest());
    output.document(&Status { platform, platform_latest, latest, overview })?;
    Ok(Outcome::Done)
}

async fn history(tenant: Option<&TenantRef>, limit: u32, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let tenant = match tenant {
        Some(tenant) => Some(tenant.find(session.db()).await?.id),
        None => None,
    };
    output.document(&History { entries: migrate::history(session.db(), tenant, i64::from(limit)).await? })?;
    Ok(Outcome::Done)
}

async fn plan(session: &Session, output: &Output) -> Result<Outcome, Error> {
    let platform = migrate::platform_version(session.db()).await?;
    let versions = match migrate::overview(session.db(), MigrationSet::tenant()).await {
        Ok(overview) => overview.versions,
        Err(tenure_db::Error::NotSetUp) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    output.document(&Plan::new(platform, &versions))?;
    Ok(Outcome::Done)
}

async fn verify(only: &[TenantRef], session: &Session, output: &Output) -> Result<Outcome, Error> {
    let tenants = if only.is_empty() { all_tenants(session).await? } else { named(only, session).await? };
    let verified = Verified { tenants: migrate::verify(session.db(), MigrationSet::tenant(), &tenants).await? };
    output.document(&verified)?;
    Ok(if verified.is_clean() { Outcome::Done } else { Outcome::Failed })
}

async fn all_tenants(session: &Session) -> Result<Vec<Tenant>, Error> {
    let mut all: Vec<Tenant> = Vec::new();
    loop {
        let page = Page { after: all.last().map(|tenant| tenant.slug.clone()), limit: PAGE };
        let tenants = tenants::list(session.db(), None, &page).await?;
        if tenants.is_empty() {
            return Ok(all);
        }
        all.extend(tenants);
    }
}

async fn named(tenants: &[TenantRef], session: &Session) -> Result<Vec<Tenant>, Error> {
    let mut found = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        found.push(tenant.find(session.db()).await?);
    }
    Ok(found)
}

impl Run {
    /// The options of a run, still without its target.
    async fn options(&self, session: &Session, configured: &config::Migrate) -> Result<RunOptions, Error> {
        let only: Vec<TenantId> = named(&self.tenant, session).await?.into_iter().map(|tenant| tenant.id).collect();
        let parallelism = self.parallel.unwrap_or(configured.parallelism);
        Ok(RunOptions {
            target: 0,
            down: false,
            only,
            canary: self.canary,
            parallelism: usize::try_from(parallelism).unwrap_or(1),
            lock_timeout: configured.lock_timeout,
            retries: configured.retries,
        })
    }
}
