//! Restoring a backup.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;
use tenure_db::Database;
use tenure_db::archive::{Closed, Loading, has_schema};
use tenure_db::backups::{self, Backup};
use tenure_db::migrate::MigrationSet;
use tenure_db::tenants::{Act, Tenant, TenantName};
use tenure_store::documents::Documents;
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::archive::manifest::{Header, Manifest};
use crate::archive::reader::Part;
use crate::archive::writer::Rows;
use crate::files::{Bringing, Files, FilesBack, Held};
use crate::read::{Reading, RowSum, or_cause, verify_files};
use crate::source::put_apart;
use crate::{Error, Identities, Result};

/// What a restored backup becomes.
#[derive(Debug, Clone)]
pub enum Target {
    /// The tenant that it was made of, whose present schema is kept for `undo`.
    Same(TenantId),
    /// A new tenant.
    New {
        /// Its id.
        id: TenantId,
        /// Its slug.
        slug: Slug,
        /// Its display name.
        name: TenantName,
    },
    /// Its tenant, whose schema is missing.
    Missing {
        /// The tenant.
        id: TenantId,
        /// Whether sessions and tokens of the archive go on, though some may have been withdrawn since.
        keeps_access: bool,
    },
    /// Nothing: all is done but the last step.
    DryRun,
}

/// What a restore did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The tenant as it is now; none after a dry run.
    pub tenant: Option<Tenant>,
    /// What was restored.
    pub manifest: Manifest,
    /// What became of the files; none after a dry run.
    pub files: Option<FilesBack>,
    /// What was closed of the ways in that came with the archive; none after a dry run.
    pub closed: Option<Closed>,
}

/// What restoring needs.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "closures have none")]
pub struct Restorer<'a> {
    /// Where to.
    pub db: &'a Database,
    /// Where from.
    pub objects: &'a Objects,
    /// What opens archives.
    pub identities: &'a Identities,
    /// Where documents are to lie.
    pub documents: &'a Documents,
    /// The files that are in use; none where none are kept.
    pub files: Option<Files<'a>>,
    /// The clock.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// How long archives of the tenant that are being made are waited for.
    pub patience: Duration,
}

impl Restorer<'_> {
    /// Restores a backup. All rows change in one transaction: until it ends, and when it fails, the tenant is as it was. Files that are
    /// not where the tenant finds them are copied there before it ends. Nobody is let in by what was withdrawn since: of sessions and tokens
    /// those work that work now too, passwords are those of now, and who is suspended or deleted now is suspended. A copy is opened by
    /// nothing that opens its tenant.
    ///
    /// # Errors
    /// `Damaged`, `WrongKey`, `Newer`; `Refused` for a backup that is not good or is another tenant's; `Store`, `Database`.
    pub async fn restore(&self, id: Uuid, target: &Target, act: &Act) -> Result<Restored> {
        let Self { db, objects, identities, documents, files, patience, .. } = *self;
        let backup = backups::by_id(db, id).await?;
        if let Target::Same(tenant) = target
            && Some(*tenant) != backup.tenant_id
        {
            return Err(Error::Refused(format!("backup {id} is of another tenant; --as makes a new tenant of it")));
        }
        let Filled { mut loading, manifest, held, .. } = fill(objects, identities, &backup, async |header| {
            let version = header.schema_version;
            Ok(match target {
                Target::Same(tenant) if has_schema(db, *tenant).await? => {
                    Loading::replacing(db, *tenant, version, act, patience).await?
                }
                Target::Same(tenant) => Loading::bringing_back(db, *tenant, version, false, patience).await?,
                Target::New { id, slug, name } => Loading::making(db, *id, slug, name, version, act).await?,
                Target::Missing { id, keeps_access } => {
                    Loading::bringing_back(db, *id, version, *keeps_access, patience).await?
                }
                Target::DryRun => Loading::trying(db, act.id, version).await?,
            })
        })
        .await?;
        let Some(tenants) = backup.tenant_id.zip(target.tenant()) else {
            verify_files(objects, &backup, &held).await?;
            loading.put_into_service(id, act).await?;
            return Ok(Restored { tenant: None, manifest, files: None, closed: None });
        };
        let mut bringing = Bringing::new(files, objects, tenants);
        let bring = async {
            let files = bringing.bring(&held, &mut loading, act.now).await?;
            put_apart(db, documents, &mut loading, act.id.into()).await?;
            Ok((loading.put_into_service(id, act).await?, files))
        };
        match bring.await {
            Ok((service, files)) => {
                let (tenant, closed) = service.unzip();
                Ok(Restored { tenant, manifest, files: Some(files), closed })
            }
            Err(error) => {
                bringing.take_back().await;
                Err(error)
            }
        }
    }
}

impl Target {
    /// The tenant that it is in the end.
    const fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Same(id) | Self::Missing { id, .. } | Self::New { id, .. } => Some(*id),
            Self::DryRun => None,
        }
    }
}

/// One table's rows beside a tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Beside {
    /// The schema in which the table is, which no tenant can see.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// Puts one table's rows into a schema of their own, for an operator to look into or to copy from. The tenant is not touched.
