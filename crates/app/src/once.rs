//! Requests that their sender may repeat without harm, under a key that it has chosen: the first is done, and the same again gets the
//! first one's answer.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tenure_core::ids::UserId;
use tenure_db::first_answers::{self, Asked, Claim};

use crate::change::Change;
use crate::error::{Error, Result};

/// For how long an answer is kept.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_KEY: usize = 255;

/// A key that a sender has given to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

/// A request under a key.
#[derive(Debug)]
pub struct Once {
    key: Key,
    fingerprint: [u8; 32],
    replayed: AtomicBool,
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("Idempotency-Key", "has 1 to 255 visible ASCII characters"))
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Once {
    /// A request under a key, with the SHA-256 of all that is asked.
    #[must_use]
    pub fn new(key: Key, fingerprint: [u8; 32]) -> Self {
        Self { key, fingerprint, replayed: AtomicBool::new(false) }
    }

    /// Whether an earlier request was answered in place of this one.
    #[must_use]
    pub fn was_replayed(&self) -> bool {
        self.replayed.load(Ordering::Relaxed)
    }
}

/// Does what `body` does unless it was done before, in the transaction of the change: what is done and its answer are kept together
/// or not at all.
///
/// What the actor may do is not asked again for an answer that the actor has been given already.
pub(crate) async fn run<T: Serialize + DeserializeOwned>(
    change: &mut Change<'_>,
    once: &Once,
    user: UserId,
    body: impl AsyncFnOnce(&mut Change<'_>) -> Result<T>,
) -> Result<T> {
    let now = change.context.now();
    let asked = Asked { user, key: &once.key.0, fingerprint: &once.fingerprint, now, kept_since: now - KEPT };
    match first_answers::claim(&mut change.tx, &asked).await? {
        Claim::First => {
            let made = body(change).await?;
            first_answers::keep(&mut change.tx, &asked, &made).await?;
            Ok(made)
        }
        Claim::Answered(answer) => {
            once.replayed.store(true, Ordering::Relaxed);
            let other_form =
                "this was done before; its answer cannot be given again, as this program writes another form";
            serde_json::from_value(answer).map_err(|_| Error::Conflict(other_form.to_owned()))
        }
        Claim::Reused => Err(Error::KeyReused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_visible_ascii() {
        for good in ["a", "0198f3c2-0000-7000-8000-000000000001", "~!\"'", &"x".repeat(LONGEST_KEY)] {
            assert_eq!(good.parse::<Key>().unwrap().to_string(), good);
        }
        for bad in ["", " ", "a b", "ü", "a\n", &"x".repeat(LONGEST_KEY + 1)] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }
}
