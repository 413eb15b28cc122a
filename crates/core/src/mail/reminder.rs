//! When somebody is reminded of a last day.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Stage;

/// How often somebody is reminded of a last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm<'a> {
    /// So many days before it.
    pub before: i64,
    /// So many days after it, each time, from the first on.
    pub after: &'a [i64],
}

impl Rhythm<'static> {
    /// For what somebody has to do: shortly before, the day after, and one and two weeks later.
    #[must_use]
    pub const fn of_a_task(before: i64) -> Self {
        Self { before, after: &[1, 8, 15] }
    }

    /// For a document that ends: when its reminders begin, and when it has ended.
    #[must_use]
    pub const fn of_a_document(before: i64) -> Self {
        Self { before, after: &[1] }
    }
}

/// A reminder that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Before or after the last day.
    pub stage: Stage,
    /// The day for which it is; with what it is about, it makes one reminder different from another.
    pub day: Date,
}

impl Rhythm<'_> {
    /// All reminders of a last day, the first first.
    pub fn reminders(self, last_day: Date) -> impl Iterator<Item = Due> {
        let day = move |days: i64| last_day.checked_add(days.days()).unwrap_or(Date::MAX);
        let soon = last_day.checked_sub(self.before.days()).unwrap_or(Date::MIN);
        let late = self.after.iter().map(move |days| Due { stage: Stage::Late, day: day(*days) });
        std::iter::once(Due { stage: Stage::Soon, day: soon }).chain(late)
    }
}

/// The reminder that is due today of a last day, when all up to a day were made or passed over before: of several days that were missed the
/// last counts alone, so that nobody gets many at once.
#[must_use]
pub fn due(last_day: Date, rhythm: Rhythm<'_>, (since, today): (Date, Date)) -> Option<Due> {
    rhythm.reminders(last_day).filter(|reminder| reminder.day > since && reminder.day <= today).last()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const LAST: Date = date(2026, 3, 31);
    const RHYTHM: Rhythm<'static> = Rhythm::of_a_task(3);

    fn day(offset: i64) -> Date {
        LAST.saturating_add(offset.days())
    }

    #[test]
    fn one_is_reminded_before_and_after_and_then_left_alone() {
        let days: Vec<_> = (-30..60)
            .filter_map(|offset| Some((offset, due(LAST, RHYTHM, (day(offset - 1), day(offset)))?.stage)))
            .collect();
        assert_eq!(days, [(-3, Stage::Soon), (1, Stage::Late), (8, Stage::Late), (15, Stage::Late)]);
    }

    #[test]
    fn what_was_missed_is_made_up_for_by_one() {
        assert_eq!(due(LAST, RHYTHM, (day(-10), day(12))), Some(Due { stage: Stage::Late, day: day(8) }));
        assert_eq!(due(LAST, RHYTHM, (day(15), day(400))), None);
    }

    proptest! {
        /// Whenever it is looked, on whatever days: no reminder comes twice, none too early, and never two at once.
        #[test]
        fn nobody_is_reminded_twice_of_the_same(mut looks in proptest::collection::vec(-40_i64..60, 1..40)) {
            looks.sort_unstable();
            let (mut since, mut seen) = (-41, BTreeSet::new());
            for look in looks {
                if let Some(due) = due(LAST, RHYTHM, (day(since), day(look))) {
                    prop_assert!(due.day <= day(look));
                    prop_assert!(seen.insert(due.day), "{due:?} again");
                }
                since = look;
            }
            prop_assert!(seen.len() <= 4);
        }

        /// Looking twice on a day gives nothing new.
        #[test]
        fn a_second_look_on_a_day_finds_nothing(look in -40_i64..60) {
            prop_assert_eq!(due(LAST, RHYTHM, (day(look), day(look))), None);
        }
    }
}
