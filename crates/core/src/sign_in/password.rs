//! Passwords in clear, and which of them may be chosen.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

const SHORTEST: usize = 12;
const LONGEST: usize = 256;
/// What has to be left of a password without the words that everybody would try.
const LEAST_OWN: usize = 8;
/// Shorter words occur in too much.
const SHORTEST_WORD: usize = 3;
/// The passwords of [`SHORTEST`] characters and more that lists of stolen ones begin with, in lower case and without what stands between
/// words.
const WORST: [&str; 20] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "123123123123",
    "012345678901",
    "098765432109",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "abcdefghijkl",
    "administrator",
    "correcthorsebatterystaple",
    "iloveyouiloveyou",
    "letmeinletmein",
    "passwordpassword",
    "passwort1234",
    "password1234",
    "password12345",
    "qwertyuiopas",
    "qwertyuiop123",
];

/// A password in clear. It never shows in logs or errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// What a password must not be made of alone.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The company's short name.
    pub slug: &'a str,
    /// The company's name.
    pub company: &'a str,
    /// The user's mail address.
    pub email: &'a str,
    /// The fewest characters that the company takes; never fewer than twelve are taken.
    pub least: usize,
}

/// Why a password cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// It is longer than anybody's.
    #[error("has more than {LONGEST} characters")]
    TooLong,
    /// It is guessed in no time, or shorter than the company wants it.
    #[error("has fewer than {0} characters; a few words in a row make a good one")]
    TooShort(usize),
    /// It is one of those that are tried first, or repeats a few characters.
    #[error("is one of those that are tried first; a few words in a row make a good one")]
    Common,
    /// It consists of the company's name or the user's address.
    #[error("is little more than the company's name or the mail address")]
    Obvious,
}

impl FromStr for Password {
    type Err = PasswordError;

    /// Takes what somebody enters to sign in, however short.
    fn from_str(text: &str) -> Result<Self, PasswordError> {
        if text.chars().nth(LONGEST).is_some() { Err(PasswordError::TooLong) } else { Ok(Self(text.to_owned())) }
    }
}

impl Password {
    /// The bytes, for hashing.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, for those to whom a made-up password is shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether somebody may choose it. There are no rules on kinds of characters: they make passwords alike, not strong.
    ///
    /// # Errors
    /// Why not.
    pub fn check_new(&self, around: Surroundings<'_>) -> Result<(), PasswordError> {
        let least = around.least.max(SHORTEST);
        if self.0.chars().count() < least {
            return Err(PasswordError::TooShort(least));
        }
        let plain = plain(&self.0);
        let kinds: BTreeSet<char> = self.0.chars().collect();
        if kinds.len() < 4 || WORST.contains(&plain.as_str()) {
            return Err(PasswordError::Common);
        }
        let local = around.email.split('@').next().unwrap_or_default();
        let own = [around.slug, around.company, local, around.email].into_iter().fold(plain, |left, word| {
            let word = self::plain(word);
            if word.chars().count() < SHORTEST_WORD { left } else { left.replace(&word, "") }
        });
        // What is made of signs alone has nothing left either, and is its maker's own.
        let named = own.len() < self::plain(&self.0).len();
        if named && own.chars().count() < LEAST_OWN { Err(PasswordError::Obvious) } else { Ok(()) }
    }
}

/// A text as guessers see it: in lower case, letters and digits alone.
fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AROUND: Surroundings<'_> =
        Surroundings { slug: "acme", company: "Acme Ltd", email: "ada.lovelace@acme.example", least: 0 };

    fn check(text: &str) -> Result<(), PasswordError> {
        text.parse::<Password>()?.check_new(AROUND)
    }

    #[test]
    fn long_ones_of_any_characters_are_taken() {
        for good in
            ["a quiet brown river", "grünes Licht überall", "xK9!xK9!xK9!", "my dog likes acme pies", "!?&%$§/(){}[]"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(&"abcd".repeat(64)), Ok(()));
    }

    #[test]
    fn a_company_may_want_longer_ones_and_not_shorter_ones() {
        let check = |least| "a quiet brown river".parse::<Password>()?.check_new(Surroundings { least, ..AROUND });
        assert_eq!((check(19), check(20)), (Ok(()), Err(PasswordError::TooShort(20))));
        assert_eq!("elevenchars".parse::<Password>().unwrap().check_new(AROUND), Err(PasswordError::TooShort(12)));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for (bad, why) in [
            ("short", PasswordError::TooShort(12)),
            ("elevenchars", PasswordError::TooShort(12)),
            ("aaaaaaaaaaaaaaaa", PasswordError::Common),
            ("Password-1234", PasswordError::Common),
            ("1234 5678 9012", PasswordError::Common),
            ("Acme Ltd 2026", PasswordError::Obvious),
            ("Ada.Lovelace1!", PasswordError::Obvious),
            ("acmeacmeacme", PasswordError::Obvious),
            ("acme-ada.lovelace", PasswordError::Obvious),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
        assert_eq!(check(&"abcde".repeat(52)), Err(PasswordError::TooLong));
    }

    #[test]
    fn debug_output_keeps_the_password() {
        assert_eq!(format!("{:?}", "a quiet brown river".parse::<Password>().unwrap()), "Password(…)");
    }
}
