//! Changes to a tenant as a whole, each with its audit row in the same transaction.

use std::time::Duration;

use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, raw_sql};
use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, TenantStatus, Transition};

use super::{Act, Tenant, TenantName, TenantRow, audit};
use crate::archive;
use crate::connect::Database;
use crate::error::{Error, Result, violated_constraint};

/// How long a purge waits for transactions of the tenant that are still under way.
const PURGE_LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a tenant is to be called; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Renamed {
    /// A new slug.
    pub slug: Option<Slug>,
    /// A new display name.
    pub name: Option<TenantName>,
}

/// Gives a tenant another slug or name. Its schema keeps its name.
///
/// # Errors
/// `NotFound` for a tenant that is not there; `Conflict` when the slug is taken.
pub async fn rename(db: &Database, id: TenantId, to: &Renamed, act: &Act) -> Result<Tenant> {
    let mut tx = db.owner.begin().await?;
    let old = lock(&mut tx, id).await?;
    let slug = to.slug.as_ref().unwrap_or(&old.slug);
    let name = to.name.as_ref().unwrap_or(&old.name);
    let row = sqlx::query_as!(
        TenantRow,
        r#"UPDATE public.tenants SET slug = $2, name = $3, version = version + 1, updated_at = $4 WHERE id = $1
           RETURNING id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                     updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        slug.as_str(),
        name.as_str(),
        act.now.to_sqlx() as _,
    )
    .fetch_one(&mut *tx)
    .await
    .map_err(|error| slug_taken(error, slug))?;
    let before = json!({ "slug": old.slug, "name": old.name });
    audit::record(&mut tx, id, act, "renamed", Some(before), Some(json!({ "slug": slug, "name": name }))).await?;
    tx.commit().await?;
    row.try_into()
}

/// Suspends, resumes or archives a tenant. It holds for the very next request on every server.
///
/// # Errors
/// `NotFound` for a tenant that is not there; `Refused` when its present status does not allow the change.
pub async fn change_status(db: &Database, id: TenantId, transition: Transition, act: &Act) -> Result<Tenant> {
    let mut tx = db.owner.begin().await?;
    let old = lock(&mut tx, id).await?;
    let status = old.status.after(transition)?;
    let tenant = write_status(&mut tx, id, status, act).await?;
    let (before, after) = (json!({ "status": old.status }), json!({ "status": status }));
    audit::record(&mut tx, id, act, transition.past(), Some(before), Some(after)).await?;
    tx.commit().await?;
    Ok(tenant)
}

/// Drops a tenant's schema, role and rows. What is left is the row that says that it was there, and its audit trail.
///
/// # Errors
/// `NotFound` for a tenant that is not there; `Refused` when it is in use, or when transactions of it do not end in time.
pub async fn purge(db: &Database, id: TenantId, act: &Act) -> Result<Tenant> {
    let mut tx = db.owner.begin().await?;
    let timeout = format!("SET LOCAL lock_timeout = {}", PURGE_LOCK_TIMEOUT.as_millis());
    raw_sql(AssertSqlSafe(timeout)).execute(&mut *tx).await?;
    let old = lock(&mut tx, id).await?;
    let status = old.status.after(Transition::Purge)?;
    archive::drop_kept(&mut tx, id).await?;
    drop_schema_and_role(&mut tx, &old).await?;
    sqlx::query!("DELETE FROM public.tenant_features WHERE tenant_id = $1", id.uuid()).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM public.tenant_migrations WHERE tenant_id = $1", id.uuid()).execute(&mut *tx).await?;
    let tenant = write_status(&mut tx, id, status, act).await?;
    let before = json!({ "slug": old.slug, "name": old.name, "status": old.status, "schema": old.schema });
    audit::record(&mut tx, id, act, "purged", Some(before), None).await?;
    tx.commit().await?;
    Ok(tenant)
}

async fn drop_schema_and_role(tx: &mut PgConnection, tenant: &Tenant) -> Result<()> {
    let schema = &tenant.schema;
    for statement in
        [format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"), format!("DROP ROLE IF EXISTS \"{schema}\"")]
    {
        raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await.map_err(|error| match Error::from(error) {
            error if error.sqlstate().as_deref() == Some("55P03") => Error::Refused(format!(
                "{} still has transactions under way; try again when they have ended",
                tenant.slug
            )),
            error => error,
        })?;
    }
    Ok(())
}

/// Reads a tenant and holds its row until the transaction ends.
pub(crate) async fn lock(tx: &mut PgConnection, id: TenantId) -> Result<Tenant> {
    sqlx::query_as!(
        TenantRow,
        r#"SELECT id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                  updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenants WHERE id = $1 AND status <> 'purged' FOR NO KEY UPDATE"#,
        id.uuid(),
    )
    .fetch_optional(tx)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &id))?
    .try_into()
}

async fn write_status(tx: &mut PgConnection, id: TenantId, status: TenantStatus, act: &Act) -> Result<Tenant> {
    sqlx::query_as!(
        TenantRow,
        r#"UPDATE public.tenants
           SET status = $2, version = version + 1, updated_at = $3, purged_at = CASE WHEN $2 = 'purged' THEN $3::timestamptz END
           WHERE id = $1
           RETURNING id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                     updated_at AS "updated_at: jiff_sqlx::Timestamp""#,
        id.uuid(),
        status.as_str(),
        act.now.to_sqlx() as _,
    )
    .fetch_one(tx)
    .await?
    .try_into()
}

/// Turns the violation of a unique name into words.
pub(super) fn slug_taken(error: sqlx::Error, slug: &Slug) -> Error {
    match violated_constraint(&error).as_deref() {
        Some("tenants_slug_key") => Error::Conflict(format!("there is already a tenant {slug}")),
        _ => error.into(),
    }
}
