//! Goals of an employee in a cycle: how far each is, and how a goal made of others is.

use rust_decimal::{Decimal, RoundingStrategy};

#[cfg(test)]
mod tests;

/// Where a goal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Done.
    Completed,
    /// Put aside: it counts no longer in the goal above it.
    Archived,
    /// Ended as it is, done or not: it counts still in the goal above it.
    Closed,
}

/// How much of a goal is done, in percent: 0 to 100 with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Progress(Decimal);

/// Why a number is no progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and 100, with at most two decimals")]
pub struct NotProgress;

impl Progress {
    /// # Errors
    /// [`NotProgress`] below 0, above 100, or with more than two decimals.
    pub fn new(percent: Decimal) -> Result<Self, NotProgress> {
        let fits = percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
        if fits && percent.normalize().scale() <= 2 { Ok(Self(percent.normalize())) } else { Err(NotProgress) }
    }

    /// The percentage.
    #[must_use]
    pub const fn percent(self) -> Decimal {
        self.0
    }
}

/// The progress of a goal made of `children`: the average of those that are not archived, halves rounded away from zero at
/// the second decimal. `None` when none counts: the goal then keeps its own.
#[must_use]
pub fn of_children(children: &[(Status, Progress)]) -> Option<Progress> {
    let counted = children.iter().filter(|(status, _)| *status != Status::Archived);
    let (sum, number) = counted
        .fold((Decimal::ZERO, Decimal::ZERO), |(sum, number), (_, progress)| (sum + progress.0, number + Decimal::ONE));
    let average = sum.checked_div(number)?.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Some(Progress(average.normalize()))
}
