//! Looking who is to be reminded of what, of one company after the other, each once a day and when something begins.
//!
//! Doing it again gives nothing new: a message has an occasion of its own. Days on which nobody looked are made up for by the last reminder
//! of each thing alone.

use jiff::{SignedDuration, Timestamp};
use tenure_core::mail::next_planning;
use tenure_db::outbox::{self, Plan};
use tenure_db::tenants;

use super::{BEGUN, Choices, Days, Notice, tell, yesterday};
use crate::caller;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::{appraisals, files};

/// How long a look at one company may take before somebody else begins with it anew.
const LEASE: SignedDuration = SignedDuration::from_mins(15);
/// How many messages are kept in one transaction.
const AT_ONCE: usize = 500;
/// For so long it stays known what was sent.
const KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);
/// What waits for longer than anything is tried has no one to send it.
const WAITED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// For how many companies.
    pub companies: usize,
    /// How many messages are new.
    pub messages: u64,
    /// How many companies could not be looked at; it is tried again later.
    pub failed: usize,
}

/// Plans the reminders of at most so many companies for which it is time.
///
/// # Errors
/// `Unavailable`.
pub async fn plan_due(context: &Context, limit: u16) -> Result<Planned> {
    let now = context.now();
    let mut planned = Planned::default();
    for plan in outbox::claim_plans(&context.db, (now, later(now, LEASE)), limit).await? {
        match plan_one(context, &plan).await {
            Ok(messages) => {
                planned.companies += 1;
                planned.messages += messages;
            }
            Err(Error::NotFound { .. }) => outbox::drop_plan(&context.db, plan.tenant).await?,
            Err(error) => {
                tracing::warn!(tenant = %plan.tenant, %error, "reminders could not be planned; it is tried again");
                planned.failed += 1;
            }
        }
    }
    Ok(planned)
}

/// Has active companies' reminders planned that were not yet.
///
/// # Errors
/// `Unavailable`.
pub async fn begin_planning(context: &Context) -> Result<()> {
    Ok(outbox::add_plans(&context.db, context.now(), yesterday(context.now())).await?)
}

async fn plan_one(context: &Context, plan: &Plan) -> Result<u64> {
    let now = context.now();
    let mut tx = match context.db.begin_read(plan.tenant).await {
        // Its people are told nothing, also later of what falls into this time.
        Err(tenure_db::Error::NotServed(_)) => {
            let today = context.today();
            let next = next_planning(now, &jiff::tz::TimeZone::UTC, plan.tenant.uuid());
            outbox::planned(&context.db, plan, today, next).await?;
            return Ok(0);
        }
        begun => begun?,
    };
    let found = async {
        let choices = Choices::read(context, &mut tx).await?;
        let today = choices.zone.to_datetime(now).date();
        let days = Days { since: plan.until, today, before: choices.reminder_days, now };
        let mut notices = Vec::new();
        if choices.wants_mail && tenants::sends_mail(&context.db, plan.tenant).await? {
            if choices.of_appraisals {
                notices.extend(appraisals::remind(context, &mut tx, &days).await?);
            }
            notices.extend(files::remind(context, &mut tx, &days, choices.of_files).await?);
        }
        Ok((notices, today, next_planning(now, &choices.zone, plan.tenant.uuid())))
    };
    let found = found.await;
    let (notices, today, next) = caller::conclude(tx, found).await?;
    let messages = keep(context, plan, notices).await?;
    outbox::planned(&context.db, plan, today.max(plan.until), next).await?;
    Ok(messages)
}

/// Reminders of a day come before first words, which are not said where anything was said before.
async fn keep(context: &Context, plan: &Plan, notices: Vec<Notice>) -> Result<u64> {
    let now = context.now();
    let (begun, dated): (Vec<Notice>, Vec<Notice>) = notices.into_iter().partition(|notice| notice.occasion == BEGUN);
    let mut messages = 0;
    for some in dated.chunks(AT_ONCE).chain(begun.chunks(AT_ONCE)) {
        let mut tx = context.db.begin(plan.tenant).await?;
        let told = tell(context, &mut tx, some).await;
        messages += caller::conclude(tx, told).await?;
    }
    let mut tx = context.db.begin(plan.tenant).await?;
    let tidied = outbox::tidy(&mut tx, later(now, -KEPT), later(now, -WAITED), now).await;
    caller::conclude(tx, tidied.map_err(Into::into)).await?;
    Ok(messages)
}

fn later(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.saturating_add(time).unwrap_or(now)
}
