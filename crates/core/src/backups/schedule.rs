//! What is due at a moment.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use thiserror::Error;

/// The hour at which every tenant's archive is made, in UTC.
const NIGHTLY: i8 = 2;
/// The hour at which some archives are restored to try them, on Sundays, in UTC.
const DRILL: i8 = 4;

/// Work on the archives of many tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// An archive of every tenant and of the platform, every night.
    All,
    /// An archive of every tenant that is marked as critical, every hour.
    Critical,
    /// Some tenants' newest archives restored, compared and thrown away, every week.
    Drill,
}

/// A word that names no kind of run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a kind of run")]
pub struct UnknownRunKind(String);

impl RunKind {
    /// In the order in which they go when several are due: the short one first, and what is checked after what is made.
    pub const ALL: [Self; 3] = [Self::Critical, Self::All, Self::Drill];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Critical => "critical",
            Self::Drill => "drill",
        }
    }

    /// The last moment, up to this one, at which it was to begin.
    #[must_use]
    pub fn last_slot(self, now: Timestamp) -> Timestamp {
        let at = TimeZone::UTC.to_datetime(now);
        let slot = match self {
            Self::Critical => at.date().at(at.hour(), 0, 0, 0),
            Self::All => before(at, at.date().at(NIGHTLY, 0, 0, 0), 1),
            Self::Drill => {
                let days = i64::from(at.date().weekday().since(Weekday::Sunday));
                let sunday = at.date().saturating_sub(days.days());
                before(at, sunday.at(DRILL, 0, 0, 0), 7)
            }
        };
        TimeZone::UTC.to_timestamp(slot).unwrap_or(Timestamp::MIN)
    }
}

/// The slot, or if it is still to come, the one so many days before.
fn before(now: DateTime, slot: DateTime, days: i64) -> DateTime {
    if slot <= now { slot } else { slot.saturating_sub(days.days()) }
}

/// The first pause after a run that could do nothing, and the longest.
const RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_mins(30);

/// How long to wait after so many runs one after the other that could do nothing, because what they need was away: twice as long each time.
#[must_use]
pub fn retry_after(failures: u32) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    RETRY.saturating_mul(doubled).min(LONGEST_RETRY)
}

/// What is to be begun now, in this order, when the last of each kind began at these moments. One that was missed, for however long, is
/// made up for once.
pub fn due(now: Timestamp, last: impl Fn(RunKind) -> Option<Timestamp>) -> Vec<RunKind> {
    let is_due = |kind: &RunKind| last(*kind).is_none_or(|last| last < kind.last_slot(now));
    RunKind::ALL.into_iter().filter(is_due).collect()
}

impl FromStr for RunKind {
    type Err = UnknownRunKind;

    fn from_str(text: &str) -> Result<Self, UnknownRunKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownRunKind(text.to_owned()))
    }
}

impl fmt::Display for RunKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_night_the_hour_and_the_sunday_decide() {
        // A Sunday.
        let now = at("2026-01-18T03:59:59Z");
        assert_eq!(RunKind::All.last_slot(now), at("2026-01-18T02:00:00Z"));
        assert_eq!(RunKind::Critical.last_slot(now), at("2026-01-18T03:00:00Z"));
        assert_eq!(RunKind::Drill.last_slot(now), at("2026-01-11T04:00:00Z"));
        assert_eq!(RunKind::Drill.last_slot(at("2026-01-18T04:00:00Z")), at("2026-01-18T04:00:00Z"));
        assert_eq!(RunKind::All.last_slot(at("2026-01-18T01:59:59Z")), at("2026-01-17T02:00:00Z"));
    }

    #[test]
    fn what_never_ran_is_due_and_what_ran_in_its_slot_is_not() {
        let now = at("2026-01-15T09:30:00Z");
        assert_eq!(due(now, |_| None), RunKind::ALL);
        assert_eq!(due(now, |_| Some(now)), []);
        let last = |kind| Some(if kind == RunKind::All { at("2026-01-13T02:00:00Z") } else { now });
        assert_eq!(due(now, last), [RunKind::All]);
    }

    #[test]
    fn what_could_not_be_done_is_tried_again_soon_and_then_less_often() {
        let seconds = |failures| retry_after(failures).as_secs();
        assert_eq!([1, 2, 3, 8, 9, 33, u32::MAX].map(seconds), [10, 20, 40, 1280, 1800, 1800, 1800]);
    }

    #[test]
    fn every_kind_has_its_word() {
        for kind in RunKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert!("x".parse::<RunKind>().is_err());
    }

    proptest! {
        #[test]
        fn a_run_begun_in_time_makes_it_due_again_only_at_the_next_slot(
            seconds in 0_i64..4_000_000_000, later in 0_i64..1_000_000, kind in prop::sample::select(&RunKind::ALL[..]),
        ) {
            let now = Timestamp::from_second(seconds).unwrap();
            let slot = kind.last_slot(now);
            prop_assert!(slot <= now);
            prop_assert_eq!(kind.last_slot(slot), slot);
            let later = Timestamp::from_second(seconds + later).unwrap();
            let is_due = due(later, |_| Some(now)).contains(&kind);
            prop_assert_eq!(is_due, kind.last_slot(later) > now);
        }
    }
}
