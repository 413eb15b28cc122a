//! A person's employment over time: when it began and ended, each time, and where the person stood meanwhile.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Changes, Field, Position, Row, TerminationKind, Timeline};
use crate::ids::{DepartmentId, EmploymentPeriodId, JobAssignmentId};

/// One time that a person was employed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The key of a period that is stored; `None` for one that is to be.
    pub id: Option<EmploymentPeriodId>,
    /// The first day.
    pub hired_on: Date,
    /// How it ended or will end.
    pub end: Option<End>,
}

/// How an employment ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The last day of employment.
    pub last_day: Date,
    /// On whose initiative.
    pub kind: Option<TerminationKind>,
    /// Why, in words.
    pub reason: Option<String>,
}

/// Everything about one person. Periods do not overlap, and each begins with a row of the timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Employment {
    periods: Vec<Period>,
    timeline: Timeline,
}

/// What is to change of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// Another day.
    pub from: Option<Date>,
    /// Other values.
    pub changes: Changes,
    /// Another reason; the inner `None` for none.
    pub reason: Option<Option<String>>,
}

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

/// Why something cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// On the day the person is not employed.
    #[error("is a day on which the person is not employed")]
    NotEmployed,
    /// The last day lies before the first.
    #[error("lies before the first day of employment, {0}")]
    BeforeHire(Date),
    /// The first day lies after the last.
    #[error("lies after the last day of employment, {0}")]
    AfterEnd(Date),
    /// The person was still employed before.
    #[error("lies within an earlier employment, which ended on {0}")]
    Overlaps(Date),
    /// Something else is filed for the day.
    #[error("is the day of another change; correct that one, or take it back first")]
    DayTaken,
    /// Changes are filed for days before the new first day.
    #[error("lies after a change that is filed for {0}; take that one back first")]
    ChangesBefore(Date),
    /// The person has left, or will.
    #[error("the employment ends on {0} already; withdraw that termination first")]
    AlreadyEnds(Date),
    /// No end is known.
    #[error("no termination is on record for the current employment")]
    NoTermination,
    /// The person has not left.
    #[error("the person is employed; a new employment begins after the last day of the one before")]
    StillEmployed,
    /// The first row of an employment cannot go.
    #[error("an employment begins with this assignment; correct it, or correct the day of hiring")]
    FirstRow,
    /// The person was never employed.
    #[error("no employment is on record for this person")]
    NoEmployment,
}

impl Refusal {
    /// Whether it is about the day that was given, not about where the person stands.
    #[must_use]
    pub const fn is_about_the_day(self) -> bool {
        !matches!(
            self,
            Self::AlreadyEnds(_) | Self::NoTermination | Self::StillEmployed | Self::FirstRow | Self::NoEmployment
        )
    }
}

impl Period {
    fn last_day(&self) -> Option<Date> {
        self.end.as_ref().map(|end| end.last_day)
    }

    fn has(&self, day: Date) -> bool {
        self.hired_on <= day && self.last_day().is_none_or(|last_day| day <= last_day)
    }
}

impl Employment {
    /// An employment as it is stored.
    #[must_use]
    pub fn new(mut periods: Vec<Period>, timeline: Timeline) -> Self {
        periods.sort_by_key(|period| period.hired_on);
        Self { periods, timeline }
    }

    /// The employment of somebody who is hired for the first time.
    #[must_use]
    pub fn hire(on: Date, position: Position) -> Self {
        let mut hired = Self::default();
        hired.begin(on, None, position);
        hired
    }

    /// The times that the person was employed, by their first days.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// Where the person stood when.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Files changes that hold from a day on.
    ///
    /// # Errors
    /// When the person is not employed on that day.
    pub fn file(&mut self, on: Date, changes: Changes, reason: Option<&str>) -> Result<(), Refusal> {
        if !self.periods.iter().any(|period| period.has(on)) {
            return Err(Refusal::NotEmployed);
        }
        self.timeline.file(on, changes, reason);
        Ok(())
    }

    /// Corrects a row.
    ///
    /// # Errors
    /// When its new day is no day of employment or has a row already, or when it is the first row of an employment and moves.
    pub fn correct(&mut self, row: &Row, correction: Correction) -> Result<(), Refusal> {
        let Correction { from, changes, reason } = correction;
        let to = from.unwrap_or(row.from);
        if to != row.from {
            self.shift(row, to)?;
        }
        self.file(to, changes, None)?;
        if let Some(reason) = reason {
            self.timeline.give_reason(to, reason);
        }
        Ok(())
    }

