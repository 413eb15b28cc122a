//! What operators do to tenants as a whole.

use tenure_core::access::BuiltInRole;
use tenure_core::tenant::Slug;
use tenure_db as db;
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
    if !looks_like_email(&input.owner_email) {
        return Err(Error::invalid("owner_email", "is not a mail address"));
    }
    let mut new = NewTenant {
        id: context.id(),
        slug: input.slug,
        name: input.name,
        owner: context.id(),
        owner_email: input.owner_email,
        roles: BuiltInRole::ALL.map(|role| (role, context.id())),
    };
    for attempt in 1..=SCHEMA_NAME_ATTEMPTS {
        match tenants::create(&context.db, MigrationSet::tenant(), &new, &context.act(actor)).await {
            Err(db::Error::SchemaTaken(_)) => new.id = context.id_ahead(attempt * SCHEMA_NAME_MILLIS),
            result => return Ok(result?),
        }
    }
    Err(Error::Conflict(format!("too many tenants called {} were made within minutes; try again later", new.slug)))
}

fn looks_like_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control()) && text.len() <= 254;
    plain
        && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::looks_like_email;

    #[test]
    fn only_what_looks_like_a_mail_address_passes() {
        assert!(looks_like_email("ada@acme.example"));
        for bad in ["", "ada", "@acme.example", "ada@", "a b@acme.example", "a@b@c", "a\n@b"] {
            assert!(!looks_like_email(bad), "{bad:?}");
        }
    }
}
