//! The schema that a restore replaced: kept, taken back into service, dropped.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::json;
use sqlx::postgres::PgConnection;
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_core::tenant::SchemaName;
use uuid::Uuid;

use super::access::{Place, Unknown, close_withdrawn};
use super::{leftovers, quoted, table_list};
use crate::connect::Database;
use crate::error::{Error, Result};
use crate::migrate::{MigrationSet, grants};
use crate::tenants::{Act, Tenant, lock, record, run, write_ledger};

/// A schema that a restore replaced.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// Its name now.
    pub schema: String,
    /// Its version.
    pub version: i32,
    /// The backup whose rows replaced it.
    pub backup: Uuid,
    /// When.
    pub since: Timestamp,
}

pub(super) fn kept_name(id: Uuid) -> String {
    format!("before_{}", id.simple())
}

/// Waits until nobody works in the schema that is no longer the tenant's, and takes the role's rights on it.
pub(super) async fn set_aside(tx: &mut PgConnection, set: &MigrationSet, old: &Tenant, now_called: &str) -> Result<()> {
    let tables = table_list(now_called, &set.tables_at(old.schema_version));
    let role = &old.schema;
    let wait = format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE");
    run(tx, &wait).await.map_err(|error| match error.sqlstate().as_deref() {
        Some("55P03" | "40P01") => {
            Error::Refused(format!("{} still has transactions under way; try again when they have ended", old.slug))
        }
        _ => error,
    })?;
    run(tx, &format!("REVOKE ALL ON {tables} FROM \"{role}\"")).await?;
    run(tx, &format!("REVOKE ALL ON SCHEMA {} FROM \"{role}\"", quoted(now_called))).await
}

