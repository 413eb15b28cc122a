//! An attempt to prove who one is by a password: counted as a failure before it is made, and taken back when it turns out well.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use tenure_core::sign_in::{Counter, Decision, Origin, Subject, blocked_until, decide};
use tenure_core::tenant::Slug;
use tenure_db::sign_in::{self, Account, Failures};
use tenure_db::{PgConnection, TenantTx};

use super::address::Address;
use crate::caller;
use crate::context::Context;
use crate::error::{Error, Result};

/// An attempt that may be made.
pub(crate) struct Attempt {
    /// The account, if there is one.
    pub(crate) account: Option<Account>,
    counted: Vec<Failures>,
}

impl Attempt {
    /// Counts an attempt in a transaction that it ends, so that nothing that happens later undoes it. Of many at once no more get
    /// through than may.
    ///
    /// # Errors
    /// `TooManyAttempts` when it has to wait; it does not count then. `Unavailable`.
    pub(crate) async fn begin(context: &Context, mut tx: TenantTx, email: &str, address: &Address) -> Result<Self> {
        let outcome = count_at(context, &mut tx, email, address).await;
        caller::conclude(tx, outcome).await
    }

    /// Takes back that it was counted, and what the account failed in before from the same origin.
    pub(crate) async fn succeeded(&self, tx: &mut TenantTx) -> Result<()> {
        sign_in::take_back(tx, &self.counted).await?;
        for pair in self.counted.iter().filter(|one| one.subject == Subject::Pair) {
            sign_in::forget(tx, &pair.key).await?;
        }
        Ok(())
    }

    /// Does as much as it takes to record that an account failed, where there is no account.
    pub(crate) async fn failed_unknown(&self, context: &Context, tx: &mut TenantTx) -> Result<()> {
        rehearse(context, tx, &self.counted).await
    }
}

/// The text by which failures of an account as a whole are counted.
pub(crate) fn account_key(email: &str) -> String {
    format!("account:{}", fingerprint(email))
}

/// Counts an attempt at a company that is not there as one that is there would, so that nobody learns which are.
///
/// # Errors
/// `TooManyAttempts` when it has to wait; it does not count then. `Unavailable`.
pub(crate) async fn count_nowhere(
    context: &Context,
    company: &Slug,
    email: &str,
    address: &Address,
) -> Result<Vec<Failures>> {
    let mut tx = sign_in::begin_nowhere(&context.db).await?;
    let there = format!("{company}:");
    let subjects = subjects(email, address.place()).map(|(subject, key)| (subject, there.clone() + &key));
    let outcome = async {
        // In place of what finds the company's schema and the account.
        for _ in 0..2 {
            sign_in::sweep(&mut tx, before(context, Subject::FORGOTTEN_AFTER)).await?;
        }
        count(context, &mut tx, &subjects, address, false).await
    }
    .await;
    let ended = if outcome.is_ok() { tx.commit().await } else { tx.rollback().await };
    ended.map_err(tenure_db::Error::from)?;
    outcome
}

/// Counts a request for a way to choose a password, at a company or at one that is not there, apart from attempts to sign in: who asks for many
/// keeps nobody from signing in.
///
/// # Errors
/// `TooManyAttempts` when it has to wait; it does not count then. As [`tenure_db::Database::begin`] otherwise.
pub(crate) async fn count_reset(
    context: &Context,
    company: Result<TenantId, &Slug>,
    email: &str,
    origin: Option<Origin>,
) -> Result<Vec<Failures>> {
    let place = origin.map_or_else(|| "unknown".to_owned(), |origin| origin.to_string());
    let there = company.err().map(|slug| format!("{slug}:")).unwrap_or_default();
    let [pair, account] = subjects(email, &place).map(|(subject, key)| (subject, format!("{there}reset:{key}")));
    let subjects = [pair, account, (Subject::Origin, format!("{there}reset:origin:{place}"))];
    if let Ok(tenant) = company {
        let mut tx = context.db.begin(tenant).await?;
        let counted = weigh(context, &mut tx, &subjects, None, false).await;
        caller::conclude(tx, counted).await
    } else {
        let mut tx = sign_in::begin_nowhere(&context.db).await?;
        let counted = weigh(context, &mut tx, &subjects, None, false).await;
        let ended = if counted.is_ok() { tx.commit().await } else { tx.rollback().await };
        ended.map_err(tenure_db::Error::from)?;
        counted
    }
}

