//! What the use cases that change something have in common: who may, which version was read, and the record of it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tenure_core::access::Permission;
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::audit::{self, Entry, RowEntry};
use tenure_store::documents::Work;
use uuid::Uuid;

use crate::caller::{self, Caller, Principal};
use crate::context::Context;
use crate::documents::record::{self, KeptEntry};
use crate::error::{Error, Result};
use crate::once;

/// What is to be changed, as the caller knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<Id> {
    /// Which one.
    pub id: Id,
    /// The version that the caller has read.
    pub version: i32,
}

impl<Id> Target<Id> {
    /// Refuses a thing that is no longer as the caller has read it.
    pub(crate) fn check(&self, what: &'static str, version: i32) -> Result<()> {
        if version == self.version { Ok(()) } else { Err(Error::Stale(what)) }
    }
}

/// Puts a new value in place of one, where there is a new one.
pub(crate) fn put<T>(value: &mut T, new: Option<impl Into<T>>) {
    if let Some(new) = new {
        *value = new.into();
    }
}

/// The same for what can be emptied.
#[expect(clippy::option_option, reason = "no change, a new value, or none from now on")]
pub(crate) fn put_or_empty<T>(value: &mut Option<T>, new: Option<Option<impl Into<T>>>) {
    if let Some(new) = new {
        *value = new.map(Into::into);
    }
}

/// A change under way: the transaction, who makes it and in which request.
pub(crate) struct Change<'a> {
    pub(crate) context: &'a Context,
    pub(crate) tx: TenantTx,
    pub(crate) actor: Principal,
    request_id: Option<&'a str>,
    /// What it has begun where documents lie elsewhere than in PostgreSQL, and its entries of the audit log, which go there with it.
    pub(crate) work: Work,
    entries: Vec<KeptEntry>,
}

