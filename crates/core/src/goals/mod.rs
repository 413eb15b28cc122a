//! Goals of a person: how far each is, and how one that is made of others is.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::employment::{UnknownWord, vocabulary};

#[cfg(test)]
mod tests;

/// How many goals lie above each other at most.
pub const DEEPEST: usize = 5;

vocabulary! {
    /// Whether a goal is worked on.
    Standing, "standing of a goal" {
        /// It is.
        Open = "open",
        /// It was put aside, and counts no longer in the goal above it.
        Archived = "archived",
        /// It has ended as it is, done or not, and counts still.
        Closed = "closed",
    }

    /// Where a goal stands, by its standing and its progress.
    Status, "status of a goal" {
        /// Open, and nothing is done.
        Pending = "pending",
        /// Open, and something is done.
        InProgress = "in_progress",
        /// Open, and all is done.
        Completed = "completed",
        /// Put aside.
        Archived = "archived",
        /// Ended as it is.
        Closed = "closed",
    }
}

/// How much of a goal is done, in per cent: 0 to 100 with at most two digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "Decimal")]
pub struct Progress(Decimal);

/// Why a number is no progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is a number from 0 to 100, with at most two digits after the point")]
pub struct NotProgress;

impl TryFrom<Decimal> for Progress {
    type Error = NotProgress;

    fn try_from(percent: Decimal) -> Result<Self, NotProgress> {
        let fits = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) && percent.normalize().scale() <= 2;
        if fits { Ok(Self(percent.normalize())) } else { Err(NotProgress) }
    }
}

impl FromStr for Progress {
    type Err = NotProgress;

    fn from_str(text: &str) -> Result<Self, NotProgress> {
        text.parse::<Decimal>().map_err(|_| NotProgress)?.try_into()
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Progress {
    /// All of it.
    pub const WHOLE: Self = Self(Decimal::ONE_HUNDRED);

    /// The percentage.
    #[must_use]
    pub const fn percent(self) -> Decimal {
        self.0
    }

    /// The average of some, each counting alike; a half at the third digit after the point goes away from zero. `None` of nothing.
    #[must_use]
    pub fn average(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut sum, mut number) = (Decimal::ZERO, Decimal::ZERO);
        for one in all {
            (sum, number) = (sum.checked_add(one.0)?, number.checked_add(Decimal::ONE)?);
        }
        let average = sum.checked_div(number)?.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        Some(Self(average.normalize()))
    }
}

impl Status {
    /// The status of a goal.
    #[must_use]
    pub fn of(standing: Standing, progress: Progress) -> Self {
        match standing {
            Standing::Archived => Self::Archived,
            Standing::Closed => Self::Closed,
            Standing::Open if progress == Progress::default() => Self::Pending,
            Standing::Open if progress == Progress::WHOLE => Self::Completed,
            Standing::Open => Self::InProgress,
        }
    }
}

/// A goal among the others of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Which one.
    pub id: Uuid,
    /// The goal that it is a part of.
    pub parent: Option<Uuid>,
    /// Whether it is worked on.
    pub standing: Standing,
    /// What was said of it; it counts when no goals lie below it that do.
    pub own: Progress,
}

/// Why a goal cannot be a part of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeError {
    /// The other one is not there.
    #[error("is no goal of this person")]
    Unknown,
    /// It would be a part of itself.
    #[error("is this goal or one below it")]
    Circle,
    /// Too many would lie above each other.
    #[error("would make more than {DEEPEST} goals above each other")]
    TooDeep,
}

/// All goals of a person.
#[derive(Debug, Clone, Default)]
pub struct Tree(BTreeMap<Uuid, Node>);

impl FromIterator<Node> for Tree {
    fn from_iter<I: IntoIterator<Item = Node>>(nodes: I) -> Self {
        Self(nodes.into_iter().map(|node| (node.id, node)).collect())
    }
}

impl Tree {
    /// How far a goal is: what was said of it or, when there are goals below it that are not archived, their average.
    #[must_use]
    pub fn progress(&self, id: Uuid) -> Progress {
        self.progress_within(id, DEEPEST)
    }

    fn progress_within(&self, id: Uuid, levels: usize) -> Progress {
        let own = self.0.get(&id).map_or_else(Progress::default, |node| node.own);
        let Some(levels) = levels.checked_sub(1) else { return own };
        let counted = self.below(id).filter(|node| node.standing != Standing::Archived);
        Progress::average(counted.map(|node| self.progress_within(node.id, levels))).unwrap_or(own)
    }

    /// Whether the progress of a goal is that of others.
    #[must_use]
    pub fn follows(&self, id: Uuid) -> bool {
        self.below(id).any(|node| node.standing != Standing::Archived)
    }

    /// Whether any goal is a part of this one.
    #[must_use]
    pub fn has_below(&self, id: Uuid) -> bool {
        self.below(id).next().is_some()
    }

    /// Checks that a goal can be a part of another.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_parent(&self, id: Uuid, parent: Uuid) -> Result<(), TreeError> {
        let (mut above, mut next) = (0_usize, Some(parent));
        while let Some(at) = next {
            if at == id {
                return Err(TreeError::Circle);
            }
            next = self.0.get(&at).ok_or(TreeError::Unknown)?.parent;
            above = above.saturating_add(1);
            if above >= DEEPEST {
                return Err(TreeError::TooDeep);
            }
        }
        if above.saturating_add(self.height(id, DEEPEST)) > DEEPEST { Err(TreeError::TooDeep) } else { Ok(()) }
    }

    /// How many goals lie above each other from this one down, itself included.
    fn height(&self, id: Uuid, levels: usize) -> usize {
        let Some(levels) = levels.checked_sub(1) else { return 1 };
        self.below(id).map(|node| self.height(node.id, levels)).max().unwrap_or_default().saturating_add(1)
    }

    /// The average of those of some goals that are not archived and lie below none of the others.
    #[must_use]
    pub fn average_of(&self, some: &[Uuid]) -> Option<Progress> {
        let is_top = |node: &&Node| node.parent.is_none_or(|parent| !some.contains(&parent));
        let counted = some.iter().filter_map(|id| self.0.get(id)).filter(|node| node.standing != Standing::Archived);
        Progress::average(counted.filter(is_top).map(|node| self.progress(node.id)))
    }

    fn below(&self, id: Uuid) -> impl Iterator<Item = &Node> {
        self.0.values().filter(move |node| node.parent == Some(id))
    }
}
