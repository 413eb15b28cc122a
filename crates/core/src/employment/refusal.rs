//! Why an employment cannot be changed as somebody asks.

use jiff::civil::Date;
use thiserror::Error;

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
