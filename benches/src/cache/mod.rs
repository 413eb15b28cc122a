//! What the cache takes of the time of a request: near, in Redis, over HTTP, and under a thousand who ask at once.

mod redis;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use tenure_core::ids::TenantId;
use tenure_store::cache::{Cache, Key, Kind, Loaded, Patience};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use self::redis::Redis;
use crate::Result;
use crate::bed::Bed;
use crate::http::{client, companies};
use crate::report::{Report, median};
use crate::server;

const PEOPLE: u32 = 5_000;
const ROUNDS: usize = 5;
const NEAR: u32 = 200_000;
const SHARED: u32 = 2_000;
const ASKING: usize = 1_000;

static FIGURES: Kind =
    Kind { name: "dash:bench", form: 1, ttl: Duration::from_hours(1), ttl_of_nothing: Duration::from_secs(10) };

/// A value like that of a dashboard with a hundred departments.
#[derive(Clone, Serialize, Deserialize)]
struct Figures {
    headcount: u32,
    by_department: Vec<(String, u32)>,
}

impl Figures {
    fn new() -> Self {
        let department = |number: u32| (format!("00000000-0000-7000-8000-{number:012}"), number);
        Self { headcount: PEOPLE, by_department: (0..100).map(department).collect() }
    }
}

pub(crate) async fn measure(bed: &Bed, report: &mut Report) -> Result<()> {
    let tenant: TenantId = bed.context.id();
    near_hit(tenant, report).await?;
    one_load(tenant, report).await?;
    shared_hit(tenant, report).await?;
    dashboard(bed, report).await
}

async fn find(cache: &Cache, key: &Key) -> Result<Arc<Option<Figures>>> {
    Ok(cache.get_or_load(key, async { Ok::<_, Infallible>(Loaded::Value(Figures::new())) }).await?)
}

/// The name is made anew each time, as a request does it.
async fn near_hit(tenant: TenantId, report: &mut Report) -> Result<()> {
    let cache = Cache::in_memory(1 << 20);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..NEAR {
            find(&cache, &Key::new(tenant, &FIGURES, &tenant, "all:2026-01-15")).await?;
        }
        times.push(begun.elapsed() / NEAR);
    }
    report.at_most_of("cache/near-hit", (median(times) * 1e6, "us"), 2.0);
    Ok(())
}

/// By a Redis of its own on the loopback: one node puts the values there, and others find each of them for the first time.
async fn shared_hit(tenant: TenantId, report: &mut Report) -> Result<()> {
    let redis = Redis::start()?;
    let open = || Cache::open(&redis.url(), 64 << 20, Patience::default());
    let keys: Vec<Key> =
        (0..SHARED).map(|number| Key::new(tenant, &FIGURES, &tenant, &format!("all:{number}"))).collect();
    let writer = open()?;
    for key in &keys {
        find(&writer, key).await?;
    }
    let mut bare = redis.connect().await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let node = open()?;
        node.check().await?;
        let begun = Instant::now();
        for key in &keys {
            find(&node, key).await?;
        }
        ours.push(begun.elapsed() / SHARED);
        if node.statistics().shared_hits != u64::from(SHARED) {
            return Err("the values did not come from Redis".into());
        }
        let begun = Instant::now();
        for key in &keys {
            let found: Vec<u8> = ::redis::cmd("GET").arg(key.as_str()).query_async(&mut bare).await?;
            if found.is_empty() {
                return Err("Redis has lost the value".into());
            }
        }
        theirs.push(begun.elapsed() / SHARED);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    eprintln!("out of Redis {:.0} us, a bare GET {:.0} us", ours * 1e6, theirs * 1e6);
    report.at_most("cache/redis-hit-against-bare-get", ours / theirs, 1.5);
    Ok(())
}

async fn one_load(tenant: TenantId, report: &mut Report) -> Result<()> {
    let cache = Cache::in_memory(1 << 20);
    let asking = Arc::new(Barrier::new(ASKING));
    let mut tasks = JoinSet::new();
    for _ in 0..ASKING {
        let (cache, asking) = (cache.clone(), Arc::clone(&asking));
        tasks.spawn(async move {
            asking.wait().await;
            let load = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<_, Infallible>(Loaded::Value(Figures::new()))
            };
            cache.get_or_load(&Key::new(tenant, &FIGURES, &tenant, "all"), load).await
        });
    }
    while let Some(found) = tasks.join_next().await {
        found??;
    }
    let loads = u32::try_from(cache.statistics().loads)?;
    report.at_most_of("cache/loads-of-1000-misses", (loads.into(), "loads"), 1.0);
    Ok(())
}

/// Both servers answer the same user; the one has room for values, the other for none, and is asked for another day each time.
async fn dashboard(bed: &Bed, report: &mut Report) -> Result<()> {
    let companies = companies::make_of(bed, 1, PEOPLE).await?;
    let company = companies.first().ok_or("no company")?;
    let token = company.token.reveal();
    let request = |query: &str| {
        format!("GET /api/v1/dashboard{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
    };
    let hot: Arc<[String]> = [request("")].into();
    let today = bed.context.today();
    let days = (0..700).map(|days| today.saturating_sub(days.days()));
    let uncached: Arc<[String]> = days.map(|day| request(&format!("?as_of={day}"))).collect();
    let with = server::start(bed, &[])?;
    let without = server::start(bed, &[("TENURE_CACHE__MEMORY", "1B")])?;
    let (mut hits, mut loads) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        hits.push(client::time_per_request(with.address(), &hot).await?);
        loads.push(client::time_per_request(without.address(), &uncached).await?);
    }
    let (hits, loads) = (median(hits), median(loads));
    eprintln!("{:.0} hot dashboards a second, {:.1} uncached ones", 1.0 / hits, 1.0 / loads);
    report.at_least("cache/hot-dashboard-against-uncached", loads / hits, 10.0);
    Ok(())
}
