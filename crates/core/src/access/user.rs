//! Where a user stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// The user may.
    Active,
    /// Not until somebody takes that back.
    Suspended,
}

/// A word that is no status of a user.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("is active or suspended")]
pub struct UnknownUserStatus;

/// A mail address of up to 254 characters, as far as its form can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is no mail address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("is not a mail address")]
pub struct EmailError;

impl UserStatus {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Active, Self::Suspended];

    /// The word that stands for it in the database, the API and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for UserStatus {
    type Err = UnknownUserStatus;

    fn from_str(text: &str) -> Result<Self, UnknownUserStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownUserStatus)
    }
}

impl Email {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control()) && text.chars().nth(254).is_none();
        let sides =
            text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        if is_plain && sides.is_some() { Ok(Self(text.to_owned())) } else { Err(EmailError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_mail_address_passes() {
        assert_eq!(" ada@acme.example\n".parse::<Email>().unwrap().as_str(), "ada@acme.example");
        let long = format!("{}@acme.example", "a".repeat(250));
        for bad in ["", "ada", "@acme.example", "ada@", "a b@acme.example", "a@b@c", "a\n@b", "a\0@b", &long] {
            assert_eq!(bad.parse::<Email>(), Err(EmailError), "{bad:?}");
        }
    }
}
