//! What one state of an employment has that another has not.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Changes, Employment, Period, Position, Row};
use crate::ids::{EmploymentPeriodId, JobAssignmentId};

/// What has to be stored for one state to become another. Nothing that was stored is changed: it is superseded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations {
    /// The periods that hold no longer.
    pub periods_superseded: Vec<EmploymentPeriodId>,
    /// Those that hold from now on.
    pub periods_added: Vec<Period>,
    /// The rows that hold no longer.
    pub rows_superseded: Vec<JobAssignmentId>,
    /// Those that hold from now on.
    pub rows_added: Vec<Row>,
}

impl Operations {
    /// Whether nothing has to be stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Employment {
    /// What has to be stored for an earlier state to become this one.
    #[must_use]
    pub fn since(&self, before: &Self) -> Operations {
        let kept: Vec<_> = self.periods.iter().filter_map(|period| period.id).collect();
        let rows_kept: Vec<_> = self.timeline.rows().iter().filter_map(|row| row.id).collect();
        let periods = before.periods.iter().filter_map(|period| period.id);
        let rows = before.timeline.rows().iter().filter_map(|row| row.id);
        Operations {
            periods_superseded: periods.filter(|id| !kept.contains(id)).collect(),
            periods_added: self.periods.iter().filter(|period| period.id.is_none()).cloned().collect(),
            rows_superseded: rows.filter(|id| !rows_kept.contains(id)).collect(),
            rows_added: self.timeline.rows().iter().filter(|row| row.id.is_none()).cloned().collect(),
        }
    }

    /// What the person has from a day on that he or she did not have then in an earlier state, for each day from which something is
    /// otherwise. What was so before is left out of the positions.
    #[must_use]
    pub fn gained_since(&self, before: &Self, from: Date) -> Vec<(Date, Position)> {
        let mut days: BTreeSet<Date> = self.days().chain(before.days()).filter(|day| *day > from).collect();
        days.insert(from);
        let gained = days.into_iter().map(|day| {
            let was = before.position_on(day).cloned().unwrap_or_default();
            let changes = Changes::between(&was, self.position_on(day).cloned().unwrap_or_default());
            let mut new = Position::default();
            changes.apply(&mut new);
            (day, new)
        });
        gained.filter(|(_, new)| *new != Position::default()).collect()
    }

    /// The first day on which the person has a manager whom he or she did not have then in an earlier state.
    #[must_use]
    pub fn new_manager_from(&self, before: &Self) -> Option<Date> {
        let gained = self.gained_since(before, Date::MIN);
        gained.into_iter().find(|(_, new)| new.manager_id.is_some()).map(|(day, _)| day)
    }

    /// Where the person stands on a day of employment.
    fn position_on(&self, day: Date) -> Option<&Position> {
        let employed = self.periods.iter().any(|period| period.has(day));
        self.timeline.in_force(day).filter(|_| employed).map(|row| &row.position)
    }

    /// The days from which something is otherwise than on the day before.
    fn days(&self) -> impl Iterator<Item = Date> {
        let after = |period: &Period| period.last_day()?.tomorrow().ok();
        let periods = self.periods.iter().flat_map(move |period| [Some(period.hired_on), after(period)]).flatten();
        periods.chain(self.timeline.rows().iter().map(|row| row.from))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::super::{Correction, End, Field};
    use super::*;

    fn day(number: i32) -> Date {
        date(2020, 1, 1) + number.days()
    }

    fn under(manager: u128) -> Position {
        Position { manager_id: Some(Uuid::from_u128(manager).into()), ..Position::default() }
    }

    fn file(ann: &mut Employment, on: i32, values: Position) {
        ann.file(day(on), Changes { fields: [Field::ManagerId].into(), values }, None).unwrap();
    }

    #[test]
    fn what_is_taken_back_moved_or_goes_on_after_all_gives_what_was_before() {
        let mut ann = Employment::hire(day(0), Position { pay_grade: Some("A".to_owned()), ..under(1) });
        file(&mut ann, 20, Position::default());
        file(&mut ann, 40, under(2));
        let row = |ann: &Employment, at: usize| ann.timeline().rows()[at].clone();

        let mut back = ann.clone();
        back.take_back(&row(&ann, 1)).unwrap();
        assert_eq!(back.gained_since(&ann, day(30)), [(day(30), under(1))], "the grade was the same");
        assert_eq!((back.new_manager_from(&ann), ann.new_manager_from(&back)), (Some(day(20)), None));

        let mut moved = ann.clone();
        let later = Correction { from: Some(day(25)), ..Correction::default() };
        moved.correct(&row(&ann, 1), later).unwrap();
        assert_eq!((moved.new_manager_from(&ann), moved.new_manager_from(&moved)), (Some(day(20)), None));

        let mut left = ann.clone();
        left.terminate(End { last_day: day(30), kind: None, reason: None }).unwrap();
        assert_eq!(left.new_manager_from(&ann), None);
        let mut on = left.clone();
        on.withdraw_termination().unwrap();
        let grade = Position { pay_grade: Some("A".to_owned()), ..Position::default() };
        assert_eq!(on.gained_since(&left, day(0)), [(day(31), grade)]);
    }
}
