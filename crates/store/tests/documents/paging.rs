//! Pages, whatever the documents: each is found once, in order, however many a page holds.

use proptest::collection::vec;
use proptest::prelude::*;
use tenure_store::documents::{Find, Place};
use tenure_testkit::{NOW, new_id};
use uuid::Uuid;

use crate::{Bench, Change, FLAGS, Flag};

/// The keys and ids that a search gives, page by page.
async fn walk(work: &mut Change<'_>, find: &Find<'_>) -> Vec<(String, Uuid)> {
    let mut found = Vec::new();
    let mut after: Option<Place> = None;
    loop {
        let page = Find { after: after.as_ref(), ..find.clone() };
        let page = work.documents().find::<Flag>(FLAGS, &page).await.unwrap();
        assert!(page.documents.len() <= find.limit as usize);
        found.extend(page.documents.into_iter().map(|flag| (flag.body.key, flag.id)));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

async fn check(bench: &Bench, keys: &[String], limit: u32) {
    let tenant = bench.tenant("acme").await;
    let mut work = bench.begin(tenant).await;
    let flags: Vec<_> = keys.iter().map(|key| (new_id::<Uuid>(), Flag::new(key))).collect();
    work.documents().insert_each(FLAGS, flags.clone(), NOW, None).await.unwrap();
    let mut expected: Vec<_> = flags.into_iter().map(|(id, flag)| (flag.key, id)).collect();
    let by_id = Find { limit, ..Find::default() };
    assert_eq!(walk(&mut work, &by_id).await, expected);
    expected.sort();
    let by_key = Find { equal: &[("kind", "flag")], by: Some("key"), ..by_id };
    assert_eq!(walk(&mut work, &by_key).await, expected);
    expected.reverse();
    assert_eq!(walk(&mut work, &Find { descending: true, ..by_key }).await, expected);
    work.rollback().await;
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_document_is_on_one_page_in_postgres(keys in vec("[a-cA-C.é\u{ffff}\u{10000}]{0,2}", 0..20), limit in 1..7_u32) {
        runtime().block_on(async { check(&Bench::postgres().await, &keys, limit).await });
    }

    #[test]
    fn every_document_is_on_one_page_in_mongo(keys in vec("[a-cA-C.é\u{ffff}\u{10000}]{0,2}", 0..20), limit in 1..7_u32) {
        runtime().block_on(async { check(&Bench::mongo().await, &keys, limit).await });
    }
}
