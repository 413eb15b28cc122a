//! What operators do to tenants as a whole.

use std::str::FromStr;

use tenure_core::access::BuiltInRole;
use tenure_core::contact::Email;
use tenure_core::ids::TenantId;
use tenure_core::tenant::{Slug, SlugError};
use tenure_db as db;
use tenure_db::Database;
use tenure_db::audit::Actor;
use tenure_db::migrate::MigrationSet;
use tenure_db::tenants::{self, NewTenant, Tenant, TenantName};

use crate::context::Context;
use crate::error::{Error, Result};

/// A schema's name holds the first eight hex digits of the tenant's id, which in a `UUIDv7` change every 65,536 milliseconds.
const SCHEMA_NAME_MILLIS: u64 = 1 << 16;
/// How many names are tried for a slug that was given, taken away and given again within minutes.
const SCHEMA_NAME_ATTEMPTS: u64 = 64;

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct Create {
    /// Its slug.
    pub slug: Slug,
    /// Its display name.
    pub name: TenantName,
    /// The mail address of its first user, who has the role `owner`.
    pub owner_email: String,
}

/// Makes a tenant that is ready to be used.
///
/// # Errors
/// `Invalid` for a mail address that is none; `Conflict` when the slug is taken.
pub async fn create(context: &Context, actor: &Actor, input: Create) -> Result<Tenant> {
    let owner_email: Email = input.owner_email.parse().map_err(|error| Error::invalid("owner_email", &error))?;
    let mut new = NewTenant {
        id: context.id(),
        slug: input.slug,
        name: input.name,
        owner: context.id(),
        owner_email: owner_email.to_string(),
        roles: BuiltInRole::ALL.map(|role| (role, context.id())),
        documents: Some(context.documents.place().clone()),
    };
    for attempt in 1..=SCHEMA_NAME_ATTEMPTS {
        match tenants::create(&context.db, MigrationSet::tenant(), &new, &context.act(actor)).await {
            Err(db::Error::SchemaTaken(_)) => new.id = context.id_ahead(attempt * SCHEMA_NAME_MILLIS),
            result => return Ok(result?),
        }
    }
    Err(Error::Conflict(format!("too many tenants called {} were made within minutes; try again later", new.slug)))
}

/// Characters of an id with its hyphens. Without them it could be a slug.
const ID_LENGTH: usize = 36;

/// A tenant by its slug or its id.
#[derive(Debug, Clone)]
pub enum TenantRef {
    /// By its slug.
    Slug(Slug),
    /// By its id.
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
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn find(&self, db: &Database) -> db::Result<Tenant> {
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