/// One row's part in a change, for the audit log.
pub(crate) struct Record {
    /// For example `department.updated`.
    pub(crate) action: &'static str,
    /// For example `department`.
    pub(crate) entity: &'static str,
    pub(crate) id: Uuid,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl Record {
    /// The record of one row that was changed as a whole. The action begins with the kind of the row.
    pub(crate) fn of<T: Serialize>(
        action: &'static str,
        id: impl Into<Uuid>,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Self {
        let entity = action.split('.').next().unwrap_or(action);
        let shown = |row: &T| json!(row);
        Self { action, entity, id: id.into(), before: before.map(shown), after: after.map(shown) }
    }
}

/// Makes a change in a transaction of the caller's tenant: what `body` did is kept if it succeeds, and undone if it fails. `body`
/// asks for the permissions that it needs. A request that was made before under its key is not made again, and gets the first answer.
pub(crate) async fn run<T: Serialize + DeserializeOwned>(
    context: &Context,
    caller: Caller<'_>,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
) -> Result<T> {
    run_shown(context, caller, body, async |_: &mut Change<'_>, _: &T| Ok(())).await
}

/// The same where the answer shows what is more than the change: `note` records it as the reading that it is, each time that it is given.
pub(crate) async fn run_shown<T: Serialize + DeserializeOwned>(
    context: &Context,
    caller: Caller<'_>,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
    note: impl AsyncFnOnce(&mut Change<'_>, &T) -> Result<()>,
) -> Result<T> {
    let mut change = begin(context, caller).await?;
    let outcome = match (caller.once, change.actor.user.user_id()) {
        (Some(asked), Some(user)) => once::run(&mut change, asked, user.into(), body).await,
        _ => body(&mut change).await,
    };
    let outcome = match outcome {
        Ok(answer) => note(&mut change, &answer).await.map(|()| answer),
        Err(error) => Err(error),
    };
    conclude(change, outcome).await
}

/// The same where the answer holds a secret, which is not kept: a request that was made before under its key is not made again either, but
/// gets no answer.
pub(crate) async fn run_unkept<T>(
    context: &Context,
    caller: Caller<'_>,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
) -> Result<T> {
    let mut change = begin(context, caller).await?;
    let outcome = match (caller.once, change.actor.user.user_id()) {
        (Some(asked), Some(user)) => {
            let mut answer = None;
            let keep = async |change: &mut Change<'_>| {
                answer = Some(body(change).await?);
                Ok(())
            };
            let done = once::run(&mut change, asked, user.into(), keep).await;
            let given =
                || Error::Conflict("this was done before; its answer holds a secret, which is given once".to_owned());
            done.and_then(|()| answer.ok_or_else(given))
        }
        _ => body(&mut change).await,
    };
    conclude(change, outcome).await
}

/// The same where the answer holds what is kept in its own table alone: of the answer only `key_of` it is kept, its id and version. A
/// request that was made before under its key is not made again, and gets what `find` finds under the id, as long as it is of that version.
pub(crate) async fn run_by_version<T>(
    context: &Context,
    caller: Caller<'_>,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
    key_of: impl Fn(&T) -> (Uuid, i32),
    find: impl AsyncFnOnce(&mut Change<'_>, Uuid) -> Result<Option<T>>,
) -> Result<T> {
    let mut change = begin(context, caller).await?;
    let outcome = match (caller.once, change.actor.user.user_id()) {
        (Some(asked), Some(user)) => {
            let mut answer = None;
            let keep = async |change: &mut Change<'_>| Ok(key_of(answer.insert(body(change).await?)));
            match once::run(&mut change, asked, user.into(), keep).await {
                Ok(key) if answer.is_none() => again(find(&mut change, key.0).await, key, key_of),
                done => done.and_then(|_| answer.ok_or_else(changed_since)),
            }
        }
        _ => body(&mut change).await,
    };
    conclude(change, outcome).await
}

fn again<T>(found: Result<Option<T>>, key: (Uuid, i32), key_of: impl Fn(&T) -> (Uuid, i32)) -> Result<T> {
    found?.filter(|found| key_of(found) == key).ok_or_else(changed_since)
}

fn changed_since() -> Error {
    let words = "this was done before; its answer cannot be given again, as what it showed was changed since";
    Error::Conflict(words.to_owned())
}

/// Makes a change of somebody who operates the platform, who may do everything in the tenant.
pub(crate) async fn run_as_operator<T>(
    context: &Context,
    operator: &audit::Actor,
    tenant: TenantId,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
) -> Result<T> {
    let tx = context.db.begin(tenant).await?;
    let mut change = Change::new(context, tx, Principal::operator(operator), None);
    let outcome = body(&mut change).await;
    conclude(change, outcome).await
}

/// The same for what has to reach tenants that are at rest as well: suspended or archived.
pub(crate) async fn run_upkeep<T>(
    context: &Context,
    operator: &audit::Actor,
    tenant: TenantId,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
) -> Result<T> {
    let tx = context.db.begin_upkeep(tenant).await?;
    let mut change = Change::new(context, tx, Principal::operator(operator), None);
    let outcome = body(&mut change).await;
    conclude(change, outcome).await
}

async fn begin<'a>(context: &'a Context, caller: Caller<'a>) -> Result<Change<'a>> {
    let (tx, actor) = caller::enter(context, caller).await?;
    Ok(Change::new(context, tx, actor, Some(caller.request_id)))
}

/// Ends a change as its use case went.
async fn conclude<T>(change: Change<'_>, outcome: Result<T>) -> Result<T> {
    let Change { context, tx, work, entries, .. } = change;
    // Boxed, for it is larger than most changes are by themselves.
    Box::pin(record::conclude(context, tx, (work, entries), outcome)).await
}

impl<'a> Change<'a> {
    fn new(context: &'a Context, tx: TenantTx, actor: Principal, request_id: Option<&'a str>) -> Self {
        Self { context, tx, actor, request_id, work: Work::default(), entries: Vec::new() }
    }
}

impl Change<'_> {
    /// Denies what the actor has no permission for in the whole company.
    pub(crate) fn require(&self, permission: Permission) -> Result<()> {
        self.actor.require(permission)
    }

    /// Writes the audit log.
    pub(crate) async fn record(&mut self, record: Record) -> Result<()> {
        let (tx, kept, entry) = self.entry(record.id, record);
        kept.extend([KeptEntry::of(&entry)]);
        Ok(audit::record(tx, &entry).await?)
    }

    /// Writes the audit log for several rows that changed in the same way; the id in `record` does not count.
    pub(crate) async fn record_each(&mut self, ids: &[Uuid], record: Record) -> Result<()> {
        let entries: Vec<Uuid> = ids.iter().map(|_| self.context.id()).collect();
        let (tx, kept, entry) = self.entry(record.id, record);
        let rows = entries.iter().zip(ids);
        kept.extend(rows.map(|(id, of)| KeptEntry::of(&entry).about(*id, *of)));
        Ok(audit::record_each(tx, &entry, &entries, ids).await?)
    }

    /// Writes the audit log for several rows that changed each in its own way; id, before and after in `record` do not count.
    pub(crate) async fn record_rows(&mut self, rows: &[RowEntry], record: Record) -> Result<()> {
        let (tx, kept, entry) = self.entry(record.id, record);
        kept.extend(rows.iter().map(|row| KeptEntry::of_row(&entry, row)));
        Ok(audit::record_rows(tx, &entry, rows).await?)
    }

    fn entry(&mut self, id: Uuid, record: Record) -> (&mut TenantTx, Kept<'_>, Entry<'_>) {
        let is_apart = self.context.documents.is_apart(self.tx.documents_at());
        let entry = Entry {
            id: self.context.id(),
            now: self.context.now(),
            actor: &self.actor.user,
            action: record.action,
            entity: record.entity,
            entity_id: Some(id),
            before: record.before,
            after: record.after,
            request_id: self.request_id,
        };
        (&mut self.tx, Kept(is_apart.then_some(&mut self.entries)), entry)
    }
}

/// Where entries are kept besides; nowhere when documents lie in PostgreSQL.
struct Kept<'a>(Option<&'a mut Vec<KeptEntry>>);

impl Kept<'_> {
    fn extend(self, entries: impl IntoIterator<Item = KeptEntry>) {
        if let Self(Some(kept)) = self {
            kept.extend(entries);
        }
    }
}
