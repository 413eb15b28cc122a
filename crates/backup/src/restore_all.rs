//! Restoring a whole platform into an empty database.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;
use tenure_db::archive::{PlatformLoading, tenants_without_schema};
use tenure_db::backups;
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::tenants::{self, Act};
use uuid::Uuid;

use crate::all::Failed;
use crate::archive::manifest::Header;
use crate::archive::reader::Part;
use crate::archive::writer::Rows;
use crate::found;
use crate::make::{PLATFORM_FOLDER, SUFFIX};
use crate::read::Reading;
use crate::restore::{Restorer, Target};
use crate::{Error, Result};

/// What was restored.
#[derive(Debug, Clone, Serialize)]
pub struct AllRestored {
    /// The archive of the platform's tables; none where they were there already, as after a run that was cut off.
    pub platform: Option<Uuid>,
    /// Tenants that are back.
    pub restored: Vec<TenantId>,
    /// What is back from an older archive than the newest, which is damaged or gone.
    pub older: Vec<Older>,
    /// Tenants that are not, or lack files. It stops no other.
    pub failed: Vec<Failed>,
}

/// Something that came back from an older archive.
#[derive(Debug, Clone, Serialize)]
pub struct Older {
    /// The tenant's slug; none for the platform's own tables.
    pub tenant: Option<Slug>,
    /// The archive.
    pub backup: Uuid,
    /// What is wrong with the newer ones.
    pub error: String,
}

/// How a whole platform is restored.
#[derive(Debug, Clone, Copy)]
pub struct AllOptions {
    /// Tenants at once.
    pub at_once: usize,
    /// Whether sessions and tokens of the archives go on, though some may have been withdrawn since.
    pub keeps_access: bool,
}

/// A tenant that is to come back.
struct Missing {
    id: TenantId,
    slug: Option<Slug>,
    /// Whether the platform's tables tell of it.
    is_listed: bool,
}

/// From which archive something came back, and what was wrong with newer ones.
struct Came {
    backup: Uuid,
    passed_over: Option<String>,
    files_missing: u64,
}

