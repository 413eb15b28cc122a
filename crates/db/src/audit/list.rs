//! A page of the audit log, newest first.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Which entries are listed; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was done.
    pub action: Option<String>,
    /// The kind of thing it was done to.
    pub entity: Option<String>,
    /// Which one.
    pub entity_id: Option<Uuid>,
    /// The user who did it.
    pub actor_id: Option<Uuid>,
    /// The request it was part of.
    pub request_id: Option<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// The place in the list after which a page starts: the last entry of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageStart {
    /// When it was written.
    pub created_at: Timestamp,
    /// The key, which settles equal times.
    pub id: Uuid,
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The key.
    pub id: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// `user`, `operator` or `system`.
    pub actor_kind: String,
    /// The user.
    pub actor_id: Option<Uuid>,
    /// The actor in words.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// The kind of thing it was done to.
    pub entity: String,
    /// Which one.
    pub entity_id: Option<Uuid>,
    /// What it was before.
    pub before: Option<Value>,
    /// What it was after.
    pub after: Option<Value>,
    /// The request it was part of.
    pub request_id: Option<String>,
}

/// At most `limit` entries, newest first, from a place on.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(tx: &mut TenantTx, filter: &Filter, after: Option<PageStart>, limit: u16) -> Result<Vec<Stored>> {
    let rows = sqlx::query!(
        r#"SELECT id, created_at AS "created_at: jiff_sqlx::Timestamp", actor_kind, actor_id, actor, action, entity, entity_id,
                  before, after, request_id
           FROM audit_log
           WHERE ($1::text IS NULL OR action = $1)
             AND ($2::text IS NULL OR entity = $2)
             AND ($3::uuid IS NULL OR entity_id = $3)
             AND ($4::uuid IS NULL OR actor_id = $4)
             AND ($5::text IS NULL OR request_id = $5)
             AND ($6::timestamptz IS NULL OR created_at >= $6)
             AND ($7::timestamptz IS NULL OR created_at < $7)
             AND ($8::timestamptz IS NULL OR (created_at, id) < ($8, $9))
           ORDER BY created_at DESC, id DESC
           LIMIT $10"#,
        filter.action,
        filter.entity,
        filter.entity_id,
        filter.actor_id,
        filter.request_id,
        filter.from.map(ToSqlx::to_sqlx) as _,
        filter.to.map(ToSqlx::to_sqlx) as _,
        after.map(|start| start.created_at.to_sqlx()) as _,
        after.map(|start| start.id),
        i64::from(limit),
    )
    .fetch_all(&mut **tx)
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        id: row.id,
        created_at: row.created_at.to_jiff(),
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor: row.actor,
        action: row.action,
        entity: row.entity,
        entity_id: row.entity_id,
        before: row.before,
        after: row.after,
        request_id: row.request_id,
    });
    Ok(stored.collect())
}