    fn shift(&mut self, row: &Row, to: Date) -> Result<(), Refusal> {
        if self.timeline.rows().iter().any(|other| other.from == to) {
            return Err(Refusal::DayTaken);
        }
        self.take_back(row)?;
        let changes = Changes { fields: row.changed.clone(), values: row.position.clone() };
        self.file(to, changes, row.reason.as_deref())
    }

    /// Takes a row back.
    ///
    /// # Errors
    /// When an employment begins with it.
    pub fn take_back(&mut self, row: &Row) -> Result<(), Refusal> {
        if self.periods.iter().any(|period| period.hired_on == row.from) {
            return Err(Refusal::FirstRow);
        }
        self.timeline.take_back(row.from);
        Ok(())
    }

    /// Ends the current employment. What was filed for later days is dropped.
    ///
    /// # Errors
    /// When it ends already, or would end before it began.
    pub fn terminate(&mut self, end: End) -> Result<(), Refusal> {
        let current = self.periods.last_mut().ok_or(Refusal::NoEmployment)?;
        if let Some(last_day) = current.last_day() {
            return Err(Refusal::AlreadyEnds(last_day));
        }
        if end.last_day < current.hired_on {
            return Err(Refusal::BeforeHire(current.hired_on));
        }
        self.timeline.end(end.last_day);
        *current = Period { id: None, end: Some(end), ..current.clone() };
        Ok(())
    }

    /// Lets the current employment go on after all, as if no end had been filed. Changes that the termination dropped stay dropped.
    ///
    /// # Errors
    /// When no end is on record.
    pub fn withdraw_termination(&mut self) -> Result<(), Refusal> {
        let current = self.periods.last_mut().ok_or(Refusal::NoEmployment)?;
        if current.end.is_none() {
            return Err(Refusal::NoTermination);
        }
        *current = Period { id: None, end: None, ..current.clone() };
        Ok(())
    }

    /// Employs somebody again who has left.
    ///
    /// # Errors
    /// When the person has not left before that day.
    pub fn rehire(&mut self, on: Date, position: Position) -> Result<(), Refusal> {
        let last_day = self.periods.last().ok_or(Refusal::NoEmployment)?.last_day().ok_or(Refusal::StillEmployed)?;
        if on <= last_day {
            return Err(Refusal::Overlaps(last_day));
        }
        self.timeline.end(last_day);
        self.begin(on, None, position);
        Ok(())
    }

    /// Corrects the first day of the current employment, and with it the day of its first row.
    ///
    /// # Errors
    /// When the new day lies within an earlier employment, after the last day, or after a change that is filed.
    pub fn correct_hire(&mut self, on: Date) -> Result<(), Refusal> {
        let mut earlier = self.periods.clone();
        let current = earlier.pop().ok_or(Refusal::NoEmployment)?;
        if let Some(last_day) = earlier.last().and_then(Period::last_day).filter(|last_day| on <= *last_day) {
            return Err(Refusal::Overlaps(last_day));
        }
        if let Some(last_day) = current.last_day().filter(|last_day| on > *last_day) {
            return Err(Refusal::AfterEnd(last_day));
        }
        let between = |row: &&Row| row.from > current.hired_on && row.from <= on;
        if let Some(row) = self.timeline.rows().iter().find(between) {
            return Err(Refusal::ChangesBefore(row.from));
        }
        if on != current.hired_on {
            self.restart(on, current.end);
        }
        Ok(())
    }

    /// Makes the current employment what another system says of it, as an import does: its first and last day and, as of a day of it,
    /// where the person stands. A first day after the last one known begins a new employment; one within earlier employments makes one
    /// of them all.
    pub fn follow(&mut self, hired_on: Date, end: Option<End>, as_of: Date, position: Position) {
        let is_new = match self.periods.last() {
            None => true,
            Some(current) => current.last_day().is_some_and(|last_day| hired_on > last_day),
        };
        if is_new {
            if let Some(last_day) = self.periods.last().and_then(Period::last_day) {
                self.timeline.end(last_day);
            }
            self.begin(hired_on, end, position);
            return;
        }
        if self.periods.last().is_some_and(|current| current.hired_on != hired_on || current.end != end) {
            self.restart(hired_on, end);
        }
        if let Some(held) = self.timeline.in_force(as_of).map(|row| row.position.clone()) {
            self.timeline.file(as_of, Changes::between(&held, position), None);
        }
    }