///
/// # Errors
/// As [`restore`]; `Refused` when the archive has no such table.
pub async fn restore_table(
    db: &Database,
    objects: &Objects,
    identities: &Identities,
    (id, table): (Uuid, &str),
    new_id: Uuid,
) -> Result<Beside> {
    let backup = backups::by_id(db, id).await?;
    let Filled { loading, manifest, .. } = fill(objects, identities, &backup, async |header| {
        if header.tables.iter().all(|known| known.name != table) {
            let names: Vec<&str> = header.tables.iter().map(|table| table.name.as_str()).collect();
            return Err(Error::Refused(format!("the archive has no table {table}; it has {}", names.join(", "))));
        }
        Ok(Loading::trying(db, new_id, header.schema_version).await?)
    })
    .await?;
    let schema = format!("restored_{}", new_id.simple());
    loading.set_beside(table, &schema).await?;
    let rows = manifest.sums.iter().find(|sum| sum.table == table).map_or(0, |sum| sum.rows);
    Ok(Beside { schema, table: table.to_owned(), rows })
}

/// A schema with the rows of a backup.
pub(crate) struct Filled {
    pub(crate) loading: Loading,
    pub(crate) manifest: Manifest,
    /// For every table a sum that does not depend on the order of its rows.
    pub(crate) sums: Vec<RowSum>,
    pub(crate) held: Held,
}

/// Fills a schema with the rows of a backup, and checks every sum and count.
pub(crate) async fn fill(
    objects: &Objects,
    identities: &Identities,
    backup: &Backup,
    make: impl AsyncFnOnce(&Header) -> Result<Loading>,
) -> Result<Filled> {
    let filling = async {
        let mut reading = Reading::begin(objects, backup, identities).await?;
        let filled = fill_from(&mut reading, backup, make).await;
        match (filled, reading.end().await) {
            (Ok(Some(filled)), Ok(())) => Ok(filled),
            // The archive is the cause where it is damaged: what came of it is not to be trusted to say why.
            (Err(error), Ok(()) | Err(Error::Refused(_))) | (_, Err(error)) => Err(error),
            (Ok(None), Ok(())) => Err(Error::Damaged("it has no manifest".to_owned())),
        }
    };
    or_cause(objects, backup, filling.await).await
}

async fn fill_from(
    reading: &mut Reading,
    backup: &Backup,
    make: impl AsyncFnOnce(&Header) -> Result<Loading>,
) -> Result<Option<Filled>> {
    let Some(Part::Header(header)) = reading.parts.recv().await else { return Ok(None) };
    check(&header, backup.id, backup.tenant_id)?;
    let mut loading = make(&header).await?;
    let mut sums = vec![RowSum::default(); header.tables.len()];
    let mut next = reading.parts.recv().await;
    for (table, sum) in header.tables.iter().zip(&mut sums) {
        let mut copy = loading.copy_in(table).await?;
        while let Some(Part::Rows(Rows { rows, .. })) = next.take_if(|part| part.is_of(&table.name)) {
            sum.add(&rows);
            copy.send(&rows).await?;
            next = reading.parts.recv().await;
        }
        if copy.finish().await? != sum.rows() {
            return Err(Error::Refused(format!("not all rows of {} were taken", table.name)));
        }
    }
    let mut held = Held::default();
    loop {
        match next {
            Some(Part::End(manifest)) => return Ok(Some(Filled { loading, manifest: *manifest, sums, held })),
            Some(part @ (Part::Key(_) | Part::Files(_))) => held.add(part),
            _ => return Ok(None),
        }
        next = reading.parts.recv().await;
    }
}

impl Part {
    pub(crate) fn is_of(&self, name: &str) -> bool {
        matches!(self, Self::Rows(Rows { table, .. }) if table == name)
    }
}

fn check(header: &Header, backup: Uuid, tenant: Option<TenantId>) -> Result<()> {
    if header.tenant.is_none() {
        return Err(Error::Refused("it is an archive of the platform's tables, not of a tenant".to_owned()));
    }
    let latest = MigrationSet::tenant().latest();
    if header.schema_version > latest {
        let version = header.schema_version;
        return Err(Error::Newer(format!("is of schema version {version}, and this program knows up to {latest}")));
    }
    header.is_of((backup, tenant))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::archive::manifest::FORMAT;

    #[test]
    fn an_archive_of_a_newer_version_of_another_backup_or_of_the_platform_is_refused() {
        let tenant = TenantId::from(Uuid::from_u128(7));
        let header = Header {
            format: FORMAT,
            backup: Uuid::from_u128(1),
            tenant: Some(tenant),
            slug: None,
            schema_version: MigrationSet::tenant().latest(),
            snapshot_at: Timestamp::UNIX_EPOCH,
            wal_position: String::new(),
            tables: Vec::new(),
        };
        let checked = |header: &Header| check(header, Uuid::from_u128(1), Some(tenant));
        assert!(checked(&header).is_ok());
        let newer = Header { schema_version: header.schema_version + 1, ..header.clone() };
        assert!(matches!(checked(&newer), Err(Error::Newer(_))));
        let other = Header { backup: Uuid::from_u128(2), ..header.clone() };
        assert!(matches!(checked(&other), Err(Error::Damaged(_))));
        assert!(matches!(checked(&Header { tenant: None, ..header }), Err(Error::Refused(_))));
    }
}
