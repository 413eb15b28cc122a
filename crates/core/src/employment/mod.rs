//! Employment: its fixed words, which the database stores and every interface speaks, and how it goes on over time.

mod difference;
mod filing;
mod number;
mod over_time;
mod position;
mod refusal;
mod timeline;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use difference::Operations;
pub use filing::Correction;
pub use number::{Pattern, PatternError};
pub use over_time::{Employment, End, Period};
pub use position::{Changes, Fraction, FractionError, PayGrade, Position};
pub use refusal::Refusal;
pub use timeline::{Row, Timeline};

/// A text that is not one of a vocabulary's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not a {what}; use one of {words}")]
pub struct UnknownWord {
    text: String,
    what: &'static str,
    words: String,
}

impl UnknownWord {
    pub(crate) fn new(text: &str, what: &'static str, words: &[&str]) -> Self {
        Self { text: text.to_owned(), what, words: words.join(", ") }
    }
}

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$word_doc:meta])* $word:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word,)+
        }

        impl $name {
            /// Every word of the vocabulary.
            pub const ALL: &[Self] = &[$(Self::$word),+];

            /// The word as it is stored and shown.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().copied().find(|word| word.as_str() == text);
                found.ok_or_else(|| UnknownWord::new(text, $what, &[$($text),+]))
            }
        }
    )+};
}
pub(crate) use vocabulary;

vocabulary! {
    /// Where a person stands with the company.
    EmployeeStatus, "status of an employee" {
        /// Hired, first day still to come.
        Pending = "pending",
        /// At work.
        Active = "active",
        /// Employed, away for long: parental leave, sabbatical, long illness.
        OnLeave = "on_leave",
        /// Employed, kept from work.
        Suspended = "suspended",
        /// No longer employed.
        Terminated = "terminated",
    }

    /// On whose initiative an employment ended.
    TerminationKind, "kind of termination" {
        /// The employee's: resignation, retirement.
        Voluntary = "voluntary",
        /// The company's: dismissal, redundancy.
        Involuntary = "involuntary",
        /// Nobody's, or not known: end of contract, death.
        Other = "other",
    }

    /// The kind of contract.
    EmploymentType, "type of employment" {
        /// Permanent, full hours.
        FullTime = "full_time",
        /// Permanent, fewer hours.
        PartTime = "part_time",
        /// Ends on an agreed date.
        FixedTerm = "fixed_term",
        /// Helps out: seasonal, casual, on call.
        Temporary = "temporary",
        /// Paid by invoice, not by payroll.
        Contractor = "contractor",
        /// Learns on the job for some months.
        Intern = "intern",
        /// Learns a trade.
        Apprentice = "apprentice",
    }

    /// What of an employee holds from a day on.
    Field, "field of an assignment" {
        /// The department.
        DepartmentId = "department_id",
        /// The job title.
        DesignationId = "designation_id",
        /// Whom the person reports to.
        ManagerId = "manager_id",
        /// The place of work.
        LocationId = "location_id",
        /// The kind of contract.
        EmploymentType = "employment_type",
        /// How much of full time.
        WorkingTimeFraction = "working_time_fraction",
        /// The company's word for the band of pay.
        PayGrade = "pay_grade",
    }

    /// The time that a stated salary pays for.
    PayPeriod, "pay period" {
        /// A year.
        Year = "year",
        /// A calendar month.
        Month = "month",
        /// A week.
        Week = "week",
        /// A working day.
        Day = "day",
        /// A working hour.
        Hour = "hour",
    }

    /// Gender as the person states it.
    Gender, "gender" {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Neither, or both.
        NonBinary = "non_binary",
        /// Another word than these.
        Other = "other",
        /// The person prefers not to say.
        Undisclosed = "undisclosed",
    }

    /// Marital status, which several countries' payroll taxes ask for.
    MaritalStatus, "marital status" {
        /// Never married.
        Single = "single",
        /// Married.
        Married = "married",
        /// In a registered partnership.
        Partnership = "partnership",
        /// Married, living apart.
        Separated = "separated",
        /// Divorced.
        Divorced = "divorced",
        /// The spouse has died.
        Widowed = "widowed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_is_the_same_in_json() {
        for word in EmployeeStatus::ALL {
            assert_eq!(word.as_str().parse::<EmployeeStatus>().unwrap(), *word);
            assert_eq!(serde_json::to_string(word).unwrap(), format!("{:?}", word.as_str()));
        }
        for word in EmploymentType::ALL {
            assert_eq!(serde_json::to_string(word).unwrap(), format!("{:?}", word.as_str()));
        }
        for word in Gender::ALL {
            assert_eq!(serde_json::to_string(word).unwrap(), format!("{:?}", word.as_str()));
        }
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = "weekly".parse::<PayPeriod>().unwrap_err();
        assert_eq!(error.to_string(), r#""weekly" is not a pay period; use one of year, month, week, day, hour"#);
    }
}
