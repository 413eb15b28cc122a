//! Links that open one version of one document for a while, for whoever has them. The text says what is opened and until when, and ends
//! with a code that only the server can make of the rest.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::ids::{DocumentId, TenantId};

/// The longest time for which a link opens anything.
pub const LONGEST_LINK: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Comes first, so that a later form can be told apart.
const FORM: u8 = 1;
/// How many bytes the code has.
const CODE: usize = 32;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Whose document it is.
    pub tenant: TenantId,
    /// The document.
    pub document: DocumentId,
    /// The version, by its own id.
    pub version: Uuid,
    /// From when on it opens nothing, in whole seconds.
    pub expires_at: Timestamp,
}

/// Bytes that are no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is no link that was given out here, or its time is over")]
pub struct NoLink;

impl Link {
    /// What the code is made of.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let ids = [self.tenant.uuid(), self.document.uuid(), self.version];
        let mut bytes = vec![FORM];
        bytes.extend(ids.iter().flat_map(Uuid::as_bytes));
        bytes.extend(self.expires_at.as_second().to_be_bytes());
        bytes
    }

    /// What bytes say that they open, and the code at their end, which has still to be compared.
    ///
    /// # Errors
    /// For bytes of another form.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8; CODE]), NoLink> {
        let (message, code) = bytes.split_last_chunk::<CODE>().ok_or(NoLink)?;
        let rest = message.strip_prefix(&[FORM]).ok_or(NoLink)?;
        let (tenant, rest) = rest.split_first_chunk::<16>().ok_or(NoLink)?;
        let (document, rest) = rest.split_first_chunk::<16>().ok_or(NoLink)?;
        let (version, rest) = rest.split_first_chunk::<16>().ok_or(NoLink)?;
        let seconds = i64::from_be_bytes(rest.try_into().map_err(|_| NoLink)?);
        let link = Self {
            tenant: Uuid::from_bytes(*tenant).into(),
            document: Uuid::from_bytes(*document).into(),
            version: Uuid::from_bytes(*version),
            expires_at: Timestamp::from_second(seconds).map_err(|_| NoLink)?,
        };
        Ok((link, code))
    }

    /// Whether it still opens anything.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_link_comes_back_from_its_bytes(ids in any::<[u128; 3]>(), seconds in 0_i64..4_000_000_000, code in any::<[u8; CODE]>()) {
            let [tenant, document, version] = ids.map(Uuid::from_u128);
            let expires_at = Timestamp::from_second(seconds).unwrap();
            let link = Link { tenant: tenant.into(), document: document.into(), version, expires_at };
            let bytes = [link.message().as_slice(), &code].concat();
            prop_assert_eq!(Link::read(&bytes), Ok((link, &code)));
            prop_assert!(Link::read(&bytes[1..]).is_err());
            prop_assert_eq!(link.is_open(expires_at), false);
        }

        #[test]
        fn other_bytes_are_no_link(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let is_one = bytes.len() == 89 && bytes[0] == FORM;
            prop_assert!(is_one || Link::read(&bytes).is_err());
        }
    }
}
