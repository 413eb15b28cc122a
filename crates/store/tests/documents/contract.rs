//! What both back ends do alike.

use jiff::SignedDuration;
use serde_json::json;
use tenure_store::documents::{Collection, Error, Find, Stored, id_of};
use tenure_testkit::{NOW, new_id};
use uuid::Uuid;

use crate::{Bench, FLAGS, Flag};

macro_rules! on_each_back_end {
    ($($test:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::Bench::postgres().await).await;
            })+
        }

        mod mongo {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::Bench::mongo().await).await;
            })+
        }

        /// All of it, one after the other.
        pub(crate) async fn all(bench: impl AsyncFn() -> Bench) {
            $($test(&bench().await).await;)+
        }
    };
}

on_each_back_end! {
    what_is_kept_is_read_as_it_was_written,
    a_change_names_the_version_that_was_read,
    of_two_who_change_one_document_at_once_one_is_told,
    an_id_is_given_once,
    several_are_removed_at_once,
    what_is_undone_was_never_there,
    tenants_do_not_see_each_other,
    several_go_in_together_or_not_at_all,
    a_search_gives_its_page_in_order_and_where_it_ends,
    a_search_without_an_index_is_refused,
    a_walk_gives_all_documents_by_pages_that_memory_can_hold,
}

async fn what_is_kept_is_read_as_it_was_written(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let odd = json!({
        "a.b": 1, "$set": { "$": [], "": {} }, "%24": null, "text": "ä\u{1F600}\"\\\n", "whole": i64::MAX, "least": i64::MIN,
        "part": 0.1, "tiny": 1e-300, "money": "12.3400", "yes": true, "list": [[1, 2.5], [null]],
    });
    let flag = Flag { value: odd, ..Flag::new("beta") };
    let id = new_id();
    let mut work = bench.begin(tenant).await;
    // Past the present day, for MongoDB removes by its own clock.
    let ends = NOW + SignedDuration::from_hours(24 * 365 * 100);
    let written = work.documents().insert(FLAGS, id, flag.clone(), NOW, Some(ends)).await.unwrap();
    assert_eq!(work.documents().get(FLAGS, id).await.unwrap().as_ref(), Some(&written), "in the change itself");
    work.commit().await;
    let mut work = bench.begin(tenant).await;
    let read: Stored<Flag> = work.documents().get(FLAGS, id).await.unwrap().unwrap();
    assert_eq!(read, written);
    assert_eq!((read.version, read.created_at, read.updated_at, read.expires_at), (1, NOW, NOW, Some(ends)));
    assert_eq!(read.body, flag);
    let elsewhere: Option<Stored<Flag>> = work.documents().get(Collection::TenantSettings, id).await.unwrap();
    assert_eq!(elsewhere, None);
    work.rollback().await;
}

async fn a_change_names_the_version_that_was_read(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let later = NOW + SignedDuration::from_secs(5);
    let mut work = bench.begin(tenant).await;
    let mut first = work.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, None).await.unwrap();
    let mut old = first.clone();
    first.body.value = json!(1);
    first.expires_at = Some(later + SignedDuration::from_hours(24 * 365 * 100));
    work.documents().replace(FLAGS, &mut first, later).await.unwrap();
    assert_eq!((first.version, first.created_at, first.updated_at), (2, NOW, later));
    assert_eq!(work.documents().get(FLAGS, first.id).await.unwrap().as_ref(), Some(&first));
    work.commit().await;

    let mut work = bench.begin(tenant).await;
    assert!(matches!(work.documents().replace(FLAGS, &mut old, later).await, Err(Error::Stale(FLAGS))));
    work.rollback().await;
    let mut work = bench.begin(tenant).await;
    assert!(matches!(work.documents().delete(FLAGS, first.id, 1).await, Err(Error::Stale(FLAGS))));
    work.rollback().await;
    let mut work = bench.begin(tenant).await;
    work.documents().delete(FLAGS, first.id, 2).await.unwrap();
    assert_eq!(work.documents().get::<Flag>(FLAGS, first.id).await.unwrap(), None);
    work.commit().await;
    let mut work = bench.begin(tenant).await;
    assert!(matches!(work.documents().replace(FLAGS, &mut first, later).await, Err(Error::Stale(FLAGS))), "it is gone");
    work.rollback().await;
}

async fn of_two_who_change_one_document_at_once_one_is_told(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let mut work = bench.begin(tenant).await;
    let flag = work.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, None).await.unwrap();
    work.commit().await;
    let change = async |value: i32| {
        let mut work = bench.begin(tenant).await;
        let mut flag = flag.clone();
        flag.body.value = json!(value);
        let changed = work.documents().replace(FLAGS, &mut flag, NOW).await;
        match &changed {
            Ok(()) => work.commit().await,
            Err(_) => work.rollback().await,
        }
        changed
    };
    let (one, two) = tokio::join!(change(1), change(2));
    let [won, lost] = if one.is_ok() { [one, two] } else { [two, one] };
    assert!(matches!((&won, &lost), (Ok(()), Err(Error::Stale(FLAGS)))), "{won:?} {lost:?}");
}

