//! What takes effect by itself when its day has come.

use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::audit::{self, Actor, Entry, RowEntry};
use tenure_db::employment::{self, Moment, Settled};

use crate::caller::conclude;
use crate::context::Context;
use crate::error::Result;

/// Applies everything that is due in a tenant. Of two who do it at once, one finds nothing left to do.
pub(crate) async fn apply(context: &Context, tenant: TenantId) -> Result<()> {
    let mut tx = context.db.begin(tenant).await?;
    let outcome = apply_in(context, &mut tx).await;
    conclude(tx, outcome).await
}

/// The same in a transaction that is under way. It holds the lock of [`employment::lock`] from then on.
pub(crate) async fn apply_in(context: &Context, tx: &mut TenantTx) -> Result<()> {
    employment::lock(tx).await?;
    let moment = Moment { today: context.today(), now: context.now() };
    let people = employment::due(tx, moment.today).await?;
    if people.is_empty() {
        return Ok(());
    }
    let settled = employment::settle(tx, &people, moment, false).await?;
    let entry = Entry {
        id: context.id(),
        now: moment.now,
        actor: &Actor::System,
        action: "employee.updated",
        entity: "employee",
        entity_id: None,
        before: None,
        after: None,
        request_id: None,
    };
    let rows: Vec<_> = settled.into_iter().map(|row| self::entry(context, row)).collect();
    Ok(audit::record_rows(tx, &entry, &rows).await?)
}

/// What was settled, as a row of the audit log.
pub(crate) fn entry(context: &Context, settled: Settled) -> RowEntry {
    let Settled { id, before, after } = settled;
    RowEntry { id: context.id(), entity_id: id.uuid(), before, after }
}
