//! API tokens: `tnr_<tenant id>_<secret>`. The tenant is part of the credential; of the secret only a hash is stored, in the
//! tenant's own schema.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use tenure_core::ids::{TenantId, TokenId};
use tenure_db::audit::{self, Actor, Entry};
use tenure_db::tokens::{self, Bearer, NewToken};
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};

const PREFIX: &str = "tnr";
const SECRET_BYTES: usize = 32;

/// An API token as its holder has it.
#[derive(Clone)]
pub struct Secret {
    tenant: TenantId,
    secret: String,
}

impl Secret {
    fn new(tenant: TenantId, random: [u8; SECRET_BYTES]) -> Self {
        Self { tenant, secret: URL_SAFE_NO_PAD.encode(random) }
    }

    /// The tenant that the token belongs to.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The token's text, to be shown once to whoever asked for it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}_{}_{}", self.tenant.uuid().simple(), self.secret)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}_{}_…", self.tenant.uuid().simple())
    }
}

impl FromStr for Secret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '_');
        let (prefix, tenant, secret) = (parts.next(), parts.next(), parts.next());
        let tenant = tenant.filter(|hex| hex.len() == 32).and_then(|hex| Uuid::try_parse(hex).ok());
        let bytes = secret.and_then(|secret| URL_SAFE_NO_PAD.decode(secret).ok());
        match (prefix, tenant, secret, bytes) {
            (Some(PREFIX), Some(tenant), Some(secret), Some(bytes)) if bytes.len() == SECRET_BYTES => {
                Ok(Self { tenant: tenant.into(), secret: secret.to_owned() })
            }
            _ => Err(Error::Unauthenticated),
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct Create {
    /// The tenant.
    pub tenant: TenantId,
    /// The user on whose behalf it acts, by mail address; `None` for the tenant's owner.
    pub user: Option<String>,
    /// What it is for.
    pub name: String,
    /// How long it works; `None` for ever.
    pub valid_for: Option<SignedDuration>,
}

/// A token that was made.
#[derive(Debug)]
pub struct Created {
    /// Its id, by which it is revoked.
    pub id: TokenId,
    /// The token itself, which cannot be had again.
    pub token: Secret,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token.
///
/// # Errors
/// `NotFound` for a user who is not there; `Rule` for one who is suspended; `Invalid` for a name that is empty or too long.
pub async fn create(context: &Context, actor: &Actor, input: &Create) -> Result<Created> {
    if !(1..=100).contains(&input.name.trim().chars().count()) {
        return Err(Error::invalid("name", "has 1 to 100 characters"));
    }
    let now = context.now();
    let expires_at = input.valid_for.map(|time| now.checked_add(time)).transpose();
    let expires_at = expires_at.map_err(|_| Error::invalid("expires", "is too far away"))?;
    let mut tx = context.db.begin(input.tenant).await?;
    let user = match &input.user {
        Some(email) => tokens::user_by_email(&mut tx, email).await?,
        None => tokens::owner(&mut tx).await?,
    };
    let token = Secret::new(input.tenant, context.random_bytes());
    let new =
        NewToken { id: context.id(), user, name: input.name.trim().to_owned(), hash: token.hash(), now, expires_at };
    tokens::insert(&mut tx, &new).await?;
    let after = json!({ "user": user, "name": new.name, "expires_at": expires_at });
    record(&mut tx, context, actor, "token.created", new.id, Some(after)).await?;
    tx.commit().await?;
    Ok(Created { id: new.id, token, expires_at })
}

/// Makes a token useless from now on.
///
/// # Errors
/// `NotFound` when the tenant has no such token in use.
pub async fn revoke(context: &Context, actor: &Actor, tenant: TenantId, token: TokenId) -> Result<()> {
    let mut tx = context.db.begin(tenant).await?;
    tokens::revoke(&mut tx, token, context.now()).await?;
    record(&mut tx, context, actor, "token.revoked", token, None).await?;
    tx.commit().await?;
    Ok(())
}

/// The tenant's tokens, newest first.
///
/// # Errors
/// When the tenant is not served.
pub async fn list(context: &Context, tenant: TenantId) -> Result<Vec<tokens::Token>> {
    let mut tx = context.db.begin_read(tenant).await?;
    let tokens = tokens::list(&mut tx).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// Who stands behind a token, looked up in a transaction of the tenant that the token names.
///
/// # Errors
/// `Unauthenticated` when it is unknown, expired or revoked, or its user is suspended.
pub async fn bearer(tx: &mut tenure_db::TenantTx, token: &Secret, now: Timestamp) -> Result<Bearer> {
    tokens::bearer(tx, &token.hash(), now).await?.ok_or(Error::Unauthenticated)
}

async fn record(
    tx: &mut tenure_db::TenantTx,
    context: &Context,
    actor: &Actor,
    action: &str,
    token: TokenId,
    after: Option<serde_json::Value>,
) -> Result<()> {
    let entry = Entry {
        id: context.id(),
        now: context.now(),
        actor,
        action,
        entity: "api_token",
        entity_id: Some(token.uuid()),
        before: None,
        after,
        request_id: None,
    };
    Ok(audit::record(tx, &entry).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Secret {
        Secret::new(TenantId::from(Uuid::from_u128(7)), [9; SECRET_BYTES])
    }

    #[test]
    fn a_token_comes_back_from_its_text() {
        let text = token().reveal();
        let parsed: Secret = text.parse().unwrap();
        assert_eq!(parsed.tenant(), token().tenant());
        assert_eq!(parsed.hash(), token().hash());
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        let shown = format!("{:?}", token());
        assert!(!shown.contains(&token().secret), "{shown}");
    }

    #[test]
    fn texts_that_are_no_tokens_are_refused() {
        let good = token().reveal();
        let short = good.get(..good.len() - 1).unwrap();
        for bad in ["", "tnr", "tnr__", short, &format!("{good}A"), &good.replace("tnr", "xyz"), "tnr_00_AA"] {
            assert!(matches!(bad.parse::<Secret>(), Err(Error::Unauthenticated)), "{bad:?}");
        }
    }
}
