//! Sending what is due, some messages at a time.

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use tenure_app::mail::{self, Claim, Outcome, Prepared, Settled};
use tenure_app::{Context, Error, Result};

use crate::smtp::Smtp;

/// When it is looked again at a message whose text could not be written because something was away.
const AWAY: SignedDuration = SignedDuration::from_mins(1);

/// What sends messages of all companies.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// For the use cases.
    pub context: &'a Context,
    /// Where they are sent.
    pub smtp: &'a Smtp,
    /// How many at the same time.
    pub at_once: usize,
}

/// What became of some messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// How many were taken.
    pub taken: usize,
    /// How many the mail server has taken.
    pub sent: usize,
    /// How many attempts came to nothing and are made again.
    pub failed: usize,
    /// How many were given up.
    pub given_up: usize,
    /// How many were of no use any more.
    pub dropped: usize,
    /// Whether the mail server could not be spoken with.
    pub is_away: bool,
}

impl Post<'_> {
    /// Sends at most so many of the messages that are due.
    ///
    /// # Errors
    /// `Unavailable`, when none could be taken.
    pub async fn round(&self, most: u16) -> Result<Done> {
        let claims = mail::claim(self.context, most).await?;
        let taken = claims.len();
        let sent = stream::iter(claims).map(async |claim| (claim, self.handle(&claim).await));
        let mut sent = std::pin::pin!(sent.buffer_unordered(self.at_once.max(1)));
        let mut done = Done { taken, ..Done::default() };
        while let Some((claim, handled)) = sent.next().await {
            match handled {
                Ok((settled, is_away)) => {
                    done.is_away |= is_away;
                    done.count(settled);
                }
                Err(error) => {
                    tracing::warn!(message = %claim.id, tenant = %claim.tenant, %error, "a message is looked at again later");
                }
            }
        }
        Ok(done)
    }

    async fn handle(&self, claim: &Claim) -> Result<(Option<Settled>, bool)> {
        let context = self.context;
        let (outcome, is_away) = match mail::prepare(context, claim).await {
            Ok(Prepared::Send(letter)) => {
                let (outcome, answered) = self.smtp.send(&letter, &Smtp::name_of(claim)).await;
                (outcome, !answered)
            }
            Ok(Prepared::Drop(why)) => (Outcome::Dropped(why), false),
            Ok(Prepared::Gone) => return mail::forget(context, claim).await.map(|()| (None, false)),
            Ok(Prepared::Later(at)) => return mail::put_off(context, claim, at).await.map(|()| (None, false)),
            Err(error @ (Error::Unavailable(_) | Error::DatabaseAway(_))) => {
                let at = context.now().saturating_add(AWAY).unwrap_or_else(|_| context.now());
                mail::put_off(context, claim, at).await?;
                return Err(error);
            }
            Err(error) => (Outcome::Failed(format!("its text could not be written: {error}")), false),
        };
        if let Outcome::Failed(error) | Outcome::Refused(error) = &outcome {
            let Claim { id, tenant, attempts } = claim;
            tracing::warn!(message = %id, %tenant, attempts, error, "a message was not sent");
        }
        Ok((Some(mail::settle(context, claim, outcome).await?), is_away))
    }
}

impl Done {
    const fn count(&mut self, settled: Option<Settled>) {
        match settled {
            Some(Settled::Sent) => self.sent += 1,
            Some(Settled::Again) => self.failed += 1,
            Some(Settled::GivenUp) => self.given_up += 1,
            Some(Settled::Dropped) => self.dropped += 1,
            None => {}
        }
    }
}
