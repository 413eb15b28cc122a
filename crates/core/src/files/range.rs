//! A part of a file, as the header `Range` asks for it (RFC 9110).

use thiserror::Error;

/// Bytes of a file, from the first to before the end. Never empty, but for an empty file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

/// There are no bytes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the file has no bytes there")]
pub struct Unsatisfiable;

impl Range {
    /// All of a file.
    #[must_use]
    pub const fn whole(size: u64) -> Self {
        Self { start: 0, end: size }
    }

    /// How many bytes these are.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether these are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The part of a file of some bytes that a header asks for. `None` is to be answered with the whole file: another unit, several parts,
/// and what cannot be read, as the standard has it.
///
/// # Errors
/// When there are no bytes there.
pub fn parse_range(header: &str, size: u64) -> Result<Option<Range>, Unsatisfiable> {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|asked| asked.trim().split_once('-')) else {
        return Ok(None);
    };
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Range { start: first, end: last.saturating_add(1).min(size) },
        (Some(start), None) if last.is_empty() => Range { start, end: size },
        (None, Some(count)) if first.is_empty() => Range { start: size.saturating_sub(count), end: size },
        _ => return Ok(None),
    };
    if range.start < range.end { Ok(Some(range)) } else { Err(Unsatisfiable) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_read_as_the_standard_has_them() {
        let part = |start, end| Ok(Some(Range { start, end }));
        for (header, expected) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-5", part(2, 6)),
            ("bytes=2-", part(2, 10)),
            ("bytes=-3", part(7, 10)),
            ("bytes=-99", part(0, 10)),
            ("bytes=5-99999999999999999999", part(5, 10)),
            ("bytes=10-", Err(Unsatisfiable)),
            ("bytes=-0", Err(Unsatisfiable)),
            ("bytes=5-2", Ok(None)),
            ("bytes=0-1,3-4", Ok(None)),
            ("lines=0-1", Ok(None)),
            ("bytes=", Ok(None)),
            ("bytes=-", Ok(None)),
            ("bytes=+1-2", Ok(None)),
        ] {
            assert_eq!(parse_range(header, 10), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_file(header in "bytes=[0-9]{0,22}-[0-9]{0,22}", size in any::<u64>()) {
            if let Ok(Some(range)) = parse_range(&header, size) {
                prop_assert!(range.start < range.end && range.end <= size);
            }
        }
    }
}
