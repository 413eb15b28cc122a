//! No request on any node sees an older value than the one that was there when it began, whatever becomes of Redis.

mod without;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tenure_app::caller::{By, Caller};
use tenure_app::change::Target;
use tenure_app::credential::Secret;
use tenure_app::departments::{self, Changes};
use tenure_app::tokens::{self, Create};
use tenure_app::{Actor, Cache, Context, Error, cache, dashboard, org_chart, sample, users};
use tenure_core::ids::{DepartmentId, TenantId, UserId};
use tenure_core::sample::Plan;
use tenure_store::cache::Patience;
use tenure_testkit::{NOW, TestInstallation, TestRedis};
use tokio::task::JoinSet;

const NODES: u64 = 3;
const ROUNDS: u64 = 12;
const READS: u32 = 12;
const WRITES: u32 = 4;

/// Redis is tried again soon, so that it is in use between its failures.
pub(super) const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(50),
    answer: Duration::from_millis(50),
    avoided: Duration::from_millis(20),
};

/// For what has to be found in Redis, however busy the machine is; who has found it away avoids it for good.
const PATIENT: Patience =
    Patience { connect: Duration::from_secs(1), answer: Duration::from_secs(1), avoided: Duration::from_hours(1) };

/// A department whose name is a number that one writer counts up.
#[derive(Debug)]
struct Counter {
    id: DepartmentId,
    /// The last number whose writer has been answered.
    committed: AtomicU32,
    /// The last number that a writer has begun with.
    begun: AtomicU32,
}

/// A company on several nodes.
struct Company {
    nodes: Vec<Arc<Context>>,
    tenant: TenantId,
    token: Arc<Secret>,
    counters: Vec<Arc<Counter>>,
    _installation: TestInstallation,
}

fn caller(token: &Secret) -> Caller<'_> {
    Caller { token, request_id: "test", once: None }
}

impl Company {
    async fn new(redis: &TestRedis, patience: Patience) -> Self {
        let installation = TestInstallation::new().await;
        let tenant = installation.tenant("acme").await;
        let node = |seed| {
            let cache = Cache::open(&redis.url(), 1 << 20, patience).unwrap();
            Arc::new(Context::repeatable(installation.db.clone(), NOW, seed).with_cache(cache))
        };
        let nodes: Vec<_> = (0..NODES).map(node).collect();
        let plan = Plan {
            seed: 1,
            size: 20,
            today: "2026-01-15".parse().unwrap(),
            slug: tenant.slug,
            currency: "EUR".parse().unwrap(),
        };
        let first = nodes.first().unwrap();
        sample::fill(first, &Actor::System, tenant.id, &plan).await.unwrap();
        let create = Create { tenant: tenant.id, user: None, name: "test".to_owned(), valid_for: None };
        let token = Arc::new(tokens::create(first, &Actor::System, &create).await.unwrap().token);
        let found = dashboard::get(first, caller(&token), None).await.unwrap();
        let mut departments: Vec<DepartmentId> = found.get().unwrap().departments.keys().copied().collect();
        departments.sort_unstable();
        departments.truncate(3);
        let counter = |id| Arc::new(Counter { id, committed: AtomicU32::new(0), begun: AtomicU32::new(0) });
        let counters: Vec<_> = departments.into_iter().map(counter).collect();
        for counter in &counters {
            count_up(first, &token, counter).await;
        }
        Self { nodes, tenant: tenant.id, token, counters, _installation: installation }
    }
}

/// Writes the next number, on some node.
async fn count_up(node: &Context, token: &Secret, counter: &Counter) {
    let next = counter.begun.fetch_add(1, Ordering::SeqCst) + 1;
    let department = departments::get(node, caller(token), counter.id).await.unwrap();
    let target = Target { id: department.id, version: department.version };
    let changes = Changes { name: Some(format!("{} {next}", counter.id).parse().unwrap()), ..Changes::default() };
    departments::change(node, caller(token), target, changes).await.unwrap();
    counter.committed.store(next, Ordering::SeqCst);
}

/// Reads all numbers on some node, and holds each against what was committed before the request and begun after it.
async fn look(node: &Context, token: &Secret, counters: &[Arc<Counter>]) {
    let before: Vec<u32> = counters.iter().map(|counter| counter.committed.load(Ordering::SeqCst)).collect();
    let found = dashboard::get(node, caller(token), None).await.unwrap();
    for (counter, committed) in counters.iter().zip(before) {
        let name = found.get().unwrap().departments.get(&counter.id).unwrap();
        let seen: u32 = name.rsplit_once(' ').unwrap().1.parse().unwrap();
        let begun = counter.begun.load(Ordering::SeqCst);
        assert!((committed..=begun).contains(&seen), "{seen} is seen where {committed} was committed, {begun} begun");
    }
    let chart = org_chart::get(node, caller(token), org_chart::Query::WHOLE).await.unwrap();
    assert!(!chart.get().unwrap().is_empty());
}

