//! Passwords as they are stored: Argon2id, computed on threads that may block, few at once. A bounded number wait for that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tenure_core::sign_in::{Origin, Password};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::{Error, Result};

/// The first choice of the OWASP Password Storage Cheat Sheet (2024): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const PARAMETERS: Params = match Params::new(MEMORY_KIB, PASSES, LANES, None) {
    Ok(parameters) => parameters,
    Err(_) => panic!("the parameters are out of Argon2's range"),
};
/// How hashes by these parameters begin. Others are computed anew when their password is seen.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// A hash of no password, so that as much work is done where there is none to compare with.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// In seconds.
const TRY_AGAIN_AFTER: u64 = 2;

/// What came of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    /// It is the right one.
    pub(crate) is_right: bool,
    /// The hash was made by other parameters.
    pub(crate) is_outdated: bool,
}

/// Computes hashes; more than it may at once wait in a line, and more than that are turned away.
#[derive(Debug)]
pub(crate) struct Hasher {
    free: Arc<Semaphore>,
    line: Arc<Line>,
}

/// Those whose passwords are hashed or wait for it. From one origin come at most half of them, so that nobody fills the line alone.
#[derive(Debug)]
struct Line {
    places: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    from: HashMap<Origin, usize>,
}

/// A place in the line, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Turn {
    line: Arc<Line>,
    origin: Option<Origin>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.line.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        let Some(origin) = self.origin else { return };
        let left = taken.from.get(&origin).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            taken.from.remove(&origin);
        } else {
            taken.from.insert(origin, left);
        }
    }
}

impl Hasher {
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        let line = Line { places: at_once.saturating_add(waiting), taken: Mutex::default() };
        Self { free: Arc::new(Semaphore::new(at_once)), line: Arc::new(line) }
    }

    /// A place in the line. To be had before anything else is done for a request, so that one that is turned away costs nothing.
    ///
    /// # Errors
    /// `Busy` when the line is full, or holds as many from this origin as it may.
    pub(crate) fn line_up(&self, origin: Option<Origin>) -> Result<Turn> {
        let mut taken = self.line.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let from_there = origin.and_then(|origin| taken.from.get(&origin)).copied().unwrap_or_default();
        if taken.all >= self.line.places || from_there >= self.line.places.div_ceil(2) {
            return Err(Error::Busy(TRY_AGAIN_AFTER));
        }
        taken.all += 1;
        if let Some(origin) = origin {
            taken.from.insert(origin, from_there + 1);
        }
        Ok(Turn { line: Arc::clone(&self.line), origin })
    }

    /// The hash of a password under a salt.
    pub(crate) async fn hash(&self, _: &Turn, password: &Password, salt: [u8; 16]) -> Result<String> {
        let password = password.clone();
        let hashed = move || hasher().hash_password_with_salt(password.expose(), &salt).map(|hash| hash.to_string());
        self.run(hashed).await?.map_err(|error| unavailable(&error))
    }

    /// Compares a password with a hash, or does the same work where there is none.
    pub(crate) async fn compare(&self, _: &Turn, password: &Password, stored: Option<&str>) -> Result<Compared> {
        let (password, hash) = (password.clone(), stored.unwrap_or(NOBODYS).to_owned());
        let is_outdated = !hash.starts_with(CURRENT);
        let compared = move || hasher().verify_password(password.expose(), hash.as_str()).is_ok();
        Ok(Compared { is_right: self.run(compared).await? && stored.is_some(), is_outdated })
    }

    /// The permit goes with the work: a request that is cancelled meanwhile does not make room for more of it.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|error| unavailable(&error))?;
        let done = spawn_blocking(move || {
            let value = work();
            drop(permit);
            value
        });
        done.await.map_err(|error| unavailable(&error))
    }
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMETERS)
}

fn unavailable(error: &dyn std::error::Error) -> Error {
    tracing::error!(%error, "a password could not be hashed");
    Error::Unavailable("passwords cannot be checked at the moment".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_told_from_others_by_its_hash() {
        let hasher = Hasher::new(1, 1);
        let turn = hasher.line_up(None).unwrap();
        let (right, wrong): (Password, Password) =
            ("a quiet river".parse().unwrap(), "a quiet rivers".parse().unwrap());
        let hash = hasher.hash(&turn, &right, [7; 16]).await.unwrap();
        assert!(hash.starts_with(CURRENT), "{hash}");
        let compared = |is_right| Compared { is_right, is_outdated: false };
        assert_eq!(hasher.compare(&turn, &right, Some(&hash)).await.unwrap(), compared(true));
        assert_eq!(hasher.compare(&turn, &wrong, Some(&hash)).await.unwrap(), compared(false));
        assert_eq!(hasher.compare(&turn, &right, None).await.unwrap(), compared(false));
        assert_ne!(hasher.hash(&turn, &right, [8; 16]).await.unwrap(), hash, "another salt");
    }

    #[tokio::test]
    async fn a_hash_by_other_parameters_still_works_and_is_outdated() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let hash = weak.hash_password_with_salt(b"a quiet river", &[7; 16]).unwrap().to_string();
        let hasher = Hasher::new(1, 0);
        let turn = hasher.line_up(None).unwrap();
        let compared = hasher.compare(&turn, &"a quiet river".parse().unwrap(), Some(&hash)).await.unwrap();
        assert_eq!(compared, Compared { is_right: true, is_outdated: true });
    }

    #[test]
    fn the_line_has_so_many_places_of_which_one_origin_has_half() {
        let origin = |text: &str| Some(Origin::from(text.parse::<std::net::IpAddr>().unwrap()));
        let (one, other) = (origin("192.0.2.1"), origin("192.0.2.2"));
        let hasher = Hasher::new(2, 3);
        let is_full = |origin| matches!(hasher.line_up(origin), Err(Error::Busy(TRY_AGAIN_AFTER)));
        let mut turns: Vec<Turn> = (0..3).map(|_| hasher.line_up(one).unwrap()).collect();
        assert!(is_full(one));
        turns.extend([other, None].map(|origin| hasher.line_up(origin).unwrap()));
        assert!(is_full(other) && is_full(None), "all five are taken");
        drop(turns.swap_remove(0));
        turns.push(hasher.line_up(one).unwrap());
        assert!(is_full(other));
        drop(turns);
        assert!(!is_full(one) && hasher.line.taken.lock().unwrap().from.is_empty());
    }

    #[tokio::test]
    async fn the_hash_of_nobody_costs_as_much_as_one_of_today() {
        let parsed = argon2::PasswordHash::new(NOBODYS).unwrap();
        assert_eq!(Params::try_from(&parsed).unwrap().m_cost(), MEMORY_KIB);
        assert!(NOBODYS.starts_with(CURRENT));
    }
}
