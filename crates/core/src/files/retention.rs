//! How long what was deleted stays.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::State;

/// Why a document cannot go for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotHeld {
    /// It is there.
    #[error("the document is not deleted")]
    Current,
    /// Somebody has ordered that it be kept.
    #[error("the document is under a legal hold")]
    Held,
    /// It can still be brought back.
    #[error("the document can still be brought back")]
    Kept,
}

/// From when on the content of what is deleted now is removed.
#[must_use]
pub fn sweep_after(now: Timestamp, keep_days: u16) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(keep_days))).unwrap_or(Timestamp::MAX)
}

/// Whether the content of a document may be removed.
///
/// # Errors
/// Why not.
pub fn may_purge(state: State, sweep_at: Option<Timestamp>, legal_hold: bool, now: Timestamp) -> Result<(), NotHeld> {
    match state {
        _ if legal_hold => Err(NotHeld::Held),
        State::Current => Err(NotHeld::Current),
        State::Deleted if sweep_at.is_none_or(|at| now < at) => Err(NotHeld::Kept),
        State::Deleted | State::Purging => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_768_469_400, 0);

    #[test]
    fn content_goes_after_its_time_and_never_under_a_hold() {
        let at = sweep_after(NOW, 30);
        let before = at.checked_sub(SignedDuration::from_secs(1)).unwrap();
        assert_eq!(may_purge(State::Deleted, Some(at), false, before), Err(NotHeld::Kept));
        assert_eq!(may_purge(State::Deleted, Some(at), false, at), Ok(()));
        assert_eq!(may_purge(State::Deleted, Some(at), true, at), Err(NotHeld::Held));
        assert_eq!(may_purge(State::Deleted, None, false, at), Err(NotHeld::Kept));
        assert_eq!(may_purge(State::Current, Some(at), false, at), Err(NotHeld::Current));
        assert_eq!(may_purge(State::Purging, None, false, NOW), Ok(()));
    }

    proptest! {
        #[test]
        fn nothing_goes_on_the_day_that_it_was_deleted(days in 1_u16.., seconds in 0_i64..86_400) {
            let later = NOW.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            prop_assert_eq!(may_purge(State::Deleted, Some(sweep_after(NOW, days)), false, later), Err(NotHeld::Kept));
        }
    }
}
