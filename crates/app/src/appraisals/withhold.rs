//! What the audit log does not tell its readers of their own appraisals before the results are shared.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenure_db::TenantTx;
use tenure_db::audit::Stored;
use uuid::Uuid;

use super::document::{Cycle, Document, FORMS};
use super::open::WHAT;
use crate::caller::Principal;
use crate::context::Context;
use crate::documents;

/// The members of an entry that tell of the manager's part and the result.
const MEMBERS: [&str; 3] = ["manager_answered", "score", "calibration"];

/// Takes out of entries what a reader may not see yet of the own appraisals. When it cannot be found out whether results are shared, they are
/// held not to be.
pub(crate) async fn withhold(context: &Context, tx: &mut TenantTx, reader: &Principal, entries: &mut [Stored]) {
    let Some(employee) = reader.employee else { return };
    let employee = employee.to_string();
    let is_own = |told: &Value| told.get("employee_id").and_then(Value::as_str) == Some(&employee);
    let mut own: Vec<&mut Value> = entries
        .iter_mut()
        .filter(|entry| entry.entity == WHAT)
        .flat_map(|entry| [&mut entry.before, &mut entry.after])
        .flatten()
        .filter(|told| is_own(told))
        .collect();
    if own.is_empty() {
        return;
    }
    let shared = shared(context, tx, own.iter().filter_map(|told| cycle_of(told)).collect()).await;
    for told in own.iter_mut().filter(|told| cycle_of(told).is_none_or(|cycle| !shared.contains(&cycle))) {
        let members = told.as_object_mut().into_iter().flatten();
        for (_, value) in members.filter(|(name, _)| MEMBERS.contains(&name.as_str())) {
            *value = json!("[withheld]");
        }
    }
}

fn cycle_of(told: &Value) -> Option<Uuid> {
    told.get("cycle_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

/// Those of some cycles whose results are shared.
async fn shared(context: &Context, tx: &mut TenantTx, cycles: BTreeSet<Uuid>) -> BTreeSet<Uuid> {
    let ids: Vec<Uuid> = cycles.into_iter().collect();
    let found = documents::of(context, tx).get_each::<Document>(FORMS, &ids).await;
    let found =
        found.inspect_err(|error| tracing::warn!(%error, "appraisals are withheld from the audit log's reader"));
    let is_shared = |document| Cycle::try_from(document).is_ok_and(|cycle| cycle.step.shows_result());
    found
        .unwrap_or_default()
        .into_iter()
        .filter(|stored| is_shared(stored.body.clone()))
        .map(|stored| stored.id)
        .collect()
}
