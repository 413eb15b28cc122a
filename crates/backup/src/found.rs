//! Archives that lie in the store and are on no list: made after the archive of the platform's tables, whose list is the newest there is.

use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::backups::{self, Finished};
use tenure_store::objects::Objects;
use uuid::Uuid;

use crate::archive::manifest::{Header, Manifest};
use crate::make::{SUFFIX, checksum_of, folder_of};
use crate::read::{Reading, read_all};
use crate::restore::Restorer;
use crate::{Error, Result};

/// Where all archives are.
const ALL: &str = "backups";

impl Restorer<'_> {
    /// Puts the archives of a tenant on the list that lie in the store and are whole, and gives the header of the newest. An object is only
    /// there when all of it is, so what does not read well is damaged, or for others.
    pub(crate) async fn adopt(&self, tenant: TenantId) -> Result<Option<Header>> {
        let (db, objects) = (self.db, self.objects);
        let mut newest = None;
        for (id, key) in unlisted(db, objects, tenant).await? {
            match self.look_into(id, tenant, &key).await {
                Ok((manifest, found)) => {
                    backups::adopt(db, (id, tenant), &key, &found, (self.now)()).await?;
                    newest = Some(manifest.header);
                }
                Err(error @ (Error::Damaged(_) | Error::WrongKey | Error::Newer(_))) => {
                    tracing::warn!(%tenant, key, %error, "an archive that is on no list is left out");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(newest)
    }

    async fn look_into(&self, id: Uuid, tenant: TenantId, key: &str) -> Result<(Manifest, Finished)> {
        let reading = Reading::of_object(self.objects, key, self.identities).await?;
        let (manifest, _) = read_all(reading, (id, Some(tenant))).await?;
        let size = self.objects.size(key).await?.unwrap_or_default();
        let found = Finished {
            schema_version: manifest.header.schema_version,
            snapshot_at: manifest.header.snapshot_at,
            size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
            checksum: checksum_of(self.objects, key).await?,
            content: None,
            files: manifest.files.as_ref().map(|sum| (sum.files, sum.lost)),
        };
        Ok((manifest, found))
    }
}

/// Those of a tenant, the oldest first.
async fn unlisted(db: &Database, objects: &Objects, tenant: TenantId) -> Result<Vec<(Uuid, String)>> {
    let known = backups::known(db, tenant).await?;
    let below = folder_of(tenant);
    let mut found = Vec::new();
    for key in objects.list_within(&below).await? {
        let name = key.rsplit('/').next().and_then(|name| name.strip_suffix(SUFFIX));
        let id = name.and_then(|name| Uuid::try_parse(name).ok());
        found.extend(id.filter(|id| !known.contains(id)).map(|id| (id, key)));
    }
    Ok(found)
}

/// The tenants of which something lies in the store.
pub(crate) async fn tenants(objects: &Objects) -> Result<Vec<TenantId>> {
    let folders = objects.folders(ALL).await?;
    let id = |folder: &String| Uuid::try_parse(folder.rsplit('/').next()?).ok();
    Ok(folders.iter().filter_map(id).map(TenantId::from).collect())
}
