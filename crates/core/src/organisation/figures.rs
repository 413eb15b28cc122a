//! The figures of a company on a day: how many people work where and how, who came and went in the year before, and how many each
//! manager leads.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::employment::EmploymentType;
use crate::ids::{DepartmentId, EmployeeId};

/// How many people stand alike on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// In which department.
    pub department: Option<DepartmentId>,
    /// By which kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// Under whom.
    pub manager: Option<EmployeeId>,
    /// How many.
    pub people: u32,
}

/// How many people came, or went, alike within a calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The first day of the month.
    pub month: Date,
    /// The department that they came into, or left.
    pub department: Option<DepartmentId>,
    /// By which kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// How many.
    pub people: u32,
}

/// Who came and went within a year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Movement {
    /// How many were employed on the day before its first one.
    pub before: u32,
    /// Whose employment began in it.
    pub joiners: Vec<Moved>,
    /// Whose ended, by the month of the first day without.
    pub leavers: Vec<Moved>,
}

/// How many are employed, and how many came and went in the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// How many are employed.
    pub headcount: u32,
    /// How many employments began.
    pub joiners: u32,
    /// How many ended.
    pub leavers: u32,
}

/// Who came and went in those days of a calendar month that lie in the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// The first of the days.
    pub from: Date,
    /// The last of them.
    pub to: Date,
    /// How many employments began on them.
    pub joiners: u32,
    /// How many ended: the first day without is one of them.
    pub leavers: u32,
    /// How many are employed on the last of them.
    pub headcount: u32,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many are employed.
    pub headcount: u32,
    /// The same for each department that has people, or that somebody came into or left; `None` for those without one.
    pub by_department: Vec<(Option<DepartmentId>, Count)>,
    /// The same for each kind of contract.
    pub by_employment_type: Vec<(Option<EmploymentType>, Count)>,
    /// How many employments began in the year.
    pub joiners: u32,
    /// How many ended.
    pub leavers: u32,
    /// The same month by month, the first and the last as far as they lie in the year.
    pub by_month: Vec<Month>,
    /// Those who left in per cent of the mean of the headcounts before and at the end of the year; `None` when nobody was there.
    pub attrition_percent: Option<Decimal>,
    /// How many people lead others.
    pub managers: u32,
    /// How many each of them leads directly, on average; `None` without managers.
    pub average_span: Option<Decimal>,
    /// The most that one of them leads directly.
    pub largest_span: u32,
}

/// The first day of the year that ends on a day.
#[must_use]
pub fn year_before(last: Date) -> Date {
    last.saturating_sub(1.year()).saturating_add(1.day())
}

/// The figures of a day from how people stand on it and who came and went in the year that ends with it.
#[must_use]
pub fn figures(as_of: Date, standing: &[Standing], movement: &Movement) -> Figures {
    let mut managers = BTreeMap::new();
    for group in standing {
        if let Some(manager) = group.manager {
            *managers.entry(manager).or_insert(0) += group.people;
        }
    }
    let headcount = standing.iter().map(|group| group.people).sum();
    let led: u32 = managers.values().sum();
    let count = u32::try_from(managers.len()).unwrap_or(u32::MAX);
    let sum = |moved: &[Moved]| moved.iter().map(|moved| moved.people).sum();
    let (joiners, leavers) = (sum(&movement.joiners), sum(&movement.leavers));
    let mean = (Decimal::from(movement.before) + Decimal::from(headcount)) / Decimal::TWO;
    Figures {
        headcount,
        by_department: counted(standing, movement, |group| group.department, |moved| moved.department),
        by_employment_type: counted(standing, movement, |group| group.employment_type, |moved| moved.employment_type),
        joiners,
        leavers,
        by_month: by_month(as_of, movement),
        attrition_percent: ratio(Decimal::from(leavers) * Decimal::ONE_HUNDRED, mean),
        managers: count,
        average_span: ratio(led.into(), count.into()),
        largest_span: managers.into_values().max().unwrap_or_default(),
    }
}

/// The counts of each of those that people stand in and move by.
fn counted<K: Ord>(
    standing: &[Standing],
    movement: &Movement,
    stands: impl Fn(&Standing) -> K,
    moves: impl Fn(&Moved) -> K,
) -> Vec<(K, Count)> {
    let mut counts: BTreeMap<K, Count> = BTreeMap::new();
    for group in standing {
        counts.entry(stands(group)).or_default().headcount += group.people;
    }
    for moved in &movement.joiners {
        counts.entry(moves(moved)).or_default().joiners += moved.people;
    }
    for moved in &movement.leavers {
        counts.entry(moves(moved)).or_default().leavers += moved.people;
    }
    counts.into_iter().collect()
}

fn by_month(as_of: Date, movement: &Movement) -> Vec<Month> {
    let (mut from, mut headcount) = (year_before(as_of), movement.before);
    let mut months = Vec::new();
    while from <= as_of {
        let month = from.first_of_month();
        let in_month = |moved: &[Moved]| -> u32 {
            moved.iter().filter(|moved| moved.month == month).map(|moved| moved.people).sum()
        };
        let (joiners, leavers) = (in_month(&movement.joiners), in_month(&movement.leavers));
        headcount = headcount.saturating_add(joiners).saturating_sub(leavers);
        let to = from.last_of_month().min(as_of);
        months.push(Month { from, to, joiners, leavers, headcount });
        let Ok(next) = to.tomorrow() else { break };
        from = next;
    }
    months
}

