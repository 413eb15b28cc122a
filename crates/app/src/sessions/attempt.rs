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

use crate::context::Context;
use crate::error::{Error, Result};

/// An attempt that may be made.
pub(crate) struct Attempt {
    /// The account, if there is one.
    pub(crate) account: Option<Account>,
    counted: Vec<Failures>,
}

impl Attempt {
    /// Counts an attempt, in a transaction of its own, so that nothing that happens later undoes it. Of many at once no more get
    /// through than may.
    ///
    /// # Errors
    /// `TooManyAttempts` when it has to wait; it does not count then. As [`tenure_db::Database::begin`] otherwise.
    pub(crate) async fn begin(
        context: &Context,
        tenant: TenantId,
        email: &str,
        origin: Option<Origin>,
    ) -> Result<Self> {
        let mut tx = context.db.begin(tenant).await?;
        match count_at(context, &mut tx, email, origin).await {
            Ok(attempt) => {
                tx.commit().await?;
                Ok(attempt)
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }

    /// Takes back that it was counted, and what the account failed in before from the same origin.
    pub(crate) async fn succeeded(&self, tx: &mut TenantTx) -> Result<()> {
        sign_in::take_back(tx, &self.counted).await?;
        for pair in self.counted.iter().filter(|one| one.subject == Subject::Pair) {
            sign_in::forget(tx, &pair.key).await?;
        }
        Ok(())
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
    origin: Option<Origin>,
) -> Result<()> {
    let mut tx = sign_in::begin_nowhere(&context.db).await?;
    let place = origin.map(|origin| origin.to_string());
    let there = format!("{company}:");
    let subjects = subjects(email, place.as_deref()).map(|(subject, key)| (subject, there.clone() + &key));
    count(context, &mut tx, &subjects, false).await?;
    Ok(tx.commit().await.map_err(tenure_db::Error::from)?)
}

/// Does as much as it takes to refuse somebody at a company that is there, so that the time tells nothing either.
///
/// # Errors
/// `Unavailable`.
pub(crate) async fn refuse_nowhere(context: &Context) -> Result<()> {
    let mut tx = sign_in::begin_nowhere(&context.db).await?;
    sign_in::sweep(&mut tx, before(context, Subject::FORGOTTEN_AFTER)).await?;
    sign_in::sweep(&mut tx, before(context, Subject::FORGOTTEN_AFTER)).await?;
    Ok(tx.commit().await.map_err(tenure_db::Error::from)?)
}

async fn count_at(context: &Context, tx: &mut TenantTx, email: &str, origin: Option<Origin>) -> Result<Attempt> {
    let place = origin.map(|origin| origin.to_string());
    let known_since = before(context, Subject::KNOWN_FOR);
    let account = sign_in::account(tx, email, place.as_deref(), known_since).await?;
    // By the address as it is stored: PostgreSQL may find an account by spellings that are different texts here.
    let name = account.as_ref().map_or(email, |account| account.email.as_str());
    let is_known = account.as_ref().is_some_and(|account| account.is_known_there);
    let counted = count(context, tx, &subjects(name, place.as_deref()), is_known).await?;
    Ok(Attempt { account, counted })
}

async fn count(
    context: &Context,
    tx: &mut PgConnection,
    subjects: &[(Subject, String)],
    is_known: bool,
) -> Result<Vec<Failures>> {
    let (now, forget) = (context.now(), before(context, Subject::FORGOTTEN_AFTER));
    sign_in::sweep(tx, forget).await?;
    let counted = sign_in::count(tx, subjects, now, forget).await?;
    let counters: Vec<Counter> =
        counted.iter().map(|one| Counter { subject: one.subject, blocked_until: one.blocked_until }).collect();
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

fn before(context: &Context, time: SignedDuration) -> Timestamp {
    let now = context.now();
    now.checked_sub(time).unwrap_or(now)
}

fn subjects(email: &str, place: Option<&str>) -> [(Subject, String); 3] {
    let place = place.unwrap_or("unknown");
    [
        (Subject::Pair, format!("pair:{}:{place}", fingerprint(email))),
        (Subject::Origin, format!("origin:{place}")),
        (Subject::Account, account_key(email)),
    ]
}

fn fingerprint(email: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(email.to_lowercase().as_bytes()))
}
