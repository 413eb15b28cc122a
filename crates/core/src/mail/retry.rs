//! How long sending is tried.

use jiff::{SignedDuration, Timestamp};

/// How long to wait after each attempt that came to nothing.
const PAUSES: [SignedDuration; 11] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(8),
];

/// How often a message is tried: over two days.
pub const ATTEMPTS: usize = PAUSES.len() + 1;

/// When it is tried again after so many attempts; `None` when that was the last.
#[must_use]
pub fn next_attempt(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let before = usize::try_from(attempts).ok()?.checked_sub(1)?;
    now.checked_add(*PAUSES.get(before)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_after_two_days() {
        let (mut now, mut attempts, mut last) = (Timestamp::UNIX_EPOCH, 1, SignedDuration::ZERO);
        while let Some(next) = next_attempt(attempts, now) {
            let pause = next.duration_since(now);
            assert!(pause >= last, "{attempts}");
            (now, attempts, last) = (next, attempts + 1, pause);
        }
        assert_eq!(usize::try_from(attempts).unwrap(), ATTEMPTS);
        assert!(now.duration_since(Timestamp::UNIX_EPOCH) > SignedDuration::from_hours(47));
        assert_eq!(next_attempt(0, now), None);
    }
}
