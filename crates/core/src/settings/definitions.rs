//! The table of all settings.

use super::Definition;
use super::kind::{Kind, Usual, WEEKDAYS};

/// Every setting, by group.
pub const DEFINITIONS: &[Definition] = &[
    // Language, time, money and how they are written.
    Definition::new("regional.locale", Kind::Locale, Usual::Text("en"), "Language", "The language in which the company is written to, perhaps with a region."),
    Definition::new("regional.time_zone", Kind::TimeZone, Usual::Text("UTC"), "Time zone", "Where the company's day begins, for people whose location has none of its own.").used(),
    Definition::new("regional.currency", Kind::Currency, Usual::Text("EUR"), "Currency", "The currency that new amounts are in unless another is given.").used(),
    Definition::new("regional.country", Kind::Country, Usual::Nothing, "Country", "Where the company is registered."),
    Definition::new("regional.first_day_of_week", Kind::Choice(WEEKDAYS), Usual::Text("monday"), "First day of the week", "With which day calendars begin."),
    Definition::new("regional.date_format", Kind::Choice(&["yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy"]), Usual::Text("yyyy-mm-dd"), "Form of dates", "How days are written for people. The API writes 2026-01-15 always.").used(),
    Definition::new("regional.time_format", Kind::Choice(&["24h", "12h"]), Usual::Text("24h"), "Form of times", "How times of the day are written for people."),
    Definition::new("regional.decimal_separator", Kind::Choice(&["point", "comma"]), Usual::Text("point"), "Decimal separator", "What stands before the decimals of numbers that are written for people."),
    Definition::new("regional.name_order", Kind::Choice(&["first_last", "last_first"]), Usual::Text("first_last"), "Order of names", "Which name comes first where people are shown."),
    // The usual working week.
    Definition::new("working_time.days", Kind::Choices(WEEKDAYS), Usual::Words(&["monday", "tuesday", "wednesday", "thursday", "friday"]), "Working days", "The days on which people work who have no week of their own."),
    Definition::new("working_time.day_start", Kind::Time, Usual::Text("09:00"), "Start of the working day", "When a working day begins."),
    Definition::new("working_time.day_end", Kind::Time, Usual::Text("17:30"), "End of the working day", "When a working day ends; after its start."),
    Definition::new("working_time.break_minutes", Kind::Whole(0, 240), Usual::Whole(30), "Unpaid break", "How many minutes of a working day are an unpaid break."),
    Definition::new("working_time.week_minutes", Kind::Whole(60, 10_080), Usual::Whole(2_400), "Full working week", "How many minutes a week full-time work is."),
    // Beginnings and ends of employments.
    Definition::new("employment.probation_months", Kind::Whole(0, 24), Usual::Whole(6), "Probation", "How many months probation lasts unless a contract says otherwise."),
    Definition::new("employment.notice_days", Kind::Whole(0, 365), Usual::Whole(30), "Notice", "How many days of notice are given unless a contract says otherwise."),
    Definition::new("employment.reminder_days", Kind::Whole(1, 180), Usual::Whole(30), "Reminder of ends", "How many days before the end of a probation or a fixed term those responsible are reminded."),
    // Leave.
    Definition::new("leave.year_start", Kind::YearDay, Usual::Text("01-01"), "Start of the leave year", "With which day a year of leave begins."),
    Definition::new("leave.carry_forward_until", Kind::YearDay, Usual::Text("03-31"), "End of carry-forward", "Until which day of the next year leave that was carried forward is taken."),
    Definition::new("leave.half_days", Kind::Boolean, Usual::Boolean(true), "Half days", "Whether leave is taken by the half day."),
    Definition::new("leave.notice_days", Kind::Whole(0, 180), Usual::Whole(0), "Notice of leave", "How many days ahead leave is asked for."),
    Definition::new("leave.backdated_days", Kind::Whole(0, 365), Usual::Whole(30), "Leave after the fact", "For how many days back leave may be asked for."),
    Definition::new("leave.show_team_calendar", Kind::Boolean, Usual::Boolean(true), "Team calendar", "Whether colleagues see who is away, without the kind of leave."),
    // Payroll.
    Definition::new("payroll.frequency", Kind::Choice(&["weekly", "two_weekly", "semi_monthly", "monthly"]), Usual::Text("monthly"), "Frequency", "How often pay runs, where a salary structure says nothing else."),
    Definition::new("payroll.pay_day", Kind::Whole(1, 31), Usual::Whole(31), "Pay day", "On which day of the month pay arrives; in a shorter month on its last."),
    Definition::new("payroll.cutoff_day", Kind::Whole(1, 31), Usual::Whole(20), "Cut-off", "Up to which day of the month changes count for its pay."),
    Definition::new("payroll.year_start", Kind::YearDay, Usual::Text("01-01"), "Start of the pay year", "With which day a year of pay begins."),
    Definition::new("payroll.proration", Kind::Choice(&["calendar_days", "working_days", "thirty_days"]), Usual::Text("calendar_days"), "Proration", "By which days a part of a month is paid."),
    Definition::new("payroll.rounding", Kind::Choice(&["0.01", "0.05", "0.10", "1.00"]), Usual::Text("0.01"), "Rounding", "To which amount what is paid out is rounded."),
    Definition::new("payroll.approvals", Kind::Whole(1, 3), Usual::Whole(1), "Approvals of a run", "How many people have to approve a run."),
    // Passwords.
    Definition::new("password.min_length", Kind::Whole(12, 64), Usual::Whole(12), "Shortest password", "The fewest characters of a password that is chosen from now on.").used(),
    Definition::new("password.reset_minutes", Kind::Whole(10, 1_440), Usual::Whole(60), "Choosing a password", "For how many minutes a token to choose a password works.").used(),
    // Being signed in.
    Definition::new("sessions.longest_hours", Kind::Whole(1, 720), Usual::Whole(720), "Longest session", "After how many hours a session that begins from now on ends, used or not. The server's own limit holds besides.").used(),
    // How the company is shown.
    Definition::new("branding.display_name", Kind::Text(100), Usual::Nothing, "Display name", "What the company calls itself to its people, if that is not its name here.").used(),
    Definition::new("branding.logo_url", Kind::Url, Usual::Nothing, "Logo", "Where the company's logo is."),
    Definition::new("branding.primary_colour", Kind::Colour, Usual::Text("#1f5eff"), "Primary colour", "The colour of what is pressed."),
    Definition::new("branding.accent_colour", Kind::Colour, Usual::Text("#0b2e8a"), "Accent colour", "The colour of what stands out."),
    Definition::new("branding.sign_in_notice", Kind::Text(500), Usual::Nothing, "Notice at sign-in", "What is shown to those who are about to sign in."),
    // What people are told.
    Definition::new("notifications.mail", Kind::Boolean, Usual::Boolean(true), "Mail", "Whether people are written to by mail, but for what they ask for themselves.").used(),
    Definition::new("notifications.sender_name", Kind::Text(100), Usual::Nothing, "Sender", "The name that mail comes from, if that is not the company's.").used(),
    Definition::new("notifications.reply_to", Kind::Email, Usual::Nothing, "Reply address", "Where answers to mail go.").used(),
    Definition::new("notifications.appraisals", Kind::Boolean, Usual::Boolean(true), "Appraisals", "Whether people are told of appraisals that wait for them, or that they can read.").used(),
    Definition::new("notifications.expiring_documents", Kind::Choice(&["nobody", "person", "hr", "both"]), Usual::Text("both"), "Documents that expire", "Who is told of documents that expire: the person, those who look after people, or both.").used(),
    Definition::new("notifications.reminder_days", Kind::Whole(1, 30), Usual::Whole(3), "Reminder", "How many days before a last day people are reminded of what is still to be done.").used(),
    Definition::new("notifications.digest", Kind::Choice(&["none", "daily", "weekly"]), Usual::Text("none"), "Digest", "Whether notices are gathered and sent together."),
    Definition::new("notifications.birthdays", Kind::Boolean, Usual::Boolean(false), "Birthdays", "Whether colleagues are told of birthdays, without the year."),
    Definition::new("notifications.anniversaries", Kind::Boolean, Usual::Boolean(true), "Anniversaries", "Whether colleagues are told of anniversaries at work."),
    Definition::new("notifications.quiet_from", Kind::Time, Usual::Nothing, "Quiet from", "From when on nobody is notified; together with the end.").used(),
    Definition::new("notifications.quiet_until", Kind::Time, Usual::Nothing, "Quiet until", "Until when nobody is notified; before its start, the next morning.").used(),
    // How long is kept what may go.
    Definition::new("retention.leavers_months", Kind::Whole(6, 600), Usual::Whole(120), "People who left", "For how many months the records of those who left are kept."),
    Definition::new("retention.leave_months", Kind::Whole(12, 600), Usual::Whole(60), "Leave", "For how many months requests for leave are kept."),
    Definition::new("retention.payroll_months", Kind::Whole(24, 600), Usual::Whole(120), "Payroll", "For how many months payslips are kept."),
    Definition::new("retention.sign_in_days", Kind::Whole(30, 3_650), Usual::Whole(365), "Sign-ins", "For how many days ended sessions are kept."),
    // Records of changes.
    Definition::new("audit.settings_kept_days", Kind::Whole(30, 3_650), Usual::Whole(730), "Changes of settings", "For how many days a change of settings stays in their list of changes. The audit log keeps it longer.").used(),
    // Feature flags.
    Definition::new("flags.stale_days", Kind::Whole(1, 365), Usual::Whole(30), "Stale flags", "After how many days without a change a flag that gives everybody the same counts as stale.").used(),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn keys_are_unique_and_stand_by_group() {
        let keys: BTreeSet<&str> = DEFINITIONS.iter().map(|definition| definition.key).collect();
        assert_eq!(keys.len(), DEFINITIONS.len());
        let mut groups: Vec<&str> = DEFINITIONS.iter().map(Definition::group).collect();
        groups.dedup();
        let different: BTreeSet<&str> = groups.iter().copied().collect();
        assert_eq!(groups.len(), different.len(), "a group stands in two places");
        let form =
            |key: &&str| key.split('.').count() == 2 && key.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
        assert!(keys.iter().all(form), "{keys:?}");
    }

    #[test]
    fn what_is_usual_is_allowed() {
        for definition in DEFINITIONS {
            let usual = definition.usual.value();
            let taken = usual == Value::Null || definition.kind.read(&usual) == Ok(usual);
            assert!(taken, "{}", definition.key);
        }
    }

    #[test]
    fn the_documentation_has_every_setting() {
        let said = include_str!("../../../../docs/settings.md");
        for Definition { key, usual, in_use, .. } in DEFINITIONS {
            let line = said.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
            let line = line.unwrap_or_else(|| panic!("docs/settings.md has no line for {key}"));
            assert!(line.contains(&format!("`{}`", usual.value())), "another default of {key}: {line}");
            assert_eq!(line.ends_with("| yes |"), *in_use, "{line}");
        }
    }
}
