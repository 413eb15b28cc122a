//! A cycle's steps, what may be done in each, and how far one person's form is.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Party;
use crate::employment::{UnknownWord, vocabulary};

vocabulary! {
    /// The steps of a cycle, in order. A cycle goes to the next one, and never back.
    Step, "step of a cycle" {
        /// It is prepared: template, dates, weights and people are chosen.
        Draft = "draft",
        /// It is announced; people may still be added.
        Open = "open",
        /// People answer for themselves.
        SelfReview = "self_review",
        /// Managers answer.
        ManagerReview = "manager_review",
        /// Scores are held against each other and corrected.
        Calibration = "calibration",
        /// People see their result, and acknowledge it.
        Shared = "shared",
        /// The time for that is over.
        Acknowledged = "acknowledged",
        /// Nothing changes any more.
        Closed = "closed",
    }

    /// Whose part of a form it is.
    Part, "part of an appraisal" {
        /// The person's.
        Own = "self",
        /// The appraiser's.
        Manager = "manager",
    }

    /// How far one person's form is. The words are such that those who are behind in a step follow each other in the order of bytes.
    FormState, "state of a form" {
        /// The person has acknowledged the result.
        Acknowledged = "acknowledged",
        /// The score was set in calibration.
        Calibrated = "calibrated",
        /// The manager has submitted.
        Completed = "completed",
        /// The manager has begun.
        ManagerDraft = "manager_draft",
        /// Nobody has begun.
        NotStarted = "not_started",
        /// The person has begun.
        SelfDraft = "self_draft",
        /// The person has submitted.
        SelfSubmitted = "self_submitted",
        /// The manager has submitted, and nothing that counts was scored: a score is to be set in calibration.
        Unscored = "unscored",
    }
}

impl From<Part> for Party {
    fn from(part: Part) -> Self {
        match part {
            Part::Own => Self::Own,
            Part::Manager => Self::Manager,
        }
    }
}

/// The last days of the steps that people have something to do in; none for those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// Of the self review.
    #[serde(default)]
    pub self_review: Option<Date>,
    /// Of the managers' review.
    #[serde(default)]
    pub manager_review: Option<Date>,
    /// For acknowledging.
    #[serde(default)]
    pub shared: Option<Date>,
}

/// Why a step or a change of a form cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CycleError {
    /// There is no step after the last one.
    #[error("the cycle is closed")]
    Closed,
    /// Nobody takes part.
    #[error("nobody takes part in the cycle; add people first")]
    Nobody,
    /// Forms have no result yet.
    #[error("{0} forms have no result yet; their managers submit, or HR calibrates or removes them first")]
    Unfinished(u64),
    /// The step does not allow it.
    #[error("this cannot be done while the cycle is in the step {0}")]
    WrongStep(Step),
    /// The part was submitted.
    #[error("this part was submitted already")]
    Submitted,
    /// It was acknowledged.
    #[error("the result was acknowledged already")]
    Acknowledged,
}

/// The states, from the first to the last in the order of bytes, of forms that are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// The first state.
    pub first: FormState,
    /// The last one.
    pub last: FormState,
}

impl Step {
    /// The step after this one, if what it needs is there: people to leave the draft, and a result for each of them to be shared.
    ///
    /// # Errors
    /// When it is not, or the cycle is closed.
    pub fn next(self, people: u64, unfinished: u64) -> Result<Self, CycleError> {
        match self {
            Self::Draft if people == 0 => Err(CycleError::Nobody),
            Self::Calibration if unfinished > 0 => Err(CycleError::Unfinished(unfinished)),
            Self::Draft => Ok(Self::Open),
            Self::Open => Ok(Self::SelfReview),
            Self::SelfReview => Ok(Self::ManagerReview),
            Self::ManagerReview => Ok(Self::Calibration),
            Self::Calibration => Ok(Self::Shared),
            Self::Shared => Ok(Self::Acknowledged),
            Self::Acknowledged => Ok(Self::Closed),
            Self::Closed => Err(CycleError::Closed),
        }
    }

    /// Whether people may be added to the cycle.
    #[must_use]
    pub fn takes_people(self) -> bool {
        self <= Self::SelfReview
    }

    /// Whether colleagues may be asked for feedback.
    #[must_use]
    pub fn asks_for_feedback(self) -> bool {
        matches!(self, Self::Open | Self::SelfReview)
    }

    /// Whether those who are asked may answer. What they have said is told in later steps alone, when nothing is added any more.
    #[must_use]
    pub fn takes_feedback(self) -> bool {
        self == Self::SelfReview
    }

    /// Whether what colleagues have said is told: to the person once results are shared, to others once none is added.
    #[must_use]
    pub fn tells_feedback(self, to_the_person: bool) -> bool {
        if to_the_person { self.shows_result() } else { self > Self::SelfReview }
    }

    /// Whether the person may see the manager's part and the result.
    #[must_use]
    pub fn shows_result(self) -> bool {
        self >= Self::Shared
    }