/// What befalls Redis while requests run.
fn befall(redis: &mut TestRedis, chance: &mut StdRng) {
    for _ in 0..4 {
        match chance.random_range(0..4) {
            0 => redis.flush(),
            1 => redis.restart(),
            2 => {
                redis.stop();
                std::thread::yield_now();
                redis.restart();
            }
            _ => {
                redis.cut_off();
                std::thread::yield_now();
                redis.reconnect();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_redis_nobody_sees_what_was_before_the_last_answer() {
    let mut redis = TestRedis::start();
    let company = Company::new(&redis, PATIENCE).await;
    for seed in 0..ROUNDS {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut tasks = JoinSet::new();
        for counter in &company.counters {
            let (nodes, token, counter) = (company.nodes.clone(), Arc::clone(&company.token), Arc::clone(counter));
            let mut chance = StdRng::from_rng(&mut chance);
            tasks.spawn(async move {
                for _ in 0..WRITES {
                    count_up(nodes.choose(&mut chance).unwrap(), &token, &counter).await;
                }
            });
        }
        for node in &company.nodes {
            let (node, token, counters) = (Arc::clone(node), Arc::clone(&company.token), company.counters.clone());
            tasks.spawn(async move {
                for _ in 0..READS {
                    look(&node, &token, &counters).await;
                }
            });
        }
        redis = tokio::task::spawn_blocking(move || {
            befall(&mut redis, &mut chance);
            redis
        })
        .await
        .unwrap();
        tasks.join_all().await;
    }
    let counted: Vec<_> = company.nodes.iter().map(|node| cache::statistics(node)).collect();
    assert!(counted.iter().all(|node| node.near_hits > 0 && node.loads > 0), "{counted:?}");
    assert!(counted.iter().any(|node| node.shared_hits > 0), "{counted:?}");
    assert!(counted.iter().any(|node| node.shared_failures > 0), "{counted:?}");
}

async fn set_roles(node: &Context, operator: By<'_>, user: UserId, roles: &[&str]) {
    let version = users::get(node, operator, user).await.unwrap().version;
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    users::set_roles(node, operator, Target { id: user, version }, roles).await.unwrap();
}

/// With Redis as it should be, and again while it does not answer at all.
#[tokio::test]
async fn a_right_that_is_taken_away_is_gone_with_the_next_request_on_every_node() {
    let redis = TestRedis::start();
    let company = Company::new(&redis, PATIENT).await;
    let (first, tenant) = (&company.nodes[0], company.tenant);
    let operator = By::Operator { actor: &Actor::System, tenant };
    let content = users::Content {
        email: "hr@acme.example".parse().unwrap(),
        display_name: "HR".parse().unwrap(),
        employee_id: None,
    };
    let new = users::NewUser { content, roles: vec!["hr_manager".to_owned()] };
    let user = users::create(first, operator, new).await.unwrap().user;
    let create = Create { tenant, user: Some("hr@acme.example".to_owned()), name: "test".to_owned(), valid_for: None };
    let token = tokens::create(first, &Actor::System, &create).await.unwrap().token;
    for is_away in [false, true] {
        if is_away {
            redis.cut_off();
        }
        for node in &company.nodes {
            dashboard::get(node, caller(&token), None).await.unwrap();
        }
        set_roles(first, operator, user.id, &[]).await;
        for node in &company.nodes {
            let refused = dashboard::get(node, caller(&token), None).await.unwrap_err();
            assert!(matches!(refused, Error::Denied(_)), "{refused}");
        }
        set_roles(first, operator, user.id, &["hr_manager"]).await;
    }
    redis.reconnect();
}

#[tokio::test]
async fn what_is_flushed_is_computed_again_on_every_node_also_without_redis() {
    let redis = TestRedis::start();
    let company = Company::new(&redis, PATIENT).await;
    let look = async || {
        for node in &company.nodes {
            dashboard::get(node, caller(&company.token), None).await.unwrap();
        }
        company.nodes.iter().map(|node| cache::statistics(node).loads).collect::<Vec<_>>()
    };
    let before = look().await;
    assert_eq!(look().await, before, "all is there");
    assert!(cache::flush(&company.nodes[0], &Actor::System, company.tenant).await.unwrap());
    let flushed = look().await;
    assert_eq!(flushed.iter().sum::<u64>(), before.iter().sum::<u64>() + 1, "one loads, and the others find it");
    redis.cut_off();
    assert!(!cache::flush(&company.nodes[0], &Actor::System, company.tenant).await.unwrap());
    let alone = look().await;
    assert!(alone.iter().zip(&flushed).all(|(now, before)| *now == before + 1), "{alone:?} after {flushed:?}");
    redis.reconnect();
}
