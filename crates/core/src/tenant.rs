//! What a tenant is called and which states it moves through.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::TenantId;

/// Longest slug. The schema is `tenant_<slug>_<8 hex>`; with 40 it has 56 bytes, inside PostgreSQL's 63 with room for the
/// suffix that a staged copy carries during a restore.
pub const SLUG_MAX: usize = 40;
const SLUG_MIN: usize = 2;

/// Words that would be confused with parts of Tenure or of PostgreSQL when they appear in a path, a host name or a schema.
const RESERVED: &[&str] = &[
    "admin",
    "administrator",
    "all",
    "api",
    "app",
    "assets",
    "console",
    "demo",
    "docs",
    "health",
    "healthz",
    "help",
    "information_schema",
    "internal",
    "login",
    "logout",
    "mail",
    "metrics",
    "new",
    "none",
    "null",
    "openapi",
    "operator",
    "pg_catalog",
    "pg_toast",
    "platform",
    "postgres",
    "public",
    "readyz",
    "root",
    "static",
    "status",
    "support",
    "system",
    "template",
    "tenant",
    "tenants",
    "tenure",
    "undefined",
    "www",
];

/// Why a text is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlugError {
    /// Shorter than 2 or longer than 40 characters.
    #[error("a slug has {SLUG_MIN} to {SLUG_MAX} characters, this one has {0}")]
    Length(usize),
    /// A character other than `a–z`, `0–9` and `-`.
    #[error("a slug is made of a–z, 0–9 and single hyphens; {0:?} is not allowed")]
    Character(char),
    /// Starts with a digit or hyphen, ends with a hyphen, or has two hyphens in a row.
    #[error("a slug starts with a letter, does not end with a hyphen and has no two hyphens in a row")]
    Shape,
    /// A word that Tenure keeps for itself.
    #[error("{0:?} is reserved; choose another slug")]
    Reserved(String),
}

/// The short name of a tenant in commands and addresses, for example `acme` or `globex-eu`. It can be changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl Slug {
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let length = text.chars().count();
        if !(SLUG_MIN..=SLUG_MAX).contains(&length) {
            return Err(SlugError::Length(length));
        }
        if let Some(bad) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            return Err(SlugError::Character(bad));
        }
        let starts_with_letter = text.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts_with_letter || text.ends_with('-') || text.contains("--") {
            return Err(SlugError::Shape);
        }
        if RESERVED.contains(&text) {
            return Err(SlugError::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        text.parse()
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a tenant's schema and of its role: `tenant_<slug>_<first 8 hex digits of the id>`, hyphens as underscores.
///
/// It is made of `a–z`, `0–9` and `_` only, which is what makes it safe to write into SQL between double quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SchemaName(String);

/// A text that is not the name of a tenant's schema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not the name of a tenant schema")]
pub struct SchemaNameError(String);

impl SchemaName {
    /// The name that a tenant gets at its creation and keeps for good, also when its slug changes.
    #[must_use]
    pub fn for_tenant(slug: &Slug, id: TenantId) -> Self {
        let digits: String = id.uuid().simple().to_string().chars().take(8).collect();
        Self(format!("tenant_{}_{digits}", slug.as_str().replace('-', "_")))
    }

    /// The name as text, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SchemaName {
    type Err = SchemaNameError;

    fn from_str(text: &str) -> Result<Self, SchemaNameError> {
        let characters_are_safe = text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
        if characters_are_safe && text.starts_with("tenant_") && text.len() <= 63 {
            Ok(Self(text.to_owned()))
        } else {
            Err(SchemaNameError(text.to_owned()))
        }
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    use proptest::prelude::*;

    use super::*;
    use crate::ids::IdSequence;

    #[test]
    fn slugs_that_people_choose_are_accepted() {
        for slug in ["acme", "globex-eu", "a1", "x-1-y", &"a".repeat(SLUG_MAX)] {
            assert!(slug.parse::<Slug>().is_ok(), "{slug} should be a slug");
        }
    }

    #[test]
    fn hostile_and_malformed_slugs_are_refused() {
        let hostile = [
            "",
            "a",
            "Acme",
            "1acme",
            "-acme",
            "acme-",
            "ac--me",
            "ac me",
            "acme\"; drop schema public; --",
            "acme\0",
            "ácme",
            "../acme",
            "tenant",
            "public",
            "acme_x",
            "\u{202e}acme",
            &"a".repeat(SLUG_MAX + 1),
        ];
        for slug in hostile {
            assert!(slug.parse::<Slug>().is_err(), "{slug:?} should be refused");
        }
    }

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

    proptest! {
        #[test]
        fn every_slug_gives_a_schema_name_that_postgresql_takes_unchanged(slug in "[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,12}){0,2}", millis: u64, random: [u8; 8]) {
            let Ok(slug) = slug.parse::<Slug>() else { return Ok(()) };
            let name = SchemaName::for_tenant(&slug, TenantId::from(IdSequence::default().next(millis & 0xffff_ffff_ffff, random)));
            prop_assert!(name.as_str().len() <= 63);
            prop_assert_eq!(name.as_str().parse::<SchemaName>().unwrap(), name);
        }

        #[test]
        fn parsing_any_text_as_a_slug_never_panics(text in ".*") {
            let _ = text.parse::<Slug>();
        }
    }
}
