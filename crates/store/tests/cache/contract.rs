//! What holds for every back end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tenure_core::ids::TenantId;
use tenure_store::cache::{Cache, Error, Group, Key, Loaded, Patience};
use tenure_testkit::{TestRedis, redis_url};
use tokio::sync::{Barrier, Notify};

use crate::{BRIEF, CHART, FIGURES, MEBIBYTE, Names, load, over};

/// Each with the name that a failure is to show, and a server that ends with it.
fn back_ends() -> [(&'static str, Cache, Option<TestRedis>); 3] {
    let valkey = TestRedis::valkey();
    [
        ("memory", Cache::in_memory(MEBIBYTE), None),
        ("redis", over(&redis_url()), None),
        ("valkey", over(&valkey.url()), Some(valkey)),
    ]
}

#[tokio::test]
async fn what_was_loaded_is_found_under_its_name_alone() {
    for (back_end, cache, _server) in back_ends() {
        let (names, others) = (Names::new(), Names::new());
        let key = names.key(&CHART, "all");
        assert_eq!(load(&cache, &key, "one").await.as_deref(), Some("one"), "{back_end}");
        assert_eq!(load(&cache, &key, "two").await.as_deref(), Some("one"), "{back_end}");
        let other_stamp = Key::new(names.0, &CHART, &"s2", "all");
        for other in [names.key(&CHART, "few"), names.key(&FIGURES, "all"), others.key(&CHART, "all"), other_stamp] {
            assert_eq!(load(&cache, &other, "two").await.as_deref(), Some("two"), "{back_end} {}", other.as_str());
        }
        assert_eq!(cache.statistics().loads, 5, "{back_end}");
        assert_eq!(cache.statistics().near_hits, 1, "{back_end}");
    }
}

#[tokio::test]
async fn that_there_is_nothing_is_kept_and_an_error_is_not() {
    for (back_end, cache, _server) in back_ends() {
        let key = Names::new().key(&CHART, "all");
        let failed = cache.get_or_load(&key, async { Err::<Loaded<String>, _>("broken") }).await;
        assert_eq!(*failed.unwrap_err(), "broken", "{back_end}");
        let nothing = cache.get_or_load(&key, async { Ok::<_, &str>(Loaded::<String>::Nothing) }).await;
        assert_eq!(*nothing.unwrap(), None, "{back_end}");
        assert_eq!(load(&cache, &key, "one").await, None, "{back_end}");
        assert_eq!((cache.statistics().loads, cache.statistics().failed_loads), (2, 1), "{back_end}");
    }
}

#[tokio::test]
async fn what_is_not_to_be_kept_is_given_and_not_kept() {
    for (back_end, cache, _server) in back_ends() {
        let key = Names::new().key(&CHART, "all");
        let unkept = cache.get_or_load(&key, async { Ok::<_, ()>(Loaded::Unkept("passing".to_owned())) }).await;
        assert_eq!(unkept.unwrap().as_deref(), Some("passing"), "{back_end}");
        assert_eq!(load(&cache, &key, "one").await.as_deref(), Some("one"), "{back_end}");
    }
}

#[tokio::test]
async fn what_is_put_is_found_and_what_is_let_go_of_is_not() {
    for (back_end, cache, _server) in back_ends() {
        let names = Names::new();
        let (chart, few, figures) = (names.key(&CHART, "all"), names.key(&CHART, "few"), names.key(&FIGURES, "all"));
        for key in [&chart, &few, &figures] {
            cache.put(key, Some("old".to_owned())).await;
        }
        cache.invalidate(&chart).await.unwrap();
        assert_eq!(load(&cache, &chart, "new").await.as_deref(), Some("new"), "{back_end}");
        assert_eq!(load(&cache, &few, "new").await.as_deref(), Some("old"), "{back_end}");
        cache.invalidate_group(&Group::named(names.0, "org")).await.unwrap();
        assert_eq!(load(&cache, &few, "newer").await.as_deref(), Some("newer"), "{back_end}");
        assert_eq!(load(&cache, &figures, "new").await.as_deref(), Some("old"), "{back_end}");
        cache.invalidate_group(&Group::all(names.0)).await.unwrap();
        assert_eq!(load(&cache, &figures, "newer").await.as_deref(), Some("newer"), "{back_end}");
    }
}

#[tokio::test]
async fn what_has_lived_its_time_is_loaded_again() {
    let key = Names::new().key(&BRIEF, "all");
    let cache = Cache::in_memory(MEBIBYTE);
    assert_eq!(load(&cache, &key, "one").await.as_deref(), Some("one"));
    assert_eq!(load(&cache, &key, "two").await.as_deref(), Some("two"));
}

/// All of them ask before the one that loads is let go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_who_ask_at_once_one_loads() {
    const ASKING: usize = 1000;
    for (back_end, cache, _server) in back_ends() {
        let key = Names::new().key(&CHART, "all");
        let (loads, go, asking) =
            (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()), Arc::new(Barrier::new(ASKING)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..ASKING {
            let (cache, key, loads, go, asking) =
                (cache.clone(), key.clone(), Arc::clone(&loads), Arc::clone(&go), Arc::clone(&asking));
            tasks.spawn(async move {
                if asking.wait().await.is_leader() {
                    go.notify_one();
                }
                let load = async {
                    loads.fetch_add(1, Ordering::SeqCst);
                    go.notified().await;
                    Ok::<_, ()>(Loaded::Value(7_u32))
                };
                cache.get_or_load(&key, load).await.unwrap()
            });
        }
        let found = tasks.join_all().await;
        assert!(found.iter().all(|value| **value == Some(7)), "{back_end}");
        assert_eq!((loads.load(Ordering::SeqCst), cache.statistics().loads), (1, 1), "{back_end}");
    }
}

#[tokio::test]
async fn when_the_one_who_loads_gives_up_another_takes_over() {
    for (back_end, cache, _server) in back_ends() {
        let key = Names::new().key(&CHART, "all");
        let (begun, (one, another)) = (Arc::new(Notify::new()), (cache.clone(), cache.clone()));
        let (in_load, of_one, of_another) = (Arc::clone(&begun), key.clone(), key.clone());
        let giving_up = tokio::spawn(async move {
            let load = async {
                in_load.notify_one();
                std::future::pending::<Result<Loaded<String>, ()>>().await
            };
            one.get_or_load(&of_one, load).await
        });
        begun.notified().await;
        let waiting = tokio::spawn(async move { load(&another, &of_another, "mine").await });
        tokio::task::yield_now().await;
        giving_up.abort();
        assert_eq!(waiting.await.unwrap().as_deref(), Some("mine"), "{back_end}");
    }
}

#[tokio::test]
async fn memory_is_bounded_and_what_makes_room_is_counted() {
    let cache = Cache::in_memory(64 * 1024);
    let names = Names::new();
    for number in 0..200 {
        cache.put(&names.key(&CHART, &number.to_string()), Some("x".repeat(1000))).await;
    }
    // The housekeeping of moka runs with its use.
    while cache.statistics().evictions == 0 || cache.statistics().bytes > 64 * 1024 {
        load(&cache, &names.key(&CHART, "0"), "x").await;
        tokio::task::yield_now().await;
    }
    assert!(cache.statistics().entries < 100);
}

#[tokio::test]
async fn nodes_share_what_one_has_loaded() {
    let (one, another, key) = (over(&redis_url()), over(&redis_url()), Names::new().key(&CHART, "all"));
    assert_eq!(load(&one, &key, "one").await.as_deref(), Some("one"));
    assert_eq!(load(&another, &key, "two").await.as_deref(), Some("one"));
    let statistics = another.statistics();
    assert_eq!((statistics.shared_hits, statistics.loads), (1, 0));
    assert!(another.check().await.unwrap().is_some() && another.is_shared());
}

#[tokio::test]
async fn a_user_and_a_password_are_needed_where_redis_asks_for_them() {
    let redis = TestRedis::with(&["--user", "default", "off", "--user", "tenure", "on", ">secret", "~t:*", "+@all"]);
    let key = Names::new().key(&CHART, "all");
    let place = redis.url().replace("redis://", "");
    let known = over(&format!("redis://tenure:secret@{place}"));
    assert_eq!(load(&known, &key, "one").await.as_deref(), Some("one"));
    assert!(known.check().await.unwrap().is_some());
    let unknown = over(&format!("redis://tenure:wrong@{place}"));
    assert!(matches!(unknown.check().await, Err(Error::Failed(_))));
    assert_eq!(load(&unknown, &key, "two").await.as_deref(), Some("two"), "requests are served all the same");
}

#[test]
fn only_places_that_can_be_used_are_taken_and_secrets_are_not_repeated() {
    for wrong in ["", "memory", "http://user:secret@host", "redis://user:secret@host:port"] {
        let error = Cache::open(wrong, MEBIBYTE, Patience::default()).unwrap_err();
        assert!(matches!(error, Error::Place(_)), "{wrong}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    let cache = format!("{:?}", over("redis://user:secret@localhost"));
    assert!(!cache.contains("secret"), "{cache}");
}

/// Only to say what a value's name is made of.
#[test]
fn tenants_never_share_a_name() {
    let (one, other): (TenantId, TenantId) = (Names::new().0, Names::new().0);
    assert_ne!(Key::new(one, &CHART, &"s", "x").as_str(), Key::new(other, &CHART, &"s", "x").as_str());
}
