//! The states that a tenant moves through.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// Where a tenant is in its life: provisioning → active ⇄ suspended → archived → purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Its schema is being made; nobody is served yet.
    Provisioning,
    /// In use.
    Active,
    /// Kept whole, but every request is refused.
    Suspended,
    /// Out of use for good and waiting to be purged; can still be read by operators.
    Archived,
    /// Its data is gone; only the row that says so is left.
    Purged,
}

/// What an operator may do to a tenant's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// Refuse every request from now on.
    Suspend,
    /// Serve again.
    Resume,
    /// Take out of use.
    Archive,
    /// Drop schema, role and rows.
    Purge,
}

/// A transition that the present status does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a tenant that is {from} cannot be {done}; {hint}")]
pub struct TransitionError {
    from: TenantStatus,
    done: &'static str,
    hint: &'static str,
}

impl TenantStatus {
    /// All states, in the order of a tenant's life.
    pub const ALL: [Self; 5] = [Self::Provisioning, Self::Active, Self::Suspended, Self::Archived, Self::Purged];

    /// The word stored in the database and used by every interface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Archived => "archived",
            Self::Purged => "purged",
        }
    }

    /// The status after a transition.
    ///
    /// # Errors
    /// When the present status does not allow it: only a suspended or archived tenant resumes, and only an archived or
    /// suspended one is purged, so that nobody's data is dropped while it is in use.
    pub fn after(self, transition: Transition) -> Result<Self, TransitionError> {
        match (self, transition) {
            (Self::Active, Transition::Suspend) => Ok(Self::Suspended),
            (Self::Suspended | Self::Archived, Transition::Resume) => Ok(Self::Active),
            (Self::Active | Self::Suspended, Transition::Archive) => Ok(Self::Archived),
            (Self::Suspended | Self::Archived, Transition::Purge) => Ok(Self::Purged),
            (from, _) => Err(TransitionError { from, done: transition.past(), hint: transition.hint() }),
        }
    }
}

impl Transition {
    /// The word for the audit trail.
    #[must_use]
    pub const fn past(self) -> &'static str {
        match self {
            Self::Suspend => "suspended",
            Self::Resume => "resumed",
            Self::Archive => "archived",
            Self::Purge => "purged",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Suspend => "only an active tenant can",
            Self::Resume => "only a suspended or archived tenant can",
            Self::Archive => "only an active or suspended tenant can",
            Self::Purge => "suspend or archive it first",
        }
    }
}

impl fmt::Display for TenantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is not a tenant status.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a tenant status; use provisioning, active, suspended, archived or purged")]
pub struct UnknownStatus(String);

impl FromStr for TenantStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_in_use_cannot_be_purged() {
        let error = TenantStatus::Active.after(Transition::Purge).unwrap_err();
        assert_eq!(error.to_string(), "a tenant that is active cannot be purged; suspend or archive it first");
    }

    #[test]
    fn a_purged_tenant_never_comes_back() {
        for transition in [Transition::Suspend, Transition::Resume, Transition::Archive, Transition::Purge] {
            assert!(TenantStatus::Purged.after(transition).is_err(), "{transition:?}");
        }
    }
}
