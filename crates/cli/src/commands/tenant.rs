//! `tenure tenant …`

use std::fmt;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;
use tenure_app::documents;
use tenure_app::tenants as use_cases;
use tenure_core::tenant::{Slug, TenantStatus, Transition};
use tenure_db::tenants::{self, Page, Renamed, Tenant, TenantName};
use uuid::Uuid;

use super::feature;
use crate::config;
use crate::confirm::confirm;
use crate::error::{Error, Outcome};
use crate::files;
use crate::output::{Output, Table};
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a tenant: schema, role, tables, and its first user
    Create(Create),
    /// Show a tenant
    Show {
        /// Slug or id
        tenant: TenantRef,
    },
    /// List tenants by slug
    List(List),
    /// Give a tenant another slug or name; its schema keeps its name
    Rename(Rename),
    /// Refuse every request of a tenant from now on
    Suspend {
        /// Slug or id
        tenant: TenantRef,
    },
    /// Serve a suspended or archived tenant again
    Resume {
        /// Slug or id
        tenant: TenantRef,
    },
    /// Take a tenant out of use
    Archive {
        /// Slug or id
        tenant: TenantRef,
    },
    /// Drop a tenant's schema, role and rows for good
    Purge {
        /// Slug or id; it must be archived or suspended
        tenant: TenantRef,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Set, unset and list a tenant's features
    #[command(subcommand)]
    Feature(feature::Command),
    /// Show what was done to a tenant as a whole, newest first
    Audit(Audit),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Short name in commands and addresses: a–z, 0–9 and hyphens
    slug: Slug,
    /// Display name [default: the slug]
    #[arg(long)]
    name: Option<TenantName>,
    /// Mail address of the first user, who has the role owner [default: owner@SLUG.invalid]
    #[arg(long, value_name = "MAIL")]
    owner_email: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tenants of this status [default: all but the purged]
    #[arg(long)]
    status: Option<TenantStatus>,
    /// Continue after this slug
    #[arg(long, value_name = "SLUG")]
    after: Option<Slug>,
    /// Most tenants to list
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// Slug or id
    tenant: TenantRef,
    /// The new slug
    #[arg(required_unless_present = "name")]
    slug: Option<Slug>,
    /// The new display name
    #[arg(long)]
    name: Option<TenantName>,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Slug or id
    tenant: TenantRef,
    /// Continue below this entry
    #[arg(long, value_name = "ID")]
    before: Option<Uuid>,
    /// Most entries to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Files,
    output: &Output,
) -> Result<Outcome, Error> {
    match command {
        Command::Create(input) => output.document(&Shown(create(session, input).await?))?,
        Command::Show { tenant } => output.document(&Shown(tenant.find(session.db()).await?))?,
        Command::List(wanted) => output.document(&list(session, wanted).await?)?,
        Command::Rename(input) => output.document(&Shown(rename(session, input).await?))?,
        Command::Suspend { tenant } => output.document(&change(session, tenant, Transition::Suspend).await?)?,
        Command::Resume { tenant } => output.document(&change(session, tenant, Transition::Resume).await?)?,
        Command::Archive { tenant } => output.document(&change(session, tenant, Transition::Archive).await?)?,
        Command::Purge { tenant, yes } => output.document(&purge(session, configured, tenant, *yes).await?)?,
        Command::Feature(command) => feature::run(command, session, output).await?,
        Command::Audit(wanted) => output.document(&audit(session, wanted).await?)?,
    }
    Ok(Outcome::Done)
}

async fn create(session: &Session, input: &Create) -> Result<Tenant, Error> {
    let name = match &input.name {
        Some(name) => name.clone(),
        None => input.slug.as_str().parse().map_err(|_| Error::Usage("the slug cannot be the name; give --name"))?,
    };
    let input = use_cases::Create {
        slug: input.slug.clone(),
        name,
        owner_email: input.owner_email.clone().unwrap_or_else(|| format!("owner@{}.invalid", input.slug)),
    };
    Ok(use_cases::create(&session.context, &session.actor, input).await?)
}

