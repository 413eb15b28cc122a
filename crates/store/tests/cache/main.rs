//! The cache, on each of its back ends.
#![expect(clippy::unwrap_used, reason = "what surrounds the tests fails them by panicking")]

mod away;
mod cluster;
mod contract;

use std::convert::Infallible;
use std::time::Duration;

use tenure_core::ids::TenantId;
use tenure_store::cache::{Cache, Key, Kind, Loaded, Patience};
use tenure_testkit::new_id;

static CHART: Kind =
    Kind { name: "org:chart", form: 1, ttl: Duration::from_mins(1), ttl_of_nothing: Duration::from_secs(10) };
static FIGURES: Kind = Kind { name: "dash:figures", ..CHART };
/// Ends at once.
static BRIEF: Kind = Kind { name: "org:brief", ttl: Duration::ZERO, ..CHART };

/// What a tenant's values of the tests are called.
struct Names(TenantId);

impl Names {
    fn new() -> Self {
        Self(uuid::Uuid::from_u128(new_id::<uuid::Uuid>().as_u128() ^ u128::from(std::process::id())).into())
    }

    fn key(&self, kind: &'static Kind, which: &str) -> Key {
        Key::new(self.0, kind, &"s1", which)
    }
}

const MEBIBYTE: u64 = 1 << 20;

/// However busy the machine is.
const PATIENT: Patience =
    Patience { connect: Duration::from_secs(10), answer: Duration::from_secs(10), avoided: Duration::ZERO };

fn over(url: &str) -> Cache {
    Cache::open(url, MEBIBYTE, PATIENT).unwrap()
}

/// What is found, or loaded when nothing is.
async fn load(cache: &Cache, key: &Key, value: &str) -> Option<String> {
    let load = async { Ok::<_, Infallible>(Loaded::Value(value.to_owned())) };
    cache.get_or_load(key, load).await.unwrap().as_ref().clone()
}
