//! The audit log in a tenant's schema. Every change writes its row in the transaction that makes it, and the commit seals what was
//! written in the chain.

pub mod chain;
mod list;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::Value;
use tenure_core::ids::UserId;
use uuid::Uuid;

pub use list::{Filter, PageStart, Stored, list};

use crate::error::Result;
use crate::tenant_tx::TenantTx;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user of the tenant.
    User {
        /// The user.
        id: UserId,
        /// The user's mail address at the time.
        email: String,
    },
    /// Somebody who operates the platform, by the name of the operating system's account.
    Operator(String),
    /// Tenure itself.
    System,
}

/// One thing that was done.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The id of the row.
    pub id: Uuid,
    /// When.
    pub now: Timestamp,
    /// Who did it.
    pub actor: &'a Actor,
    /// What was done, for example `token.created`.
    pub action: &'a str,
    /// The kind of thing it was done to, for example `api_token`.
    pub entity: &'a str,
    /// Which one.
    pub entity_id: Option<Uuid>,
    /// What it was before.
    pub before: Option<Value>,
    /// What it is after.
    pub after: Option<Value>,
    /// The request it was part of.
    pub request_id: Option<&'a str>,
}

impl Actor {
    /// The words for the kinds of actors.
    pub const KINDS: [&str; 3] = ["user", "operator", "system"];

    /// The word for the kind of actor that the table keeps.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Operator(_) => "operator",
            Self::System => "system",
        }
    }

    /// The user's id, when it is a user.
    #[must_use]
    pub fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::User { id, .. } => Some(id.uuid()),
            Self::Operator(_) | Self::System => None,
        }
    }

    /// The actor in words.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User { email, .. } => email,
            Self::Operator(name) => name,
            Self::System => "tenure",
        }
    }
}

/// Writes an entry.
///
/// # Errors
/// When the database refuses it.
pub async fn record(tx: &mut TenantTx, entry: &Entry<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_log (id, actor_kind, actor_id, actor, action, entity, entity_id, before, after, request_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        entry.id,
        entry.actor.kind(),
        entry.actor.user_id(),
        entry.actor.name(),
        entry.action,
        entry.entity,
        entry.entity_id,
        entry.before,
        entry.after,
        entry.request_id,
        entry.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.seal_at_commit(entry.action, [entry.id]);
    Ok(())
}

/// Writes that several rows of one kind were changed in the same way, each with an id for its row of the log. Action, actor, time,
/// before and after are those of `entry`.
///
/// # Errors
/// When the database refuses it.
pub async fn record_each(tx: &mut TenantTx, entry: &Entry<'_>, ids: &[Uuid], entities: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_log (id, actor_kind, actor_id, actor, action, entity, entity_id, before, after, request_id, created_at)
         SELECT n.id, $3, $4, $5, $6, $7, n.entity_id, $8, $9, $10, $11 FROM unnest($1::uuid[], $2::uuid[]) AS n (id, entity_id)",
        ids,
        entities,
        entry.actor.kind(),
        entry.actor.user_id(),
        entry.actor.name(),
        entry.action,
        entry.entity,
        entry.before,
        entry.after,
        entry.request_id,
        entry.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.seal_at_commit(entry.action, ids.iter().copied());
    Ok(())
}

/// Which of these entries are in the log.
///
/// # Errors
/// When the database refuses it.
pub async fn written(tx: &mut TenantTx, entries: &[Uuid]) -> Result<Vec<Uuid>> {
    let found = sqlx::query_scalar!("SELECT id FROM audit_log WHERE id = ANY ($1)", entries);
    Ok(found.fetch_all(&mut **tx).await?)
}

/// One row's part in an act upon many.
#[derive(Debug, Clone)]
pub struct RowEntry {
    /// The id of the row of the log.
    pub id: Uuid,
    /// Which one.
    pub entity_id: Uuid,
    /// What it was before.
    pub before: Value,
    /// What it is after.
    pub after: Value,
}

/// Writes that several rows of one kind were changed, each in its own way; ids, before and after in `entry` do not count.
///
/// # Errors
/// When the database refuses it.
pub async fn record_rows(tx: &mut TenantTx, entry: &Entry<'_>, rows: &[RowEntry]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_log (id, actor_kind, actor_id, actor, action, entity, entity_id, before, after, request_id, created_at)
         SELECT n.id, $5, $6, $7, $8, $9, n.entity_id, n.before, n.after, $10, $11
         FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::jsonb[]) AS n (id, entity_id, before, after)",
        &rows.iter().map(|row| row.id).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.entity_id).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.before.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.after.clone()).collect::<Vec<_>>(),
        entry.actor.kind(),
        entry.actor.user_id(),
        entry.actor.name(),
        entry.action,
        entry.entity,
        entry.request_id,
        entry.now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.seal_at_commit(entry.action, rows.iter().map(|row| row.id));
    Ok(())
}
