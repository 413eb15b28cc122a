//! MongoDB goes, comes back, and does not answer.

use std::time::{Duration, Instant};

use tenure_store::documents::{Documents, Error, Patience};
use tenure_testkit::{NOW, TestInstallation, TestMongo, new_id};

use crate::{Bench, FLAGS, Flag, PATIENT};

/// Who has found MongoDB away avoids it for so long that no test sees the end of it.
const ONCE: Patience = Patience { avoided: Duration::from_hours(1), ..PATIENT };

async fn over(mongo: &TestMongo, patience: Patience) -> Bench {
    let documents = Documents::open(&mongo.url(), patience).unwrap();
    documents.prepare().await.unwrap();
    Bench { installation: TestInstallation::new().await, documents, database: None }
}

#[tokio::test]
async fn while_mongodb_is_away_only_the_first_waits() {
    let mut mongo = TestMongo::start();
    let brief = Patience { connect: Duration::from_millis(500), answer: Duration::from_secs(1), ..ONCE };
    let mut bench = over(&mongo, ONCE).await;
    let tenant = bench.tenant("acme").await;
    // With its time-outs it might find a busy machine away while it is prepared.
    bench.documents = Documents::open(&mongo.url(), brief).unwrap();
    mongo.stop();
    for _ in 0..100 {
        let begun = Instant::now();
        let mut change = bench.begin(tenant).await;
        let read = change.documents().get::<Flag>(FLAGS, new_id()).await;
        assert!(matches!(read, Err(Error::Away(_))), "{read:?}");
        // A bound far above what it takes and far below a hundred time-outs.
        assert!(begun.elapsed() < Duration::from_secs(15));
        change.rollback().await;
    }
    let begun = Instant::now();
    assert!(matches!(bench.documents.check().await, Err(Error::Away(_))), "who wants to know does wait");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_mongodb_that_comes_back_is_used_again() {
    let mut mongo = TestMongo::start();
    let bench = over(&mongo, PATIENT).await;
    let tenant = bench.tenant("acme").await;
    let id = new_id();
    let mut change = bench.begin(tenant).await;
    change.documents().insert(FLAGS, id, Flag::new("beta"), NOW, None).await.unwrap();
    change.commit().await;
    mongo.restart();
    let mut change = bench.begin(tenant).await;
    let read =
        bench.documents.of(&change.tx.documents_at().clone(), &mut change.tx).get::<Flag>(FLAGS, id).await.unwrap();
    assert_eq!(read.unwrap().body, Flag::new("beta"), "what was kept is there");
    change.rollback().await;
    mongo.cut_off();
    let brief = Patience { connect: Duration::from_millis(500), answer: Duration::from_secs(1), ..ONCE };
    let documents = Documents::open(&mongo.url(), brief).unwrap();
    assert!(matches!(documents.check().await, Err(Error::Away(_))));
    mongo.reconnect();
    assert!(bench.documents.check().await.unwrap().is_some());
}
