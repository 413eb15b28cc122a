//! What operators have asked for over HTTP: put on the list by servers, taken off it by whoever does it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use tenure_core::operations::{State, Wanted};
use uuid::Uuid;

use crate::connect::Database;
use crate::error::{Error, Result};

/// How many of those that wait are tried, when others are taking some of them at the same time.
const CANDIDATES: i64 = 16;

/// Something that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: Uuid,
    /// What is to be done.
    pub request: Value,
    /// How far it is.
    pub state: State,
    /// Who has asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Who asks for something, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The id of what is asked for.
    pub id: Uuid,
    /// Who asks.
    pub by: &'a str,
    /// The request in which it is asked.
    pub request_id: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Puts something on the list, and gives it as it stands there then; `None` when the same waits or runs.
///
/// # Errors
/// When the database refuses it.
pub async fn insert(db: &Database, wanted: &Wanted, asking: &Asking<'_>) -> Result<Option<Operation>> {
    // Read in the same statement: whoever does it may take it off the list before another.
    let row = sqlx::query_as!(
        Row,
        r#"INSERT INTO public.operations (id, kind, subject, request, requested_by, request_id, requested_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
           RETURNING id, request, state, requested_by, requested_at AS "requested_at: jiff_sqlx::Timestamp",
                     started_at AS "started_at: jiff_sqlx::Timestamp", ended_at AS "ended_at: jiff_sqlx::Timestamp", error"#,
        asking.id,
        wanted.kind(),
        wanted.subject(),
        json!(wanted),
        asking.by,
        asking.request_id,
        asking.now.to_sqlx() as _,
    )
    .fetch_optional(&db.application)
    .await?;
    row.map(Operation::try_from).transpose()
}

struct Row {
    id: Uuid,
    request: Value,
    state: String,
    requested_by: String,
    requested_at: jiff_sqlx::Timestamp,
    started_at: Option<jiff_sqlx::Timestamp>,
    ended_at: Option<jiff_sqlx::Timestamp>,
    error: Option<String>,
}

impl TryFrom<Row> for Operation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = |_| Error::Refused(format!("the operation {} has a state that this version cannot read", row.id));
        Ok(Self {
            id: row.id,
            request: row.request,
            state: row.state.parse().map_err(unknown)?,
            requested_by: row.requested_by,
            requested_at: row.requested_at.to_jiff(),
            started_at: row.started_at.map(jiff_sqlx::Timestamp::to_jiff),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            error: row.error,
        })
    }
}

/// The newest first, from before an id on; of one state or of all. What came of each is not read: of a run over all tenants that is long.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Database, state: Option<State>, before: Option<Uuid>, limit: u16) -> Result<Vec<Operation>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, request, state, requested_by, requested_at AS "requested_at: jiff_sqlx::Timestamp",
                  started_at AS "started_at: jiff_sqlx::Timestamp", ended_at AS "ended_at: jiff_sqlx::Timestamp", error
           FROM public.operations WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR id < $2)
           ORDER BY id DESC LIMIT $3"#,
        state.map(State::as_str),
        before,
        i64::from(limit),
    )
    .fetch_all(&db.application)
    .await?;
    rows.into_iter().map(Operation::try_from).collect()
}

/// The one of an id, and what came of it.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(db: &Database, id: Uuid) -> Result<(Operation, Option<Value>)> {
    let row = sqlx::query!(
        r#"SELECT id, request, state, requested_by, requested_at AS "requested_at: jiff_sqlx::Timestamp",
                  started_at AS "started_at: jiff_sqlx::Timestamp", ended_at AS "ended_at: jiff_sqlx::Timestamp", error, result
           FROM public.operations WHERE id = $1"#,
        id,
    )
    .fetch_optional(&db.application)
    .await?
    .ok_or_else(|| Error::not_found("operation", &id))?;
    let found = Row {
        id: row.id,
        request: row.request,
        state: row.state,
        requested_by: row.requested_by,
        requested_at: row.requested_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        error: row.error,
    };
    Ok((found.try_into()?, row.result))
}

/// How something ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// It is done.
    Done(Value),
    /// It is done but for what the result names.
    Partial(Value),
    /// It failed, and why.
    Failed(String),
}

/// The claim on something that is being done: an open transaction holds a lock of its id, so that it is seen when who does it has died.
#[derive(Debug)]
pub struct Claim {
    tx: Transaction<'static, Postgres>,
    /// Its id.
    pub id: Uuid,
    /// What is to be done.
    pub request: Value,
    /// Who has asked for it.
    pub requested_by: String,
    /// The request in which it was asked for.
    pub request_id: String,
}

/// Takes the oldest that waits; `None` when none does.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(db: &Database, now: Timestamp) -> Result<Option<Claim>> {
    let waiting =
        sqlx::query_scalar!("SELECT id FROM public.operations WHERE state = 'queued' ORDER BY id LIMIT $1", CANDIDATES);
    let waiting = waiting.fetch_all(&db.owner).await?;
    for id in waiting {
        let mut tx = db.owner.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let is_free = sqlx::query_scalar!(
            r#"SELECT pg_try_advisory_xact_lock(hashtextextended('tenure operation ' || $1::uuid, 0)) AS "is_free!""#,
            id,
        );
        if !is_free.fetch_one(&mut *tx).await? {
            continue;
        }
        let row = sqlx::query!(
            "UPDATE public.operations SET state = 'running', started_at = greatest($2, requested_at)
             WHERE id = $1 AND state = 'queued' RETURNING request, requested_by, request_id",
            id,
            now.to_sqlx() as _,
        )
        .fetch_optional(&db.owner)
        .await?;
        if let Some(row) = row {
            let (request, requested_by, request_id) = (row.request, row.requested_by, row.request_id);
            return Ok(Some(Claim { tx, id, request, requested_by, request_id }));
        }
    }
    Ok(None)
}

impl Claim {
    /// The last step: how it ended.
    ///
    /// # Errors
    /// When the database refuses it; it counts as cut off then.
    pub async fn end(mut self, ended: Ended, now: Timestamp) -> Result<()> {
        let (state, result, error) = match ended {
            Ended::Done(result) => (State::Done, Some(result), None),
            Ended::Partial(result) => (State::Partial, Some(result), None),
            Ended::Failed(error) => (State::Failed, None, Some(error)),
        };
        sqlx::query!(
            "UPDATE public.operations SET state = $2, result = $3, error = $4, ended_at = greatest($5, started_at) WHERE id = $1",
            self.id,
            state.as_str(),
            result,
            error,
            now.to_sqlx() as _,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.tx.commit().await?)
    }
}

/// Marks as failed what those left who died, and says how many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn abandon_dead(db: &Database, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "UPDATE public.operations
         SET state = 'failed', ended_at = greatest($1, started_at),
             error = 'it was cut off, because the program that did it ended; ask for it again'
         WHERE state = 'running' AND id IN (
             WITH running AS MATERIALIZED (SELECT id FROM public.operations WHERE state = 'running')
             SELECT id FROM running WHERE pg_try_advisory_xact_lock(hashtextextended('tenure operation ' || id, 0)))",
        now.to_sqlx() as _,
    )
    .execute(&db.owner)
    .await?;
    Ok(done.rows_affected())
}
