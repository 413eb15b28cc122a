//! Where the documents of a tenant lie: in which of the places that an installation knows, and under which id there.

use std::fmt;

use serde::Serialize;

use crate::ids::DocumentHome;

/// The name of the tenants' schemas as a place.
const POSTGRES: &str = "postgres";

/// A place of documents by its name, which tells it from the others that an installation knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DocumentPlace(String);

impl DocumentPlace {
    /// The tenants' own schemas.
    #[must_use]
    pub fn postgres() -> Self {
        Self(POSTGRES.to_owned())
    }

    /// Whether it is the tenants' own schemas.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.0 == POSTGRES
    }

    /// A database of a MongoDB. Its hosts and whoever signs in there may change, its name does not.
    #[must_use]
    pub fn mongodb(database: &str) -> Self {
        Self(format!("mongodb/{database}"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DocumentPlace {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl fmt::Display for DocumentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the documents of a tenant lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAddress {
    /// In which place. Nobody has said so of tenants that are older than the names of places.
    pub place: Option<DocumentPlace>,
    /// Under which id, if they are not in the tenant's schema.
    pub home: DocumentHome,
}

impl DocumentAddress {
    /// An address as it is kept.
    #[must_use]
    pub fn new(place: Option<String>, home: impl Into<DocumentHome>) -> Self {
        Self { place: place.map(DocumentPlace), home: home.into() }
    }

    /// Those in a tenant's schema.
    #[must_use]
    pub fn in_schema(home: impl Into<DocumentHome>) -> Self {
        Self { place: Some(DocumentPlace::postgres()), home: home.into() }
    }

    /// Whether the documents are known to lie in the tenant's schema.
    #[must_use]
    pub fn is_in_schema(&self) -> bool {
        self.place.as_ref().is_some_and(DocumentPlace::is_postgres)
    }

    /// The name of the place as it is kept.
    #[must_use]
    pub fn place_name(&self) -> Option<&str> {
        self.place.as_ref().map(DocumentPlace::as_str)
    }
}
