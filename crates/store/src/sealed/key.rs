//! The keys of files: one of the installation, one of each tenant, and one of each object.
//!
//! The installation's key is kept outside of the store and of the database, and encrypts nothing but tenants' keys, which lie wrapped in
//! it beside the tenant's data. So a tenant's files can be read no more when its data are gone, whoever still has the objects. Each
//! object has a key of its own, derived from the tenant's by HKDF-SHA256 over the object's name; as no name is used twice, neither is
//! a key.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce};
use ring::{hkdf, hmac};
use thiserror::Error;

/// How many bytes a key has.
pub const KEY_BYTES: usize = 32;

const OF_OBJECTS: &[u8] = b"tenure file object 1\0";
const OF_LINKS: &[u8] = b"tenure file link 1";
const OF_WRAPPING: &[u8] = b"tenure file tenant key 1";

/// The key of an installation.
#[derive(Clone)]
pub struct MasterKey([u8; KEY_BYTES]);

/// The key of a tenant.
#[derive(Clone)]
pub struct TenantKey([u8; KEY_BYTES]);

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A text is no key. It is not repeated.
    #[error("does not hold keys of 64 hexadecimal digits, one a line")]
    Form,
    /// A tenant's key was wrapped in another key, or for another tenant.
    #[error("the tenant's key was wrapped in a key that this installation does not have")]
    Other,
}

impl MasterKey {
    /// A key out of random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, as a file of [`MasterKey::to_text`] has them.
    ///
    /// # Errors
    /// For anything else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| KeyError::Form)?;
        Ok(Self(bytes))
    }

    /// The digits, for the file that keeps them.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n", hex::encode(self.0))
    }

    /// A tenant's key as it may be kept: the nonce, the key encrypted, and what shows that neither was changed.
    ///
    /// # Errors
    /// `Other` when it could not be encrypted.
    pub fn wrap(&self, key: &TenantKey, tenant: &[u8], nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, KeyError> {
        let mut wrapped = key.0.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = self.wrapping().seal_in_place_append_tag(unique, Aad::from(tenant), &mut wrapped);
        sealed.map_err(|_| KeyError::Other)?;
        Ok([nonce.as_slice(), &wrapped].concat())
    }

    /// The key of a tenant that was wrapped.
    ///
    /// # Errors
    /// `Other` when it was wrapped by another key, for another tenant, or was changed.
    pub fn unwrap_key(&self, wrapped: &[u8], tenant: &[u8]) -> Result<TenantKey, KeyError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::Other)?;
        let mut sealed = sealed.to_vec();
        let opened = self
            .wrapping()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(tenant), &mut sealed)
            .map_err(|_| KeyError::Other)?;
        Ok(TenantKey(<[u8; KEY_BYTES]>::try_from(&*opened).map_err(|_| KeyError::Other)?))
    }

    /// The code that shows that a link was made here.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.of_links(), message).as_ref().to_vec()
    }

    /// Whether a code is the one of a message, found out in a time that does not depend on where they differ.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], code: &[u8]) -> bool {
        hmac::verify(&self.of_links(), message, code).is_ok()
    }

    fn of_links(&self) -> hmac::Key {
        derive(&self.0, &[OF_LINKS], hmac::HMAC_SHA256)
    }

    fn wrapping(&self) -> LessSafeKey {
        LessSafeKey::new(derive(&self.0, &[OF_WRAPPING], &AES_256_GCM))
    }
}

impl TenantKey {
    /// A key out of random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads what [`TenantKey::to_text`] gave.
    ///
    /// # Errors
    /// `Form` for anything else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        MasterKey::parse(text).map(|key| Self(key.0))
    }

    /// The digits, for what is itself encrypted.
    #[must_use]
    pub fn to_text(&self) -> String {
        hex::encode(self.0)
    }

    /// The key of one object.
    pub(super) fn of_object(&self, name: &str) -> LessSafeKey {
        LessSafeKey::new(derive(&self.0, &[OF_OBJECTS, name.as_bytes()], &AES_256_GCM))
    }
}

/// A key for one use, out of another. It fails for keys of kilobytes alone.
fn derive<Derived, K>(key: &[u8; KEY_BYTES], info: &[&[u8]], of: K) -> Derived
where
    K: hkdf::KeyType,
    Derived: for<'a> From<hkdf::Okm<'a, K>>,
{
    let pseudo_random = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key);
    match pseudo_random.expand(info, of) {
        Ok(derived) => derived.into(),
        Err(_) => unreachable!("a key is shorter than what cannot be derived"),
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl fmt::Debug for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASTER: MasterKey = MasterKey::from_bytes([7; KEY_BYTES]);

    #[test]
    fn a_key_comes_back_from_its_text_and_is_never_shown() {
        let text = MASTER.to_text();
        assert_eq!(MasterKey::parse(&text).unwrap().0, MASTER.0);
        for wrong in ["", "07", &"0".repeat(63), &"g".repeat(64), &"+7".repeat(32), &"ä".repeat(32)] {
            assert_eq!(MasterKey::parse(wrong).err(), Some(KeyError::Form), "{wrong}");
        }
        assert!(!format!("{MASTER:?}").contains('7'));
    }

    #[test]
    fn a_wrapped_key_opens_for_its_tenant_and_its_master_alone() {
        let key = TenantKey::from_bytes([9; KEY_BYTES]);
        let wrapped = MASTER.wrap(&key, b"acme", [1; NONCE_LEN]).unwrap();
        assert!(!wrapped.windows(4).any(|bytes| bytes == [9; 4]));
        assert_eq!(MASTER.unwrap_key(&wrapped, b"acme").unwrap().0, key.0);
        assert_eq!(MASTER.unwrap_key(&wrapped, b"globex").err(), Some(KeyError::Other));
        let other = MasterKey::from_bytes([8; KEY_BYTES]);
        assert_eq!(other.unwrap_key(&wrapped, b"acme").err(), Some(KeyError::Other));
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert_eq!(MASTER.unwrap_key(&changed, b"acme").err(), Some(KeyError::Other), "byte {at}");
        }
        assert_eq!(MASTER.unwrap_key(&[], b"acme").err(), Some(KeyError::Other));
    }

    #[test]
    fn a_code_is_of_one_message_and_one_key() {
        let code = MASTER.sign(b"open");
        assert!(MASTER.has_signed(b"open", &code));
        assert!(!MASTER.has_signed(b"opem", &code));
        assert!(!MASTER.has_signed(b"open", &code[1..]));
        assert!(!MasterKey::from_bytes([8; KEY_BYTES]).has_signed(b"open", &code));
    }
}