async fn an_id_is_given_once(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let id = id_of(&["flag", "beta"]);
    assert_ne!(id, id_of(&["flagb", "eta"]));
    let mut work = bench.begin(tenant).await;
    work.documents().insert(FLAGS, id, Flag::new("beta"), NOW, None).await.unwrap();
    work.commit().await;
    let mut work = bench.begin(tenant).await;
    let second = work.documents().insert(FLAGS, id, Flag::new("beta"), NOW, None).await;
    assert!(matches!(second, Err(Error::Taken(FLAGS))), "{second:?}");
    work.rollback().await;
}

async fn several_are_removed_at_once(bench: &Bench) {
    let (tenant, other) = (bench.tenant("acme").await, bench.tenant("globex").await);
    let ids: [Uuid; 3] = [new_id(), new_id(), new_id()];
    for tenant in [tenant, other] {
        let mut work = bench.begin(tenant).await;
        let flags = ids.iter().map(|id| (*id, Flag::new(&id.to_string()))).collect();
        work.documents().insert_each(FLAGS, flags, NOW, None).await.unwrap();
        work.commit().await;
    }
    let mut work = bench.begin(tenant).await;
    let missing = new_id();
    work.documents().delete_each(FLAGS, &[ids[0], missing, ids[2]]).await.unwrap();
    work.commit().await;
    for (tenant, left) in [(tenant, vec![ids[1]]), (other, ids.to_vec())] {
        let mut work = bench.begin(tenant).await;
        let found: Vec<Stored<Flag>> = work.documents().get_each(FLAGS, &ids).await.unwrap();
        assert_eq!(found.iter().map(|flag| flag.id).collect::<Vec<_>>(), left);
        work.rollback().await;
    }
}

async fn what_is_undone_was_never_there(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let id = new_id();
    let mut work = bench.begin(tenant).await;
    work.documents().insert(FLAGS, id, Flag::new("beta"), NOW, None).await.unwrap();
    work.rollback().await;
    let mut work = bench.begin(tenant).await;
    assert_eq!(work.documents().get::<Flag>(FLAGS, id).await.unwrap(), None);
    assert_eq!(work.documents().count(FLAGS, &[]).await.unwrap(), 0);
    work.rollback().await;
}

async fn tenants_do_not_see_each_other(bench: &Bench) {
    let (acme, other) = (bench.tenant("acme").await, bench.tenant("other").await);
    let id = new_id();
    for (tenant, key) in [(acme, "of-acme"), (other, "of-other")] {
        let mut work = bench.begin(tenant).await;
        work.documents().insert(FLAGS, id, Flag::new(key), NOW, None).await.unwrap();
        work.commit().await;
    }
    for (tenant, key) in [(acme, "of-acme"), (other, "of-other")] {
        let mut work = bench.begin(tenant).await;
        let find = Find { equal: &[("kind", "flag")], by: Some("key"), limit: 10, ..Find::default() };
        let found = work.documents().find::<Flag>(FLAGS, &find).await.unwrap();
        let keys: Vec<_> = found.documents.iter().map(|flag| flag.body.key.as_str()).collect();
        assert_eq!(keys, [key]);
        assert_eq!(work.documents().count(FLAGS, &[("kind", "flag")]).await.unwrap(), 1);
        work.documents().delete(FLAGS, id, 1).await.unwrap();
        work.rollback().await;
    }
}

async fn several_go_in_together_or_not_at_all(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let flags = |from: usize| (from..from + 5).map(|n| (Uuid::from_u128(n as u128), Flag::new(&n.to_string())));
    let mut work = bench.begin(tenant).await;
    let written = work.documents().insert_each(FLAGS, flags(0).collect(), NOW, None).await.unwrap();
    assert!(work.documents().insert_each::<Flag>(FLAGS, Vec::new(), NOW, None).await.unwrap().is_empty());
    work.commit().await;
    let mut work = bench.begin(tenant).await;
    let overlapping = work.documents().insert_each(FLAGS, flags(4).collect(), NOW, None).await;
    assert!(matches!(overlapping, Err(Error::Taken(FLAGS))));
    work.rollback().await;
    let mut work = bench.begin(tenant).await;
    let ids = [3, 1, 77].map(Uuid::from_u128);
    let read = work.documents().get_each::<Flag>(FLAGS, &ids).await.unwrap();
    assert_eq!(read, [written[1].clone(), written[3].clone()], "those that are there");
    assert_eq!(work.documents().count(FLAGS, &[]).await.unwrap(), 5);
    work.rollback().await;
}

