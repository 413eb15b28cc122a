//! What is due among the messages of all tenants.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::connect::Database;
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// A message as it stands in the queue.
pub(super) struct Queued {
    pub(super) id: Uuid,
    pub(super) due_at: Timestamp,
    /// Whether somebody waits for it.
    pub(super) urgent: bool,
}

/// Puts messages of the transaction's tenant into the queue, or has them wait there anew.
pub(super) async fn enqueue(tx: &mut TenantTx, messages: &[Queued]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let row =
        |Queued { id, due_at, urgent }: &Queued| format!("('{id}', '{tenant}', '{due_at}', '{due_at}', {urgent})");
    let rows: Vec<_> = messages.iter().map(row).collect();
    let sql = format!(
        "INSERT INTO public.mail_queue (id, tenant_id, wanted_at, due_at, urgent) VALUES {} ON CONFLICT (id) DO UPDATE
         SET wanted_at = EXCLUDED.wanted_at, due_at = EXCLUDED.due_at, urgent = EXCLUDED.urgent, attempts = 0",
        rows.join(", ")
    );
    tx.as_platform(&sql).await
}

/// A message that somebody has taken to send it. Until `lease` of the taking has passed, nobody else takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The message.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: TenantId,
    /// How often it was taken, this time included.
    pub attempts: u32,
}

/// Takes messages that are due: those that somebody waits for, which stand first in the answer, before all others; and of either the first of each
/// company, then the second of each. So a company's message waits for one of each other company, however many these have.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(db: &Database, (now, until): (Timestamp, Timestamp), limit: u16) -> Result<Vec<Claim>> {
    // From one company's line to the next by the index, so that the time does not grow with what waits in the lines; and from none when nothing is
    // due.
    let mut rows = sqlx::query!(
        "WITH RECURSIVE line AS (
             (SELECT tenant_id, urgent FROM public.mail_queue
              WHERE EXISTS (SELECT FROM public.mail_queue WHERE due_at <= $1) ORDER BY tenant_id, urgent LIMIT 1)
             UNION ALL
             SELECT next.tenant_id, next.urgent FROM line CROSS JOIN LATERAL (
                 SELECT tenant_id, urgent FROM public.mail_queue AS queue
                 WHERE (queue.tenant_id, queue.urgent) > (line.tenant_id, line.urgent) ORDER BY tenant_id, urgent LIMIT 1) AS next
         ), turn AS (
             SELECT first.id FROM line CROSS JOIN LATERAL (
                 SELECT id, due_at, row_number() OVER (ORDER BY due_at, id) AS place FROM public.mail_queue AS queue
                 WHERE queue.tenant_id = line.tenant_id AND queue.urgent = line.urgent AND due_at <= $1
                 ORDER BY due_at, id LIMIT $3) AS first
             ORDER BY line.urgent DESC, first.place, first.due_at, first.id LIMIT $3
         )
         UPDATE public.mail_queue SET due_at = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM public.mail_queue WHERE id IN (SELECT id FROM turn) AND due_at <= $1 FOR UPDATE SKIP LOCKED)
         RETURNING id, tenant_id, attempts, urgent",
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
    rows.sort_by_key(|row| !row.urgent);
    let claim = |id, tenant: Uuid, attempts| Claim {
        id,
        tenant: tenant.into(),
        attempts: u32::try_from(attempts).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(|row| claim(row.id, row.tenant_id, row.attempts)).collect())
}

/// Puts a message off without its having been tried.
///
/// # Errors
/// When the database does not answer.
pub async fn put_off(db: &Database, claim: &Claim, until: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.mail_queue SET due_at = $2, attempts = attempts - 1 WHERE id = $1 AND attempts = $3",
        claim.id,
        until.to_sqlx() as _,
        i32::try_from(claim.attempts).unwrap_or(i32::MAX),
    )
    .execute(&db.application)
    .await?;
    Ok(())
}

/// Takes a message out of the queue that has no tenant any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(db: &Database, claim: &Claim) -> Result<()> {
    sqlx::query!("DELETE FROM public.mail_queue WHERE id = $1", claim.id).execute(&db.application).await?;
    Ok(())
}

/// How much waits to be sent, of all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How many messages.
    pub waiting: u64,
    /// Since when the oldest does.
    pub oldest: Option<Timestamp>,
}

/// How much waits to be sent that should have been by now.
///
/// # Errors
/// When the database does not answer.
pub async fn backlog(db: &Database, now: Timestamp) -> Result<Backlog> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "waiting!", min(wanted_at) AS "oldest: jiff_sqlx::Timestamp"
           FROM public.mail_queue WHERE wanted_at <= $1"#,
        now.to_sqlx() as _,
    )
    .fetch_one(&db.application)
    .await?;
    Ok(Backlog {
        waiting: u64::try_from(row.waiting).unwrap_or_default(),
        oldest: row.oldest.map(jiff_sqlx::Timestamp::to_jiff),
    })
}
