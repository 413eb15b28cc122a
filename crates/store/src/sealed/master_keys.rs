//! The keys of an installation while one takes the place of another.

use ring::aead::NONCE_LEN;

use super::key::{KeyError, MasterKey, TenantKey};

/// The key that is in use, and those that were before it: they still open what they have closed, and close nothing more.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    current: MasterKey,
    former: Vec<MasterKey>,
}

/// A tenant's key that was unwrapped.
#[derive(Debug, Clone)]
pub struct Unwrapped {
    /// The key.
    pub key: TenantKey,
    /// Whether it was wrapped in the key that is in use.
    pub is_current: bool,
}

impl MasterKeys {
    /// A key to use, and others that still open.
    #[must_use]
    pub const fn new(current: MasterKey, former: Vec<MasterKey>) -> Self {
        Self { current, former }
    }

    /// Reads a key a line, the one to use first. Empty lines and those that begin with `#` do not count.
    ///
    /// # Errors
    /// `Form` when a line is no key, or none is.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut keys = lines.map(MasterKey::parse);
        let current = keys.next().ok_or(KeyError::Form)??;
        Ok(Self { current, former: keys.collect::<Result<_, _>>()? })
    }

    /// A tenant's key as it may be kept, wrapped in the key that is in use.
    ///
    /// # Errors
    /// `Other` when it could not be encrypted.
    pub fn wrap(&self, key: &TenantKey, tenant: &[u8], nonce: [u8; NONCE_LEN]) -> Result<Vec<u8>, KeyError> {
        self.current.wrap(key, tenant, nonce)
    }

    /// The key of a tenant that was wrapped, by whichever of the keys.
    ///
    /// # Errors
    /// `Other` when it was wrapped by none of them, for another tenant, or was changed.
    pub fn unwrap_key(&self, wrapped: &[u8], tenant: &[u8]) -> Result<Unwrapped, KeyError> {
        if let Ok(key) = self.current.unwrap_key(wrapped, tenant) {
            return Ok(Unwrapped { key, is_current: true });
        }
        let opened = self.former.iter().find_map(|former| former.unwrap_key(wrapped, tenant).ok());
        opened.map(|key| Unwrapped { key, is_current: false }).ok_or(KeyError::Other)
    }

    /// The code that shows that a link was made here.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.current.sign(message)
    }

    /// Whether a code is the one of a message by one of the keys. Each comparison takes the same time wherever the two differ.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], code: &[u8]) -> bool {
        std::iter::once(&self.current).chain(&self.former).any(|key| key.has_signed(message, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey::from_bytes([byte; 32])
    }

    #[test]
    fn the_first_key_wraps_and_all_of_them_open() {
        let tenant_key = TenantKey::from_bytes([9; 32]);
        let of_old = key(1).wrap(&tenant_key, b"acme", [0; NONCE_LEN]).unwrap();
        let keys = MasterKeys::parse(&format!("# in use\n{}\n\n  {}", key(2).to_text(), key(1).to_text())).unwrap();
        assert!(!keys.unwrap_key(&of_old, b"acme").unwrap().is_current);
        let of_new = keys.wrap(&tenant_key, b"acme", [1; NONCE_LEN]).unwrap();
        assert!(keys.unwrap_key(&of_new, b"acme").unwrap().is_current);
        assert!(key(2).unwrap_key(&of_new, b"acme").is_ok() && key(1).unwrap_key(&of_new, b"acme").is_err());
        let without = MasterKeys::new(key(2), Vec::new());
        assert_eq!(without.unwrap_key(&of_old, b"acme").err(), Some(KeyError::Other));
        assert_eq!(keys.unwrap_key(&of_old, b"globex").err(), Some(KeyError::Other));
    }

    #[test]
    fn a_code_of_a_former_key_counts_until_it_is_gone() {
        let (before, both) = (MasterKeys::new(key(1), Vec::new()), MasterKeys::new(key(2), vec![key(1)]));
        let code = before.sign(b"open");
        assert!(both.has_signed(b"open", &code) && both.has_signed(b"open", &both.sign(b"open")));
        assert!(!both.has_signed(b"opem", &code));
        assert!(!MasterKeys::new(key(2), Vec::new()).has_signed(b"open", &code));
    }

    #[test]
    fn a_file_with_a_line_that_is_no_key_or_without_keys_is_refused() {
        for wrong in [String::new(), "# none\n".to_owned(), format!("{}x", key(1).to_text())] {
            assert_eq!(MasterKeys::parse(&wrong).err(), Some(KeyError::Form), "{wrong:?}");
        }
        assert!(!format!("{:?}", MasterKeys::new(key(7), vec![key(7)])).contains('7'));
    }
}
