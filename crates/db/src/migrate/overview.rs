//! Where all tenants stand, by one query however many they are.

use serde::Serialize;
use sqlx::types::Json;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Slug;
use uuid::Uuid;

use super::source::MigrationSet;
use crate::connect::Database;
use crate::error::{Error, Result};

/// How many tenants are at a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct VersionCount {
    /// The version.
    pub version: i32,
    /// Tenants at it.
    pub tenants: i64,
}

/// A tenant that is not at the wanted version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// The tenant.
    pub id: TenantId,
    /// Its slug.
    pub slug: Slug,
    /// The version of its schema.
    pub version: i32,
}

/// Where all tenants stand.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Tenants by the version of their schema.
    pub versions: Vec<VersionCount>,
    /// Tenants on the wrong side of the wanted version, by slug.
    pub pending: Vec<Pending>,
}

/// Which way a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// Apply.
    Up,
    /// Take back.
    Down,
}

#[derive(Debug, serde::Deserialize)]
struct Applied {
    version: i32,
    checksum: String,
    tenants: i64,
}

#[derive(Debug, serde::Deserialize)]
struct PendingRow {
    id: Uuid,
    slug: String,
    version: i32,
}

/// Where all tenants stand and which are behind the newest version of a set.
///
/// # Errors
/// `NotSetUp` before the first `migrate up`; `Migration` when an applied migration was changed or a tenant is newer than the program.
pub async fn overview(db: &Database, set: &MigrationSet) -> Result<Overview> {
    towards(db, set, set.latest(), Direction::Up).await
}

pub(super) async fn towards(db: &Database, set: &MigrationSet, target: i32, direction: Direction) -> Result<Overview> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT coalesce(jsonb_agg(a), '[]') FROM (
                SELECT version, checksum, count(*) AS tenants FROM public.tenant_migrations
                WHERE state = 'applied' GROUP BY version, checksum ORDER BY version) a) AS "applied!: Json<Vec<Applied>>",
             (SELECT coalesce(jsonb_agg(v), '[]') FROM (
                SELECT schema_version AS version, count(*) AS tenants FROM public.tenants
                WHERE status <> 'purged' GROUP BY schema_version ORDER BY schema_version) v) AS "versions!: Json<Vec<VersionCount>>",
             (SELECT coalesce(jsonb_agg(p), '[]') FROM (
                SELECT id, slug, schema_version AS version FROM public.tenants
                WHERE status <> 'purged' AND CASE WHEN $2 THEN schema_version < $1 ELSE schema_version > $1 END
                ORDER BY slug) p) AS "pending!: Json<Vec<PendingRow>>""#,
        target,
        direction == Direction::Up,
    )
    .fetch_one(&db.owner)
    .await?;
    check(set, &row.applied, &row.versions)?;
    let pending = row
        .pending
        .0
        .into_iter()
        .filter_map(|row| Some(Pending { id: row.id.into(), slug: row.slug.parse().ok()?, version: row.version }));
    Ok(Overview { versions: row.versions.0, pending: pending.collect() })
}

fn check(set: &MigrationSet, applied: &[Applied], versions: &[VersionCount]) -> Result<()> {
    if let Some(VersionCount { version, tenants }) = versions.iter().find(|count| count.version > set.latest()) {
        return Err(Error::Migration(format!(
            "{tenants} tenants are at version {version} and this program knows {}; use a newer tenure",
            set.latest()
        )));
    }
    for row in applied {
        if let Some(known) = set.get(row.version).filter(|known| known.checksum != row.checksum) {
            return Err(Error::Migration(format!(
                "tenant migration {:04}_{} was changed after it was applied to {} tenants; restore its text and add a new migration",
                known.version, known.name, row.tenants
            )));
        }
    }
    Ok(())
}
