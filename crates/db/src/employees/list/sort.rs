//! The orders of the list, and places in them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use tenure_core::ids::EmployeeId;
use thiserror::Error;

use crate::employees::WorkFields;

/// An order of the list; the key settles what is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What an order compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// Last name, then first name.
    #[default]
    Name,
    /// The number, in whatever case.
    EmployeeNumber,
    /// The first day of employment.
    HiredOn,
}

/// A text that is no order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is one of name, employee_number and hired_on, with a - before it for the reverse")]
pub struct UnknownSort;

/// The place in the list after which a page starts: the last employee of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageStart {
    /// What the order compares.
    pub place: Place,
    /// The key, which settles equal places.
    pub id: EmployeeId,
}

/// What an order compares of one employee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the order of names.
    Name {
        /// The family name.
        last_name: String,
        /// The first name.
        first_name: String,
    },
    /// In the order of numbers.
    EmployeeNumber(String),
    /// In the order of first days.
    HiredOn(Date),
}

impl PageStart {
    /// The place of an employee in an order.
    #[must_use]
    pub fn of(employee: &WorkFields, sort: Sort) -> Self {
        let place = match sort.by {
            SortBy::Name => {
                Place::Name { last_name: employee.last_name.clone(), first_name: employee.first_name.clone() }
            }
            SortBy::EmployeeNumber => Place::EmployeeNumber(employee.employee_number.clone()),
            SortBy::HiredOn => Place::HiredOn(employee.hired_on),
        };
        Self { place, id: employee.id }
    }
}

impl SortBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::EmployeeNumber => "employee_number",
            Self::HiredOn => "hired_on",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.by.as_str())
    }
}

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(text: &str) -> Result<Self, UnknownSort> {
        let (descending, word) = match text.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, text),
        };
        let known = [SortBy::Name, SortBy::EmployeeNumber, SortBy::HiredOn];
        let by = known.into_iter().find(|by| by.as_str() == word).ok_or(UnknownSort)?;
        Ok(Self { by, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_reads_back_and_others_are_refused() {
        for text in ["name", "-name", "employee_number", "-employee_number", "hired_on", "-hired_on"] {
            assert_eq!(text.parse::<Sort>().unwrap().to_string(), text);
        }
        for wrong in ["", "-", "--name", "Name", "salary", "name,-hired_on"] {
            assert_eq!(wrong.parse::<Sort>(), Err(UnknownSort), "{wrong}");
        }
    }
}
