//! Where the documents of tenants lie: asked, said for the first time, and changed when they were moved.

use serde_json::json;
use sqlx::postgres::PgConnection;
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use tenure_core::ids::TenantId;

use super::{Act, audit, lock};
use crate::connect::Database;
use crate::error::{Error, Result};

/// Where a tenant's documents lie.
///
/// # Errors
/// `NotFound`; database errors.
pub async fn documents_at(db: &Database, tenant: TenantId) -> Result<DocumentAddress> {
    let row = sqlx::query!(
        r#"SELECT document_place, coalesce(document_home, id) AS "home!" FROM public.tenants WHERE id = $1"#,
        tenant.uuid(),
    )
    .fetch_optional(&db.owner)
    .await?
    .ok_or_else(|| Error::not_found("tenant", &tenant))?;
    Ok(DocumentAddress::new(row.document_place, row.home))
}

/// Says where those of a new tenant are to lie.
pub(super) async fn place_documents(tx: &mut PgConnection, id: TenantId, place: &DocumentPlace) -> Result<()> {
    sqlx::query!("UPDATE public.tenants SET document_place = $2 WHERE id = $1", id.uuid(), place.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Says of documents that nobody has said it of where they lie; gives how many tenants it was said of. What somebody works with at this moment is
/// left to the next time.
///
/// # Errors
/// Database errors.
pub async fn settle_documents(db: &Database, place: &DocumentPlace) -> Result<u64> {
    let (mut tx, place) = (db.owner.begin().await?, place.as_str());
    let settled = sqlx::query!(
        "UPDATE public.tenants SET document_place = $1 WHERE id IN (
             SELECT id FROM public.tenants WHERE document_place IS NULL FOR NO KEY UPDATE SKIP LOCKED)",
        place,
    );
    let settled = settled.execute(&mut *tx).await?;
    sqlx::query!(
        "UPDATE public.restores SET kept_document_place = $1 WHERE tenant_id IN (
             SELECT tenant_id FROM public.restores WHERE kept_document_place IS NULL FOR NO KEY UPDATE SKIP LOCKED)",
        place,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE public.document_leftovers SET place = $1 WHERE home IN (
             SELECT home FROM public.document_leftovers WHERE place IS NULL FOR UPDATE SKIP LOCKED)",
        place,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(settled.rows_affected())
}

/// Says that the documents of a tenant, which were read at an address, lie in another place now, under the same id.
pub(crate) async fn move_documents(
    tx: &mut PgConnection,
    id: TenantId,
    (from, to): (&DocumentAddress, &DocumentPlace),
    act: &Act,
) -> Result<()> {
    let tenant = lock(tx, id).await?;
    let moved = sqlx::query!(
        "UPDATE public.tenants SET document_place = $2
         WHERE id = $1 AND coalesce(document_home, id) = $3 AND document_place IS NOT DISTINCT FROM $4",
        id.uuid(),
        to.as_str(),
        from.home.uuid(),
        from.place_name(),
    )
    .execute(&mut *tx)
    .await?;
    if moved.rows_affected() == 0 {
        return Err(Error::Conflict(format!("{} was restored while its documents were copied", tenant.slug)));
    }
    let (before, after) = (json!({ "documents": from.place }), json!({ "documents": to }));
    audit::record(tx, id, act, "documents_moved", Some(before), Some(after)).await
}

/// Up to so many tenants with documents in none of these places, be it those in use, those of before the last restore, or some that are to be
/// removed.
///
/// # Errors
/// Database errors.
pub async fn with_documents_elsewhere(
    db: &Database,
    places: &[&DocumentPlace],
    limit: u16,
) -> Result<Vec<(String, DocumentPlace)>> {
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        r#"SELECT slug AS "whose!", document_place AS "place!" FROM public.tenants
           WHERE status <> 'purged' AND document_place <> ALL ($1)
           UNION ALL
           SELECT t.slug || ' before its restore', r.kept_document_place FROM public.restores r JOIN public.tenants t ON t.id = r.tenant_id
           WHERE r.kept_document_place <> ALL ($1)
           UNION ALL
           SELECT DISTINCT t.slug || ' (to be removed)', l.place FROM public.document_leftovers l JOIN public.tenants t ON t.id = l.tenant_id
           WHERE l.place <> ALL ($1)
           ORDER BY 1 LIMIT $2"#,
        &places,
        i64::from(limit),
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.whose, row.place.into())).collect())
}

/// The active tenants whose documents lie in one of these places, and their slugs, by these. Documents of which nobody has said where they lie are in
/// `oldest`.
///
/// # Errors
/// Database errors.
pub async fn active_with_documents_in(
    db: &Database,
    places: &[&DocumentPlace],
    oldest: &DocumentPlace,
) -> Result<Vec<(TenantId, String)>> {
    let places: Vec<String> = places.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        "SELECT id, slug FROM public.tenants
         WHERE status = 'active' AND coalesce(document_place, $2) = ANY ($1) ORDER BY slug",
        &places,
        oldest.as_str(),
    )
    .fetch_all(&db.owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.slug)).collect())
}
