//! Dates as spreadsheets write them. Whether the day or the month comes first is decided over the whole column.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use thiserror::Error;

use super::date_parts::{Number, Written, Year, full_or_short, written};

/// Years that a date of a person's life or work can be in.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;
/// Youngest age at which people are employed anywhere (ILO Convention 138: light work from 14 where the law allows it).
const YOUNGEST: i16 = 14;
/// In which order a date of three numbers is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Month, day, year: `7/5/2011` is the fifth of July.
    Mdy,
    /// Day, month, year: `7/5/2011` is the seventh of May.
    Dmy,
    /// Year, month, day. Dates that begin with four digits are read so under every order.
    Ymd,
}

/// A word that is not a date order.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a date format; use mdy (7/31/2011), dmy (31/7/2011) or ymd (2011-07-31)")]
pub struct DateOrderError(String);

impl FromStr for DateOrder {
    type Err = DateOrderError;

    fn from_str(text: &str) -> Result<Self, DateOrderError> {
        match text.to_ascii_lowercase().as_str() {
            "mdy" => Ok(Self::Mdy),
            "dmy" => Ok(Self::Dmy),
            "ymd" | "iso" => Ok(Self::Ymd),
            _ => Err(DateOrderError(text.to_owned())),
        }
    }
}

/// What a date means decides which century a year of two digits is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateMeaning {
    /// A birth: the latest year in which the person is at least [`YOUNGEST`] years old today.
    Birth,
    /// Anything else: from 80 years ago to 19 years ahead.
    Event,
}

/// A text that is no date in the column's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum DateError {
    #[error("not a date")]
    Form,
    #[error("no such day in the calendar")]
    Impossible,
    #[error("does not fit the column, where the {0} comes first")]
    Order(&'static str),
    #[error("the year is not between {} and {}", YEARS.start(), YEARS.end())]
    Year,
    #[error("a spreadsheet's serial number, not a date; format the column as dates and save again")]
    Serial,
}

/// What a value says about the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Reads only with the month first.
    MonthFirst,
    /// Reads only with the day first.
    DayFirst,
    /// Reads in both ways, as different days.
    Either,
    /// The same under every order, or no date at all.
    None,
}

/// What a value says about the order of its column. Dots are only used in countries where the day comes first.
pub(super) fn evidence(text: &str) -> Evidence {
    let Ok(Written::Numbers { parts: [first, second, year], dotted }) = written(text) else { return Evidence::None };
    if year.digits != 2 && year.digits != 4 {
        return Evidence::None;
    }
    let exists = |month: Number, day: Number| {
        // In a leap year every day exists that a short year could stand for.
        let year = if year.digits == 4 { year.value } else { 2000 };
        civil(year, month.value, day.value).is_ok()
    };
    match (exists(first, second), exists(second, first)) {
        (true, false) => Evidence::MonthFirst,
        (false, true) => Evidence::DayFirst,
        (true, true) if first.value != second.value => {
            if dotted {
                Evidence::DayFirst
            } else {
                Evidence::Either
            }
        }
        _ => Evidence::None,
    }
}

/// Reads a date in the given order. A time of day behind it is passed over.
pub(super) fn parse(
    text: &str,
    order: Option<DateOrder>,
    meaning: DateMeaning,
    today: Date,
) -> Result<Date, DateError> {
    let (year, month, day) = match written(text)? {
        Written::Plain { year, month, day } => (year, i16::from(month), i16::from(day)),
        Written::Numbers { parts, .. } => arrange(parts, order)?,
    };
    let date = match year {
        Year::Full(year) => civil(year, month, day)?,
        Year::Short(short) => in_century(short, month, day, meaning, today)?,
    };
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(DateError::Year) }
}

/// Puts three numbers in order: year, month, day.
fn arrange([a, b, c]: [Number; 3], order: Option<DateOrder>) -> Result<(Year, i16, i16), DateError> {
    let (year, month, day) = match order {
        Some(DateOrder::Ymd) => (a, b, c),
        Some(DateOrder::Dmy) => (c, b, a),
        // Without evidence all dates of the column are the same in both orders.
        Some(DateOrder::Mdy) | None => (c, a, b),
    };
    if order != Some(DateOrder::Ymd) && month.value > 12 && day.value <= 12 {
        return Err(DateError::Order(if order == Some(DateOrder::Dmy) { "day" } else { "month" }));
    }
    Ok((full_or_short(year)?, month.value, day.value))
}

fn civil(year: i16, month: i16, day: i16) -> Result<Date, DateError> {
    let small = |value: i16| i8::try_from(value).map_err(|_| DateError::Impossible);
    Date::new(year, small(month)?, small(day)?).map_err(|_| DateError::Impossible)
}

