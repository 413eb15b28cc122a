//! No request on any node sees an older value than the one that was there when it began, whatever becomes of Redis, and of PostgreSQL.

mod company;
mod loads;

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tenure_app::caller::By;
use tenure_app::change::Target;
use tenure_app::tokens::{self, Create};
use tenure_app::{Actor, Context, Error, cache, dashboard, users};
use tenure_core::ids::UserId;
use tenure_store::cache::Patience;
use tenure_testkit::TestRedis;
use tokio::task::JoinSet;

use self::company::{Company, PATIENCE, View, caller, count_up, look};
use self::loads::{Lease, Place};

const ROUNDS: u64 = 8;
const READS: u32 = 12;
const WRITES: u32 = 3;

/// For what has to be found in Redis, however busy the machine is; who has found it away avoids it for good.
const PATIENT: Patience =
    Patience { connect: Duration::from_secs(1), answer: Duration::from_secs(1), avoided: Duration::from_hours(1) };

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

/// Readers and writers on all nodes, while Redis has its troubles and loads wait at a bad moment for somebody's change; then some of what was
/// committed is lost. Gives what was seen that should not have been.
async fn round(company: &Company, redis: TestRedis, number: u64) -> (Vec<String>, TestRedis) {
    let mut chance = StdRng::seed_from_u64(number);
    // A state under whose stamps nothing is kept yet.
    company.count_all_up().await;
    let kept = company.fall_behind().await;
    company.loads.wait(if number.is_multiple_of(2) { Place::Between } else { Place::Before });
    let mut readers = JoinSet::new();
    for (node, view) in company.nodes.iter().flat_map(|node| View::ALL.map(|view| (Arc::clone(node), view))) {
        let (token, counters) = (Arc::clone(&company.token), company.counters.clone());
        readers.spawn(async move {
            let mut faults = Vec::new();
            for _ in 0..READS {
                faults.extend(look(&node, &token, view, &counters).await);
            }
            faults
        });
    }
    // All of them have been let in under the stamps of that state.
    company.loads.until_they_wait(readers.len()).await;
    company.count_all_up().await;
    company.loads.changed();
    let mut writers = JoinSet::new();
    for counter in &company.counters {
        let (nodes, token, counter) = (company.nodes.clone(), Arc::clone(&company.token), Arc::clone(counter));
        let (mut chance, loads) = (StdRng::from_rng(&mut chance), company.loads.clone());
        writers.spawn(async move {
            for _ in 0..WRITES {
                count_up(nodes.choose(&mut chance).unwrap(), &token, &counter).await;
                loads.changed();
            }
        });
    }
    let troubles = move || {
        let mut redis = redis;
        befall(&mut redis, &mut chance);
        redis
    };
    let redis = tokio::task::spawn_blocking(troubles).await.unwrap();
    writers.join_all().await;
    company.loads.wait(Place::Nowhere);
    let mut faults: Vec<String> = readers.join_all().await.into_iter().flatten().collect();
    faults.extend(company.look_around().await);
    if number % 3 != 2 {
        company.fail_over(&kept).await;
        faults.extend(company.look_around().await);
    }
    (faults, redis)
}

/// The faults of the first round that has any.
async fn faults(company: &Company, mut redis: TestRedis) -> Vec<String> {
    for number in 0..ROUNDS {
        let (found, same) = round(company, redis, number).await;
        redis = same;
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_redis_nobody_sees_what_was_before_the_last_answer() {
    let redis = TestRedis::start();
    let company = Company::new(&redis, PATIENCE, Lease::Whole).await;
    let found = faults(&company, redis).await;
    assert!(found.is_empty(), "{found:#?}");
    let counted: Vec<_> = company.nodes.iter().map(|node| cache::statistics(node)).collect();
    assert!(counted.iter().all(|node| node.near_hits > 0 && node.loads > 0), "{counted:?}");
    assert!(counted.iter().any(|node| node.shared_hits > 0), "{counted:?}");
    assert!(counted.iter().any(|node| node.shared_failures > 0), "{counted:?}");
}

/// The same program with no snapshot in its loads. The very same check has to see it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_lease_somebody_does() {
    let redis = TestRedis::start();
    let company = Company::new(&redis, PATIENCE, Lease::Out).await;
    let (found, _redis) = round(&company, redis, 0).await;
    assert!(found.iter().any(|fault| fault.contains("Department") && fault.contains("lost")), "{found:#?}");
    assert!(found.iter().any(|fault| fault.contains("own") && fault.contains("lost")), "{found:#?}");
}

/// The same program in a database that does not take the new stamps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_outbox_somebody_does() {
    let redis = TestRedis::start();
    let company = Company::new(&redis, PATIENCE, Lease::Whole).await;
    company.take_the_outbox_out().await;
    let (found, _redis) = round(&company, redis, 0).await;
    for home in ["Department", "own", "everybodys"] {
        assert!(found.iter().any(|fault| fault.contains(home)), "{home} in {found:#?}");
    }
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
    let company = Company::new(&redis, PATIENT, Lease::Whole).await;
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
    let mut redis = TestRedis::start();
    let patience = Patience { connect: Duration::from_secs(30), answer: Duration::from_secs(30), ..PATIENT };
    let company = Company::new(&redis, patience, Lease::Whole).await;
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
    redis.stop();
    assert!(!cache::flush(&company.nodes[0], &Actor::System, company.tenant).await.unwrap());
    let alone = look().await;
    assert!(alone.iter().zip(&flushed).all(|(now, before)| *now == before + 1), "{alone:?} after {flushed:?}");
}
