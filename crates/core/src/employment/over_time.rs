//! A person's employment over time: when it began and ended, each time, and where the person stood meanwhile.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Changes, Position, Refusal, Row, TerminationKind, Timeline};
use crate::ids::EmploymentPeriodId;

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
    pub(super) periods: Vec<Period>,
    pub(super) timeline: Timeline,
}

impl Period {
    pub(super) fn last_day(&self) -> Option<Date> {
        self.end.as_ref().map(|end| end.last_day)
    }

    pub(super) fn has(&self, day: Date) -> bool {
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
        self.timeline.end(end.last_day, None);
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
        self.timeline.end(last_day, None);
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
            self.restart(earlier.len(), on, current.end);
        }
        Ok(())
    }

    /// Makes the current employment what another system says of it, as an import does: its first and last day and, as of a day of it,
    /// where the person stands. A first day after the last one known begins a new employment; one within earlier employments makes one
    /// of them all. An employment that is filed ahead stays unless the current one is said to go on beyond its first day.
    pub fn follow(&mut self, (hired_on, end): (Date, Option<End>), (as_of, today): (Date, Date), position: Position) {
        let Some(at) = self.said(hired_on, today) else {
            if let Some(last_day) = self.periods.last().and_then(Period::last_day) {
                self.timeline.end(last_day, None);
            }
            self.begin(hired_on, end, position);
            return;
        };
        if self.periods.get(at).is_some_and(|said| said.hired_on != hired_on || said.end != end) {
            self.restart(at, hired_on, end);
        }
        if let Some(held) = self.timeline.in_force(as_of).map(|row| row.position.clone()) {
            self.timeline.file(as_of, Changes::between(&held, position), None);
        }
    }

    /// Where the employment is that a first day means: the current one, or the first after it that has not ended by then.
    fn said(&self, hired_on: Date, today: Date) -> Option<usize> {
        let current = self.current(today)?;
        let ended = |period: &&Period| period.last_day().is_some_and(|last_day| last_day < hired_on);
        let passed = self.periods.iter().skip(current).take_while(ended).count();
        Some(current + passed).filter(|at| *at < self.periods.len())
    }

    /// Where the employment of today is, the next one if there is none, or else the last.
    fn current(&self, today: Date) -> Option<usize> {
        let ends_later = |period: &Period| period.last_day().is_none_or(|last_day| last_day >= today);
        self.periods.iter().position(ends_later).or(self.periods.len().checked_sub(1))
    }

    /// Gives an employment other first and last days. Others that it would overlap become part of it.
    fn restart(&mut self, at: usize, hired_on: Date, end: Option<End>) {
        let Some(was) = self.periods.get(at).map(|period| period.hired_on) else { return };
        if was != hired_on {
            self.timeline.move_start(was, hired_on);
        }
        let ends_before = |later: &Period| end.as_ref().is_some_and(|end| end.last_day < later.hired_on);
        let later: Vec<Period> = self.periods.split_off(at).into_iter().skip(1).filter(ends_before).collect();
        if let Some(end) = &end {
            self.timeline.end(end.last_day.max(hired_on), later.first().map(|next| next.hired_on));
        }
        self.periods.retain(|earlier| earlier.last_day().is_some_and(|last_day| last_day < hired_on));
        self.periods.push(Period { id: None, hired_on, end });
        self.periods.extend(later);
    }

    fn begin(&mut self, hired_on: Date, end: Option<End>, position: Position) {
        self.timeline.start(hired_on, position, None);
        self.periods.push(Period { id: None, hired_on, end });
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::Field;
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
    fn a_day_of_hiring_within_earlier_employments_makes_one_of_them() {
        let mut ann = Employment::hire(day(0), graded("A"));
        ann.terminate(end(10)).unwrap();
        ann.rehire(day(20), graded("B")).unwrap();
        ann.follow((day(5), None), (day(25), day(25)), graded("C"));
        assert_eq!(ann.periods(), [Period { id: None, hired_on: day(5), end: None }]);
        assert_eq!((grade(&ann, 5).as_deref(), grade(&ann, 25).as_deref()), (Some("B"), Some("C")));
    }

    #[test]
    fn what_another_system_says_of_today_leaves_an_employment_that_is_filed_ahead() {
        let mut ann = Employment::hire(day(0), graded("A"));
        ann.terminate(end(20)).unwrap();
        ann.rehire(day(30), graded("B")).unwrap();
        let ahead = Period { id: None, hired_on: day(30), end: None };
        for (hired, last, said) in [(0, 20, "C"), (1, 20, "C"), (1, 25, "D")] {
            ann.follow((day(hired), Some(end(last))), (day(10), day(10)), graded(said));
            assert_eq!(ann.periods(), [Period { id: None, hired_on: day(hired), end: Some(end(last)) }, ahead.clone()]);
            let grades = [9, 10, 29, 30].map(|on| grade(&ann, on).unwrap());
            assert_eq!((grades[1].as_str(), grades[2].as_str(), grades[3].as_str()), (said, said, "B"), "{grades:?}");
        }
        ann.follow((day(31), None), (day(31), day(10)), graded("E"));
        assert_eq!(
            (ann.periods().len(), ann.periods()[1].hired_on, grade(&ann, 31).as_deref()),
            (2, day(31), Some("E"))
        );
        ann.follow((day(1), Some(end(40))), (day(10), day(10)), graded("D"));
        assert_eq!(ann.periods(), [Period { id: None, hired_on: day(1), end: Some(end(40)) }]);
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
                let today = as_of.max(day(70));
                ann.follow((day(hired), end.clone()), (as_of, today), graded(&grade_said));
                let once = ann.clone();
                prop_assert_eq!(ann.periods.last().map(|period| (period.hired_on, period.end.clone())), Some((day(hired), end.clone())));
                prop_assert_eq!(ann.timeline.in_force(as_of).unwrap().position.pay_grade.as_deref(), Some(grade_said.as_str()));
                for pair in ann.periods.windows(2) {
                    prop_assert!(pair[0].last_day().is_some_and(|last_day| last_day < pair[1].hired_on));
                }
                for period in &ann.periods {
                    prop_assert!(ann.timeline.rows().iter().any(|row| row.from == period.hired_on));
                }
                ann.follow((day(hired), end), (as_of, today), graded(&grade_said));
                prop_assert_eq!(&ann, &once);
            }
        }
    }
}
