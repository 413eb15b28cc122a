//! The settings of a company: which there are, what each may be, and what a change of them gives.
//!
//! [`DEFINITIONS`] is the one table from which validation, the API's schema and the documentation come. What a company has chosen is a
//! [`Chosen`]: only what differs from the defaults, so that a better default of a later version reaches everybody who has not chosen.

mod check;
mod chosen;
mod definitions;
mod kind;

use std::fmt;

pub use check::{Fault, check};
pub use chosen::{Chosen, Difference};
pub use definitions::DEFINITIONS;
pub use kind::{Kind, Usual, WEEKDAYS};

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Its name, `group.name`.
    pub key: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is unless a company chooses.
    pub usual: Usual,
    /// What people call it.
    pub title: &'static str,
    /// What it decides.
    pub description: &'static str,
    /// Whether Tenure itself goes by it; the others are for the programs that show or run what belongs to them.
    pub in_use: bool,
}

impl Definition {
    const fn new(key: &'static str, kind: Kind, usual: Usual, title: &'static str, description: &'static str) -> Self {
        Self { key, kind, usual, title, description, in_use: false }
    }

    const fn used(self) -> Self {
        Self { in_use: true, ..self }
    }

    /// The setting of a key.
    #[must_use]
    pub fn of(key: &str) -> Option<&'static Self> {
        DEFINITIONS.iter().find(|definition| definition.key == key)
    }

    /// The part of the key before the point.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.key.split('.').next().unwrap_or(self.key)
    }
}

/// A setting that the program itself goes by and that is a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// The fewest characters of a password.
    PasswordMinLength,
    /// For how many minutes a token to choose a password works.
    PasswordResetMinutes,
    /// The most hours that a session lasts.
    SessionLongestHours,
    /// For how many days a change of settings is kept.
    SettingsKeptDays,
    /// How many days before a last day people are reminded of it.
    ReminderDays,
    /// After how many days without a change a flag that gives everybody the same is stale.
    FlagStaleDays,
}

impl Number {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::PasswordMinLength,
        Self::PasswordResetMinutes,
        Self::SessionLongestHours,
        Self::SettingsKeptDays,
        Self::ReminderDays,
        Self::FlagStaleDays,
    ];

    /// The setting's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PasswordMinLength => "password.min_length",
            Self::PasswordResetMinutes => "password.reset_minutes",
            Self::SessionLongestHours => "sessions.longest_hours",
            Self::SettingsKeptDays => "audit.settings_kept_days",
            Self::ReminderDays => "notifications.reminder_days",
            Self::FlagStaleDays => "flags.stale_days",
        }
    }
}

/// The settings besides numbers that the program itself goes by: all that shape mail.
pub const OF_MAIL: [&str; 10] = [
    "branding.display_name",
    "notifications.appraisals",
    "notifications.expiring_documents",
    "notifications.mail",
    "notifications.quiet_from",
    "notifications.quiet_until",
    "notifications.reply_to",
    "notifications.sender_name",
    "regional.date_format",
    "regional.time_zone",
];

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
