//! Redis goes, comes back, does not answer, and answers what is not wanted.

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

/// Who has been refused once asks for nothing more within the test, and waits for answers however busy the machine is.
const REFUSED_ONCE: Patience = Patience { avoided: Duration::from_hours(1), ..PATIENT };

fn over(redis: &TestRedis, patience: Patience) -> Cache {
    Cache::open(&redis.url(), MEBIBYTE, patience).unwrap()
}

#[tokio::test]
async fn without_redis_values_are_loaded_and_only_the_first_waits() {
    let redis = TestRedis::start();
    let (cache, names) = (over(&redis, ONCE), Names::new());
    assert_eq!(load(&cache, &names.key(&CHART, "before"), "one").await.as_deref(), Some("one"));
    let before = cache.statistics().shared_failures;
    redis.cut_off();
    for number in 0..100 {
        let begun = Instant::now();
        assert_eq!(load(&cache, &names.key(&CHART, &number.to_string()), "x").await.as_deref(), Some("x"));
        // A bound far above what it takes and far below a hundred time-outs.
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    let failures = cache.statistics().shared_failures - before;
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

/// What is found was asked for after a refusal.
async fn what_it_has_is_found_and_what_it_refuses_is_loaded(redis: &TestRedis, refuse: &str) {
    let (writer, names) = (over(redis, REFUSED_ONCE), Names::new());
    load(&writer, &names.key(&CHART, "before"), "one").await;
    redis.command(refuse);
    let reader = over(redis, REFUSED_ONCE);
    for number in 0..3 {
        let key = names.key(&CHART, &number.to_string());
        assert_eq!(load(&reader, &key, "new").await.as_deref(), Some("new"), "{refuse}");
    }
    assert_eq!(load(&reader, &names.key(&CHART, "before"), "two").await.as_deref(), Some("one"), "{refuse}");
    let statistics = reader.statistics();
    assert_eq!((statistics.shared_hits, statistics.shared_failures), (1, 3), "{refuse}: nothing is kept of three");
    assert!(reader.check().await.unwrap().is_some(), "{refuse}");
}

#[tokio::test]
async fn a_redis_that_is_full_goes_on_giving_what_it_has() {
    let redis = TestRedis::with(&["--maxmemory-policy", "noeviction"]);
    what_it_has_is_found_and_what_it_refuses_is_loaded(&redis, "CONFIG SET maxmemory 1").await;
}

#[tokio::test]
async fn a_redis_that_has_become_a_replica_goes_on_giving_what_it_has() {
    let redis = TestRedis::start();
    what_it_has_is_found_and_what_it_refuses_is_loaded(&redis, "REPLICAOF 127.0.0.1 1").await;
}

#[tokio::test]
async fn a_user_without_the_right_to_write_reads() {
    let redis = TestRedis::start();
    let refuse = "ACL SETUSER default -set";
    what_it_has_is_found_and_what_it_refuses_is_loaded(&redis, refuse).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_loaded_and_written_again() {
    let redis = TestRedis::start();
    let names = Names::new();
    for (which, spoil) in [
        ("text", "SET KEY nonsense"),
        ("other", "SET KEY [1]"),
        ("list", "LPUSH KEY a"),
        ("empty", "SETRANGE KEY 0 \"\\x00\\xff\""),
    ] {
        let key = names.key(&CHART, which);
        redis.command(&spoil.replace("KEY", key.as_str()));
        let (one, another) = (over(&redis, REFUSED_ONCE), over(&redis, REFUSED_ONCE));
        assert_eq!(load(&one, &key, "good").await.as_deref(), Some("good"), "{spoil}");
        assert_eq!(load(&another, &key, "not this").await.as_deref(), Some("good"), "{spoil}: it was written again");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_nobody_elses() {
    let redis = TestRedis::start();
    let names = Names::new();
    let writer = over(&redis, PATIENT);
    for which in ["one", "two", "three"] {
        load(&writer, &names.key(&CHART, which), which).await;
    }
    let hasty = Patience { connect: ONCE.connect, answer: Duration::from_millis(20), avoided: Duration::ZERO };
    let reader = over(&redis, hasty);
    redis.cut_off();
    assert_eq!(load(&reader, &names.key(&CHART, "one"), "loaded").await.as_deref(), Some("loaded"));
    redis.reconnect();
    for which in ["two", "three"] {
        // On a machine that is busy this is too late again, and loaded.
        let found = load(&reader, &names.key(&CHART, which), "loaded").await;
        assert!([which, "loaded"].contains(&found.as_deref().unwrap()), "{which}: {found:?}");
    }
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_a_redis_that_is_away() {
    let cache = Cache::open("redis://cache.invalid:6379", MEBIBYTE, ONCE).unwrap();
    let names = Names::new();
    for number in 0..3 {
        let key = names.key(&CHART, &number.to_string());
        assert_eq!(load(&cache, &key, "x").await.as_deref(), Some("x"));
    }
    assert_eq!(cache.statistics().shared_failures, 6);
    assert!(matches!(cache.check().await, Err(Error::TimedOut | Error::Failed(_))));
}
