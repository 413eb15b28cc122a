//! Counts the tenants that each connection has served, so that one that has seen many is replaced: a PostgreSQL backend keeps
//! the catalogue of every schema that it touched and gives nothing of it back.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tenure_core::ids::TenantId;

/// The tenants served by each backend, by its process id.
#[derive(Debug)]
pub(crate) struct Served {
    bound: usize,
    max_lifetime: Duration,
    backends: Mutex<HashMap<i32, Backend>>,
}

#[derive(Debug)]
struct Backend {
    first_seen: Instant,
    tenants: HashSet<TenantId>,
}

impl Served {
    pub(crate) fn new(bound: usize, max_lifetime: Duration) -> Self {
        Self { bound, max_lifetime, backends: Mutex::default() }
    }

    /// How many tenants a connection may serve.
    pub(crate) const fn bound(&self) -> usize {
        self.bound
    }

    /// Notes that a backend serves a tenant; true when it has now served as many as it may and should be closed afterwards.
    pub(crate) fn note(&self, backend: i32, tenant: TenantId) -> bool {
        let mut backends = self.backends.lock().unwrap_or_else(PoisonError::into_inner);
        if !backends.contains_key(&backend) {
            // The pool closes connections by age without telling; what is older than the pool allows is gone.
            backends.retain(|_, known| known.first_seen.elapsed() <= self.max_lifetime);
        }
        let known =
            backends.entry(backend).or_insert_with(|| Backend { first_seen: Instant::now(), tenants: HashSet::new() });
        known.tenants.insert(tenant);
        known.tenants.len() >= self.bound
    }

    /// Forgets a backend whose connection is being closed.
    pub(crate) fn forget(&self, backend: i32) {
        self.backends.lock().unwrap_or_else(PoisonError::into_inner).remove(&backend);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from(Uuid::from_u128(number))
    }

    #[test]
    fn a_backend_is_due_when_it_has_served_its_bound_of_different_tenants() {
        let served = Served::new(2, Duration::from_mins(1));
        assert!(!served.note(10, tenant(1)));
        assert!(!served.note(10, tenant(1)), "the same tenant counts once");
        assert!(!served.note(11, tenant(2)), "each backend counts for itself");
        assert!(served.note(10, tenant(2)));
    }

    #[test]
    fn a_process_id_that_comes_again_starts_from_nothing() {
        let served = Served::new(2, Duration::from_mins(1));
        served.note(10, tenant(1));
        served.forget(10);
        assert!(!served.note(10, tenant(2)));
    }

    #[test]
    fn backends_older_than_the_pool_allows_are_forgotten() {
        let served = Served::new(2, Duration::ZERO);
        served.note(10, tenant(1));
        served.note(11, tenant(1));
        assert_eq!(served.backends.lock().unwrap().len(), 1);
    }
}
