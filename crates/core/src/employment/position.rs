//! Where a person stands in the company, and what changes of it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{EmploymentType, Field};
use crate::ids::{DepartmentId, DesignationId, EmployeeId, LocationId};
use crate::text::Line;

/// The company's word for a band of pay.
pub type PayGrade = Line<20>;

/// Digits after the decimal point that the database keeps of a [`Fraction`].
const SCALE: u32 = 4;

/// A share of full time: more than 0, at most 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fraction(Decimal);

/// A number that is no share of full time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is a decimal number above 0 and at most 1, with at most 4 decimal places, as text")]
pub struct FractionError;

/// All that holds of a person from a day on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The department.
    pub department_id: Option<DepartmentId>,
    /// The job title.
    pub designation_id: Option<DesignationId>,
    /// Whom the person reports to.
    pub manager_id: Option<EmployeeId>,
    /// The place of work.
    pub location_id: Option<LocationId>,
    /// The kind of contract.
    pub employment_type: Option<EmploymentType>,
    /// How much of full time.
    pub working_time_fraction: Option<Fraction>,
    /// The company's word for the band of pay.
    pub pay_grade: Option<String>,
}

/// New values of some fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The fields that change.
    pub fields: BTreeSet<Field>,
    /// Their new values; those of other fields do not count.
    pub values: Position,
}

impl Fraction {
    /// The number.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

impl TryFrom<Decimal> for Fraction {
    type Error = FractionError;

    fn try_from(number: Decimal) -> Result<Self, FractionError> {
        let number = number.normalize();
        let fits = number > Decimal::ZERO && number <= Decimal::ONE && number.scale() <= SCALE;
        if fits { Ok(Self(number)) } else { Err(FractionError) }
    }
}

impl FromStr for Fraction {
    type Err = FractionError;

    fn from_str(text: &str) -> Result<Self, FractionError> {
        Decimal::from_str_exact(text).map_err(|_| FractionError)?.try_into()
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Position {
    /// Takes the value of a field over from another position.
    fn take(&mut self, field: Field, from: &Self) {
        match field {
            Field::DepartmentId => self.department_id = from.department_id,
            Field::DesignationId => self.designation_id = from.designation_id,
            Field::ManagerId => self.manager_id = from.manager_id,
            Field::LocationId => self.location_id = from.location_id,
            Field::EmploymentType => self.employment_type = from.employment_type,
            Field::WorkingTimeFraction => self.working_time_fraction = from.working_time_fraction,
            Field::PayGrade => self.pay_grade.clone_from(&from.pay_grade),
        }
    }

    fn differs(&self, field: Field, other: &Self) -> bool {
        let mut changed = self.clone();
        changed.take(field, other);
        changed != *self
    }
}

impl Changes {
    /// Everything, as when somebody is hired.
    #[must_use]
    pub fn all(values: Position) -> Self {
        Self { fields: Field::ALL.iter().copied().collect(), values }
    }

    /// What has to change for one position to become another.
    #[must_use]
    pub fn between(before: &Position, after: Position) -> Self {
        Self::all(after).that_differ_from(before)
    }

    /// Those of the changes that make a difference to a position.
    #[must_use]
    pub fn that_differ_from(mut self, position: &Position) -> Self {
        let Self { fields, values } = &mut self;
        fields.retain(|field| position.differs(*field, values));
        self
    }

    /// Makes the changes in a position.
    pub fn apply(&self, position: &mut Position) {
        for field in &self.fields {
            position.take(*field, &self.values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_above_nothing_and_at_most_everything() {
        for (text, shown) in [("1", "1"), ("0.5", "0.5"), ("0.5000", "0.5"), ("0.0001", "0.0001"), ("1.00000", "1")] {
            assert_eq!(text.parse::<Fraction>().unwrap().to_string(), shown, "{text}");
        }
        for text in ["0", "-0.5", "1.0001", "0.00001", "", "half", "5e-1", "NaN"] {
            assert_eq!(text.parse::<Fraction>(), Err(FractionError), "{text}");
        }
    }

    #[test]
    fn what_differs_between_two_positions_makes_one_of_the_other() {
        let before = Position { pay_grade: Some("A".to_owned()), ..Position::default() };
        let after = Position { employment_type: Some(EmploymentType::Intern), ..Position::default() };
        let changes = Changes::between(&before, after.clone());
        assert_eq!(changes.fields, [Field::EmploymentType, Field::PayGrade].into());
        let mut made = before;
        changes.apply(&mut made);
        assert_eq!(made, after);
    }
}
