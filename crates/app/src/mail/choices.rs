//! What a company has chosen about mail.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tenure_core::mail::{Quiet, Whom};
use tenure_core::settings::{Chosen, Number};
use tenure_db::TenantTx;

use crate::context::Context;
use crate::error::Result;
use crate::settings;

/// What a company has chosen about mail.
#[derive(Debug)]
pub(crate) struct Choices {
    /// Whether its people are written to at all, but for what they wait for.
    pub(crate) wants_mail: bool,
    /// What it calls itself, if that is not its name here.
    pub(crate) display_name: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) date_format: String,
    pub(crate) zone: TimeZone,
    pub(crate) quiet: Option<Quiet>,
    /// Who is told of documents that end.
    pub(crate) of_files: Whom,
    /// Whether people are told of appraisals.
    pub(crate) of_appraisals: bool,
    pub(crate) reminder_days: i64,
    pub(crate) reset_minutes: i64,
}

impl Choices {
    pub(crate) async fn read(context: &Context, tx: &mut TenantTx) -> Result<Self> {
        Ok(Self::of(&settings::chosen(context, tx).await?))
    }

    fn of(chosen: &Chosen) -> Self {
        let text = |key: &str| chosen.value(key).as_str().map(str::to_owned);
        let is_on = |key: &str| chosen.value(key).as_bool().unwrap_or(true);
        let time = |key: &str| chosen.value(key).as_str().and_then(|text| Time::strptime("%H:%M", text).ok());
        let quiet = time("notifications.quiet_from").zip(time("notifications.quiet_until"));
        let zone = text("regional.time_zone").and_then(|name| TimeZone::get(&name).ok());
        let whom = text("notifications.expiring_documents").and_then(|word| word.parse().ok());
        Self {
            wants_mail: is_on("notifications.mail"),
            display_name: text("branding.display_name"),
            sender: text("notifications.sender_name"),
            reply_to: text("notifications.reply_to"),
            date_format: text("regional.date_format").unwrap_or_default(),
            zone: zone.unwrap_or(TimeZone::UTC),
            quiet: quiet.map(|(from, until)| Quiet { from, until }),
            of_files: whom.unwrap_or(Whom::Both),
            of_appraisals: is_on("notifications.appraisals"),
            reminder_days: chosen.number(Number::ReminderDays),
            reset_minutes: chosen.number(Number::PasswordResetMinutes),
        }
    }
}
