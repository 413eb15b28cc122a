//! What a tenant is called: by people its slug, in PostgreSQL its schema.

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
