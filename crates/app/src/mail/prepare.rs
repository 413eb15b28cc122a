//! Taking a message, writing its text for whom it is for, and noting what became of it.

use jiff::{SignedDuration, Timestamp};
use tenure_core::mail::{Around, Message, State, Text, next_attempt, text};
use tenure_db::audit::Actor;
use tenure_db::outbox::{self, Claim, Kept};
use tenure_db::recipients::{self, Recipient};
use tenure_db::{TenantTx, tenants};

use super::{Choices, Mail};
use crate::caller;
use crate::change;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::{appraisals, files, passwords};

/// Who has taken a message is waited for that long. Sending it takes less.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// When it is looked again at messages of a company that is not served now.
const NOT_SERVED: SignedDuration = SignedDuration::from_hours(6);
/// The same of one that is not migrated yet.
const NOT_MIGRATED: SignedDuration = SignedDuration::from_mins(10);

/// A message as it goes to a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address that it goes to.
    pub to: String,
    /// What the sender is called.
    pub sender: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// On one line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// What is to be done with a message that was taken.
#[derive(Debug)]
pub enum Prepared {
    /// It is to be sent.
    Send(Box<Letter>),
    /// It is not to be sent, and why.
    Drop(&'static str),
    /// It is to be looked at again at this time.
    Later(Timestamp),
    /// It is no more: its tenant was purged, or brought back to a time before it.
    Gone,
}

/// What came of sending a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A mail server has taken it.
    Sent,
    /// It may be taken another time.
    Failed(String),
    /// It will never be taken.
    Refused(String),
    /// It is not to be sent, and why.
    Dropped(&'static str),
}

/// What was noted of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was sent.
    Sent,
    /// It is tried again.
    Again,
    /// It is not tried again.
    GivenUp,
    /// It is not sent, as it is of no use.
    Dropped,
}

/// Takes messages that are due, of all companies. They are of whoever calls for five minutes.
///
/// # Errors
/// `Unavailable`.
pub async fn claim(context: &Context, limit: u16) -> Result<Vec<Claim>> {
    let now = context.now();
    Ok(outbox::claim(&context.db, (now, later(now, LEASE)), limit).await?)
}

/// Writes the text of a message that was taken, if it is still needed.
///
/// # Errors
/// `Unavailable`; it is tried again after the time for which it was taken.
pub async fn prepare(context: &Context, claim: &Claim) -> Result<Prepared> {
    let now = context.now();
    let mut tx = match context.db.begin(claim.tenant).await {
        Err(tenure_db::Error::NotFound { .. }) => return Ok(Prepared::Gone),
        Err(tenure_db::Error::NotServed(_)) => return Ok(Prepared::Later(later(now, NOT_SERVED))),
        Err(tenure_db::Error::SchemaVersion { .. }) => return Ok(Prepared::Later(later(now, NOT_MIGRATED))),
        begun => begun?,
    };
    let looked = look(context, &mut tx, claim).await;
    let looked = caller::conclude(tx, looked).await?;
    match looked {
        Looked::Needed(needed) => Ok(Prepared::Send(Box::new(write(context, claim, *needed).await?))),
        Looked::Not(prepared) => Ok(prepared),
    }
}

enum Looked {
    Needed(Box<Needed>),
    Not(Prepared),
}

struct Needed {
    message: Message,
    recipient: Recipient,
    choices: Choices,
}

async fn look(context: &Context, tx: &mut TenantTx, claim: &Claim) -> Result<Looked> {
    let now = context.now();
    let drop = |why| Ok(Looked::Not(Prepared::Drop(why)));
    let Some(kept) = outbox::waiting(tx, claim.id).await? else { return Ok(Looked::Not(Prepared::Gone)) };
    let Ok(message) = serde_json::from_value::<Message>(kept.facts.clone()) else {
        return drop("this version does not know what it is about");
    };
    if later(kept.due_at, SignedDuration::from_hours(message.worth_hours())) < now {
        return drop("it has waited for too long to be of use");
    }
    if !tenants::sends_mail(&context.db, claim.tenant).await? {
        return drop("the tenant's feature mail is false");
    }
    let choices = Choices::read(context, tx).await?;
    if !message.is_urgent() {
        if !choices.wants_mail {
            return drop("the company has chosen to send no mail");
        }
        let from = choices.quiet.map_or(now, |quiet| quiet.over(now, &choices.zone));
        if from > now {
            return Ok(Looked::Not(Prepared::Later(from)));
        }
    }
    let Some(recipient) = recipient(tx, &kept, &message).await? else {
        return drop("there is nobody to send it to: no active user, no address, or gone");
    };
    match still_needed(context, tx, message, &kept).await? {
        Some(message) => Ok(Looked::Needed(Box::new(Needed { message, recipient, choices }))),
        None => drop("it is not needed any more"),
    }
}

