//! Which archives are kept.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How long archives are kept. What one of these asks for is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// All of so many days back.
    pub days: u32,
    /// Of so many days back, one for each.
    pub daily: u32,
    /// Of so many weeks back, one for each.
    pub weekly: u32,
    /// Of so many months back, one for each.
    pub monthly: u32,
}

/// An archive of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The moment whose rows it holds.
    pub from: Timestamp,
    /// The last moment at which they were known to be still the same.
    pub until: Timestamp,
    /// Whether it was read through and found whole.
    pub is_verified: bool,
    /// Whether it was found damaged, so that it stands for nothing.
    pub is_damaged: bool,
}

impl Retention {
    /// Which of one tenant's archives, given newest first, can go. The newest never goes, and neither does the newest of those that
    /// were read through: while a newer one is only believed to be whole, an older one is known to be. One that was found damaged is
    /// neither, and no day's archive: it goes when its days are over. While there are no others, nothing goes.
    #[must_use]
    pub fn prunable(&self, archives: &[Held], now: Timestamp) -> Vec<usize> {
        let Some(newest) = archives.iter().position(|archive| !archive.is_damaged) else { return Vec::new() };
        let mut kept: BTreeSet<usize> = BTreeSet::from([newest]);
        kept.extend(archives.iter().position(|archive| archive.is_verified && !archive.is_damaged));
        let oldest = now.checked_sub(SignedDuration::from_hours(24 * i64::from(self.days))).unwrap_or(Timestamp::MIN);
        kept.extend(archives.iter().enumerate().filter(|(_, archive)| archive.until > oldest).map(|(place, _)| place));
        for (begin, end) in self.periods(day_of(now)) {
            let of_period =
                |archive: &Held| !archive.is_damaged && day_of(archive.from) < end && day_of(archive.until) >= begin;
            kept.extend(archives.iter().position(of_period));
        }
        (0..archives.len()).filter(|place| !kept.contains(place)).collect()
    }

    /// The days, weeks and months, each from its first day to the day after its last, of which one archive is kept.
    fn periods(&self, today: Date) -> impl Iterator<Item = (Date, Date)> {
        let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
        let first = today.first_of_month();
        let days = back(self.daily).map(move |n| (today.saturating_sub(n.days()), 1.day()));
        let weeks = back(self.weekly).map(move |n| (monday.saturating_sub(n.weeks()), 1.week()));
        let months = back(self.monthly).map(move |n| (first.saturating_sub(n.months()), 1.month()));
        days.chain(weeks).chain(months).map(|(begin, length)| (begin, begin.saturating_add(length)))
    }
}

fn back(count: u32) -> impl Iterator<Item = i64> {
    0..i64::from(count)
}

