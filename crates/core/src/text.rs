//! Short texts that people enter: names, codes, descriptions.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// A text of 1 to `MAX` characters on one line, without spaces around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// Why a text is no [`Line`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineError {
    /// There is nothing but spaces.
    #[error("is empty")]
    Empty,
    /// It is too long.
    #[error("has more than {0} characters")]
    TooLong(usize),
    /// It holds a line break, a tab or another control character.
    #[error("has a line break or another control character")]
    Control,
}

impl<const MAX: usize> Line<MAX> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> From<Line<MAX>> for String {
    fn from(line: Line<MAX>) -> Self {
        line.0
    }
}

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let text = text.trim();
        if text.is_empty() {
            Err(LineError::Empty)
        } else if text.chars().nth(MAX).is_some() {
            Err(LineError::TooLong(MAX))
        } else if text.chars().any(char::is_control) {
            Err(LineError::Control)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_counted_in_characters() {
        assert_eq!("  Müller \n".parse::<Line<6>>().unwrap().as_str(), "Müller");
        assert_eq!("Müllers".parse::<Line<6>>(), Err(LineError::TooLong(6)));
    }

    #[test]
    fn nothing_and_control_characters_are_refused() {
        assert_eq!(" \t ".parse::<Line<6>>(), Err(LineError::Empty));
        assert_eq!("a\0b".parse::<Line<6>>(), Err(LineError::Control));
        assert_eq!("a\nb".parse::<Line<6>>(), Err(LineError::Control));
    }
}