/// Does as much as it takes to refuse somebody at a company that is there, so that the time tells nothing either.
///
/// # Errors
/// `Unavailable`.
pub(crate) async fn refuse_nowhere(context: &Context, counted: &[Failures]) -> Result<()> {
    let mut tx = sign_in::begin_nowhere(&context.db).await?;
    sign_in::sweep(&mut tx, before(context, Subject::FORGOTTEN_AFTER)).await?;
    rehearse(context, &mut tx, counted).await?;
    Ok(tx.commit().await.map_err(tenure_db::Error::from)?)
}

/// Two statements, of which the second writes, as for a row of the audit log and its place in the chain.
async fn rehearse(context: &Context, tx: &mut PgConnection, counted: &[Failures]) -> Result<()> {
    sign_in::sweep(tx, before(context, Subject::FORGOTTEN_AFTER)).await?;
    let key = counted.first().map_or("", |one| one.key.as_str());
    Ok(sign_in::touch(tx, key).await?)
}

async fn count_at(context: &Context, tx: &mut TenantTx, email: &str, address: &Address) -> Result<Attempt> {
    let known_since = before(context, Subject::KNOWN_FOR);
    let account = sign_in::account(tx, email, address.place(), known_since).await?;
    // By the address as it is stored: PostgreSQL may find an account by spellings that are different texts here.
    let name = account.as_ref().map_or(email, |account| account.email.as_str());
    let is_known = account.as_ref().is_some_and(|account| account.is_known_there);
    let counted = count(context, tx, &subjects(name, address.place()), address, is_known).await?;
    Ok(Attempt { account, counted })
}

async fn count(
    context: &Context,
    tx: &mut PgConnection,
    subjects: &[(Subject, String)],
    address: &Address,
    is_known: bool,
) -> Result<Vec<Failures>> {
    weigh(context, tx, subjects, Some(address.counter()), is_known).await
}

async fn weigh(
    context: &Context,
    tx: &mut PgConnection,
    subjects: &[(Subject, String)],
    besides: Option<Counter>,
    is_known: bool,
) -> Result<Vec<Failures>> {
    let now = context.now();
    let counted = sweep_and_count(context, tx, subjects).await?;
    let counters: Vec<Counter> = counted.iter().map(Failures::counter).chain(besides).collect();
    if let Decision::Wait(until) = decide(&counters, is_known, now) {
        let seconds = until.duration_since(now).as_secs();
        return Err(Error::TooManyAttempts(u64::try_from(seconds).unwrap_or_default().saturating_add(1)));
    }
    let blocks = |one: &Failures| Some((one.key.clone(), blocked_until(one.subject, one.failures, now)?));
    let blocked: Vec<_> = counted.iter().filter_map(blocks).collect();
    if !blocked.is_empty() {
        sign_in::block(tx, &blocked).await?;
    }
    Ok(counted)
}

/// Counts a failure of each subject, and removes some counts whose time is over.
pub(super) async fn sweep_and_count(
    context: &Context,
    tx: &mut PgConnection,
    subjects: &[(Subject, String)],
) -> tenure_db::Result<Vec<Failures>> {
    let forget = before(context, Subject::FORGOTTEN_AFTER);
    sign_in::sweep(tx, forget).await?;
    sign_in::count(tx, subjects, context.now(), forget).await
}

pub(super) fn before(context: &Context, time: SignedDuration) -> Timestamp {
    let now = context.now();
    now.checked_sub(time).unwrap_or(now)
}

fn subjects(email: &str, place: &str) -> [(Subject, String); 2] {
    [(Subject::Pair, format!("pair:{}:{place}", fingerprint(email))), (Subject::Account, account_key(email))]
}

fn fingerprint(email: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(email.to_lowercase().as_bytes()))
}