async fn a_search_gives_its_page_in_order_and_where_it_ends(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let mut work = bench.begin(tenant).await;
    let flags = ["b", "B", "ä", "a", "b", ""].map(|key| (new_id(), Flag::new(key)));
    work.documents().insert_each(FLAGS, flags.to_vec(), NOW, None).await.unwrap();
    let without_a_key = json!({ "kind": "flag" });
    work.documents().insert(FLAGS, new_id(), without_a_key, NOW, None).await.unwrap();
    let of_another_kind = Flag { kind: "rule".to_owned(), ..Flag::new("a") };
    work.documents().insert(FLAGS, new_id(), of_another_kind, NOW, None).await.unwrap();
    work.commit().await;

    let mut work = bench.begin(tenant).await;
    let all = Find { equal: &[("kind", "flag")], by: Some("key"), limit: 10, ..Find::default() };
    let between = Find { from: Some("B"), before: Some("b"), ..all.clone() };
    for (find, expected) in [
        (all.clone(), vec!["", "B", "a", "b", "b", "ä"]),
        (Find { descending: true, ..all.clone() }, vec!["ä", "b", "b", "a", "B", ""]),
        (between.clone(), vec!["B", "a"]),
        (Find { descending: true, ..between }, vec!["a", "B"]),
        (Find { limit: 6, ..all.clone() }, vec!["", "B", "a", "b", "b", "ä"]),
    ] {
        let found = work.documents().find::<Flag>(FLAGS, &find).await.unwrap();
        let keys: Vec<_> = found.documents.iter().map(|flag| flag.body.key.as_str()).collect();
        assert_eq!(keys, expected, "by the bytes: {find:?}");
        assert_eq!(found.next, None);
    }
    let first = work.documents().find::<Flag>(FLAGS, &Find { limit: 4, ..all.clone() }).await.unwrap();
    let place = first.next.unwrap();
    assert_eq!((place.value.as_str(), place.id), ("b", flags[0].0));
    let rest = work.documents().find::<Flag>(FLAGS, &Find { after: Some(&place), ..all }).await.unwrap();
    assert_eq!(rest.documents.iter().map(|flag| flag.id).collect::<Vec<_>>(), [flags[4].0, flags[2].0]);
    work.rollback().await;
}

async fn a_search_without_an_index_is_refused(bench: &Bench) {
    let tenant = bench.tenant("acme").await;
    let mut work = bench.begin(tenant).await;
    for find in [
        Find { equal: &[("colour", "red")], limit: 1, ..Find::default() },
        Find { by: Some("kind"), limit: 1, ..Find::default() },
        Find { from: Some("a"), limit: 1, ..Find::default() },
    ] {
        let refused = work.documents().find::<Flag>(FLAGS, &find).await;
        assert!(matches!(refused, Err(Error::Unindexed { .. })), "{find:?}: {refused:?}");
    }
    let refused = work.documents().count(FLAGS, &[("colour", "red")]).await;
    assert!(matches!(refused, Err(Error::Unindexed { .. })));
    work.rollback().await;
}

async fn a_walk_gives_all_documents_by_pages_that_memory_can_hold(bench: &Bench) {
    let (tenant, other) = (bench.tenant("acme").await, bench.tenant("globex").await);
    // Of large ones three are enough; of small ones there are more than a page may have by their number.
    let large =
        |number: u128| (Uuid::from_u128(number), Flag { value: json!("x".repeat(3 << 20)), ..Flag::new("large") });
    let small = |number: u128| (Uuid::from_u128(number), Flag::new("small"));
    for tenant in [tenant, other] {
        let mut work = bench.begin(tenant).await;
        work.documents().insert_each(FLAGS, (0..5).map(large).collect(), NOW, None).await.unwrap();
        work.documents().insert_each(FLAGS, (100..2200).map(small).collect(), NOW, None).await.unwrap();
        work.commit().await;
    }
    let mut work = bench.begin(tenant).await;
    let (mut pages, mut ids) = (Vec::new(), Vec::new());
    loop {
        let page: Vec<Stored<Flag>> = work.documents().walk(FLAGS, ids.last().copied()).await.unwrap();
        if page.is_empty() {
            break;
        }
        pages.push(page.len());
        ids.extend(page.iter().map(|flag| flag.id));
    }
    assert_eq!(pages, [3, 1000, 1000, 102], "two large ones and 998 small ones are a page by their number");
    assert_eq!(ids, (0..5).chain(100..2200).map(Uuid::from_u128).collect::<Vec<_>>());
    work.rollback().await;
}
