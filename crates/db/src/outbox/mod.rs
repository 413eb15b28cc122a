//! Messages to people: kept in the tenant's outbox by the transaction that causes them, and taken from there by whoever sends mail.
//!
//! `public.mail_queue` says of all tenants together what is due. A tenant's role cannot see it; the application's login can, which is who a
//! tenant's transaction is for a moment when it adds to it.

mod plans;
mod queue;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use tenure_core::ids::{EmployeeId, UserId};
use tenure_core::mail::{State, is_urgent};
use uuid::Uuid;

pub use self::plans::{Plan, add_plans, claim_plans, drop_plan, plan_now, planned};
pub use self::queue::{Backlog, Claim, backlog, claim, forget, put_off};

use self::queue::{Queued, enqueue};
use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// The version of a tenant's schema that has the table. Until it is migrated, nothing is sent for it.
const SINCE: i32 = 14;

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A user.
    User(UserId),
    /// A person, by the address of their user or else the one at work.
    Employee(EmployeeId),
    /// Whoever has the address that the facts name.
    Address,
}

/// A message to be kept.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: &'static str,
    /// What it is about.
    pub subject: Uuid,
    /// On which occasion.
    pub occasion: String,
    /// Who is told.
    pub to: To,
    /// What the text needs.
    pub facts: Value,
    /// When it is to be sent.
    pub due_at: Timestamp,
}

/// Keeps messages, and puts them into the queue; gives how many were new. What somebody was told on the same occasion is left out.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(tx: &mut TenantTx, new: &[New], now: Timestamp) -> Result<u64> {
    if new.is_empty() || tx.version() < SINCE {
        return Ok(0);
    }
    let user = |message: &New| if let To::User(id) = message.to { Some(id.uuid()) } else { None };
    let employee = |message: &New| if let To::Employee(id) = message.to { Some(id.uuid()) } else { None };
    let kept = sqlx::query!(
        r#"INSERT INTO outbox (id, kind, subject_id, occasion, user_id, employee_id, facts, state, created_at, due_at)
           SELECT n.id, n.kind, n.subject_id, n.occasion, n.user_id, n.employee_id, n.facts, 'waiting', $8, n.due_at
           FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::jsonb[], $9::timestamptz[])
                AS n (id, kind, subject_id, occasion, user_id, employee_id, facts, due_at)
           ON CONFLICT (kind, subject_id, occasion) DO NOTHING
           RETURNING id, kind, due_at AS "due_at: jiff_sqlx::Timestamp""#,
        &new.iter().map(|message| message.id).collect::<Vec<_>>(),
        &new.iter().map(|message| message.kind.to_owned()).collect::<Vec<_>>(),
        &new.iter().map(|message| message.subject).collect::<Vec<_>>(),
        &new.iter().map(|message| message.occasion.clone()).collect::<Vec<_>>(),
        new.iter().map(user).collect::<Vec<_>>() as _,
        new.iter().map(employee).collect::<Vec<_>>() as _,
        &new.iter().map(|message| message.facts.clone()).collect::<Vec<_>>(),
        now.to_sqlx() as _,
        new.iter().map(|message| message.due_at.to_sqlx()).collect::<Vec<_>>() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let queued =
        kept.into_iter().map(|row| Queued { id: row.id, due_at: row.due_at.to_jiff(), urgent: is_urgent(&row.kind) });
    let kept: Vec<Queued> = queued.collect();
    enqueue(tx, &kept).await?;
    Ok(u64::try_from(kept.len()).unwrap_or(u64::MAX))
}

/// A message as it is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// The user who is told.
    pub user_id: Option<UserId>,
    /// The person who is told.
    pub employee_id: Option<EmployeeId>,
    /// What the text needs. It is for who sends it.
    #[serde(skip)]
    pub facts: Value,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last attempt came to, or why it was dropped.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was to be sent first.
    pub due_at: Timestamp,
    /// When it was sent or given up.
    pub ended_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    kind: String,
    user_id: Option<Uuid>,
    employee_id: Option<Uuid>,
    facts: Value,
    state: String,
    attempts: i32,
    error: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    due_at: jiff_sqlx::Timestamp,
    ended_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for Kept {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            user_id: row.user_id.map(UserId::from),
            employee_id: row.employee_id.map(EmployeeId::from),
            facts: row.facts,
            // The table allows no other.
            state: row.state.parse().unwrap_or(State::Failed),
            attempts: row.attempts,
            error: row.error,
            created_at: row.created_at.to_jiff(),
            due_at: row.due_at.to_jiff(),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

/// A message that waits.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(tx: &mut TenantTx, id: Uuid) -> Result<Option<Kept>> {
    if tx.version() < SINCE {
        return Ok(None);
    }
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, kind, user_id, employee_id, facts, state, attempts, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  due_at AS "due_at: jiff_sqlx::Timestamp", ended_at AS "ended_at: jiff_sqlx::Timestamp"
           FROM outbox WHERE id = $1 AND state = 'waiting'"#,
        id,
    );
    Ok(row.fetch_optional(&mut **tx).await?.map(Kept::from))
}

