//! `tenure backup …`

mod output;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tenure_backup::{Identities, Maker, Recipients};
use tenure_core::backups::{Retention, RunKind};
use tenure_db::backups;
use tenure_store::objects::Objects;
use uuid::Uuid;

use self::output::{Backups, Checked, Deleted, Key, Made, Shown, Tried};
pub(super) use self::output::{list, outcome};
use crate::config::{self, Settings};
use crate::confirm::confirm;
use crate::error::{Error, Outcome};
use crate::files::ForArchives;
use crate::installation::FOLDER;
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;
use tenure_app::tenants::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an archive of a tenant as it is at this moment, or of all; they go on working
    Create(Create),
    /// List archives, newest first
    List {
        /// Slug or id [default: all tenants]
        #[arg(long)]
        tenant: Option<TenantRef>,
        /// Most archives to list
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        limit: u16,
    },
    /// Show what is known of an archive
    Show {
        /// The archive's id, from `tenure backup list`
        backup: Uuid,
    },
    /// Decrypt an archive and check every sum and count in it
    Verify {
        /// The archive's id, from `tenure backup list`
        backup: Uuid,
        /// Also put its rows into a schema of their own, read them again and compare
        #[arg(long)]
        deep: bool,
        /// The file with the secret key
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
    },
    /// Restore the newest archives of some tenants to try them, compare, and throw them away
    Drill {
        /// So many tenants, others each time
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        tenants: u32,
        /// The file with the secret key
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
    },
    /// Copy an archive to a file, as it is: encrypted
    Export {
        /// The archive's id, from `tenure backup list`
        backup: Uuid,
        /// The file to make
        file: PathBuf,
    },
    /// Delete the archives that are no longer to be kept; a tenant's newest always is
    Prune(Prune),
    /// Make a pair of keys: the secret one into a new file, the public one on stdout
    Keygen {
        /// The file to make
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Slug or id
    #[arg(long, required_unless_present = "all", conflicts_with = "all")]
    tenant: Option<TenantRef>,
    /// Every tenant, and the platform's own tables; those that have not changed are not copied again
    #[arg(long)]
    all: bool,
    /// Tenants at once [default: backup.parallelism]
    #[arg(long, requires = "all", value_parser = clap::value_parser!(u32).range(1..=64))]
    parallel: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Keep all archives of so many days [default: as configured]
    #[arg(long, value_name = "N")]
    keep_days: Option<u32>,
    /// Of so many days back, keep one for each [default: as configured]
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// Of so many weeks back, keep one for each [default: as configured]
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// Of so many months back, keep one for each [default: as configured]
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    settings: &Settings,
    output: &Output,
) -> Result<Outcome, Error> {
    let configured = &settings.backup;
    match command {
        Command::Create(create) => return self::create(create, session, settings, output).await,
        Command::List { tenant, limit } => {
            let tenant = match tenant {
                Some(tenant) => Some(tenant.find(session.db()).await?.id),
                None => None,
            };
            output.document(&Backups { backups: backups::list(session.db(), tenant, None, *limit).await? })?;
        }
        Command::Show { backup } => output.document(&Shown(backups::by_id(session.db(), *backup).await?))?,
        Command::Verify { backup, deep, identity } => {
            let (objects, identities) = (objects(session, configured)?, identities(identity.as_deref(), configured)?);
            let (db, now) = (session.db(), session.context.now());
            let verified = if *deep {
                let scratch = (session.context.id(), now);
                tenure_backup::verify_deep(db, &objects, &identities, *backup, scratch).await?
            } else {
                tenure_backup::verify(db, &objects, &identities, *backup, now).await?
            };
            output.document(&Checked(verified))?;
        }
        Command::Drill { tenants, identity } => {
            let most = usize::try_from(*tenants).unwrap_or(usize::MAX);
            return drill(most, identity.as_deref(), session, configured, output).await;
        }
        Command::Export { backup, file } => {
            let objects = objects(session, configured)?;
            output.document(&Shown(tenure_backup::export(session.db(), &objects, *backup, file).await?))?;
        }
        Command::Prune(prune) => return self::prune(prune, session, configured, output).await,
        Command::Keygen { file } => output.document(&keygen(file)?)?,
    }
    Ok(Outcome::Done)
}