/// Notes what is kept. What an earlier restore left is dropped: there is one to go back to.
pub(super) async fn keep(tx: &mut PgConnection, old: &Tenant, backup: Uuid, name: &str, act: &Act) -> Result<()> {
    drop_kept(tx, old.id).await?;
    sqlx::query!(
        "INSERT INTO public.restores (tenant_id, backup_id, kept_schema, kept_version, created_at, kept_document_place, kept_document_home)
         SELECT id, $2, $3, $4, $5, document_place, coalesce(document_home, id) FROM public.tenants WHERE id = $1",
        old.id.uuid(),
        backup,
        name,
        old.schema_version,
        act.now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Drops what is kept of a tenant, if anything is.
pub(crate) async fn drop_kept(tx: &mut PgConnection, tenant: TenantId) -> Result<Option<String>> {
    let kept = sqlx::query!(
        r#"DELETE FROM public.restores WHERE tenant_id = $1
           RETURNING kept_schema, kept_document_place, coalesce(kept_document_home, tenant_id) AS "home!""#,
        tenant.uuid(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(kept) = kept else { return Ok(None) };
    run(tx, &format!("DROP SCHEMA {} CASCADE", quoted(&kept.kept_schema))).await?;
    leftovers::note_dropped(tx, &DocumentAddress::new(kept.kept_document_place, kept.home), tenant).await?;
    Ok(Some(kept.kept_schema))
}

/// Drops the schema that the last restore of a tenant replaced.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn drop_kept_schema(db: &Database, tenant: TenantId, act: &Act) -> Result<()> {
    let mut tx = db.owner.begin().await?;
    let tenant = lock(&mut tx, tenant).await?;
    let dropped = drop_kept(&mut tx, tenant.id).await?;
    let dropped = dropped.ok_or_else(|| Error::not_found("former schema of", &tenant.slug))?;
    record(&mut tx, tenant.id, act, "former_schema_dropped", Some(json!({ "kept_schema": dropped })), None).await?;
    tx.commit().await?;
    Ok(())
}

/// The tenants whose last restore was before a moment, with what it replaced still kept.
///
/// # Errors
/// Database errors.
pub async fn replaced_before(db: &Database, moment: Timestamp) -> Result<Vec<TenantId>> {
    let tenants = sqlx::query_scalar!(
        "SELECT tenant_id FROM public.restores WHERE created_at <= $1 ORDER BY tenant_id",
        moment.to_sqlx() as _,
    );
    Ok(tenants.fetch_all(&db.owner).await?.into_iter().map(TenantId::from).collect())
}

/// Takes the schema that the last restore replaced back into service. The restored one is kept in its place, so that this can be
/// undone as well. What was withdrawn meanwhile of sessions, tokens, passwords and users stays so.
///
/// # Errors
/// `NotFound` when there is none; `Refused` when a transaction of the tenant does not end in time.
pub async fn undo(db: &Database, id: TenantId, act: &Act) -> Result<Tenant> {
    let set = MigrationSet::tenant();
    let mut tx = db.owner.begin().await?;
    run(&mut tx, "SET LOCAL lock_timeout = '10s'").await?;
    let now = lock(&mut tx, id).await?;
    let kept = sqlx::query!(
        r#"SELECT kept_schema, kept_version, kept_document_place, coalesce(kept_document_home, tenant_id) AS "home!"
           FROM public.restores WHERE tenant_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::not_found("former schema of", &now.slug))?;
    let aside = kept_name(act.id);
    run(&mut tx, &format!("ALTER SCHEMA \"{}\" RENAME TO \"{aside}\"", now.schema)).await?;
    run(&mut tx, &format!("ALTER SCHEMA {} RENAME TO \"{}\"", quoted(&kept.kept_schema), now.schema)).await?;
    give_back(&mut tx, set, &now.schema, kept.kept_version).await?;
    set_aside(&mut tx, set, &now, &aside).await?;
    let coming = Place::new(now.schema.as_str(), set, kept.kept_version);
    let leaving = Place::new(&aside, set, now.schema_version);
    let closed = close_withdrawn(&mut tx, (&coming, &leaving), Unknown::Open, act.now).await?;
    sqlx::query!(
        "UPDATE public.restores r SET kept_schema = $2, kept_version = $3, created_at = $4,
                kept_document_place = t.document_place, kept_document_home = coalesce(t.document_home, t.id)
         FROM public.tenants t WHERE r.tenant_id = $1 AND t.id = r.tenant_id",
        id.uuid(),
        aside,
        now.schema_version,
        act.now.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    settle(&mut tx, id, &DocumentAddress::new(kept.kept_document_place, kept.home)).await?;
    sqlx::query!("DELETE FROM public.tenant_migrations WHERE tenant_id = $1", id.uuid()).execute(&mut *tx).await?;
    write_ledger(&mut tx, set, id, kept.kept_version, act).await?;
    let (before, after) = (
        json!({ "schema_version": now.schema_version }),
        json!({ "schema_version": kept.kept_version, "closed": closed }),
    );
    record(&mut tx, id, act, "restore_undone", Some(before), Some(after)).await?;
    let tenant = lock(&mut tx, id).await?;
    tx.commit().await?;
    Ok(tenant)
}

/// Says where the documents of the schema that comes into service lie.
pub(super) async fn settle(tx: &mut PgConnection, tenant: TenantId, address: &DocumentAddress) -> Result<()> {
    sqlx::query!(
        "UPDATE public.tenants SET document_place = $2, document_home = $3 WHERE id = $1",
        tenant.uuid(),
        address.place_name(),
        address.home.uuid(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives the tenant's role its rights on a schema that is its own again.
async fn give_back(tx: &mut PgConnection, set: &MigrationSet, schema: &SchemaName, version: i32) -> Result<()> {
    run(tx, &format!("SET LOCAL search_path = \"{schema}\"")).await?;
    run(tx, &format!("GRANT USAGE ON SCHEMA \"{schema}\" TO \"{schema}\"")).await?;
    for statement in grants(&set.tables_at(version), schema) {
        run(tx, &statement).await?;
    }
    Ok(())
}
