//! Redis goes, comes back, and does not answer.

use std::time::{Duration, Instant};

use tenure_store::cache::{Cache, Error, Patience};
use tenure_testkit::TestRedis;

use crate::{CHART, MEBIBYTE, Names, PATIENT, load};

/// Who has found Redis away avoids it for so long that no test sees the end of it.
const ONCE: Patience = Patience {
    connect: Duration::from_millis(150),
    answer: Duration::from_millis(150),
    avoided: Duration::from_hours(1),
};

fn over(redis: &TestRedis, patience: Patience) -> Cache {
    Cache::open(&redis.url(), MEBIBYTE, patience).unwrap()
}

#[tokio::test]
async fn without_redis_values_are_loaded_and_only_the_first_waits() {
    let redis = TestRedis::start();
    let (cache, names) = (over(&redis, ONCE), Names::new());
    assert_eq!(load(&cache, &names.key(&CHART, "before"), "one").await.as_deref(), Some("one"));
    redis.cut_off();
    for number in 0..100 {
        let begun = Instant::now();
        assert_eq!(load(&cache, &names.key(&CHART, &number.to_string()), "x").await.as_deref(), Some("x"));
        // A bound far above what it takes and far below a hundred time-outs.
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    let failures = cache.statistics().shared_failures;
    assert_eq!(failures, 200, "each of a hundred was gone round, in reading and in writing");
    assert!(matches!(cache.invalidate(&names.key(&CHART, "0")).await, Err(Error::Avoided)), "nobody waits again");
    assert!(matches!(cache.check().await, Err(Error::TimedOut | Error::Failed(_))), "but who wants to know does");
    assert_eq!(load(&cache, &names.key(&CHART, "before"), "two").await.as_deref(), Some("one"), "what is near stays");
    redis.reconnect();
}

#[tokio::test]
async fn a_redis_that_comes_back_is_used_again() {
    let mut redis = TestRedis::start();
    let (cache, names) = (over(&redis, PATIENT), Names::new());
    load(&cache, &names.key(&CHART, "one"), "one").await;
    redis.stop();
    assert_eq!(load(&cache, &names.key(&CHART, "two"), "two").await.as_deref(), Some("two"));
    redis.restart();
    assert_eq!(load(&cache, &names.key(&CHART, "three"), "three").await.as_deref(), Some("three"));
    let another = over(&redis, PATIENT);
    assert_eq!(load(&another, &names.key(&CHART, "three"), "not this").await.as_deref(), Some("three"));
}
