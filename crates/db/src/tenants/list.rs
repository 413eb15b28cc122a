//! Finding tenants.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, TenantStatus};

use super::{Tenant, TenantRow};
use crate::connect::Database;
use crate::error::{Error, Result};

/// Which part of a list is wanted.
#[derive(Debug, Clone)]
pub struct Page {
    /// Continue after this slug.
    pub after: Option<Slug>,
    /// Most rows to give.
    pub limit: u32,
}

/// The tenant of a slug. A purged tenant's slug finds nothing.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn by_slug(db: &Database, slug: &Slug) -> Result<Tenant> {
    sqlx::query_as!(
        TenantRow,
        r#"SELECT id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                  updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenants WHERE slug = $1 AND status <> 'purged'"#,
        slug.as_str(),
    )
    .fetch_optional(&db.application)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &slug))?
    .try_into()
}

/// The tenant of an id, also when it is purged.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn by_id(db: &Database, id: TenantId) -> Result<Tenant> {
    sqlx::query_as!(
        TenantRow,
        r#"SELECT id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                  updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenants WHERE id = $1"#,
        id.uuid(),
    )
    .fetch_optional(&db.application)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &id))?
    .try_into()
}

/// Tenants by slug, of one status or of all but the purged.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Database, status: Option<TenantStatus>, page: &Page) -> Result<Vec<Tenant>> {
    let rows = sqlx::query_as!(
        TenantRow,
        r#"SELECT id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                  updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenants
           WHERE CASE WHEN $1::text IS NULL THEN status <> 'purged' ELSE status = $1 END AND ($2::text IS NULL OR slug > $2)
           ORDER BY slug, id LIMIT $3"#,
        status.map(TenantStatus::as_str),
        page.after.as_ref().map(Slug::as_str),
        i64::from(page.limit),
    )
    .fetch_all(&db.application)
    .await?;
    rows.into_iter().map(Tenant::try_from).collect()
}

/// The tenants that have a schema and no archive since a moment, by slug: all, or those with the feature `backup.critical`.
///
/// # Errors
/// Database errors.
pub async fn without_archive_since(db: &Database, only_critical: bool, since: Timestamp) -> Result<Vec<Tenant>> {
    let rows = sqlx::query_as!(
        TenantRow,
        r#"SELECT id, slug, name, schema_name, status, plan, schema_version, created_at AS "created_at: jiff_sqlx::Timestamp",
                  updated_at AS "updated_at: jiff_sqlx::Timestamp"
           FROM public.tenants t
           WHERE status NOT IN ('purged', 'provisioning')
             AND (NOT $1 OR EXISTS (SELECT FROM public.tenant_features f
                                    WHERE f.tenant_id = t.id AND f.key = 'backup.critical' AND f.value = 'true'))
             AND NOT EXISTS (SELECT FROM public.backups b
                             WHERE b.tenant_id = t.id AND b.state = 'good' AND b.damaged_at IS NULL
                               AND (b.created_at >= $2 OR b.unchanged_until >= $2))
           ORDER BY slug, id"#,
        only_critical,
        since.to_sqlx() as _,
    )
    .fetch_all(&db.owner)
    .await?;
    rows.into_iter().map(Tenant::try_from).collect()
}