/// The century of a year of two digits follows from what the date means. 29 February looks for the latest leap year.
fn in_century(short: i16, month: i16, day: i16, meaning: DateMeaning, today: Date) -> Result<Date, DateError> {
    let latest = match meaning {
        DateMeaning::Birth => today.checked_sub(YOUNGEST.years()).map_err(|_| DateError::Year)?,
        DateMeaning::Event => Date::new(today.year().saturating_add(19), 12, 31).map_err(|_| DateError::Year)?,
    };
    let centuries = [latest.year() / 100, latest.year() / 100 - 1];
    let dates = centuries.map(|century| civil(century * 100 + short, month, day));
    let fitting = dates.iter().flatten().find(|date| **date <= latest);
    fitting.copied().ok_or(DateError::Impossible)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2024, 6, 15);

    fn event(text: &str, order: DateOrder) -> Result<Date, DateError> {
        parse(text, Some(order), DateMeaning::Event, TODAY)
    }

    #[test]
    fn every_usual_way_to_write_a_date_is_read() {
        for text in [
            "2011-07-05",
            "2011/7/5",
            "2011-07-05 00:00:00",
            "2011-07-05T00:00:00Z",
            "5-Jul-2011",
            "05 July 2011",
            "Jul 5, 2011",
            "July 5 2011",
            "2011-Jul-05",
            "7/5/2011",
            "07/05/2011",
            "07-05-2011",
            "7/5/11",
            "7/5/2011 12:00 AM",
            " 7/5/2011 ",
        ] {
            assert_eq!(event(text, DateOrder::Mdy), Ok(date(2011, 7, 5)), "{text}");
        }
        for text in ["5/7/2011", "05.07.2011", "5.7.11", "2011-07-05", "5-Jul-11"] {
            assert_eq!(event(text, DateOrder::Dmy), Ok(date(2011, 7, 5)), "{text}");
        }
        assert_eq!(event("11-07-05", DateOrder::Ymd), Ok(date(2011, 7, 5)));
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_reason() {
        for (text, error) in [
            ("2/30/2011", DateError::Impossible),
            ("2011-02-29", DateError::Impossible),
            ("31/12/2011", DateError::Order("month")),
            ("13/13/2011", DateError::Impossible),
            ("1/2/0211", DateError::Year),
            ("1/2/211", DateError::Form),
            ("40729", DateError::Serial),
            ("soon", DateError::Form),
            ("5-Juli-2011", DateError::Form),
            ("1/2", DateError::Form),
            ("", DateError::Form),
        ] {
            assert_eq!(event(text, DateOrder::Mdy), Err(error), "{text}");
        }
    }

    #[test]
    fn short_years_of_births_leave_the_person_old_enough_to_work() {
        let birth = |text| parse(text, Some(DateOrder::Mdy), DateMeaning::Birth, TODAY);
        assert_eq!(birth("09/19/88"), Ok(date(1988, 9, 19)));
        assert_eq!(birth("02/25/51"), Ok(date(1951, 2, 25)));
        assert_eq!(birth("06/15/10"), Ok(date(2010, 6, 15)));
        assert_eq!(birth("06/16/10"), Ok(date(1910, 6, 16)), "not yet 14 today");
        assert_eq!(birth("02/29/00"), Ok(date(2000, 2, 29)));
        assert_eq!(birth("02/29/01"), Err(DateError::Impossible));
    }

    #[test]
    fn short_years_of_events_are_within_80_years_back_and_19_ahead() {
        assert_eq!(event("1/1/44", DateOrder::Mdy), Ok(date(1944, 1, 1)));
        assert_eq!(event("12/31/43", DateOrder::Mdy), Ok(date(2043, 12, 31)));
    }

    #[test]
    fn values_tell_the_order_of_their_column() {
        for (text, expected) in [
            ("7/31/2011", Evidence::MonthFirst),
            ("31/7/2011", Evidence::DayFirst),
            ("7/5/2011", Evidence::Either),
            ("7/5/11", Evidence::Either),
            ("5/5/2011", Evidence::None),
            ("05.07.2011", Evidence::DayFirst),
            ("07.31.2011", Evidence::MonthFirst),
            ("2011-07-05", Evidence::None),
            ("5-Jul-2011", Evidence::None),
            ("2/30/2011", Evidence::None),
            ("2/29/2011", Evidence::None),
            ("junk", Evidence::None),
        ] {
            assert_eq!(evidence(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_date_is_read_back_from_every_format(days in 0i32..36_000) {
            let date = date(1944, 1, 1).checked_add(days.days()).unwrap();
            for (format, order) in [
                ("%Y-%m-%d", DateOrder::Dmy), ("%m/%d/%Y", DateOrder::Mdy), ("%-m/%-d/%y", DateOrder::Mdy), ("%d/%m/%Y", DateOrder::Dmy),
                ("%d.%m.%Y", DateOrder::Dmy), ("%-d-%b-%Y", DateOrder::Mdy), ("%B %-d, %Y", DateOrder::Dmy), ("%y-%m-%d", DateOrder::Ymd),
            ] {
                let text = date.strftime(format).to_string();
                prop_assert_eq!(event(&text, order), Ok(date), "{}", text);
            }
        }

        #[test]
        fn reading_any_text_as_a_date_never_panics(text in "[0-9a-zT:./, -]{0,14}|.*", century in -90i16..75) {
            let today = date(2024 + century * 100, 1, 1);
            let _ = parse(&text, None, DateMeaning::Birth, today);
            let _ = evidence(&text);
        }
    }
}
