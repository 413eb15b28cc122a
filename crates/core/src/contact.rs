//! How people are reached.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// A mail address: something, one `@`, something, without spaces, of at most 254 characters. Whether mail arrives there only mail can
/// tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is no [`Email`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a mail address of at most 254 characters")]
pub struct NoEmail;

impl Email {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NoEmail;

    fn from_str(text: &str) -> Result<Self, NoEmail> {
        let text = text.trim();
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        let parted = text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        if parted && text.chars().count() <= 254 && !text.chars().any(odd) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoEmail)
        }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_something_on_both_sides_of_one_sign() {
        for good in ["a@b", " ada@acme.example ", "o'brien+x@müller.example"] {
            assert_eq!(good.parse::<Email>().unwrap().to_string(), good.trim());
        }
        let long = format!("{}@x", "a".repeat(253));
        for bad in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a\n@b", "a@b\u{a0}c", "a\0@b", &long] {
            assert_eq!(bad.parse::<Email>(), Err(NoEmail), "{bad:?}");
        }
    }
}
