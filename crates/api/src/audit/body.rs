//! Entries of the audit log as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::audit as app;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{self, List};
use crate::listing::Listing;

/// One thing that was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    id: Uuid,
    /// When it was done.
    created_at: Timestamp,
    #[schema(schema_with = crate::words::actor_kind)]
    actor_kind: String,
    /// The user who did it; null for an operator and for Tenure itself.
    actor_id: Option<Uuid>,
    /// Who did it, in words: the user's mail address at the time, or the operator's account.
    actor: String,
    /// What was done.
    #[schema(examples("department.updated"))]
    action: String,
    /// The kind of thing it was done to.
    #[schema(examples("department"))]
    entity: String,
    /// Which one.
    entity_id: Option<Uuid>,
    /// What of it was before.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What of it is after; of something that was read, which classes of its fields.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The request it was part of.
    request_id: Option<String>,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The newest first.
    data: Vec<AuditEntry>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for AuditPage {
    const FILE: &'static str = "audit-log";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "created_at",
        "actor_kind",
        "actor_id",
        "actor",
        "action",
        "entity",
        "entity_id",
        "before",
        "after",
        "request_id",
    ];
}

impl From<app::Page> for AuditPage {
    fn from(page: app::Page) -> Self {
        let place = |start: &app::PageStart| {
            cursor::encode(List::Audit, start.id, [&start.created_at.as_microsecond().to_string()])
        };
        let data = page.entries.into_iter().map(AuditEntry::from).collect();
        Self { data, next_cursor: page.next.as_ref().map(place) }
    }
}

impl From<app::Stored> for AuditEntry {
    fn from(entry: app::Stored) -> Self {
        Self {
            id: entry.id,
            created_at: entry.created_at,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            actor: entry.actor,
            action: entry.action,
            entity: entry.entity,
            entity_id: entry.entity_id,
            before: entry.before,
            after: entry.after,
            request_id: entry.request_id,
        }
    }
}