/// To one place after the point.
fn ratio(of: Decimal, to: Decimal) -> Option<Decimal> {
    of.checked_div(to).map(|ratio| ratio.round_dp(1))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn standing(department: u128, manager: Option<u128>, people: u32) -> Standing {
        Standing {
            department: Some(Uuid::from_u128(department).into()),
            employment_type: Some(EmploymentType::FullTime),
            manager: manager.map(|id| Uuid::from_u128(id).into()),
            people,
        }
    }

    fn moved(month: Date, department: u128, people: u32) -> Moved {
        let department = Some(Uuid::from_u128(department).into());
        Moved { month, department, employment_type: Some(EmploymentType::FullTime), people }
    }

    #[test]
    fn a_year_has_its_first_day_a_year_before_the_day_after_its_last() {
        assert_eq!(year_before(date(2026, 1, 15)), date(2025, 1, 16));
        assert_eq!(year_before(date(2024, 2, 29)), date(2023, 3, 1));
    }

    #[test]
    fn attrition_is_of_the_mean_headcount_and_a_span_of_those_who_lead() {
        let people = [standing(1, None, 1), standing(1, Some(7), 3), standing(2, Some(8), 4)];
        let movement = Movement {
            before: 4,
            joiners: vec![moved(date(2026, 3, 1), 2, 5)],
            leavers: vec![moved(date(2026, 4, 1), 3, 1)],
        };
        let found = figures(date(2026, 6, 30), &people, &movement);
        assert_eq!((found.headcount, found.managers, found.largest_span), (8, 2, 4));
        assert_eq!(found.attrition_percent.unwrap().to_string(), "16.7");
        assert_eq!(found.average_span.unwrap().to_string(), "3.5");
        let counts: Vec<Count> = found.by_department.iter().map(|(_, count)| *count).collect();
        let count = |headcount, joiners, leavers| Count { headcount, joiners, leavers };
        assert_eq!(counts, [count(4, 0, 0), count(4, 5, 0), count(0, 0, 1)], "one that is empty now lost somebody");
        let all = Some(EmploymentType::FullTime);
        assert_eq!(found.by_employment_type, [(all, count(8, 5, 1))]);
    }

    #[test]
    fn the_month_in_which_a_year_begins_and_ends_is_there_twice() {
        let joiners = [(2025, 6, 2), (2026, 1, 3), (2026, 6, 4)];
        let joiners = joiners.map(|(year, month, people)| moved(date(year, month, 1), 1, people)).to_vec();
        let movement = Movement { before: 10, joiners, leavers: vec![moved(date(2026, 1, 1), 1, 1)] };
        let found = figures(date(2026, 6, 14), &[], &movement);
        let month =
            |at: usize| found.by_month.get(at).map(|month| (month.from, month.to, month.joiners, month.headcount));
        assert_eq!(found.by_month.len(), 13);
        assert_eq!(month(0), Some((date(2025, 6, 15), date(2025, 6, 30), 2, 12)));
        assert_eq!(month(7), Some((date(2026, 1, 1), date(2026, 1, 31), 3, 14)));
        assert_eq!(month(12), Some((date(2026, 6, 1), date(2026, 6, 14), 4, 18)));
    }

    #[test]
    fn where_nobody_is_there_is_no_rate() {
        let found = figures(date(2026, 6, 30), &[], &Movement::default());
        assert_eq!((found.headcount, found.attrition_percent, found.average_span), (0, None, None));
    }

    proptest! {
        #[test]
        fn each_division_adds_up_to_the_headcount(groups in prop::collection::vec((0_u128..5, prop::option::of(0_u128..4), 1_u32..9), 0..20)) {
            let people: Vec<_> = groups.into_iter().map(|(department, manager, people)| standing(department, manager, people)).collect();
            let found = figures(date(2026, 6, 30), &people, &Movement::default());
            prop_assert_eq!(found.by_department.iter().map(|(_, count)| count.headcount).sum::<u32>(), found.headcount);
            prop_assert_eq!(found.by_employment_type.iter().map(|(_, count)| count.headcount).sum::<u32>(), found.headcount);
            prop_assert!(found.largest_span <= found.headcount);
        }

        #[test]
        fn the_months_are_the_days_of_the_year_once_each(days in 0_i32..1500) {
            let as_of = date(2023, 1, 1).saturating_add(days.days());
            let months = figures(as_of, &[], &Movement::default()).by_month;
            let mut next = year_before(as_of);
            for month in &months {
                prop_assert!(month.from == next && month.from <= month.to && month.to <= month.from.last_of_month());
                next = month.to.tomorrow().unwrap();
            }
            prop_assert_eq!(next, as_of.tomorrow().unwrap());
        }
    }
}