impl Restorer<'_> {
    /// Restores the newest whole archive of the platform's tables into a database that has no tenants, and then each tenant from its newest
    /// whole archive, some at once: of those on the list, and of those in the store that were made after the list. A tenant that the list
    /// does not tell of comes back as its archive says. Run again, it goes on with the tenants that have no schema yet; what is there is
    /// never touched.
    ///
    /// # Errors
    /// `Refused` when there is no archive of the platform's tables; as [`Restorer::restore`] for those. What happens to a tenant stands in
    /// the report.
    pub async fn restore_all(&self, options: AllOptions, act: &(dyn Fn() -> Act + Sync)) -> Result<AllRestored> {
        migrate_platform(self.db, MigrationSet::platform(), act().now).await?;
        let mut all = AllRestored { platform: None, restored: Vec::new(), older: Vec::new(), failed: Vec::new() };
        if let Some(came) = self.restore_platform(options).await? {
            all.platform = Some(came.backup);
            all.note_older(None, &came);
        }
        let missing = self.missing().await?;
        let mut outcomes = stream::iter(missing)
            .map(async |missing| {
                let outcome = Box::pin(self.bring_back(&missing, options, act)).await;
                (missing, outcome)
            })
            .buffer_unordered(options.at_once.max(1));
        while let Some((Missing { id, slug, .. }, outcome)) = outcomes.next().await {
            all.note(id, slug, outcome);
        }
        Ok(all)
    }

    async fn missing(&self) -> Result<Vec<Missing>> {
        let listed = tenants_without_schema(self.db).await?;
        let mut missing: Vec<Missing> =
            listed.into_iter().map(|(id, slug)| Missing { id, slug: slug.parse().ok(), is_listed: true }).collect();
        for id in found::tenants(self.objects).await? {
            if matches!(tenants::by_id(self.db, id).await, Err(tenure_db::Error::NotFound { .. })) {
                missing.push(Missing { id, slug: None, is_listed: false });
            }
        }
        Ok(missing)
    }

    async fn bring_back(&self, missing: &Missing, options: AllOptions, act: &(dyn Fn() -> Act + Sync)) -> Result<Came> {
        let id = missing.id;
        let newest = self.adopt(id).await?;
        let target = if missing.is_listed {
            Target::Missing { id, keeps_access: options.keeps_access }
        } else {
            as_archived(id, newest)?
        };
        let mut passed_over: Option<String> = None;
        for backup in backups::to_restore_from(self.db, id).await? {
            match self.restore(backup, &target, &act()).await {
                Ok(restored) => {
                    let files_missing = restored.files.map_or(0, |files| files.missing);
                    return Ok(Came { backup, passed_over, files_missing });
                }
                Err(error @ (Error::Damaged(_) | Error::WrongKey | Error::Newer(_))) => {
                    tracing::warn!(tenant = %id, %backup, %error, "an archive cannot be restored; an older one is tried");
                    passed_over.get_or_insert(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Refused(passed_over.map_or_else(
            || "it has no good archive".to_owned(),
            |why| format!("none of its archives can be restored; the newest: {why}"),
        )))
    }

    /// Nothing where there are tenants: then the platform's tables are there already.
    async fn restore_platform(&self, options: AllOptions) -> Result<Option<Came>> {
        let mut passed_over = None;
        let keys = self.objects.list_within(PLATFORM_FOLDER).await?;
        // Ids grow with time, and an object is there only when it is whole.
        for key in keys.iter().rev().filter(|key| key.ends_with(SUFFIX)) {
            let loading = match PlatformLoading::begin(self.db).await {
                Err(tenure_db::Error::Refused(_)) => return Ok(None),
                loading => loading?,
            };
            match self.fill_platform(loading, key, options).await {
                Ok(backup) => {
                    let passed_over = passed_over.map(|error: Error| error.to_string());
                    return Ok(Some(Came { backup, passed_over, files_missing: 0 }));
                }
                Err(error @ (Error::Damaged(_) | Error::WrongKey)) => {
                    tracing::warn!(key, %error, "an archive of the platform's tables cannot be restored; an older one is tried");
                    passed_over.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        let none = || Error::Refused(format!("there is no archive of the platform's tables in {PLATFORM_FOLDER}"));
        Err(passed_over.unwrap_or_else(none))
    }

    async fn fill_platform(&self, mut loading: PlatformLoading, key: &str, options: AllOptions) -> Result<Uuid> {
        let mut reading = Reading::of_object(self.objects, key, self.identities).await?;
        let filled = fill(&mut reading, &mut loading, key).await;
        let backup = match (filled, reading.end().await) {
            (Ok(Some(backup)), Ok(())) => backup,
            (Err(error), Ok(()) | Err(Error::Refused(_))) | (_, Err(error)) => return Err(error),
            (Ok(None), Ok(())) => return Err(Error::Damaged("it has no manifest".to_owned())),
        };
        loading.keep(options.keeps_access, (self.now)()).await?;
        Ok(backup)
    }
}

/// A tenant that no list tells of, as its newest archive has it. Its display name is in no archive of its own.
fn as_archived(id: TenantId, newest: Option<Header>) -> Result<Target> {
    let slug = newest.and_then(|header| header.slug);
    let named = slug.and_then(|slug| Some((slug.parse().ok()?, slug.parse().ok()?)));
    let (slug, name) = named.ok_or_else(|| {
        Error::Refused(format!(
            "the platform's tables do not tell of the tenant {id}, and none of its archives can be read"
        ))
    })?;
    Ok(Target::New { id, slug, name })
}

impl AllRestored {
    fn note(&mut self, id: TenantId, slug: Option<Slug>, outcome: Result<Came>) {
        match outcome {
            Ok(came) => {
                self.restored.push(id);
                self.note_older(slug.clone(), &came);
                if came.files_missing > 0 {
                    let missing = came.files_missing;
                    let words = format!("it is back without {missing} of its files; the log names them");
                    self.failed.push(Failed::new(slug, &Error::Refused(words)));
                }
            }
            Err(error) => self.failed.push(Failed::new(slug, &error)),
        }
    }

    fn note_older(&mut self, tenant: Option<Slug>, came: &Came) {
        if let Some(error) = &came.passed_over {
            self.older.push(Older { tenant, backup: came.backup, error: error.clone() });
        }
    }
}

async fn fill(reading: &mut Reading, loading: &mut PlatformLoading, key: &str) -> Result<Option<Uuid>> {
    let Some(Part::Header(header)) = reading.parts.recv().await else { return Ok(None) };
    check(&header, key)?;
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

fn check(header: &Header, key: &str) -> Result<()> {
    let latest = MigrationSet::platform().latest();
    if header.schema_version > latest {
        let version = header.schema_version;
        return Err(Error::Newer(format!("is of platform version {version}, and this program knows up to {latest}")));
    }
    let id = key.trim_end_matches(SUFFIX).rsplit('/').next().and_then(|id| Uuid::try_parse(id).ok());
    header.is_of((id.unwrap_or_default(), None))
}
