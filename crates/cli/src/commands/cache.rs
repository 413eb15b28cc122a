//! `tenure cache …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use tenure_app::Context;
use tenure_app::cache::{self, SharedStatistics};
use tenure_core::tenant::{Slug, TenantStatus};
use tenure_db::tenants::{self, Page};

use crate::config;
use crate::error::{Error, Outcome};
use crate::output::Output;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

/// Tenants that are read at once from the list.
const PAGE: u32 = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what Redis keeps and how often it had what was asked for; each server's own counts are on its /metrics
    Stats,
    /// Make that nothing kept of a tenant, or of the platform, is used any more, at once and on every server: after its data were changed
    /// past Tenure
    Flush(Flush),
    /// Compute the figures and the chart of today for those who see everybody, so that Redis has them when they come
    Warm(Warm),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Flush {
    /// Slug or id
    #[arg(long)]
    tenant: Option<TenantRef>,
    /// The platform's feature flags
    #[arg(long)]
    platform: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Warm {
    /// Slug or id; without it, every active tenant
    #[arg(long)]
    tenant: Option<TenantRef>,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Cache,
    output: &Output,
) -> Result<Outcome, Error> {
    let context = Context::new(session.db().clone()).with_cache(configured.open());
    match command {
        Command::Stats => stats(&context, output).await,
        Command::Flush(flush) => {
            let flushed = if let Some(tenant) = &flush.tenant {
                let tenant = tenant.find(session.db()).await?;
                let room_freed = cache::flush(&context, &session.actor, tenant.id).await?;
                Flushed { tenant: Some(tenant.slug), room_freed }
            } else {
                cache::flush_platform(&context, &session.actor).await?;
                Flushed { tenant: None, room_freed: true }
            };
            output.document(&flushed)?;
            Ok(Outcome::Done)
        }
        Command::Warm(warm) => {
            if !context.cache().is_shared() {
                return Err(tenure_app::Error::Rule(NOT_SHARED.to_owned()).into());
            }
            match &warm.tenant {
                Some(tenant) => {
                    let tenant = tenant.find(session.db()).await?;
                    cache::warm(&context, tenant.id).await?;
                    output.record(&Warmed { tenant: &tenant.slug, error: None })?;
                    Ok(Outcome::Done)
                }
                None => warm_all(&context, session, output).await,
            }
        }
    }
}

const NOT_SHARED: &str =
    "cache.url is memory:, so each server keeps its own values and there is nothing to do from here";

async fn stats(context: &Context, output: &Output) -> Result<Outcome, Error> {
    let statistics = cache::shared_statistics(context).await;
    let statistics = statistics.map_err(|error| tenure_app::Error::Unavailable(error.to_string()))?;
    output.document(&Stats { redis: statistics })?;
    Ok(Outcome::Done)
}

/// One tenant after the other. One that fails does not end it.
async fn warm_all(context: &Context, session: &Session, output: &Output) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    let mut page = Page { after: None, limit: PAGE };
    loop {
        let tenants = tenants::list(session.db(), Some(TenantStatus::Active), &page).await?;
        let Some(last) = tenants.last() else { return Ok(outcome) };
        page.after = Some(last.slug.clone());
        for tenant in &tenants {
            let error = cache::warm(context, tenant.id).await.err().map(|error| error.to_string());
            if error.is_some() {
                outcome = Outcome::Partial;
            }
            output.record(&Warmed { tenant: &tenant.slug, error })?;
        }
    }
}

#[derive(Serialize)]
struct Stats {
    redis: Option<SharedStatistics>,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(redis) = &self.redis else { return f.write_str(NOT_SHARED) };
        writeln!(f, "values     {}", redis.keys)?;
        writeln!(f, "memory     {} bytes", redis.used_memory)?;
        writeln!(f, "found      {}", redis.hits)?;
        writeln!(f, "not found  {}", redis.misses)?;
        write!(f, "evicted    {}", redis.evicted)
    }
}

#[derive(Serialize)]
struct Flushed {
    /// `None` for the platform.
    tenant: Option<Slug>,
    /// Whether Redis let go of the values too; they are not used in either case.
    room_freed: bool,
}

impl fmt::Display for Flushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let room =
            if self.room_freed { "" } else { "; Redis does not answer, and keeps them until their time is over" };
        let whose = self.tenant.as_ref().map_or("the platform", Slug::as_str);
        write!(f, "{whose}: nothing that was kept is used any more{room}")
    }
}

#[derive(Serialize)]
struct Warmed<'a> {
    tenant: &'a Slug,
    error: Option<String>,
}

impl fmt::Display for Warmed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            None => write!(f, "{}: warm", self.tenant),
            Some(error) => write!(f, "{}: {error}", self.tenant),
        }
    }
}
