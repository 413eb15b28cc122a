//! The bank accounts of an employee.

use tenure_core::custom_fields::Class;
use tenure_core::ids::{BankAccountId, EmployeeId};
use tenure_core::money::Currency;
use tenure_core::person_records::{AccountNumber, BankCode, NoPrimary, primary_after};
use tenure_db::person_records::bank_accounts;
use uuid::Uuid;

pub use tenure_db::person_records::bank_accounts::{BankAccount, BankName, Content, Holder};

use super::Kind;
use crate::caller::Caller;
use crate::change::{self, Change, Record, Target, put, put_or_empty};
use crate::context::Context;
use crate::error::{Error, Result};

const ACCOUNTS: Kind = Kind { name: "bank account", reading: "employee.bank_accounts_read", class: Class::Sensitive };

/// New values of an account; what is `None` stays, what is `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// In whose name it is.
    pub holder: Option<Holder>,
    /// The number.
    pub account_number: Option<AccountNumber>,
    /// A BIC, or the number of the bank in its country.
    pub bank_code: Option<Option<BankCode>>,
    /// The bank.
    pub bank_name: Option<Option<BankName>>,
    /// The currency.
    pub currency: Option<Option<Currency>>,
    /// Whether pay goes to it.
    pub is_primary: Option<bool>,
}

/// All bank accounts of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn list(context: &Context, caller: Caller<'_>, person: EmployeeId) -> Result<Vec<BankAccount>> {
    change::run(context, caller, async |change| {
        ACCOUNTS.open(change, person).await?;
        Ok(bank_accounts::list(&mut change.tx, person).await?)
    })
    .await
}

/// One bank account of an employee. Reading those of others is recorded in the audit log.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Unavailable`.
pub async fn get(context: &Context, caller: Caller<'_>, person: EmployeeId, id: BankAccountId) -> Result<BankAccount> {
    change::run(context, caller, async |change| {
        ACCOUNTS.open(change, person).await?;
        ACCOUNTS.pick(bank_accounts::list(&mut change.tx, person).await?, id, |row| row.id.uuid())
    })
    .await
}

/// Makes an account.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also for one whom the actor may not see), `Denied`, `Invalid`, `Rule` (too many), `Unavailable`.
pub async fn create(context: &Context, caller: Caller<'_>, person: EmployeeId, new: Content) -> Result<BankAccount> {
    let find = async |change: &mut Change<'_>, id| find(change, person, id).await;
    let make = async |change: &mut Change<'_>| {
        let made = make(change, person, new).await?;
        ACCOUNTS.note_shown(change, person).await.map(|()| made)
    };
    change::run_by_version(context, caller, make, key, find).await
}

/// Changes an account.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Invalid`, `Rule` (none would be primary), `Unavailable`.
pub async fn change(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<BankAccountId>,
    changes: Changes,
) -> Result<BankAccount> {
    let find = async |change: &mut Change<'_>, id| find(change, person, id).await;
    let make = async |change: &mut Change<'_>| {
        let made = apply(change, person, target, changes).await?;
        ACCOUNTS.note_shown(change, person).await.map(|()| made)
    };
    change::run_by_version(context, caller, make, key, find).await
}

/// Deletes an account.
///
/// # Errors
/// `Unauthenticated`, `NotFound` (also of one whom the actor may not see), `Denied`, `Stale`, `Rule` (it is primary, and not the only one), `Unavailable`.
pub async fn delete(
    context: &Context,
    caller: Caller<'_>,
    person: EmployeeId,
    target: Target<BankAccountId>,
) -> Result<()> {
    change::run(context, caller, async |change| remove(change, person, target).await).await
}

async fn make(change: &mut Change<'_>, person: EmployeeId, mut new: Content) -> Result<BankAccount> {
    ACCOUNTS.open_for_change(change, person).await?;
    let present = bank_accounts::list(&mut change.tx, person).await?;
    ACCOUNTS.check_room(present.len())?;
    new.is_primary = primary_after(false, Some(new.is_primary), present.len()).map_err(rule)?;
    if new.is_primary {
        retire(change, present).await?;
    }
    let (id, now) = (change.context.id(), change.context.now());
    let made = bank_accounts::insert(&mut change.tx, id, person, &new, now).await?;
    change.record(record("bank_account.created", made.id, None, Some(&made))).await?;
    Ok(made)
}

async fn apply(
    change: &mut Change<'_>,
    person: EmployeeId,
    target: Target<BankAccountId>,
    changes: Changes,
) -> Result<BankAccount> {
    ACCOUNTS.open_for_change(change, person).await?;
    let present = bank_accounts::list(&mut change.tx, person).await?;
    let before = ACCOUNTS.pick_for_change(present.clone(), target, key)?;
    let mut wanted = before.clone();
    put(&mut wanted.holder, changes.holder);
    put(&mut wanted.account_number, changes.account_number);
    put_or_empty(&mut wanted.bank_code, changes.bank_code);
    put_or_empty(&mut wanted.bank_name, changes.bank_name);
    put_or_empty(&mut wanted.currency, changes.currency);
    let others = present.len().saturating_sub(1);
    wanted.is_primary = primary_after(before.is_primary, changes.is_primary, others).map_err(rule)?;
    if wanted == before {
        return Ok(wanted);
    }
    if wanted.is_primary && !before.is_primary {
        retire(change, present).await?;
    }
    let after = bank_accounts::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(record("bank_account.updated", after.id, Some(&before), Some(&after))).await?;
    Ok(after)
}

async fn remove(change: &mut Change<'_>, person: EmployeeId, target: Target<BankAccountId>) -> Result<()> {
    ACCOUNTS.open_for_change(change, person).await?;
    let present = bank_accounts::list(&mut change.tx, person).await?;
    let others = present.len().saturating_sub(1);
    let before = ACCOUNTS.pick_for_change(present, target, key)?;
    if before.is_primary && others > 0 {
        return Err(rule(NoPrimary));
    }
    bank_accounts::mark_deleted(&mut change.tx, target.id, change.context.now()).await?;
    change.record(record("bank_account.deleted", target.id, Some(&before), None)).await
}

/// What is shown again to whoever has made it under a key. First answers are not kept with whole numbers in them.
async fn find(change: &mut Change<'_>, person: EmployeeId, id: Uuid) -> Result<Option<BankAccount>> {
    ACCOUNTS.open_for_change(change, person).await?;
    ACCOUNTS.note_shown(change, person).await?;
    Ok(bank_accounts::list(&mut change.tx, person).await?.into_iter().find(|row| row.id.uuid() == id))
}

fn key(row: &BankAccount) -> (Uuid, i32) {
    (row.id.uuid(), row.version)
}

/// The part of an account in a change. The audit log does not keep whole numbers.
fn record(
    action: &'static str,
    id: BankAccountId,
    before: Option<&BankAccount>,
    after: Option<&BankAccount>,
) -> Record {
    Record::of(action, id, before.map(BankAccount::masked).as_ref(), after.map(BankAccount::masked).as_ref())
}

/// Takes the place of the primary account from the one that has it.
async fn retire(change: &mut Change<'_>, present: Vec<BankAccount>) -> Result<()> {
    let Some(before) = present.into_iter().find(|account| account.is_primary) else { return Ok(()) };
    let wanted = BankAccount { is_primary: false, ..before.clone() };
    let after = bank_accounts::update(&mut change.tx, &wanted, change.context.now()).await?;
    change.record(record("bank_account.updated", after.id, Some(&before), Some(&after))).await
}

fn rule(error: NoPrimary) -> Error {
    Error::Rule(error.to_string())
}
