//! Messages to people: kept in the tenant's outbox by the transaction that causes them, and taken from there by whoever sends mail.
//!
//! `public.mail_queue` says of all tenants together what is due. A tenant's role cannot see it; the application's login can, which is who a
//! tenant's transaction is for a moment when it adds to it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::Value;
use tenure_core::ids::{EmployeeId, TenantId, UserId};
use tenure_core::mail::State;
use uuid::Uuid;

use crate::connect::Database;
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
           RETURNING id, due_at AS "due_at: jiff_sqlx::Timestamp""#,
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
    let kept: Vec<_> = kept.into_iter().map(|row| (row.id, row.due_at.to_jiff())).collect();
    enqueue(tx, &kept).await?;
    Ok(u64::try_from(kept.len()).unwrap_or(u64::MAX))
}

async fn enqueue(tx: &mut TenantTx, messages: &[(Uuid, Timestamp)]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let rows: Vec<_> = messages.iter().map(|(id, at)| format!("('{id}', '{tenant}', '{at}', '{at}')")).collect();
    let sql = format!(
        "INSERT INTO public.mail_queue (id, tenant_id, wanted_at, due_at) VALUES {} ON CONFLICT (id) DO UPDATE
         SET wanted_at = EXCLUDED.wanted_at, due_at = EXCLUDED.due_at, attempts = 0",
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

/// Takes the first messages that are due, of all tenants.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(db: &Database, (now, until): (Timestamp, Timestamp), limit: u16) -> Result<Vec<Claim>> {
    let rows = sqlx::query!(
        "UPDATE public.mail_queue SET due_at = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM public.mail_queue WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, tenant_id, attempts",
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
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
    let again = sqlx::query_scalar!(
        "UPDATE outbox SET state = 'waiting', ended_at = NULL, error = NULL, attempts = 0, due_at = $2
         WHERE ($1::uuid IS NULL OR id = $1) AND (state = 'failed' OR state = 'waiting' AND attempts > 0) RETURNING id",
        id,
        now.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let again: Vec<_> = again.into_iter().map(|id| (id, now)).collect();
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

/// A tenant whose reminders somebody has taken to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The tenant.
    pub tenant: TenantId,
    /// Reminders up to this day were planned.
    pub until: Date,
    lease: Timestamp,
}

/// Has every active tenant's reminders planned from now on. Those of days before today are not made up for.
///
/// # Errors
/// When the database does not answer.
pub async fn add_plans(db: &Database, now: Timestamp, yesterday: Date) -> Result<()> {
    sqlx::query!(
        "INSERT INTO public.mail_plans (tenant_id, due_at, planned_until)
         SELECT id, $1, $2 FROM public.tenants WHERE status = 'active' ON CONFLICT (tenant_id) DO NOTHING",
        now.to_sqlx() as _,
        yesterday.to_sqlx() as _,
    )
    .execute(&db.application)
    .await?;
    Ok(())
}

/// Has the reminders of the transaction's tenant planned as soon as it has ended.
///
/// # Errors
/// When the database refuses it.
pub async fn plan_now(tx: &mut TenantTx, now: Timestamp, yesterday: Date) -> Result<()> {
    let tenant = tx.tenant();
    let sql = format!(
        "INSERT INTO public.mail_plans (tenant_id, due_at, planned_until) VALUES ('{tenant}', '{now}', '{yesterday}')
         ON CONFLICT (tenant_id) DO UPDATE SET due_at = least(mail_plans.due_at, EXCLUDED.due_at)"
    );
    tx.as_platform(&sql).await
}

/// Takes tenants whose reminders are to be planned.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_plans(db: &Database, (now, until): (Timestamp, Timestamp), limit: u16) -> Result<Vec<Plan>> {
    let rows = sqlx::query!(
        r#"UPDATE public.mail_plans SET due_at = $2
           WHERE tenant_id IN (SELECT tenant_id FROM public.mail_plans WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
           RETURNING tenant_id, planned_until AS "until: jiff_sqlx::Date", due_at AS "lease: jiff_sqlx::Timestamp""#,
        now.to_sqlx() as _,
        until.to_sqlx() as _,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
    let plan = |tenant: Uuid, until: jiff_sqlx::Date, lease: jiff_sqlx::Timestamp| Plan {
        tenant: tenant.into(),
        until: until.to_jiff(),
        lease: lease.to_jiff(),
    };
    Ok(rows.into_iter().map(|row| plan(row.tenant_id, row.until, row.lease)).collect())
}

/// Notes that a tenant's reminders are planned up to a day, and when it is looked again; sooner, if somebody has asked for that meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(db: &Database, plan: &Plan, until: Date, next: Timestamp) -> Result<()> {
    sqlx::query!(
        "UPDATE public.mail_plans SET planned_until = $2, due_at = CASE WHEN due_at = $3 THEN $4 ELSE due_at END WHERE tenant_id = $1",
        plan.tenant.uuid(),
        until.to_sqlx() as _,
        plan.lease.to_sqlx() as _,
        next.to_sqlx() as _,
    )
    .execute(&db.application)
    .await?;
    Ok(())
}

/// Plans no more for a tenant that is not there.
///
/// # Errors
/// When the database does not answer.
pub async fn drop_plan(db: &Database, tenant: TenantId) -> Result<()> {
    sqlx::query!("DELETE FROM public.mail_plans WHERE tenant_id = $1", tenant.uuid()).execute(&db.application).await?;
    Ok(())
}
