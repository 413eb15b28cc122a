//! Restoring a whole platform into an empty database.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use tenure_core::ids::TenantId;
use tenure_db::archive::{PlatformLoading, tenants_without_schema};
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::tenants::Act;
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::all::Failed;
use crate::archive::manifest::Header;
use crate::archive::reader::Part;
use crate::archive::writer::Rows;
use crate::files::FilesBack;
use crate::make::{PLATFORM_FOLDER, SUFFIX};
use crate::read::Reading;
use crate::restore::{Restorer, Target};
use crate::{Error, Identities, Result};

/// What was restored.
#[derive(Debug, Clone, Serialize)]
pub struct AllRestored {
    /// The archive of the platform's tables; none where they were there already, as after a run that was cut off.
    pub platform: Option<Uuid>,
    /// Tenants that are back.
    pub restored: Vec<TenantId>,
    /// Tenants that are not. It stops no other.
    pub failed: Vec<Failed>,
}

impl Restorer<'_> {
    /// Restores the newest archive of the platform's tables into a database that has no tenants, and then for each tenant the newest good
    /// archive that they tell of, some at once. Run again, it goes on with the tenants that have no schema yet; what is there is never
    /// touched.
    ///
    /// # Errors
    /// `Refused` when there is no archive of the platform's tables; as [`Restorer::restore`] for that archive. What happens to a tenant
    /// stands in the report.
    pub async fn restore_all(&self, at_once: usize, act: &(dyn Fn() -> Act + Sync)) -> Result<AllRestored> {
        let db = self.db;
        migrate_platform(db, MigrationSet::platform(), act().now).await?;
        let platform = match PlatformLoading::begin(db).await {
            Ok(loading) => Some(restore_platform(loading, self.objects, self.identities).await?),
            Err(tenure_db::Error::Refused(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let missing = tenants_without_schema(db).await?;
        let mut all = AllRestored { platform, restored: Vec::new(), failed: Vec::new() };
        let mut outcomes = stream::iter(missing)
            .map(async |(tenant, slug, backup)| {
                let outcome = self.bring_back(tenant, backup, &act()).await;
                outcome.map(|()| tenant).map_err(|error| Failed { tenant: slug.parse().ok(), error: error.to_string() })
            })
            .buffer_unordered(at_once.max(1));
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Ok(tenant) => all.restored.push(tenant),
                Err(failed) => all.failed.push(failed),
            }
        }
        Ok(all)
    }

    async fn bring_back(&self, tenant: TenantId, backup: Option<Uuid>, act: &Act) -> Result<()> {
        let backup = backup.ok_or_else(|| Error::Refused("it has no good archive".to_owned()))?;
        let restored = self.restore(backup, &Target::Missing(tenant), act).await?;
        match restored.files {
            Some(FilesBack { missing, .. }) if missing > 0 => {
                Err(Error::Refused(format!("it is back without {missing} of its files; the log names them")))
            }
            _ => Ok(()),
        }
    }
}

async fn restore_platform(mut loading: PlatformLoading, objects: &Objects, identities: &Identities) -> Result<Uuid> {
    let key = newest(objects).await?;
    let mut reading = Reading::of_object(objects, &key, identities).await?;
    let filled = fill(&mut reading, &mut loading).await;
    let backup = match (filled, reading.end().await) {
        (Ok(Some(backup)), Ok(())) => backup,
        (Err(error), Ok(()) | Err(Error::Refused(_))) | (_, Err(error)) => return Err(error),
        (Ok(None), Ok(())) => return Err(Error::Damaged("it has no manifest".to_owned())),
    };
    loading.keep().await?;
    Ok(backup)
}

/// Ids grow with time, and an object is there only when it is whole, so the last key is the newest archive.
async fn newest(objects: &Objects) -> Result<String> {
    let keys = objects.list(PLATFORM_FOLDER).await?;
    let newest = keys.into_iter().rfind(|key| key.ends_with(SUFFIX));
    newest.ok_or_else(|| Error::Refused(format!("there is no archive of the platform's tables in {PLATFORM_FOLDER}")))
}

async fn fill(reading: &mut Reading, loading: &mut PlatformLoading) -> Result<Option<Uuid>> {
    let Some(Part::Header(header)) = reading.parts.recv().await else { return Ok(None) };
    check(&header)?;
    let mut next = reading.parts.recv().await;
    for table in &header.tables {
        let mut copy = loading.copy_in(table).await?;
        while let Some(Part::Rows(Rows { rows, .. })) = next.take_if(|part| part.is_of(&table.name)) {
            copy.send(&rows).await?;
            next = reading.parts.recv().await;
        }
        copy.finish().await?;
    }
    Ok(matches!(next, Some(Part::End(_))).then_some(header.backup))
}

fn check(header: &Header) -> Result<()> {
    let latest = MigrationSet::platform().latest();
    if header.schema_version > latest {
        let version = header.schema_version;
        return Err(Error::Newer(format!("is of platform version {version}, and this program knows up to {latest}")));
    }
    match header.tenant {
        None => Ok(()),
        Some(_) => Err(Error::Damaged("it is the archive of a tenant".to_owned())),
    }
}
