//! Filing where a person stands from a day on, and correcting or taking back what was filed.

use jiff::civil::Date;

use super::{Changes, Employment, Field, Position, Refusal, Row};
use crate::ids::DepartmentId;

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

impl Employment {
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
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::super::End;
    use super::*;

    fn day(number: i32) -> Date {
        date(2020, 1, 1) + number.days()
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
        ann.terminate(End { last_day: day(20), kind: None, reason: None }).unwrap();
        assert_eq!(ann.file(day(21), Changes::default(), None), Err(Refusal::NotEmployed));
        file(&mut ann, 20, "B");
        assert_eq!((grade(&ann, 19), grade(&ann, 20)), (Some("A".to_owned()), Some("B".to_owned())));
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
}
