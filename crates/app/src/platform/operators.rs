//! Who operates the platform over HTTP: by a secret that an operator at the command line has made, for the platform alone. It opens no
//! company's data, as a company's credential opens nothing of the platform.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tenure_core::text::Line;
use tenure_db::audit::Actor;
use tenure_db::operators::{self, NewOperator};
use tenure_db::tenants::Act;

use crate::context::Context;
use crate::error::{Error, Result};

pub use tenure_db::operators::Operator as Stored;

const PREFIX: &str = "tno_";
const SECRET_BYTES: usize = 32;

/// An operator's secret as its holder has it: `tno_` and 256 random bits.
#[derive(Clone)]
pub struct OperatorSecret(String);

impl OperatorSecret {
    /// Its text, to be shown once to whoever asked for it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for OperatorSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}…")
    }
}

impl FromStr for OperatorSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let secret = text.strip_prefix(PREFIX).ok_or(Error::Unauthenticated)?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).map_err(|_| Error::Unauthenticated)?;
        if bytes.len() == SECRET_BYTES { Ok(Self(secret.to_owned())) } else { Err(Error::Unauthenticated) }
    }
}

/// An operator whose secret was found good.
#[derive(Debug)]
pub struct Operator {
    name: String,
}

impl Operator {
    /// For the audit trails.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("operator:{}", self.name)
    }

    /// The record of what the operator does in a request.
    pub(crate) fn act(&self, context: &Context, request_id: &str) -> Act {
        let (id, now) = (context.id(), context.now());
        Act { id, actor: self.actor(), now, request_id: Some(request_id.to_owned()) }
    }
}

/// Finds out who has a secret.
///
/// # Errors
/// `Unauthenticated` when it is unknown, expired or revoked.
pub async fn identify(context: &Context, secret: &OperatorSecret) -> Result<Operator> {
    let name = operators::name_by_hash(&context.db, &secret.hash(), context.now()).await?;
    Ok(Operator { name: name.ok_or(Error::Unauthenticated)? })
}

/// Makes an operator, and gives the secret.
///
/// # Errors
/// `Invalid` for a name that is empty or too long, or a time that is too far away; `Taken` when another has the name.
pub async fn create(
    context: &Context,
    actor: &Actor,
    name: &str,
    valid_for: Option<SignedDuration>,
) -> Result<OperatorSecret> {
    let name: Line<100> = name.parse().map_err(|error| Error::invalid("name", &error))?;
    let expires_at = valid_for.map(|time| context.now().checked_add(time)).transpose();
    let expires_at: Option<Timestamp> = expires_at.map_err(|_| Error::invalid("expires", "is too far away"))?;
    let secret = OperatorSecret(URL_SAFE_NO_PAD.encode(context.random_bytes::<SECRET_BYTES>()));
    let new = NewOperator { id: context.id(), name: name.to_string(), hash: secret.hash(), expires_at };
    operators::insert(&context.db, &new, &context.act(actor)).await?;
    Ok(secret)
}

/// All operators, the newest first, those that were revoked too.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Stored>> {
    Ok(operators::list(&context.db).await?)
}

/// Makes an operator's secret useless from now on.
///
/// # Errors
/// `NotFound` when no operator that is not revoked has the name.
pub async fn revoke(context: &Context, actor: &Actor, name: &str) -> Result<()> {
    Ok(operators::revoke(&context.db, name, &context.act(actor)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_from_its_text_and_is_not_shown() {
        let secret = OperatorSecret(URL_SAFE_NO_PAD.encode([9; SECRET_BYTES]));
        let parsed: OperatorSecret = secret.reveal().parse().unwrap();
        assert_eq!(parsed.hash(), secret.hash());
        assert_eq!(format!("{secret:?}"), "tno_…");
    }

    #[test]
    fn texts_that_are_no_secrets_are_refused() {
        let good = OperatorSecret(URL_SAFE_NO_PAD.encode([9; SECRET_BYTES])).reveal();
        for bad in ["", "tno_", "tno_AAAA", &good.replace("tno_", "tnr_"), &format!("{good}A")] {
            assert!(matches!(bad.parse::<OperatorSecret>(), Err(Error::Unauthenticated)), "{bad:?}");
        }
    }
}
