//! What a server does about mail by itself: it looks who is to be reminded, and sends what is due. Of many servers each takes other messages.

use std::convert::Infallible;
use std::future::pending;
use std::time::{Duration, Instant};

use tenure_api::MailCounts;
use tenure_app::{Context, mail};
use tenure_jobs::{Post, Smtp};

use crate::config;
use crate::error::Error;

/// How often it looks what is due.
const LOOK: Duration = Duration::from_secs(1);
/// The same while the mail server or the database is away.
const PAUSE: Duration = Duration::from_secs(15);
/// How often it sees to it that every company's reminders are planned.
const COMPANIES: Duration = Duration::from_hours(1);
/// How often it counts what waits.
const COUNT: Duration = Duration::from_secs(15);
/// How many companies' reminders it plans before it sends again.
const PLANS: u16 = 20;

/// What sends mail.
pub(crate) struct Mail {
    context: Context,
    smtp: Smtp,
    at_once: usize,
    per_second: u16,
    counts: MailCounts,
}

impl Mail {
    /// As configured; none where there is no mail server, or for a demo, whose people do not exist.
    pub(crate) fn new(context: Context, settings: &config::Mail, counts: &MailCounts) -> Result<Option<Self>, Error> {
        let Some(server) = settings.server.as_ref().filter(|_| context.sends_mail()) else { return Ok(None) };
        let config::Mail { at_once, per_second, .. } = *settings;
        Ok(Some(Self { context, smtp: server.open()?, at_once, per_second, counts: counts.clone() }))
    }

    /// Does what is due, for as long as this is awaited. Cut off, the next server goes on with it.
    pub(crate) async fn keep(mail: Option<&Self>) -> Infallible {
        let Some(mail) = mail else { return pending().await };
        tokio::select! {
            never = Box::pin(mail.keep_sending()) => never,
            never = Box::pin(mail.keep_planning()) => never,
        }
    }

    async fn keep_sending(&self) -> Infallible {
        let post = Post { context: &self.context, smtp: &self.smtp, at_once: self.at_once };
        let mut counted: Option<Instant> = None;
        loop {
            let began = Instant::now();
            let pause = match post.round(self.per_second).await {
                Ok(done) => {
                    self.counts.add(done.sent, done.failed, done.given_up, done.dropped);
                    if done.is_away { PAUSE } else { LOOK }
                }
                Err(error) => {
                    tracing::warn!(%error, "mail cannot be sent");
                    PAUSE
                }
            };
            if counted.is_none_or(|at| at.elapsed() >= COUNT) {
                counted = Some(Instant::now());
                self.count().await;
            }
            tokio::time::sleep(pause.saturating_sub(began.elapsed())).await;
        }
    }

    async fn count(&self) {
        if let Ok(backlog) = mail::backlog(&self.context).await {
            let since = |at| self.context.now().duration_since(at).as_secs().max(0);
            self.counts.set_waiting(backlog.waiting, backlog.oldest.map_or(0, since));
        }
    }

    async fn keep_planning(&self) -> Infallible {
        let mut begun: Option<Instant> = None;
        loop {
            if begun.is_none_or(|at| at.elapsed() >= COMPANIES) {
                match mail::begin_planning(&self.context).await {
                    Ok(()) => begun = Some(Instant::now()),
                    Err(error) => tracing::warn!(%error, "reminders cannot be planned"),
                }
            }
            let pause = match mail::plan_due(&self.context, PLANS).await {
                Ok(planned) if planned.companies > 0 => LOOK,
                Ok(_) => LOOK.saturating_mul(5),
                Err(error) => {
                    tracing::warn!(%error, "reminders cannot be planned");
                    PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}