fn day_of(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_768_469_400;

    fn held(days_ago: i64, unchanged_for: i64, is_verified: bool) -> Held {
        let at = |days: i64| Timestamp::from_second(NOW - days * DAY).unwrap();
        Held { from: at(days_ago), until: at(days_ago - unchanged_for), is_verified, is_damaged: false }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    #[test]
    fn days_weeks_and_months_each_keep_their_newest() {
        // NOW is Thursday, 15 January 2026. One archive a day for 100 days.
        let archives: Vec<Held> = (0..100).map(|day| held(day, 0, false)).collect();
        let policy = Retention { days: 0, daily: 3, weekly: 3, monthly: 3 };
        let pruned = policy.prunable(&archives, now());
        let kept: Vec<usize> = (0..100).filter(|day| !pruned.contains(day)).collect();
        // 15, 14, 13 January; the Sundays 11 and 4 January; 31 December and 30 November.
        assert_eq!(kept, [0, 1, 2, 4, 11, 15, 46]);
    }

    #[test]
    fn an_archive_that_was_referred_to_stands_for_all_that_time() {
        let archives = [held(1, 0, false), held(40, 38, false), held(41, 0, false)];
        assert_eq!(Retention { days: 7, daily: 0, weekly: 0, monthly: 0 }.prunable(&archives, now()), [2]);
    }

    #[test]
    fn what_was_found_damaged_protects_nothing_and_takes_no_days_place() {
        let damaged = |days_ago| Held { is_damaged: true, ..held(days_ago, 0, false) };
        let daily = Retention { days: 0, daily: 3, weekly: 0, monthly: 0 };
        assert_eq!(
            daily.prunable(&[damaged(0), held(1, 0, false), held(1, 0, true), held(5, 0, false)], now()),
            [0, 3]
        );
        assert_eq!(daily.prunable(&[damaged(0), damaged(1)], now()), <[usize; 0]>::default());
        let days = Retention { days: 7, daily: 0, weekly: 0, monthly: 0 };
        assert_eq!(days.prunable(&[damaged(1), held(9, 0, false), damaged(10)], now()), [2]);
    }

    fn policy() -> impl Strategy<Value = Retention> {
        (0_u32..40, 0_u32..40, 0_u32..20, 0_u32..20).prop_map(|(days, daily, weekly, monthly)| Retention {
            days,
            daily,
            weekly,
            monthly,
        })
    }

    fn archives() -> impl Strategy<Value = Vec<Held>> {
        prop::collection::vec((0_i64..500, 0_i64..30, any::<bool>(), 0..10_u8), 0..60).prop_map(|mut rows| {
            rows.sort_unstable();
            let archive = |(ago, same, is_verified, damage): (i64, i64, bool, u8)| {
                let held = held(ago, same.min(ago), is_verified);
                Held { is_damaged: damage == 0, ..held }
            };
            rows.into_iter().map(archive).collect()
        })
    }

    proptest! {
        #[test]
        fn the_newest_and_the_newest_that_was_read_through_stay(policy in policy(), archives in archives()) {
            let pruned = policy.prunable(&archives, now());
            let whole = |archive: &Held| !archive.is_damaged;
            if let Some(newest) = archives.iter().position(whole) {
                prop_assert!(!pruned.contains(&newest));
            }
            if let Some(known) = archives.iter().position(|archive| whole(archive) && archive.is_verified) {
                prop_assert!(!pruned.contains(&known));
            }
        }

        #[test]
        fn nothing_younger_than_the_days_goes(policy in policy(), archives in archives()) {
            for place in policy.prunable(&archives, now()) {
                prop_assert!(archives[place].until <= now() - SignedDuration::from_hours(24 * i64::from(policy.days)));
            }
        }

        #[test]
        fn pruning_again_finds_nothing_more(policy in policy(), archives in archives()) {
            let pruned = policy.prunable(&archives, now());
            let left: Vec<Held> =
                archives.iter().enumerate().filter(|(place, _)| !pruned.contains(place)).map(|(_, held)| *held).collect();
            prop_assert_eq!(policy.prunable(&left, now()), Vec::<usize>::new());
        }

        #[test]
        fn a_longer_policy_keeps_all_that_a_shorter_one_does(policy in policy(), archives in archives()) {
            let longer = Retention { days: policy.days + 1, daily: policy.daily + 1, ..policy };
            let pruned = policy.prunable(&archives, now());
            prop_assert!(longer.prunable(&archives, now()).iter().all(|place| pruned.contains(place)));
        }

        #[test]
        fn every_day_that_is_asked_for_and_had_an_archive_still_has_one(daily in 1_u32..40, archives in archives()) {
            let policy = Retention { days: 0, daily, weekly: 0, monthly: 0 };
            let pruned = policy.prunable(&archives, now());
            for day in 0..i64::from(daily) {
                let day = day_of(now()) - day.days();
                let stands_for =
                    |held: &Held| !held.is_damaged && day_of(held.from) <= day && day_of(held.until) >= day;
                let had = archives.iter().any(stands_for);
                let has = archives.iter().enumerate().any(|(place, held)| !pruned.contains(&place) && stands_for(held));
                prop_assert_eq!(had, has);
            }
        }
    }
}
