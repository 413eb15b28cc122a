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
