//! Uploads that are sent in parts, so that what was cut off goes on where it was.

use std::collections::BTreeSet;

use thiserror::Error;

/// The smallest part, but for the last one: 1 MiB.
pub const SMALLEST_PART: u64 = 1 << 20;
/// The most parts that one upload has.
const MOST_PARTS: u64 = 1_000;

/// What files may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file in bytes.
    pub max_size: u64,
    /// The largest part of an upload in bytes.
    pub part_size: u64,
    /// For so many days what was deleted can be brought back.
    pub keep_days: u16,
}

/// Why a part is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PartError {
    /// There is no such part.
    #[error("the parts of this upload are numbered from 1 to {0}")]
    Number(u64),
    /// It has another size than it has to have.
    #[error("part {number} of this upload has {expected} bytes, and {found} were sent")]
    Size {
        /// The part.
        number: u64,
        /// How many bytes it has.
        expected: u64,
        /// How many were sent.
        found: u64,
    },
}

/// The parts that have still to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("parts are missing: {}", list(.0))]
pub struct Missing(pub Vec<u64>);

fn list(parts: &[u64]) -> String {
    let first: Vec<String> = parts.iter().take(10).map(ToString::to_string).collect();
    if parts.len() > first.len() { format!("{} …", first.join(", ")) } else { first.join(", ") }
}

/// How many parts a file of a size has when each but the last has `part_size`; `None` when they would be too many or too small.
#[must_use]
pub fn parts_of(size: u64, part_size: u64) -> Option<u64> {
    let count = size.div_ceil(part_size.max(1));
    (size > 0 && part_size >= SMALLEST_PART && count <= MOST_PARTS).then_some(count)
}

/// Checks one part of a file: all but the last are of one size.
///
/// # Errors
/// What is wrong with it.
pub fn check_part(size: u64, part_size: u64, number: u64, found: u64) -> Result<(), PartError> {
    let count = parts_of(size, part_size).unwrap_or_default();
    if number == 0 || number > count {
        return Err(PartError::Number(count));
    }
    let before = number.saturating_sub(1).saturating_mul(part_size);
    let expected = size.saturating_sub(before).min(part_size);
    if found == expected { Ok(()) } else { Err(PartError::Size { number, expected, found }) }
}

/// Makes sure that all parts of a file are there.
///
/// # Errors
/// Those that are not.
pub fn missing_parts(size: u64, part_size: u64, there: &BTreeSet<u64>) -> Result<(), Missing> {
    let count = parts_of(size, part_size).unwrap_or_default();
    let missing: Vec<u64> = (1..=count).filter(|part| !there.contains(part)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Missing(missing)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn parts_are_numbered_from_one_and_the_last_is_shorter() {
        assert_eq!(parts_of(5 * MIB + 1, 2 * MIB), Some(3));
        assert_eq!(check_part(5 * MIB + 1, 2 * MIB, 3, MIB + 1), Ok(()));
        assert_eq!(check_part(5 * MIB + 1, 2 * MIB, 4, 1), Err(PartError::Number(3)));
        assert_eq!(check_part(5 * MIB + 1, 2 * MIB, 0, 1), Err(PartError::Number(3)));
        let short = PartError::Size { number: 1, expected: 2 * MIB, found: 7 };
        assert_eq!(check_part(5 * MIB + 1, 2 * MIB, 1, 7), Err(short));
        assert_eq!(missing_parts(5 * MIB, 2 * MIB, &BTreeSet::from([1, 3])), Err(Missing(vec![2])));
        assert_eq!(parts_of(0, MIB), None);
        assert_eq!(parts_of(MIB, 1), None);
        assert_eq!(parts_of(u64::MAX, MIB), None);
    }

    proptest! {
        /// The sizes that parts have to have give the size of the file.
        #[test]
        fn parts_give_the_whole(size in 1_u64..(1 << 33), part_size in MIB..(1 << 27)) {
            let Some(count) = parts_of(size, part_size) else { return Ok(()) };
            let expected = |number| match check_part(size, part_size, number, u64::MAX) {
                Err(PartError::Size { expected, .. }) => expected,
                other => panic!("{other:?}"),
            };
            prop_assert_eq!((1..=count).map(expected).sum::<u64>(), size);
            let all: BTreeSet<u64> = (1..=count).collect();
            prop_assert_eq!(missing_parts(size, part_size, &all), Ok(()));
        }
    }
}
