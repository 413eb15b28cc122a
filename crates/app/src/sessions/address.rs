//! The address from which passwords are tried: its failures count for all companies together.

use jiff::Timestamp;
use tenure_core::sign_in::{Counter, Decision, Origin, Subject, blocked_until, decide};
use tenure_db::sign_in::{self, Failures};

use super::attempt::sweep_and_count;
use crate::context::Context;
use crate::error::Result;

/// An address that was counted for an attempt, unless it is blocked.
#[derive(Debug)]
pub(crate) struct Address {
    place: String,
    counted: Option<Failures>,
    blocked_until: Option<Timestamp>,
}

impl Address {
    /// Counts an attempt from an origin before anything else is done for it, in a transaction of its own. What is blocked does not count.
    /// A platform that has not been migrated yet has no rights to count; sign-ins go on then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn count(context: &Context, origin: Option<Origin>) -> Result<Self> {
        let place = origin.map_or_else(|| "unknown".to_owned(), |origin| origin.to_string());
        match count(context, &place).await {
            Err(error) if sign_in::is_behind(&error) => {
                tracing::warn!(%error, "failures to sign in are not counted by address; run `tenure migrate up`");
                Ok(Self { place, counted: None, blocked_until: None })
            }
            counted => {
                let (counted, blocked_until) = counted?;
                Ok(Self { place, counted, blocked_until })
            }
        }
    }

    /// The address as text.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Whether it has to wait.
    pub(crate) const fn counter(&self) -> Counter {
        Counter { subject: Subject::Origin, blocked_until: self.blocked_until }
    }

    /// Takes back that it was counted, for an attempt that did not fail by a wrong password. That this could not be done is no reason to
    /// answer otherwise.
    pub(crate) async fn take_back(&self, context: &Context) {
        let Some(counted) = &self.counted else { return };
        let taken = async {
            let mut tx = sign_in::begin_at_address(&context.db).await?;
            sign_in::take_back(&mut tx, std::slice::from_ref(counted)).await?;
            Ok::<_, tenure_db::Error>(tx.commit().await?)
        };
        if let Err(error) = taken.await {
            tracing::warn!(%error, "an address keeps a failure that was none");
        }
    }
}

async fn count(context: &Context, place: &str) -> tenure_db::Result<(Option<Failures>, Option<Timestamp>)> {
    let now = context.now();
    let mut tx = sign_in::begin_at_address(&context.db).await?;
    let counted = sweep_and_count(context, &mut tx, &[(Subject::Origin, format!("origin:{place}"))]).await?.pop();
    let known: Vec<Counter> = counted.iter().map(Failures::counter).collect();
    if let Decision::Wait(until) = decide(&known, false, now) {
        tx.rollback().await?;
        return Ok((None, Some(until)));
    }
    let until =
        counted.as_ref().and_then(|one| Some((one.key.clone(), blocked_until(one.subject, one.failures, now)?)));
    if let Some(until) = until {
        sign_in::block(&mut tx, &[until]).await?;
    }
    tx.commit().await?;
    Ok((counted, None))
}