async fn list(session: &Session, wanted: &List) -> Result<Tenants, Error> {
    let page = Page { after: wanted.after.clone(), limit: wanted.limit };
    let tenants = tenants::list(session.db(), wanted.status, &page).await?;
    let full = u32::try_from(tenants.len()).is_ok_and(|found| found == wanted.limit);
    let next = tenants.last().filter(|_| full).map(|last| last.slug.clone());
    Ok(Tenants { tenants, next })
}

async fn rename(session: &Session, input: &Rename) -> Result<Tenant, Error> {
    let tenant = input.tenant.find(session.db()).await?;
    let to = Renamed { slug: input.slug.clone(), name: input.name.clone() };
    Ok(tenants::rename(session.db(), tenant.id, &to, &session.act()).await?)
}

async fn change(session: &Session, tenant: &TenantRef, transition: Transition) -> Result<Shown, Error> {
    let tenant = tenant.find(session.db()).await?;
    Ok(Shown(tenants::change_status(session.db(), tenant.id, transition, &session.act()).await?))
}

/// The files go last: without the tenant's key, which goes with its schema, nobody can read what might be left of them.
async fn purge(session: &Session, configured: &config::Files, tenant: &TenantRef, yes: bool) -> Result<Shown, Error> {
    let kept = files::open(session.is_embedded(), configured)?;
    let tenant = tenant.find(session.db()).await?;
    tenant.status.after(Transition::Purge).map_err(tenure_db::Error::from)?;
    let question = format!("All data of {} ({}, {}) will be gone for good.", tenant.name, tenant.slug, tenant.status);
    confirm(&question, tenant.slug.as_str(), yes)?;
    // First: of a tenant that is purged nothing more is looked for.
    documents::remove(&session.context, tenant.id).await?;
    let purged = tenants::purge(session.db(), tenant.id, &session.act()).await?;
    // They may have been moved before it was purged.
    documents::remove(&session.context, tenant.id).await?;
    documents::remove_leftovers(&session.context).await?;
    if let Some(kept) = kept {
        kept.purge(tenant.id).await?;
    }
    Ok(Shown(purged))
}

async fn audit(session: &Session, wanted: &Audit) -> Result<Trail, Error> {
    let tenant = wanted.tenant.find(session.db()).await?;
    let entries = tenants::audit_trail(session.db(), tenant.id, wanted.before, i64::from(wanted.limit)).await?;
    Ok(Trail { entries })
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Tenant);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tenant { id, slug, name, schema, status, plan, schema_version, created_at, updated_at } = &self.0;
        writeln!(f, "id       {id}\nslug     {slug}\nname     {name}\nstatus   {status}\nplan     {plan}")?;
        writeln!(f, "schema   {schema} at version {schema_version}\ncreated  {created_at:.0}\nchanged  {updated_at:.0}")
    }
}

#[derive(Serialize)]
struct Tenants {
    tenants: Vec<Tenant>,
    /// Where the next page continues.
    next: Option<Slug>,
}

impl fmt::Display for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["SLUG", "STATUS", "VERSION", "SCHEMA", "NAME"]);
        for tenant in &self.tenants {
            let version = tenant.schema_version.to_string();
            let (slug, status, name) = (tenant.slug.to_string(), tenant.status.to_string(), tenant.name.to_string());
            table.row([slug, status, version, tenant.schema.to_string(), name]);
        }
        write!(f, "{table}")?;
        match &self.next {
            Some(slug) => writeln!(f, "more: --after {slug}"),
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct Trail {
    entries: Vec<tenants::AuditEntry>,
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["WHEN", "ACTION", "ACTOR", "BEFORE", "AFTER"]);
        for entry in &self.entries {
            let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
            let when = format!("{:.0}", entry.created_at);
            table.row([when, entry.action.clone(), entry.actor.clone(), json(&entry.before), json(&entry.after)]);
        }
        table.fmt(f)
    }
}
