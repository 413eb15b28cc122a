//! Documents outside of PostgreSQL that no schema needs: those of a schema that was dropped, and those that a restore brings until it has
//! ended. What is noted before it is there is found again, whatever is cut off.

use sqlx::postgres::PgConnection;
use sqlx::{Postgres, Transaction};
use tenure_core::ids::{DocumentHome, TenantId};

use crate::connect::Database;
use crate::error::{Error, Result};

/// Documents to be removed, which nobody else removes or takes meanwhile.
#[derive(Debug)]
pub struct Leftover {
    tx: Transaction<'static, Postgres>,
    /// Where they lie.
    pub home: DocumentHome,
}

impl Leftover {
    /// Some that no restore under way brings, if there are any.
    ///
    /// # Errors
    /// Database errors.
    pub async fn next(db: &Database) -> Result<Option<Self>> {
        let mut tx = db.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let home = sqlx::query_scalar!(
            "DELETE FROM public.document_leftovers WHERE home = (
                 SELECT home FROM public.document_leftovers ORDER BY home LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING home"
        )
        .fetch_optional(&mut *tx)
        .await?;
        Ok(home.map(|home| Self { tx, home: home.into() }))
    }

    /// Notes that they are gone.
    ///
    /// # Errors
    /// Database errors; they are removed once more then.
    pub async fn is_gone(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

/// Where a tenant's documents lie, if that is not in its schema.
///
/// # Errors
/// `NotFound`; database errors.
pub async fn document_home(db: &Database, tenant: TenantId) -> Result<DocumentHome> {
    let home = sqlx::query_scalar!(
        r#"SELECT coalesce(document_home, id) AS "home!" FROM public.tenants WHERE id = $1"#,
        tenant.uuid(),
    )
    .fetch_optional(&db.owner)
    .await?;
    home.map(DocumentHome::from).ok_or_else(|| Error::not_found("tenant", &tenant))
}

/// Notes a home before anything is put there.
pub(super) async fn note(db: &Database, home: DocumentHome, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.document_leftovers (home, tenant_id, created_at) VALUES ($1, $2, now())",
        home.uuid(),
        tenant.uuid(),
    )
    .execute(&db.owner)
    .await?;
    Ok(())
}

/// Takes over what was noted: if this transaction ends well it is needed, and is left over otherwise.
pub(super) async fn claim(tx: &mut PgConnection, home: DocumentHome) -> Result<()> {
    let claimed =
        sqlx::query!("DELETE FROM public.document_leftovers WHERE home = $1", home.uuid()).execute(tx).await?;
    if claimed.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Refused("somebody removes what is left over of documents at this moment; try again".to_owned()))
    }
}

/// Notes what a dropped schema leaves, unless the one in service has it too.
pub(super) async fn note_dropped(tx: &mut PgConnection, home: DocumentHome, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.document_leftovers (home, tenant_id, created_at)
         SELECT $1, id, now() FROM public.tenants WHERE id = $2 AND coalesce(document_home, id) <> $1
         ON CONFLICT DO NOTHING",
        home.uuid(),
        tenant.uuid(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