async fn create(create: &Create, session: &Session, settings: &Settings, output: &Output) -> Result<Outcome, Error> {
    let configured = &settings.backup;
    let (objects, recipients) = (objects(session, configured)?, recipients(configured)?);
    let files = ForArchives::open(session.is_embedded(), &settings.files)?;
    let (now, new_id, random) = (|| session.context.now(), || session.context.id(), || session.context.random_bytes());
    let maker = Maker {
        db: session.db(),
        objects: &objects,
        recipients: &recipients,
        documents: session.context.documents(),
        files: files.files(&random),
        now: &now,
        new_id: &new_id,
        patience: configured.lock_timeout,
    };
    let Some(tenant) = &create.tenant else {
        let at_once = create.parallel.map_or(configured.parallelism, |at_once| usize::try_from(at_once).unwrap_or(1));
        let progress = Progress::new("tenants");
        let all = tenure_backup::make_all(maker, RunKind::All, at_once, &|total| progress.advance(total)).await;
        progress.finish();
        let made = Made(all?);
        output.document(&made)?;
        return Ok(made.outcome());
    };
    let tenant = tenant.find(session.db()).await?.id;
    let made = Shown(maker.create(tenant).await?);
    output.document(&made)?;
    Ok(made.outcome())
}

async fn drill(
    most: usize,
    identity: Option<&Path>,
    session: &Session,
    configured: &config::Backup,
    output: &Output,
) -> Result<Outcome, Error> {
    let (objects, recipients) = (objects(session, configured)?, recipients(configured)?);
    let (now, new_id) = (|| session.context.now(), || session.context.id());
    let (db, objects, recipients) = (session.db(), &objects, &recipients);
    let documents = session.context.documents();
    let patience = configured.lock_timeout;
    let maker = Maker { db, objects, recipients, documents, files: None, now: &now, new_id: &new_id, patience };
    let tried = Tried(tenure_backup::drill(maker, &identities(identity, configured)?, most).await?);
    output.document(&tried)?;
    Ok(tried.outcome())
}

async fn prune(
    prune: &Prune,
    session: &Session,
    configured: &config::Backup,
    output: &Output,
) -> Result<Outcome, Error> {
    let policy = Retention {
        days: prune.keep_days.unwrap_or(configured.keep.days),
        daily: prune.keep_daily.unwrap_or(configured.keep.daily),
        weekly: prune.keep_weekly.unwrap_or(configured.keep.weekly),
        monthly: prune.keep_monthly.unwrap_or(configured.keep.monthly),
    };
    let objects = objects(session, configured)?;
    let now = session.context.now();
    if !prune.dry_run {
        let would = tenure_backup::prune(session.db(), &objects, policy, true, now).await?.pruned.len();
        confirm(&format!("{would} archives will be deleted."), "prune", prune.yes)?;
    }
    let deleted = Deleted(tenure_backup::prune(session.db(), &objects, policy, prune.dry_run, now).await?);
    output.document(&deleted)?;
    Ok(deleted.outcome())
}

/// Where archives are kept.
pub(super) fn objects(session: &Session, configured: &config::Backup) -> Result<Objects, Error> {
    place(session.is_embedded(), configured)
}

/// The same for an installation that is embedded or not.
pub(crate) fn place(is_embedded: bool, configured: &config::Backup) -> Result<Objects, Error> {
    let objects = match &configured.url {
        Some(url) => Objects::open(url, &configured.s3),
        None if is_embedded => Objects::folder(&Path::new(FOLDER).join("backups")),
        None => {
            return Err(Error::NoBackup(
                "nothing says where archives are kept",
                "set backup.url in ./tenure.toml or in TENURE_BACKUP__URL",
            ));
        }
    };
    Ok(objects.map_err(tenure_backup::Error::from)?)
}

pub(crate) fn recipients(configured: &config::Backup) -> Result<Recipients, Error> {
    match (&configured.recipients, &configured.passphrase_file) {
        (Some(recipients), _) => Ok(recipients.clone()),
        (None, Some(file)) => Ok(Recipients::passphrase(read(file)?.trim_end().to_owned())),
        (None, None) => Err(Error::NoBackup(
            "nothing says for whom archives are encrypted",
            "`tenure backup keygen FILE` makes a key; set backup.recipients or TENURE_BACKUP__RECIPIENTS to what it prints",
        )),
    }
}

/// What opens archives.
pub(crate) fn identities(given: Option<&Path>, configured: &config::Backup) -> Result<Identities, Error> {
    match (given.or(configured.identity_file.as_deref()), &configured.passphrase_file) {
        (Some(file), _) => Ok(Identities::parse(&read(file)?)?),
        (None, Some(file)) => Ok(Identities::passphrase(read(file)?.trim_end().to_owned())),
        (None, None) => Err(Error::NoBackup(
            "there is no key to open the archive with",
            "`--identity FILE` or TENURE_BACKUP__IDENTITY_FILE names the file that `tenure backup keygen` made",
        )),
    }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::File { path: path.to_owned(), cause })
}

fn keygen(path: &Path) -> Result<Key, Error> {
    let failed = |cause| Error::File { path: path.to_owned(), cause };
    let (identity, recipient) = tenure_backup::new_identity();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(identity.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Key { recipient })
}