    /// Who is behind in this step once its last day is over.
    #[must_use]
    pub fn late(self) -> Option<Late> {
        let (first, last) = match self {
            Self::SelfReview => (FormState::NotStarted, FormState::SelfDraft),
            Self::ManagerReview => (FormState::ManagerDraft, FormState::SelfSubmitted),
            Self::Shared => (FormState::Calibrated, FormState::Completed),
            _ => return None,
        };
        Some(Late { first, last })
    }
}

impl Deadlines {
    /// The last day of a step.
    #[must_use]
    pub fn of(&self, step: Step) -> Option<Date> {
        match step {
            Step::SelfReview => self.self_review,
            Step::ManagerReview => self.manager_review,
            Step::Shared => self.shared,
            _ => None,
        }
    }
}

impl FormState {
    /// The state after a part's answers were kept.
    ///
    /// # Errors
    /// When the step is not the part's, or the part was submitted.
    pub fn saved(self, step: Step, part: Part) -> Result<Self, CycleError> {
        match (part, step) {
            (Part::Own, Step::SelfReview) | (Part::Manager, Step::ManagerReview) => {}
            _ => return Err(CycleError::WrongStep(step)),
        }
        match (part, self) {
            (_, Self::Completed | Self::Calibrated | Self::Acknowledged | Self::Unscored)
            | (Part::Own, Self::SelfSubmitted | Self::ManagerDraft) => Err(CycleError::Submitted),
            (Part::Own, Self::NotStarted | Self::SelfDraft) => Ok(Self::SelfDraft),
            (Part::Manager, _) => Ok(Self::ManagerDraft),
        }
    }

    /// The state after a part was submitted, given whether there is a score then.
    ///
    /// # Errors
    /// As [`FormState::saved`].
    pub fn submitted(self, step: Step, part: Part, is_scored: bool) -> Result<Self, CycleError> {
        self.saved(step, part)?;
        Ok(match part {
            Part::Own => Self::SelfSubmitted,
            Part::Manager if is_scored => Self::Completed,
            Part::Manager => Self::Unscored,
        })
    }

    /// The state after the score was set in calibration.
    ///
    /// # Errors
    /// In another step.
    pub fn calibrated(self, step: Step) -> Result<Self, CycleError> {
        if step == Step::Calibration { Ok(Self::Calibrated) } else { Err(CycleError::WrongStep(step)) }
    }

    /// The state after the person has acknowledged the result.
    ///
    /// # Errors
    /// In another step, or when it was done.
    pub fn acknowledged(self, step: Step) -> Result<Self, CycleError> {
        match self {
            Self::Acknowledged => Err(CycleError::Acknowledged),
            _ if step == Step::Shared => Ok(Self::Acknowledged),
            _ => Err(CycleError::WrongStep(step)),
        }
    }

    /// Whether there is a result.
    #[must_use]
    pub fn has_result(self) -> bool {
        matches!(self, Self::Completed | Self::Calibrated | Self::Acknowledged)
    }

    /// Whether the manager's part is as it stays.
    #[must_use]
    pub fn is_reviewed(self) -> bool {
        self.has_result() || self == Self::Unscored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_goes_through_all_steps_in_order() {
        let mut step = Step::Draft;
        let mut seen = vec![step];
        while let Ok(next) = step.next(1, 0) {
            seen.push(next);
            step = next;
        }
        assert_eq!(seen, Step::ALL);
        assert_eq!(Step::Draft.next(0, 0), Err(CycleError::Nobody));
        assert_eq!(Step::Calibration.next(3, 2), Err(CycleError::Unfinished(2)));
    }

    #[test]
    fn those_who_are_behind_are_the_ones_that_the_step_waits_for() {
        for (step, waits) in [
            (Step::SelfReview, [FormState::NotStarted, FormState::SelfDraft].as_slice()),
            (
                Step::ManagerReview,
                &[FormState::ManagerDraft, FormState::NotStarted, FormState::SelfDraft, FormState::SelfSubmitted],
            ),
            (Step::Shared, &[FormState::Calibrated, FormState::Completed]),
        ] {
            let late = step.late().unwrap();
            let range = late.first.as_str()..=late.last.as_str();
            let found: Vec<_> =
                FormState::ALL.iter().copied().filter(|state| range.contains(&state.as_str())).collect();
            assert_eq!(found, waits, "{step}");
        }
    }

    #[test]
    fn a_part_is_written_in_its_step_until_it_is_submitted() {
        for step in Step::ALL.iter().copied() {
            for part in Part::ALL.iter().copied() {
                let right = (part, step) == (Part::Own, Step::SelfReview)
                    || (part, step) == (Part::Manager, Step::ManagerReview);
                for state in FormState::ALL.iter().copied() {
                    let Ok(kept) = state.saved(step, part) else { continue };
                    assert!(right, "{part} in {step}");
                    for is_scored in [true, false] {
                        let submitted = state.submitted(step, part, is_scored).unwrap();
                        assert_ne!(kept, submitted);
                        assert_eq!(submitted.saved(step, part), Err(CycleError::Submitted));
                        assert_eq!(submitted.has_result(), part == Part::Manager && is_scored);
                    }
                }
            }
        }
    }
}
