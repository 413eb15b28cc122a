//! Documents outside of PostgreSQL that no schema needs: those of a schema that was dropped, and those that a restore brings until it has
//! ended. What is noted before it is there is found again, whatever is cut off.

use sqlx::postgres::PgConnection;
use sqlx::{Postgres, Transaction};
use tenure_core::document_address::{DocumentAddress, DocumentPlace};
use tenure_core::ids::TenantId;

use crate::connect::Database;
use crate::error::{Error, Result};

/// How often a place that is to be filled is noted anew.
const RESERVE_ATTEMPTS: usize = 5;

/// Documents to be removed, which nobody else removes or takes meanwhile.
#[derive(Debug)]
pub struct Leftover {
    tx: Transaction<'static, Postgres>,
    /// Where they lie.
    pub address: DocumentAddress,
}

impl Leftover {
    /// Some that lie in one of these places and that no restore under way brings, if there are any.
    ///
    /// # Errors
    /// Database errors.
    pub async fn next(db: &Database, places: &[&DocumentPlace]) -> Result<Option<Self>> {
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        let mut tx = db.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let found = sqlx::query!(
            "DELETE FROM public.document_leftovers WHERE home = (
                 SELECT home FROM public.document_leftovers WHERE place IS NULL OR place = ANY ($1)
                 ORDER BY home LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING place, home",
            &places,
        )
        .fetch_optional(&mut *tx)
        .await?;
        Ok(found.map(|row| Self { tx, address: DocumentAddress::new(row.place, row.home) }))
    }

    /// Notes that they are gone.
    ///
    /// # Errors
    /// Database errors; they are removed once more then.
    pub async fn is_gone(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

/// Notes where something is to be put, before it is, and takes the note over: if this transaction ends well, what was put there is needed, and is left
/// over otherwise.
pub(super) async fn reserve(
    db: &Database,
    tx: &mut PgConnection,
    address: &DocumentAddress,
    tenant: TenantId,
) -> Result<()> {
    for _ in 0..RESERVE_ATTEMPTS {
        note(db, address, tenant).await?;
        let home = address.home.uuid();
        let taken =
            sqlx::query!("DELETE FROM public.document_leftovers WHERE home = $1", home).execute(&mut *tx).await?;
        // Whoever removes what is left over may have come upon the note between the two.
        if taken.rows_affected() == 1 {
            return Ok(());
        }
    }
    Err(Error::Refused("somebody removes what is left over of documents at this moment; try again".to_owned()))
}

async fn note(db: &Database, address: &DocumentAddress, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.document_leftovers (home, tenant_id, created_at, place) VALUES ($1, $2, now(), $3)",
        address.home.uuid(),
        tenant.uuid(),
        address.place_name(),
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}

/// Notes what a dropped schema leaves, unless the one in service has it too.
pub(super) async fn note_dropped(tx: &mut PgConnection, address: &DocumentAddress, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.document_leftovers (home, tenant_id, created_at, place)
         SELECT $1, id, now(), $3 FROM public.tenants WHERE id = $2 AND coalesce(document_home, id) <> $1
         ON CONFLICT DO NOTHING",
        address.home.uuid(),
        tenant.uuid(),
        address.place_name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