async fn recipient(tx: &mut TenantTx, kept: &Kept, message: &Message) -> Result<Option<Recipient>> {
    Ok(match (kept.user_id, kept.employee_id, message) {
        (Some(user), ..) => recipients::user(tx, user).await?,
        (None, Some(employee), _) => recipients::employee(tx, employee).await?,
        (None, None, Message::PasswordReset { email }) => recipients::by_address(tx, email).await?,
        (None, None, _) => None,
    })
}

/// The message as it is by now, or nothing when what it is about was done or is no more.
async fn still_needed(context: &Context, tx: &mut TenantTx, message: Message, kept: &Kept) -> Result<Option<Message>> {
    Ok(match (message, kept.employee_id) {
        (message @ Message::DocumentRequest { request, .. }, _) => {
            files::is_asked_for(context, tx, request).await?.then_some(message)
        }
        (message @ Message::FileEnds { document, expires_on, .. }, _) => {
            files::ends_on(context, tx, document, expires_on).await?.then_some(message)
        }
        (message @ (Message::PasswordReset { .. } | Message::FilesEnd { .. }), _) => Some(message),
        (message, Some(employee)) => appraisals::still_waits(context, tx, message, employee).await?,
        (_, None) => None,
    })
}

/// A token to choose a password is made here, so that it is nowhere but in the mail; its hash is kept as always. Tried again, the mail holds
/// another one, and the earlier is useless.
async fn write(context: &Context, claim: &Claim, needed: Needed) -> Result<Letter> {
    let Needed { message, recipient, choices } = needed;
    let token = match (&message, recipient.user) {
        (Message::PasswordReset { .. }, Some(user)) => {
            let made = change::run_as_operator(context, &Actor::System, claim.tenant, async |change| {
                passwords::make_reset(change, user).await
            });
            Some(made.await?.token.reveal())
        }
        _ => None,
    };
    let company = match choices.display_name {
        Some(name) => name,
        None => tenants::by_id(&context.db, claim.tenant).await?.name.to_string(),
    };
    let around = Around {
        company: &company,
        person: recipient.name.as_deref(),
        link: context.mail.as_ref().and_then(|Mail { link }| link.as_deref()),
        date_format: &choices.date_format,
        token: token.as_deref().map(|token| (token, choices.reset_minutes)),
    };
    let Text { subject, body } = text(&message, &around);
    let sender = choices.sender.unwrap_or_else(|| company.clone());
    Ok(Letter { to: recipient.address, sender, reply_to: choices.reply_to, subject, body })
}

/// Notes what came of a message that was taken.
///
/// # Errors
/// `Unavailable`; it may be sent once more then.
pub async fn settle(context: &Context, claim: &Claim, outcome: Outcome) -> Result<Settled> {
    let now = context.now();
    let mut tx = match context.db.begin_upkeep(claim.tenant).await {
        Err(tenure_db::Error::NotFound { .. }) => {
            outbox::forget(&context.db, claim).await?;
            return Ok(Settled::Dropped);
        }
        begun => begun?,
    };
    let noted = note(&mut tx, claim, outcome, now).await;
    caller::conclude(tx, noted.map_err(Error::from)).await
}

async fn note(tx: &mut TenantTx, claim: &Claim, outcome: Outcome, now: Timestamp) -> tenure_db::Result<Settled> {
    match outcome {
        Outcome::Sent => outbox::end(tx, claim, (State::Sent, None), now).await.map(|()| Settled::Sent),
        Outcome::Dropped(why) => {
            outbox::end(tx, claim, (State::Dropped, Some(why)), now).await.map(|()| Settled::Dropped)
        }
        Outcome::Refused(error) => {
            outbox::end(tx, claim, (State::Failed, Some(&error)), now).await.map(|()| Settled::GivenUp)
        }
        Outcome::Failed(error) => match next_attempt(claim.attempts, now) {
            Some(next) => outbox::failed(tx, claim, &error, next).await.map(|()| Settled::Again),
            None => outbox::end(tx, claim, (State::Failed, Some(&error)), now).await.map(|()| Settled::GivenUp),
        },
    }
}

/// Puts a message off that is not to be sent now.
///
/// # Errors
/// `Unavailable`.
pub async fn put_off(context: &Context, claim: &Claim, until: Timestamp) -> Result<()> {
    Ok(outbox::put_off(&context.db, claim, until).await?)
}

/// Takes a message out of the queue that is no more.
///
/// # Errors
/// `Unavailable`.
pub async fn forget(context: &Context, claim: &Claim) -> Result<()> {
    Ok(outbox::forget(&context.db, claim).await?)
}

/// How much waits to be sent that should have been by now.
///
/// # Errors
/// `Unavailable`.
pub async fn backlog(context: &Context) -> Result<outbox::Backlog> {
    Ok(outbox::backlog(&context.db, context.now()).await?)
}

fn later(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.saturating_add(time).unwrap_or(now)
}
