//! Credentials: `<kind>_<tenant id>_<secret>`. The tenant is part of each; of the secret only a hash is stored, in the tenant's own schema.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tenure_core::ids::TenantId;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};

const SECRET_BYTES: usize = 32;

/// What a credential is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program's API token.
    Token,
    /// A session, which a user begins by signing in.
    Session,
    /// To choose a new password, once.
    PasswordReset,
}

/// A credential as its holder has it.
#[derive(Clone)]
pub struct Secret {
    kind: Kind,
    tenant: TenantId,
    text: String,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Token, Self::Session, Self::PasswordReset];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Token => "tnr",
            Self::Session => "tns",
            Self::PasswordReset => "tnp",
        }
    }
}

impl Secret {
    pub(crate) fn new(context: &Context, kind: Kind, tenant: TenantId) -> Self {
        Self::of_bytes(kind, tenant, context.random_bytes())
    }

    fn of_bytes(kind: Kind, tenant: TenantId, random: [u8; SECRET_BYTES]) -> Self {
        Self { kind, tenant, text: URL_SAFE_NO_PAD.encode(random) }
    }

    /// What it is good for, as it says itself.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The tenant that it belongs to.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Its text, to be shown once to whoever asked for it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}_{}_{}", self.kind.prefix(), self.tenant.uuid().simple(), self.text)
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_…", self.kind.prefix(), self.tenant.uuid().simple())
    }
}

impl FromStr for Secret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '_');
        let (prefix, tenant, secret) = (parts.next(), parts.next(), parts.next());
        let kind = Kind::ALL.into_iter().find(|kind| prefix == Some(kind.prefix()));
        let tenant = tenant.filter(|hex| hex.len() == 32).and_then(|hex| Uuid::try_parse(hex).ok());
        let bytes = secret.and_then(|secret| URL_SAFE_NO_PAD.decode(secret).ok());
        match (kind, tenant, secret, bytes) {
            (Some(kind), Some(tenant), Some(secret), Some(bytes)) if bytes.len() == SECRET_BYTES => {
                Ok(Self { kind, tenant: tenant.into(), text: secret.to_owned() })
            }
            _ => Err(Error::Unauthenticated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(kind: Kind) -> Secret {
        Secret::of_bytes(kind, TenantId::from(Uuid::from_u128(7)), [9; SECRET_BYTES])
    }

    #[test]
    fn a_credential_comes_back_from_its_text() {
        for kind in Kind::ALL {
            let parsed: Secret = secret(kind).reveal().parse().unwrap();
            assert_eq!((parsed.kind(), parsed.tenant()), (kind, secret(kind).tenant()));
            assert_eq!(parsed.hash(), secret(kind).hash());
        }
    }

    #[test]
    fn debug_output_keeps_the_secret() {
        let shown = format!("{:?}", secret(Kind::Session));
        assert!(!shown.contains(&secret(Kind::Session).text), "{shown}");
    }

    #[test]
    fn texts_that_are_no_credentials_are_refused() {
        let good = secret(Kind::Token).reveal();
        let short = good.get(..good.len() - 1).unwrap();
        for bad in ["", "tnr", "tnr__", short, &format!("{good}A"), &good.replace("tnr", "xyz"), "tnr_00_AA"] {
            assert!(matches!(bad.parse::<Secret>(), Err(Error::Unauthenticated)), "{bad:?}");
        }
    }
}
