//! The keys of archives: whom they are written for, and who opens them.

use std::fmt;

use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Encryptor, scrypt, x25519};

use crate::error::{Error, Result};

/// How secret keys begin.
const SECRET: &str = "AGE-SECRET-KEY";

/// Those who can open an archive.
#[derive(Clone)]
pub struct Recipients(Lock);

#[derive(Clone)]
enum Lock {
    Keys(Vec<x25519::Recipient>),
    Passphrase(SecretString),
}

impl Recipients {
    /// Reads public keys `age1…`, separated by commas or white space.
    ///
    /// # Errors
    /// `Key` when there is none, or for one that is not a key. The message does not repeat it, for it may be a secret one.
    pub fn parse(text: &str) -> Result<Self> {
        let words = text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty());
        let keys: Vec<_> = words.enumerate().map(|(place, word)| recipient(place + 1, word)).collect::<Result<_>>()?;
        if keys.is_empty() {
            return Err(Error::Key("there is nobody to encrypt for".to_owned()));
        }
        Ok(Self(Lock::Keys(keys)))
    }

    /// Whoever knows a passphrase.
    #[must_use]
    pub fn passphrase(text: String) -> Self {
        Self(Lock::Passphrase(text.into()))
    }

    /// What tells these recipients from others; a passphrase has nothing that could be shown.
    pub(crate) fn mark(&self) -> Option<Vec<u8>> {
        match &self.0 {
            Lock::Keys(keys) => {
                let mut words: Vec<String> = keys.iter().map(ToString::to_string).collect();
                words.sort_unstable();
                Some(words.join(",").into_bytes())
            }
            Lock::Passphrase(_) => None,
        }
    }

    pub(crate) fn encryptor(&self) -> Result<Encryptor> {
        match &self.0 {
            Lock::Keys(keys) => Encryptor::with_recipients(keys.iter().map(|key| -> &dyn age::Recipient { key }))
                .map_err(|error| Error::Key(error.to_string())),
            Lock::Passphrase(text) => Ok(Encryptor::with_user_passphrase(text.clone())),
        }
    }
}

/// Whether a secret key is in a text, which then must not be shown.
#[must_use]
pub fn holds_secret_key(text: &str) -> bool {
    text.to_ascii_uppercase().contains(SECRET)
}

fn recipient(place: usize, word: &str) -> Result<x25519::Recipient> {
    if holds_secret_key(word) {
        return Err(Error::Key(format!(
            "number {place} is a secret key, which does not belong here: set its public key, age1…, and make a new pair if others could read it"
        )));
    }
    word.parse().map_err(|why| Error::Key(format!("number {place} is not an age recipient, age1…: {why}")))
}

/// What opens archives. Never stored by the program.
#[derive(Clone)]
pub struct Identities(Opener);

#[derive(Clone)]
enum Opener {
    Keys(Vec<x25519::Identity>),
    Passphrase(SecretString),
}

impl Identities {
    /// Reads an identity file: a secret key `AGE-SECRET-KEY-1…` on each line that is neither empty nor a comment.
    ///
    /// # Errors
    /// `Key` when there is none, or for a line that is not a key; the message does not repeat it.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<x25519::Identity> = lines
            .map(|line| line.parse().map_err(|why| Error::Key(format!("a line of the identity file is no key: {why}"))))
            .collect::<Result<_>>()?;
        if keys.is_empty() {
            return Err(Error::Key("the identity file holds no key".to_owned()));
        }
        Ok(Self(Opener::Keys(keys)))
    }

    /// The passphrase that archives were encrypted with.
    #[must_use]
    pub fn passphrase(text: String) -> Self {
        Self(Opener::Passphrase(text.into()))
    }

    pub(crate) fn open<R: std::io::Read>(&self, input: R) -> Result<age::stream::StreamReader<R>> {
        let decryptor = Decryptor::new(input).map_err(from_age)?;
        match &self.0 {
            Opener::Keys(keys) => decryptor.decrypt(keys.iter().map(|key| -> &dyn age::Identity { key })),
            Opener::Passphrase(text) => {
                let identity: &dyn age::Identity = &scrypt::Identity::new(text.clone());
                decryptor.decrypt(std::iter::once(identity))
            }
        }
        .map_err(from_age)
    }
}

fn from_age(error: age::DecryptError) -> Error {
    match error {
        age::DecryptError::NoMatchingKeys
        | age::DecryptError::KeyDecryptionFailed
        | age::DecryptError::DecryptionFailed => Error::WrongKey,
        error => Error::Damaged(error.to_string()),
    }
}

/// A new identity file and the recipient that belongs to it.
#[must_use]
pub fn new_identity() -> (String, String) {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    (format!("# recipient: {recipient}\n{}\n", identity.to_string().expose_secret()), recipient)
}

impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipients(…)")
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_never_repeated() {
        let (file, recipient) = new_identity();
        Identities::parse(&file).unwrap();
        Recipients::parse(&format!("{recipient}, {recipient}")).unwrap();
        let secret = "AGE-SECRET-KEY-1SECRET";
        assert!(!Identities::parse(secret).unwrap_err().to_string().contains(secret));
        for wrong in ["", "# only a comment\n"] {
            Identities::parse(wrong).unwrap_err();
        }
        for wrong in ["", " , ", "age1x"] {
            Recipients::parse(wrong).unwrap_err();
        }
        let whole = file.lines().last().unwrap();
        for secret in [whole, &whole.to_lowercase(), secret, &format!("{recipient},{whole}"), &format!("={whole}")] {
            let error = Recipients::parse(secret).unwrap_err().to_string();
            assert!(error.contains("secret key") && !error.contains("KEY-1") && !error.contains("key-1"), "{error}");
        }
    }
}