    /// Moves the person out of a department that goes, from a day on: as of that day if he or she is in it then, and in everything that
    /// is filed for later.
    pub fn leave_department(&mut self, from: DepartmentId, into: DepartmentId, on: Date) {
        let is_in = |position: &Position| position.department_id == Some(from);
        let values = Position { department_id: Some(into), ..Position::default() };
        let change = Changes { fields: [Field::DepartmentId].into(), values };
        if self.timeline.in_force(on).is_some_and(|row| is_in(&row.position)) {
            self.timeline.file(on, change.clone(), None);
        }
        let later = self.timeline.rows().iter().filter(|row| row.from > on && is_in(&row.position));
        let later: Vec<Date> = later.map(|row| row.from).collect();
        for day in later {
            self.timeline.file(day, change.clone(), None);
        }
    }

    /// Gives the current employment other first and last days. Earlier ones that it would overlap become part of it.
    fn restart(&mut self, hired_on: Date, end: Option<End>) {
        let Some(current) = self.periods.last() else { return };
        if current.hired_on != hired_on {
            self.timeline.move_start(current.hired_on, hired_on);
        }
        if let Some(end) = &end {
            self.timeline.end(end.last_day.max(hired_on));
        }
        self.periods.pop();
        self.periods.retain(|earlier| earlier.last_day().is_some_and(|last_day| last_day < hired_on));
        self.periods.push(Period { id: None, hired_on, end });
    }

    fn begin(&mut self, hired_on: Date, end: Option<End>, position: Position) {
        self.timeline.start(hired_on, position, None);
        self.periods.push(Period { id: None, hired_on, end });
    }

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
}

