//! `tenure backup …`

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use tenure_backup::{Identities, Recipients, Verified};
use tenure_db::backups::{self, Backup};
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::config;
use crate::error::{Error, Outcome};
use crate::installation::FOLDER;
use crate::output::{Output, Table};
use crate::session::Session;
use crate::tenant::TenantRef;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an archive of a tenant as it is at this moment; it goes on working
    Create {
        /// Slug or id
        #[arg(long)]
        tenant: TenantRef,
    },
    /// List archives, newest first
    List {
        /// Slug or id [default: all tenants]
        #[arg(long)]
        tenant: Option<TenantRef>,
        /// Most archives to list
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
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
    /// Make a pair of keys: the secret one into a new file, the public one on stdout
    Keygen {
        /// The file to make
        file: PathBuf,
    },
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: &Command,
    session: &Session,
    configured: &config::Backup,
    output: &Output,
) -> Result<Outcome, Error> {
    match command {
        Command::Create { tenant } => output.document(&Shown(create(session, configured, tenant).await?))?,
        Command::List { tenant, limit } => {
            let tenant = match tenant {
                Some(tenant) => Some(tenant.find(session.db()).await?.id),
                None => None,
            };
            output.document(&Backups { backups: backups::list(session.db(), tenant, i64::from(*limit)).await? })?;
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
        Command::Keygen { file } => output.document(&keygen(file)?)?,
    }
    Ok(Outcome::Done)
}

async fn create(session: &Session, configured: &config::Backup, tenant: &TenantRef) -> Result<Backup, Error> {
    let (objects, recipients) = (objects(session, configured)?, recipients(configured)?);
    let wanted = (tenant.find(session.db()).await?.id, session.context.id());
    Ok(tenure_backup::create(session.db(), &objects, &recipients, wanted, &|| session.context.now()).await?)
}

/// Where archives are kept.
pub(super) fn objects(session: &Session, configured: &config::Backup) -> Result<Objects, Error> {
    let objects = match &configured.url {
        Some(url) => Objects::open(url, &configured.s3),
        None if session.is_embedded() => Objects::folder(&Path::new(FOLDER).join("backups")),
        None => {
            return Err(Error::NoBackup(
                "nothing says where archives are kept",
                "set backup.url in ./tenure.toml or in TENURE_BACKUP__URL",
            ));
        }
    };
    Ok(objects.map_err(tenure_backup::Error::from)?)
}

fn recipients(configured: &config::Backup) -> Result<Recipients, Error> {
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
pub(super) fn identities(given: Option<&Path>, configured: &config::Backup) -> Result<Identities, Error> {
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

#[derive(Serialize)]
struct Key {
    recipient: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.recipient)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Backup);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Backup { id, tenant_id, state, object_key, created_at, .. } = &self.0;
        writeln!(f, "id        {id}\ntenant    {tenant_id}\nstate     {state}\nobject    {object_key}")?;
        if let (Some(size), Some(checksum)) = (self.0.size_bytes, &self.0.checksum) {
            writeln!(f, "size      {size} bytes\nsha256    {checksum}")?;
        }
        if let (Some(at), Some(version)) = (self.0.snapshot_at, self.0.schema_version) {
            writeln!(f, "snapshot  {at:.0} at version {version}")?;
        }
        if let Some(error) = &self.0.error {
            writeln!(f, "error     {error}")?;
        }
        if let Some(at) = self.0.verified_at {
            writeln!(f, "verified  {at:.0}")?;
        }
        writeln!(f, "begun     {created_at:.0}")
    }
}

#[derive(Serialize)]
struct Backups {
    backups: Vec<Backup>,
}

impl fmt::Display for Backups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["ID", "TENANT", "STATE", "BYTES", "BEGUN", "VERIFIED"]);
        for backup in &self.backups {
            let size = backup.size_bytes.map(|size| size.to_string()).unwrap_or_default();
            let verified = backup.verified_at.map(|at| format!("{at:.0}")).unwrap_or_default();
            let (id, tenant, state) = (backup.id.to_string(), backup.tenant_id.to_string(), backup.state.clone());
            table.row([id, tenant, state, size, format!("{:.0}", backup.created_at), verified]);
        }
        table.fmt(f)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Checked(Verified);

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verified { manifest, deep } = &self.0;
        let rows: u64 = manifest.sums.iter().map(|sum| sum.rows).sum();
        let how = if *deep { "restored and compared" } else { "every sum is right" };
        write!(f, "{}: {} tables, {rows} rows, {how}", manifest.header.backup, manifest.sums.len())
    }
}
