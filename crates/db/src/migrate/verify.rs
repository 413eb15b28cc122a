//! Compares tenants' schemas with what their migrations make.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{SchemaName, Slug};

use super::catalogue::{Catalogue, Drift, read};
use super::source::MigrationSet;
use super::step::apply;
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::tenants::{Tenant, enter_new_schema, make_role};

/// Schemas read by one pass over PostgreSQL's catalogue.
const CHUNK: usize = 50;

/// How a tenant's schema differs from what it should be.
#[derive(Debug, Clone, Serialize)]
pub struct TenantDrift {
    /// The tenant.
    pub id: TenantId,
    /// Its slug.
    pub slug: Slug,
    /// The version its schema claims to be at.
    pub version: i32,
    /// What differs; empty when nothing does.
    pub drift: Vec<Drift>,
}

/// Compares the given tenants with reference schemas built fresh, each at its own version, in a transaction that is rolled back.
///
/// # Errors
/// `Migration` for a tenant newer than the program; database errors.
pub async fn verify(db: &Database, set: &MigrationSet, tenants: &[Tenant]) -> Result<Vec<TenantDrift>> {
    let mut references: BTreeMap<i32, Catalogue> = BTreeMap::new();
    let mut report = Vec::with_capacity(tenants.len());
    for chunk in tenants.chunks(CHUNK) {
        let schemas: Vec<String> = chunk.iter().map(|tenant| tenant.schema.as_str().to_owned()).collect();
        let mut connection = db.owner.acquire().await?;
        let found = read(&mut connection, &schemas).await?;
        drop(connection);
        for tenant in chunk {
            let version = tenant.schema_version;
            let reference = match references.entry(version) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(reference(db, set, version).await?),
            };
            let drift = found.get(tenant.schema.as_str()).map(|found| reference.drift(found)).unwrap_or_default();
            report.push(TenantDrift { id: tenant.id, slug: tenant.slug.clone(), version, drift });
        }
    }
    Ok(report)
}

/// What the migrations up to a version make.
async fn reference(db: &Database, set: &MigrationSet, version: i32) -> Result<Catalogue> {
    if version > set.latest() {
        return Err(Error::Migration(format!("version {version} is newer than this program; use a newer tenure")));
    }
    let name = format!("tenant_reference_{:08x}", rand::random::<u32>());
    let schema: SchemaName = name.parse().map_err(|_| Error::not_found("schema", &name))?;
    let mut tx = db.owner.begin().await?;
    make_role(&mut tx, db, &schema).await?;
    enter_new_schema(&mut tx, &schema).await?;
    for migration in set.between(0, version) {
        apply(&mut tx, migration, &schema).await?;
    }
    let mut catalogues = read(&mut tx, std::slice::from_ref(&name)).await?;
    tx.rollback().await?;
    catalogues.remove(&name).ok_or_else(|| Error::not_found("schema", &name))
}