impl Operations {
    /// Whether nothing has to be stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn day(number: i32) -> Date {
        date(2020, 1, 1) + number.days()
    }

    fn end(number: i32) -> End {
        End { last_day: day(number), kind: None, reason: None }
    }

    fn graded(grade: &str) -> Position {
        Position { pay_grade: Some(grade.to_owned()), ..Position::default() }
    }

    fn grade(employment: &Employment, number: i32) -> Option<String> {
        employment.timeline.in_force(day(number))?.position.pay_grade.clone()
    }

    fn file(employment: &mut Employment, number: i32, grade: &str) {
        let changes = Changes { fields: [Field::PayGrade].into(), values: graded(grade) };
        employment.file(day(number), changes, None).unwrap();
    }

    #[test]
    fn a_change_is_filed_for_a_day_of_employment_only() {
        let mut ann = Employment::hire(day(10), graded("A"));
        assert_eq!(ann.file(day(9), Changes::default(), None), Err(Refusal::NotEmployed));
        ann.terminate(end(20)).unwrap();
        assert_eq!(ann.file(day(21), Changes::default(), None), Err(Refusal::NotEmployed));
        file(&mut ann, 20, "B");
        assert_eq!((grade(&ann, 19), grade(&ann, 20)), (Some("A".to_owned()), Some("B".to_owned())));
    }

    #[test]
    fn an_end_drops_what_was_filed_for_later_and_can_be_withdrawn() {
        let mut ann = Employment::hire(day(0), graded("A"));
        file(&mut ann, 30, "B");
        assert_eq!(ann.terminate(end(-1)), Err(Refusal::BeforeHire(day(0))));
        ann.terminate(end(20)).unwrap();
        assert_eq!(grade(&ann, 30).as_deref(), Some("A"));
        assert_eq!(ann.terminate(end(25)), Err(Refusal::AlreadyEnds(day(20))));
        ann.withdraw_termination().unwrap();
        assert_eq!(ann.withdraw_termination(), Err(Refusal::NoTermination));
        assert_eq!(ann.periods(), [Period { id: None, hired_on: day(0), end: None }]);
    }

    #[test]
    fn whoever_has_left_is_hired_again_after_the_last_day() {
        let mut ann = Employment::hire(day(0), graded("A"));
        assert_eq!(ann.rehire(day(9), graded("B")), Err(Refusal::StillEmployed));
        ann.terminate(end(10)).unwrap();
        assert_eq!(ann.rehire(day(10), graded("B")), Err(Refusal::Overlaps(day(10))));
        ann.rehire(day(11), graded("B")).unwrap();
        assert_eq!((grade(&ann, 10).as_deref(), grade(&ann, 11).as_deref()), (Some("A"), Some("B")));
        assert_eq!(ann.correct_hire(day(10)), Err(Refusal::Overlaps(day(10))));
        assert_eq!(ann.periods().len(), 2);
    }

    #[test]
    fn a_corrected_first_day_takes_the_first_row_with_it() {
        let mut ann = Employment::hire(day(10), graded("A"));
        file(&mut ann, 20, "B");
        assert_eq!(ann.correct_hire(day(20)), Err(Refusal::ChangesBefore(day(20))));
        ann.correct_hire(day(5)).unwrap();
        assert_eq!((grade(&ann, 4), grade(&ann, 5).as_deref()), (None, Some("A")));
        ann.correct_hire(day(19)).unwrap();
        assert_eq!((grade(&ann, 18), grade(&ann, 19).as_deref(), ann.timeline.rows().len()), (None, Some("A"), 2));
        ann.terminate(end(30)).unwrap();
        assert_eq!(ann.correct_hire(day(31)), Err(Refusal::AfterEnd(day(30))));
    }

    #[test]
    fn a_row_moves_with_what_it_changed_and_the_first_one_stays() {
        let mut ann = Employment::hire(day(0), graded("A"));
        file(&mut ann, 20, "B");
        file(&mut ann, 30, "C");
        let row = |ann: &Employment, at: usize| ann.timeline.rows()[at].clone();
        let to = |number| Correction { from: Some(day(number)), ..Correction::default() };
        assert_eq!(ann.correct(&row(&ann, 1), to(30)), Err(Refusal::DayTaken));
        assert_eq!(ann.clone().correct(&row(&ann, 0), to(5)), Err(Refusal::FirstRow));
        ann.correct(&row(&ann, 1), to(10)).unwrap();
        assert_eq!((grade(&ann, 9).as_deref(), grade(&ann, 10).as_deref()), (Some("A"), Some("B")));
        assert_eq!(ann.take_back(&row(&ann, 0)), Err(Refusal::FirstRow));
        ann.take_back(&row(&ann, 1)).unwrap();
        assert_eq!((grade(&ann, 29).as_deref(), grade(&ann, 30).as_deref()), (Some("A"), Some("C")));
    }

    #[test]
    fn a_department_that_goes_is_left_as_of_the_day_and_in_what_is_filed() {
        let department = |number: u128| Some(DepartmentId::from(Uuid::from_u128(number)));
        let in_department = |number| Position { department_id: department(number), ..Position::default() };
        let mut ann = Employment::hire(day(0), in_department(1));
        for (on, number) in [(20, 2), (30, 1)] {
            let changes = Changes { fields: [Field::DepartmentId].into(), values: in_department(number) };
            ann.file(day(on), changes, None).unwrap();
        }
        ann.leave_department(Uuid::from_u128(1).into(), Uuid::from_u128(3).into(), day(10));
        let found = |number| ann.timeline.in_force(day(number)).unwrap().position.department_id;
        assert_eq!([9, 10, 20, 30].map(found), [1, 3, 2, 3].map(department));
    }

    #[test]
    fn a_day_of_hiring_within_earlier_employments_makes_one_of_them() {
        let mut ann = Employment::hire(day(0), graded("A"));
        ann.terminate(end(10)).unwrap();
        ann.rehire(day(20), graded("B")).unwrap();
        ann.follow(day(5), None, day(25), graded("C"));
        assert_eq!(ann.periods(), [Period { id: None, hired_on: day(5), end: None }]);
        assert_eq!((grade(&ann, 5).as_deref(), grade(&ann, 25).as_deref()), (Some("B"), Some("C")));
    }

    proptest! {
        /// Whatever an import says in whatever order, it then holds; periods do not overlap, each begins with a row, and saying it again
        /// changes nothing.
        #[test]
        fn what_another_system_says_holds_afterwards(
            said in prop::collection::vec((0..60, prop::option::of(0..30), 0_i32..40, "[A-C]"), 1..8),
        ) {
            let mut ann = Employment::default();
            for (hired, length, as_of, grade_said) in said {
                let end = length.map(|length| end(hired + length));
                let as_of = day(length.map_or(hired + as_of, |length| hired + as_of.min(length)));
                ann.follow(day(hired), end.clone(), as_of, graded(&grade_said));
                let once = ann.clone();
                prop_assert_eq!(ann.periods.last().map(|period| (period.hired_on, period.end.clone())), Some((day(hired), end.clone())));
                prop_assert_eq!(ann.timeline.in_force(as_of).unwrap().position.pay_grade.as_deref(), Some(grade_said.as_str()));
                for pair in ann.periods.windows(2) {
                    prop_assert!(pair[0].last_day().is_some_and(|last_day| last_day < pair[1].hired_on));
                }
                for period in &ann.periods {
                    prop_assert!(ann.timeline.rows().iter().any(|row| row.from == period.hired_on));
                }
                ann.follow(day(hired), end, as_of, graded(&grade_said));
                prop_assert_eq!(&ann, &once);
            }
        }
    }
}
