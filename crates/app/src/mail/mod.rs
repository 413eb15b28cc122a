//! What people are told by mail. The change that is the cause of a message keeps it in the tenant's outbox; whoever sends mail takes it from
//! there, looks once more whether it is still needed, and writes the text. Nothing here speaks with a mail server.

mod choices;
mod operator;
mod plan;
mod prepare;
mod reset;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use tenure_core::mail::Message;
use tenure_db::TenantTx;
use tenure_db::outbox::{self, New, To};
use uuid::Uuid;

pub use self::operator::{list, retry};
pub use self::plan::{Planned, begin_planning, plan_due};
pub use self::prepare::{Letter, Outcome, Prepared, Settled, backlog, claim, forget, prepare, put_off, settle};
pub use self::reset::request_reset;
pub use tenure_core::mail::State;
pub use tenure_db::outbox::{Backlog, Claim, Kept};

pub(crate) use self::choices::Choices;
use crate::change::Change;
use crate::context::Context;
use crate::error::Result;

/// The occasion of the first word about something.
pub(crate) const BEGUN: &str = "begun";

/// That mail is sent, and what its texts need of the installation.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// Where people work with Tenure.
    pub link: Option<String>,
}

/// Something that somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) message: Message,
    /// What it is about, and on which occasion: nobody is told the same twice.
    pub(crate) subject: Uuid,
    pub(crate) occasion: String,
    pub(crate) to: To,
    pub(crate) due_at: Timestamp,
}

/// The days for which reminders are planned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    /// Those up to this one were planned before.
    pub(crate) since: Date,
    pub(crate) today: Date,
    /// So many days before a last day one is reminded of it.
    pub(crate) before: i64,
    pub(crate) now: Timestamp,
}

impl Days {
    pub(crate) const fn span(&self) -> (Date, Date) {
        (self.since, self.today)
    }
}

/// Keeps what people are to be told, where mail is sent.
pub(crate) async fn tell(context: &Context, tx: &mut TenantTx, notices: &[Notice]) -> Result<u64> {
    if context.mail.is_none() {
        return Ok(0);
    }
    let new = |notice: &Notice| New {
        id: context.id(),
        kind: notice.message.kind(),
        subject: notice.subject,
        occasion: notice.occasion.clone(),
        to: notice.to,
        facts: json!(notice.message),
        due_at: notice.due_at,
    };
    let new: Vec<New> = notices.iter().map(new).collect();
    Ok(outbox::insert(tx, &new, context.now()).await?)
}

/// Has it looked who is to be told of a change as soon as it is made.
pub(crate) async fn plan_soon(change: &mut Change<'_>) -> Result<()> {
    if change.context.mail.is_none() {
        return Ok(());
    }
    let now = change.context.now();
    Ok(outbox::plan_now(&mut change.tx, now, yesterday(now)).await?)
}

fn yesterday(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date().saturating_sub(1.days())
}
