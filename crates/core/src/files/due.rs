//! Documents that expire, and when somebody is reminded of it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::employment::{UnknownWord, vocabulary};

vocabulary! {
    /// How a document stands to the last day on which it is good.
    Expiry, "expiry of a document" {
        /// It is good, and nobody has to think of it yet.
        Good = "good",
        /// It is good, and its end is near: a new one is wanted.
        Due = "due",
        /// It was good until a day that is over.
        Expired = "expired",
    }
}

/// How a document that is good until a day stands on another, when reminders begin so many days before the end.
#[must_use]
pub fn expiry(expires_on: Date, remind_days: u16, today: Date) -> Expiry {
    let days: Span = i32::from(remind_days).days();
    let reminded = expires_on.checked_sub(days).unwrap_or(Date::MIN);
    if today > expires_on {
        Expiry::Expired
    } else if today >= reminded {
        Expiry::Due
    } else {
        Expiry::Good
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_document_is_good_on_its_last_day_and_reminded_of_before() {
        let last = date(2026, 3, 31);
        for (today, expected) in [
            (date(2026, 2, 28), Expiry::Good),
            (date(2026, 3, 1), Expiry::Due),
            (last, Expiry::Due),
            (date(2026, 4, 1), Expiry::Expired),
        ] {
            assert_eq!(expiry(last, 30, today), expected, "{today}");
        }
        assert_eq!(expiry(last, 0, date(2026, 3, 30)), Expiry::Good);
    }

    proptest! {
        /// As days go by a document goes from good to due to expired, and never back.
        #[test]
        fn time_goes_one_way(remind in 0_u16..400, from in 0_i32..2_000) {
            let (last, day) = (date(2026, 3, 31), |days: i32| date(2023, 1, 1).saturating_add(days.days()));
            prop_assert!(expiry(last, remind, day(from)) <= expiry(last, remind, day(from + 1)));
        }
    }
}
