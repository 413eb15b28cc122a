//! At which time of the day people are written to.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use uuid::Uuid;

/// The hour of the company's day in which it is looked who is to be reminded.
const PLANNED_AT: Time = Time::constant(6, 0, 0, 0);
const SECONDS_OF_AN_HOUR: u128 = 3600;

/// The time of the day in which nobody is written to. When it ends before it begins, it ends on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Its start.
    pub from: Time,
    /// Its end.
    pub until: Time,
}

impl Quiet {
    /// From when on people may be written to; now, when it is not quiet.
    #[must_use]
    pub fn over(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = zone.to_datetime(now);
        let (time, from, until) = (local.time(), self.from, self.until);
        let ends_on = |day: Date| zone.to_timestamp(day.to_datetime(until)).map_or(now, |ends| ends.max(now));
        if from <= until {
            if time >= from && time < until { ends_on(local.date()) } else { now }
        } else if time >= from {
            ends_on(local.date().saturating_add(1.days()))
        } else if time < until {
            ends_on(local.date())
        } else {
            now
        }
    }
}

/// When it is looked next who is to be reminded: in the next morning's hour, each company at another moment of it.
#[must_use]
pub fn next_planning(now: Timestamp, zone: &TimeZone, company: Uuid) -> Timestamp {
    let tomorrow = zone.to_datetime(now).date().saturating_add(1.days());
    let within = i64::try_from(company.as_u128() % SECONDS_OF_AN_HOUR).unwrap_or_default();
    let morning = zone.to_timestamp(tomorrow.to_datetime(PLANNED_AT));
    let next = morning.and_then(|morning| morning.checked_add(SignedDuration::from_secs(within)));
    next.unwrap_or_else(|_| now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn who_rests_is_written_to_afterwards() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |day: Date, hour: i8| zone.to_timestamp(day.at(hour, 0, 0, 0)).unwrap();
        let (today, tomorrow) = (date(2026, 1, 15), date(2026, 1, 16));
        let night = Quiet { from: time(20, 0, 0, 0), until: time(7, 0, 0, 0) };
        assert_eq!(night.over(at(today, 21), &zone), at(tomorrow, 7));
        assert_eq!(night.over(at(today, 3), &zone), at(today, 7));
        assert_eq!(night.over(at(today, 7), &zone), at(today, 7));
        assert_eq!(night.over(at(today, 12), &zone), at(today, 12));
        let noon = Quiet { from: time(12, 0, 0, 0), until: time(13, 0, 0, 0) };
        assert_eq!(noon.over(at(today, 12), &zone), at(today, 13));
        assert_eq!(noon.over(at(today, 13), &zone), at(today, 13));
    }

    #[test]
    fn the_next_look_is_in_the_morning_of_the_company() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now = zone.to_timestamp(date(2026, 1, 15).at(6, 30, 0, 0)).unwrap();
        for company in [Uuid::nil(), Uuid::from_u128(u128::MAX), Uuid::from_u128(3599)] {
            let next = zone.to_datetime(next_planning(now, &zone, company));
            assert_eq!((next.date(), next.hour()), (date(2026, 1, 16), 6));
        }
    }
}
