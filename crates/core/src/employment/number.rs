//! The pattern by which employees get their numbers.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// More digits than anybody needs, and few enough for every pattern's number to fit where it is stored.
const MOST_DIGITS: usize = 9;
const LONGEST: usize = 40;

/// Text around one place for a number: `{n}`, or `{n:5}` with leading zeros to five digits; `{yyyy}` is the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: Vec<Part>,
    digits: usize,
    after: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Too long.
    #[error("has more than 40 characters")]
    TooLong,
    /// It has control characters or begins or ends with a space.
    #[error("has a space at an end or a control character")]
    Form,
    /// There are braces around something else.
    #[error("has braces around something other than n, n:1 to n:9, and yyyy")]
    Unknown,
    /// There is not exactly one place for the number.
    #[error("has exactly one place for the number: {{n}}, or {{n:5}} with leading zeros to five digits")]
    OneNumber,
    /// The year is there more than once.
    #[error("has the year {{yyyy}} at most once")]
    OneYear,
}

impl Pattern {
    /// What a company has that has chosen none.
    pub const DEFAULT: &'static str = "E{n:5}";

    /// What stands before the number in a year, to how many digits the number is filled with zeros, and what stands after it.
    #[must_use]
    pub fn parts(&self, year: i16) -> (String, usize, String) {
        let text = |parts: &[Part]| {
            let texts = parts.iter().map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Year => format!("{year:04}"),
            });
            texts.collect()
        };
        (text(&self.before), self.digits, text(&self.after))
    }

    /// A number in a year.
    #[must_use]
    pub fn format(&self, year: i16, number: i64) -> String {
        let (before, digits, after) = self.parts(year);
        format!("{before}{number:0digits$}{after}")
    }
}

impl Default for Pattern {
    fn default() -> Self {
        Self { before: vec![Part::Text("E".to_owned())], digits: 5, after: Vec::new() }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.chars().count() > LONGEST {
            return Err(PatternError::TooLong);
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(PatternError::Form);
        }
        let (mut pattern, mut number) = (Self { before: Vec::new(), digits: 0, after: Vec::new() }, None);
        let mut rest = text;
        while !rest.is_empty() {
            let parts = if number.is_none() { &mut pattern.before } else { &mut pattern.after };
            let (piece, left) = next_piece(rest)?;
            rest = left;
            match piece {
                Piece::Part(part) => parts.push(part),
                Piece::Number(_) if number.is_some() => return Err(PatternError::OneNumber),
                Piece::Number(digits) => number = Some(digits),
            }
        }
        pattern.digits = number.ok_or(PatternError::OneNumber)?;
        let years = pattern.before.iter().chain(&pattern.after).filter(|part| **part == Part::Year).count();
        if years > 1 { Err(PatternError::OneYear) } else { Ok(pattern) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |f: &mut fmt::Formatter<'_>, parts: &[Part]| {
            parts.iter().try_for_each(|part| match part {
                Part::Text(text) => f.write_str(text),
                Part::Year => f.write_str("{yyyy}"),
            })
        };
        write(f, &self.before)?;
        match self.digits {
            1 => f.write_str("{n}")?,
            digits => write!(f, "{{n:{digits}}}")?,
        }
        write(f, &self.after)
    }
}

enum Piece {
    Part(Part),
    Number(usize),
}

/// The first piece of a text that is not empty, and what is left after it.
fn next_piece(text: &str) -> Result<(Piece, &str), PatternError> {
    let Some(braced) = text.strip_prefix('{') else {
        let end = text.find(['{', '}']).unwrap_or(text.len());
        let (plain, left) = text.split_at(end);
        if plain.is_empty() {
            return Err(PatternError::Unknown);
        }
        return Ok((Piece::Part(Part::Text(plain.to_owned())), left));
    };
    let (inside, left) = braced.split_once('}').ok_or(PatternError::Unknown)?;
    let piece = match inside.split_once(':') {
        None if inside == "yyyy" => Piece::Part(Part::Year),
        None if inside == "n" => Piece::Number(1),
        Some(("n", digits)) => {
            let digits = digits.parse().ok().filter(|count| (1..=MOST_DIGITS).contains(count));
            Piece::Number(digits.ok_or(PatternError::Unknown)?)
        }
        _ => return Err(PatternError::Unknown),
    };
    Ok((piece, left))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_put_into_its_place() {
        for (pattern, expected) in [
            ("E{n:5}", "E00042"),
            ("{n}", "42"),
            ("{yyyy}-{n:3}/A", "2026-042/A"),
            ("P {n:1} of {yyyy}", "P 42 of 2026"),
        ] {
            assert_eq!(pattern.parse::<Pattern>().unwrap().format(2026, 42), expected, "{pattern}");
        }
        assert_eq!("{n:3}".parse::<Pattern>().unwrap().format(2026, 12_345), "12345", "it grows when it has to");
        assert_eq!(Pattern::DEFAULT.parse(), Ok(Pattern::default()));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        for (text, error) in [
            ("", PatternError::OneNumber),
            ("E", PatternError::OneNumber),
            ("{n}{n}", PatternError::OneNumber),
            ("{yyyy}{n}{yyyy}", PatternError::OneYear),
            ("{n:0}", PatternError::Unknown),
            ("{n:10}", PatternError::Unknown),
            ("{yy}{n}", PatternError::Unknown),
            ("{n", PatternError::Unknown),
            ("n}{n}", PatternError::Unknown),
            (" {n}", PatternError::Form),
            ("a\n{n}", PatternError::Form),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text:?}");
        }
        assert_eq!(format!("{}{{n}}", "x".repeat(38)).parse::<Pattern>(), Err(PatternError::TooLong));
    }

    proptest! {
        #[test]
        fn a_pattern_reads_back_and_gives_different_numbers_different_texts(
            before in "[A-Z0-9/-]{0,10}", digits in 1_usize..=9, after in "[A-Z/-]{0,10}", one in 1_i64..999_999, other in 1_i64..999_999,
        ) {
            let pattern: Pattern = format!("{before}{{n:{digits}}}{after}").parse().unwrap();
            prop_assert_eq!(pattern.to_string().parse::<Pattern>().unwrap(), pattern.clone());
            prop_assert_eq!(pattern.format(2026, one) == pattern.format(2026, other), one == other);
        }
    }
}
