//! How guessing passwords is slowed down without giving anybody the means to keep others out.
//!
//! Failures are counted for three subjects: an account as tried from one origin, an origin, and an account from wherever it is tried. Each
//! may fail some times for nothing; from then on each failure blocks it for longer. Where an account was signed in from lately, only its own
//! failures from there hold it back: whoever guesses from elsewhere, or guesses other accounts from the same place, slows down others who
//! guess, not its owner.

use jiff::{SignedDuration, Timestamp};

/// What failures are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account, tried from one origin.
    Pair,
    /// An origin, whatever is tried from it. Many people can share one.
    Origin,
    /// An account, from wherever it is tried.
    Account,
}

/// What is known of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// The subject.
    pub subject: Subject,
    /// Until when it is blocked.
    pub blocked_until: Option<Timestamp>,
}

/// Whether a password may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// Not before this moment.
    Wait(Timestamp),
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pair, Self::Origin, Self::Account];

    /// When its last failure is so long ago, all of them are forgotten.
    pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);
    /// Where an account was signed in from within this time, it is known.
    pub const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

    /// How many failures block nothing.
    #[must_use]
    pub const fn free(self) -> u32 {
        match self {
            Self::Pair => 4,
            Self::Account => 19,
            Self::Origin => 99,
        }
    }

    const fn longest(self) -> SignedDuration {
        match self {
            Self::Pair | Self::Origin => SignedDuration::from_mins(60),
            // It holds for whoever is new to the account, its owner on a journey too.
            Self::Account => SignedDuration::from_mins(15),
        }
    }
}

/// Until when a subject is blocked by its failures, of which the last is now: 30 seconds after the first that counts, twice as long
/// after each other one, up to a bound.
#[must_use]
pub fn blocked_until(subject: Subject, failures: u32, now: Timestamp) -> Option<Timestamp> {
    let doublings = failures.checked_sub(subject.free() + 1)?;
    let seconds = 30_i64.saturating_mul(1_i64 << doublings.min(30));
    let delay = SignedDuration::from_secs(seconds).min(subject.longest());
    now.checked_add(delay).ok()
}

/// Whether a password may be tried, by what is known of its subjects. `is_known` says that the account was signed in from this origin
/// lately.
#[must_use]
pub fn decide(counters: &[Counter], is_known: bool, now: Timestamp) -> Decision {
    let counts = |counter: &&Counter| !is_known || counter.subject == Subject::Pair;
    let until = counters.iter().filter(counts).filter_map(|counter| counter.blocked_until).max();
    until.filter(|until| *until > now).map_or(Decision::Allow, Decision::Wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_768_469_400, 0);

    fn later(seconds: i64) -> Timestamp {
        NOW.checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn the_first_failures_are_free_and_then_delays_double() {
        assert_eq!(blocked_until(Subject::Pair, 4, NOW), None);
        assert_eq!(blocked_until(Subject::Pair, 5, NOW), Some(later(30)));
        assert_eq!(blocked_until(Subject::Pair, 6, NOW), Some(later(60)));
        assert_eq!(blocked_until(Subject::Account, 19, NOW), None);
        assert_eq!(blocked_until(Subject::Account, u32::MAX, NOW), Some(later(15 * 60)));
        assert_eq!(blocked_until(Subject::Origin, 100, NOW), Some(later(30)));
    }

    proptest! {
        #[test]
        fn more_failures_never_block_for_less(at in 0..3_usize, failures in 0..1000_u32) {
            let subject = Subject::ALL[at];
            prop_assert!(blocked_until(subject, failures, NOW) <= blocked_until(subject, failures + 1, NOW));
        }

        #[test]
        fn a_block_ends_by_itself_within_an_hour(at in 0..3_usize, failures: u32) {
            let until = blocked_until(Subject::ALL[at], failures, NOW);
            prop_assert!(until.is_none_or(|until| until > NOW && until <= later(3600)));
        }

        #[test]
        fn an_account_stays_open_where_it_is_known_whatever_else_is_guessed(failures: u32, others: u32) {
            let counters = [(Subject::Account, failures), (Subject::Origin, others)];
            let counter = |(subject, failures)| Counter { subject, blocked_until: blocked_until(subject, failures, NOW) };
            prop_assert_eq!(decide(&counters.map(counter), true, NOW), Decision::Allow);
        }

        #[test]
        fn whoever_is_told_to_wait_may_try_when_the_time_is_over(ends in proptest::array::uniform3(-100..4000_i64), known: bool) {
            let counters = [0, 1, 2].map(|at| Counter { subject: Subject::ALL[at], blocked_until: Some(later(ends[at])) });
            match decide(&counters, known, NOW) {
                Decision::Wait(until) => {
                    prop_assert!(until > NOW);
                    prop_assert_eq!(decide(&counters, known, until), Decision::Allow);
                }
                Decision::Allow => prop_assert!(ends[0] <= 0 && (known || ends[1] <= 0 && ends[2] <= 0)),
            }
        }
    }
}