/// The messages of one state or of all, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, state: Option<State>, limit: u16) -> Result<Vec<Kept>> {
    if tx.version() < SINCE {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, kind, user_id, employee_id, facts, state, attempts, error, created_at AS "created_at: jiff_sqlx::Timestamp",
                  due_at AS "due_at: jiff_sqlx::Timestamp", ended_at AS "ended_at: jiff_sqlx::Timestamp"
           FROM outbox WHERE $1::text IS NULL OR state = $1 ORDER BY id DESC LIMIT $2"#,
        state.map(State::as_str),
        i64::from(limit),
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(Kept::from).collect())
}

/// Notes how sending a message ended, and takes it out of the queue.
///
/// # Errors
/// When the database refuses it.
pub async fn end(
    tx: &mut TenantTx,
    claim: &Claim,
    (state, error): (State, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "UPDATE outbox SET state = $2, error = $3, attempts = $4, ended_at = $5 WHERE id = $1 AND state = 'waiting'",
        claim.id,
        state.as_str(),
        error,
        i32::try_from(claim.attempts).unwrap_or(i32::MAX),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.as_platform(&format!("DELETE FROM public.mail_queue WHERE id = '{}'", claim.id)).await
}

/// Notes an attempt that came to nothing, and when the next one is. Somebody who has taken it meanwhile is not disturbed.
///
/// # Errors
/// When the database refuses it.
pub async fn failed(tx: &mut TenantTx, claim: &Claim, error: &str, next: Timestamp) -> Result<()> {
    let Claim { id, attempts, .. } = *claim;
    sqlx::query!(
        "UPDATE outbox SET error = $2, attempts = $3 WHERE id = $1 AND state = 'waiting'",
        id,
        error,
        i32::try_from(attempts).unwrap_or(i32::MAX),
    )
    .execute(&mut **tx)
    .await?;
    let sql = format!("UPDATE public.mail_queue SET due_at = '{next}' WHERE id = '{id}' AND attempts = {attempts}");
    tx.as_platform(&sql).await
}

/// Lets messages that have failed, or wait for their next attempt, be sent at once: one, or all. Gives how many.
///
/// # Errors
/// When the database refuses it.
pub async fn retry(tx: &mut TenantTx, id: Option<Uuid>, now: Timestamp) -> Result<u64> {
    if tx.version() < SINCE {
        return Ok(0);
    }
    let again = sqlx::query!(
        "UPDATE outbox SET state = 'waiting', ended_at = NULL, error = NULL, attempts = 0, due_at = $2
         WHERE ($1::uuid IS NULL OR id = $1) AND (state = 'failed' OR state = 'waiting' AND attempts > 0) RETURNING id, kind",
        id,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let queued = again.into_iter().map(|row| Queued { id: row.id, due_at: now, urgent: is_urgent(&row.kind) });
    let again: Vec<Queued> = queued.collect();
    enqueue(tx, &again).await?;
    Ok(u64::try_from(again.len()).unwrap_or(u64::MAX))
}

/// Removes what ended before a moment, and ends what waits since before another: it came with an archive, and nobody sends it.
///
/// # Errors
/// When the database refuses it.
pub async fn tidy(tx: &mut TenantTx, ended: Timestamp, waited: Timestamp, now: Timestamp) -> Result<()> {
    sqlx::query!("DELETE FROM outbox WHERE ended_at < $1", ended.to_sqlx() as _).execute(&mut **tx).await?;
    sqlx::query!(
        "UPDATE outbox SET state = 'dropped', ended_at = $2, error = 'it has waited in an archive'
         WHERE state = 'waiting' AND due_at < $1",
        waited.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
