//! Files that a company keeps: of its people, and its own. What they are, who may open them, and how long they stay.

mod content;
mod due;
mod link;
mod name;
mod range;
mod retention;
mod upload;

pub use content::{ContentKind, Mismatch, SNIFFED, check_content};
pub use due::{Expiry, expiry};
pub use link::{LONGEST_LINK, Link, NoLink};
pub use name::{FileName, NoFileName};
pub use range::{Range, Unsatisfiable, parse_range};
pub use retention::{NotHeld, may_purge, sweep_after};
pub use upload::{Limits, Missing, PartError, SMALLEST_PART, check_part, missing_parts, parts_of};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::custom_fields::Class;
use crate::employment::{UnknownWord, vocabulary};
use crate::text::Line;

/// What a document is called.
pub type Title = Line<200>;

/// The most versions of one document that are kept.
pub const MAX_VERSIONS: usize = 100;

vocabulary! {
    /// What a document is, which decides who may open it.
    Category, "category of documents" {
        /// Rules, handbooks, forms: what everybody may read.
        Policy = "policy",
        /// A letter of reference or of appointment and whatever else colleagues may know of.
        Letter = "letter",
        /// A certificate, a diploma, a record of training.
        Certificate = "certificate",
        /// A CV or an application.
        Application = "application",
        /// A contract of employment or a change of it.
        Contract = "contract",
        /// A passport, an identity card, a permit to live or to work.
        Identity = "identity",
        /// A doctor's certificate or another paper about health.
        Medical = "medical",
        /// A warning or another paper of a disciplinary kind.
        Disciplinary = "disciplinary",
        /// A payslip.
        Payslip = "payslip",
        /// A tax certificate or another paper about pay.
        Tax = "tax",
        /// Anything else, which is guarded as sensitive, as nobody knows what it says.
        Other = "other",
    }

    /// Where a document stands.
    State, "state of a document" {
        /// It is there.
        Current = "current",
        /// It was deleted and can be brought back until its time is over.
        Deleted = "deleted",
        /// Its content is being removed; nothing brings it back.
        Purging = "purging",
    }

    /// Where an upload stands.
    UploadState, "state of an upload" {
        /// Its content is being sent.
        Open = "open",
        /// Its content is complete, and changes no more while it becomes a document.
        Frozen = "frozen",
        /// It has become a document.
        Done = "done",
        /// It was given up, and its content is being removed.
        Abandoned = "abandoned",
    }

    /// Where a request for a document stands.
    RequestState, "state of a document request" {
        /// The person has still to send it.
        Open = "open",
        /// It was sent.
        Fulfilled = "fulfilled",
        /// It is no longer asked for.
        Withdrawn = "withdrawn",
    }
}

impl UploadState {
    /// Whether an upload may go from one state to another. One that was given up or has become a document stays so.
    #[must_use]
    pub const fn may_become(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Open | Self::Frozen, Self::Frozen | Self::Done | Self::Abandoned)
                | (Self::Abandoned, Self::Abandoned)
        )
    }
}

impl Category {
    /// Who may open documents of the category: those who may see fields of this class.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Policy | Self::Letter => Class::Public,
            Self::Certificate | Self::Application => Class::Personal,
            Self::Contract | Self::Payslip | Self::Tax => Class::Pay,
            Self::Identity | Self::Medical | Self::Disciplinary | Self::Other => Class::Sensitive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_itself_is_guarded_and_health_is_sensitive() {
        assert_eq!(Category::Other.class(), Class::Sensitive);
        assert_eq!(Category::Medical.class(), Class::Sensitive);
        assert_eq!(Category::Payslip.class(), Class::Pay);
        let public: Vec<_> = Category::ALL.iter().filter(|category| category.class() == Class::Public).collect();
        assert_eq!(public, [&Category::Policy, &Category::Letter]);
    }

    #[test]
    fn what_is_done_is_never_given_up_and_what_was_given_up_never_done() {
        use UploadState as S;
        for state in UploadState::ALL {
            assert!(!S::Done.may_become(*state), "{state}");
            assert_eq!(S::Abandoned.may_become(*state), *state == S::Abandoned, "{state}");
            assert!(!state.may_become(S::Open), "{state}");
        }
        assert!(S::Open.may_become(S::Done) && S::Frozen.may_become(S::Frozen) && S::Frozen.may_become(S::Abandoned));
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(*category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
        }
    }
}
