//! How a command names a tenant.

use std::str::FromStr;

use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, SlugError};
use tenure_db::Database;
use tenure_db::tenants::{self, Tenant};

/// Characters of an id with its hyphens. Without them it could be a slug.
const ID_LENGTH: usize = 36;

/// A tenant by its slug or its id.
#[derive(Debug, Clone)]
pub(crate) enum TenantRef {
    Slug(Slug),
    Id(TenantId),
}

impl FromStr for TenantRef {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        match text.parse() {
            Ok(id) if text.len() == ID_LENGTH => Ok(Self::Id(id)),
            _ => text.parse().map(Self::Slug),
        }
    }
}

impl TenantRef {
    /// Looks it up, whatever its status.
    pub(crate) async fn find(&self, db: &Database) -> tenure_db::Result<Tenant> {
        match self {
            Self::Slug(slug) => tenants::by_slug(db, slug).await,
            Self::Id(id) => tenants::by_id(db, *id).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TenantRef;

    #[test]
    fn an_id_has_hyphens_and_all_else_is_a_slug() {
        let parsed = |text: &str| text.parse::<TenantRef>();
        assert!(matches!(parsed("0198f3c2-0000-7000-8000-000000000001"), Ok(TenantRef::Id(_))));
        assert!(matches!(parsed("acme"), Ok(TenantRef::Slug(_))));
        assert!(matches!(parsed("abcdefabcdefabcdefabcdefabcdefab"), Ok(TenantRef::Slug(_))));
        parsed("../acme").unwrap_err();
    }
}
