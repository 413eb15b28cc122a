//! The audit log of changes whose documents lie elsewhere than in PostgreSQL. Their entries go there with the documents, and stay until
//! they are in the log: whatever breaks off between the two commits, no change of a document is without its entry.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::archive::Moving;
use tenure_db::audit::{self, Actor, Entry, RowEntry};
use tenure_store::documents::{Record, Work};
use uuid::Uuid;

use crate::caller;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::files;

/// Changes that are younger may still be under way.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(1);

/// How often changes that had broken off are completed before it is given up to find none.
const ATTEMPTS: usize = 10;

/// How many records are looked after at once.
const AT_ONCE: u32 = 500;

/// An entry of the audit log as it is kept beside the documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeptEntry {
    id: Uuid,
    entity_id: Option<Uuid>,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor: String,
    action: String,
    entity: String,
    before: Option<Value>,
    after: Option<Value>,
    request_id: Option<String>,
}

impl KeptEntry {
    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        Self {
            id: entry.id,
            entity_id: entry.entity_id,
            at: entry.now,
            actor_kind: entry.actor.kind().to_owned(),
            actor_id: entry.actor.user_id(),
            actor: entry.actor.name().to_owned(),
            action: entry.action.to_owned(),
            entity: entry.entity.to_owned(),
            before: entry.before.clone(),
            after: entry.after.clone(),
            request_id: entry.request_id.map(str::to_owned),
        }
    }

    pub(crate) fn of_row(entry: &Entry<'_>, row: &RowEntry) -> Self {
        let (before, after) = (Some(row.before.clone()), Some(row.after.clone()));
        Self { id: row.id, entity_id: Some(row.entity_id), before, after, ..Self::of(entry) }
    }

    /// The same about another thing.
    pub(crate) fn about(self, id: Uuid, entity_id: Uuid) -> Self {
        Self { id, entity_id: Some(entity_id), ..self }
    }

    fn actor(&self) -> Actor {
        match (self.actor_kind.as_str(), self.actor_id) {
            ("user", Some(id)) => Actor::User { id: id.into(), email: self.actor.clone() },
            ("operator", _) => Actor::Operator(self.actor.clone()),
            _ => Actor::System,
        }
    }

    async fn write(&self, tx: &mut TenantTx) -> tenure_db::Result<()> {
        let entry = Entry {
            id: self.id,
            now: self.at,
            actor: &self.actor(),
            action: &self.action,
            entity: &self.entity,
            entity_id: self.entity_id,
            before: self.before.clone(),
            after: self.after.clone(),
            request_id: self.request_id.as_deref(),
        };
        audit::record(tx, &entry).await
    }
}

/// Ends a change as its use case went: first its documents are kept with the record, then its rows, then the record goes.
pub(crate) async fn conclude<T>(
    context: &Context,
    mut tx: TenantTx,
    (work, entries): (Work, Vec<KeptEntry>),
    outcome: Result<T>,
) -> Result<T> {
    let address = tx.documents_at().clone();
    if outcome.is_err() || !work.has_written() {
        context.documents.undo(&address, work).await;
        return caller::conclude(tx, outcome).await;
    }
    if let Err(error) = stay(&mut tx).await {
        context.documents.undo(&address, work).await;
        return caller::conclude(tx, Err(error)).await;
    }
    if !work.has_written_apart() {
        return caller::conclude(tx, outcome).await;
    }
    let (id, tenant) = (context.id(), tx.tenant());
    let entries = serde_json::to_string(&entries).map_err(|error| Error::Rule(error.to_string()))?;
    let record = Record { id, tenant, created_at: context.now(), entries };
    if let Err(error) = context.documents.commit(&address, work, &record).await {
        return caller::conclude(tx, Err(error.into())).await;
    }
    if let Err(error) = tx.commit().await {
        tracing::error!(%tenant, %error, "documents were changed; their entries of the audit log will be written later");
        let words = "the change was made, but the database went away before it was complete; look before you repeat it";
        return Err(Error::Unavailable(words.to_owned()));
    }
    if let Err(error) = context.documents.settle_at(&address, id).await {
        tracing::warn!(%tenant, %error, "the record of a change will be removed later");
    }
    outcome
}

/// Refuses a change whose documents would go where the company's lie no more.
async fn stay(tx: &mut TenantTx) -> Result<()> {
    if tx.is_at_home().await? {
        return Ok(());
    }
    let words =
        "the company was restored, or its documents moved, at this moment; look at it before you repeat the change";
    Err(Error::Unavailable(words.to_owned()))
}

/// What was done about changes that had broken off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Healed {
    /// Records that are done with.
    pub records: usize,
    /// Entries that were written into audit logs.
    pub entries: usize,
    /// Records that have to wait, as those of tenants that are migrated now.
    pub left: usize,
}

/// Writes the entries of changes that had broken off between their two commits into the audit logs.
///
/// # Errors
/// `Unavailable`.
pub async fn heal(context: &Context) -> Result<Healed> {
    let before = context.now().checked_sub(UNDER_WAY).unwrap_or(Timestamp::MIN);
    let mut healed = Healed::default();
    for record in context.documents.pending(before, AT_ONCE).await? {
        match complete(context, &record).await {
            Ok(entries) => {
                context.documents.settle(record.id).await?;
                healed.records += 1;
                healed.entries += entries;
            }
            Err(error) => {
                tracing::warn!(tenant = %record.tenant, %error, "the entries of a change are not in the audit log yet");
                healed.left += 1;
            }
        }
    }
    Ok(healed)
}

/// Holds the changes of a tenant, once those that had broken off are completed. Whatever has a record while none ends is under way no more.
pub(crate) async fn hold(context: &Context, moving: &mut Moving, tenant: TenantId) -> Result<()> {
    for _ in 0..ATTEMPTS {
        moving.hold_changes().await?;
        let pending = context.documents.pending_of(tenant, AT_ONCE).await?;
        if pending.is_empty() {
            return Ok(());
        }
        moving.let_changes_end().await?;
        for record in pending {
            complete(context, &record).await?;
            context.documents.settle(record.id).await?;
        }
    }
    Err(Error::Conflict("changes of the company break off all the time; see the log of the servers".to_owned()))
}

/// Gives the number of entries that were missing. Of a tenant that is no more there is nothing to be written.
async fn complete(context: &Context, record: &Record) -> Result<usize> {
    let entries: Vec<KeptEntry> =
        serde_json::from_str(&record.entries).map_err(|error| Error::Rule(error.to_string()))?;
    let mut tx = match context.db.begin_upkeep(record.tenant).await {
        Err(tenure_db::Error::NotFound { .. }) => return Ok(0),
        begun => begun?,
    };
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    let written = async {
        let there: HashSet<_> = audit::written(&mut tx, &ids).await?.into_iter().collect();
        let missing: Vec<_> = entries.iter().filter(|entry| !there.contains(&entry.id)).collect();
        for entry in &missing {
            entry.write(&mut tx).await?;
            if let ("document_request.created", Some(id), Some(after)) = (&*entry.action, entry.entity_id, &entry.after)
            {
                files::tell_of_kept_request(context, &mut tx, id, after).await?;
            }
        }
        Ok(missing.len())
    };
    let written = written.await;
    caller::conclude(tx, written).await
}
