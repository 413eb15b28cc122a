//! A cluster of Redis servers.

use tenure_store::cache::{Cache, Group, Key};
use tenure_testkit::TestRedisCluster;

use crate::{CHART, FIGURES, Names, load, over};

/// By which each of three servers has some names: that one has none is once in three million times, `3 * (2/3)^40`.
const TENANTS: usize = 40;

#[tokio::test]
async fn what_one_node_has_loaded_all_find_on_whichever_server_it_is_and_groups_are_let_go_of() {
    let cluster = TestRedisCluster::start();
    let (one, another) = (over(&cluster.url()), over(&cluster.url()));
    let tenants: Vec<_> = std::iter::repeat_with(Names::new).take(TENANTS).collect();
    for names in &tenants {
        for key in [names.key(&CHART, "all"), names.key(&CHART, "few"), names.key(&FIGURES, "all")] {
            assert_eq!(load(&one, &key, "one").await.as_deref(), Some("one"));
            assert_eq!(load(&another, &key, "two").await.as_deref(), Some("one"));
        }
    }
    assert_eq!((one.statistics().shared_failures, another.statistics().loads), (0, 0));
    assert!(one.check().await.unwrap().is_some());
    let statistics = one.shared_statistics().await.unwrap().unwrap();
    let all = u64::try_from(3 * TENANTS).unwrap();
    assert_eq!((statistics.keys, statistics.hits), (all, all));
    for names in &tenants {
        one.invalidate(&names.key(&FIGURES, "all")).await.unwrap();
        one.invalidate_group(&Group::named(names.0, "org")).await.unwrap();
    }
    assert_eq!(one.shared_statistics().await.unwrap().unwrap().keys, 0);
}

#[tokio::test]
async fn when_a_server_is_away_values_are_loaded_and_when_it_is_back_they_are_found() {
    let mut cluster = TestRedisCluster::start();
    let tenants: Vec<_> = std::iter::repeat_with(Names::new).take(TENANTS).collect();
    let cache = over(&cluster.url());
    cluster.stop(0);
    all_are_given(&cache, &tenants, "away").await;
    assert!(cache.statistics().shared_failures > 0, "some names belong to the server that is away");
    cluster.restart(0);
    let (writer, reader) = (over(&cluster.url()), over(&cluster.url()));
    all_are_given(&writer, &tenants, "back").await;
    all_are_given(&reader, &tenants, "back").await;
    assert_eq!(reader.statistics().loads, 0);
}

async fn all_are_given(cache: &Cache, tenants: &[Names], which: &str) {
    for names in tenants {
        let key: Key = names.key(&CHART, which);
        assert_eq!(load(cache, &key, "given").await.as_deref(), Some("given"));
    }
}
