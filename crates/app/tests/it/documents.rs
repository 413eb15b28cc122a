//! Documents move between the back ends and stay the same; what has expired goes.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use serde_json::{Value, json};
use tenure_app::documents::{Collection, Documents, Patience, copy, expiry, of};
use tenure_app::{Context, Error};
use tenure_core::ids::TenantId;
use tenure_testkit::{MongoDatabase, NOW, TestInstallation};
use uuid::Uuid;

const FLAGS: Collection = Collection::FeatureFlags;
/// How long what ends is kept: past the present day, for MongoDB removes by its own clock.
const KEPT: Duration = Duration::from_hours(24 * 365 * 100);

fn open(database: &MongoDatabase) -> Documents {
    let patience = Duration::from_secs(30);
    let patience = Patience { connect: patience, answer: patience, avoided: Duration::ZERO, connections: 5 };
    Documents::open(database.url(), patience).unwrap()
}

/// Makes so many flags in the tenant's schema.
async fn fill(context: &Context, tenant: TenantId, flags: u128) {
    let mut tx = context.db.begin(tenant).await.unwrap();
    let flag =
        |number: u128| json!({ "kind": "flag", "key": format!("{number:04}"), "$value": { "a.b": [1, 0.5, null] } });
    let all = (0..flags).map(|number| (Uuid::from_u128(number), flag(number))).collect();
    let ends = (flags > 0).then_some(NOW + KEPT);
    of(context, &mut tx).insert_each(FLAGS, all, NOW, ends).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(context: &Context, tenant: TenantId) -> u64 {
    let mut tx = context.db.begin(tenant).await.unwrap();
    let count = of(context, &mut tx).count(FLAGS, &[("kind", "flag")]).await.unwrap();
    tx.rollback().await.unwrap();
    count
}

fn written(copied: &[copy::Copied]) -> Vec<(&str, u64)> {
    copied.iter().filter(|one| one.was_written).map(|one| (one.collection, one.documents)).collect()
}

#[tokio::test]
async fn documents_go_to_mongodb_and_back_and_are_the_same() {
    let installation = TestInstallation::new().await;
    let (acme, empty) = (installation.tenant("acme").await.id, installation.tenant("empty").await.id);
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 450).await;
    let mongo = open(&database);
    let tenants = copy::tenants(&context).await.unwrap();
    assert_eq!(tenants.iter().map(|tenant| tenant.id).collect::<Vec<_>>(), [acme, empty]);
    let copied = copy::copy(&context, &mongo, acme, &|_| ()).await.unwrap();
    assert_eq!(written(&copied), [("feature_flags", 450)]);
    let again = copy::copy(&context, &mongo, acme, &|_| ()).await.unwrap();
    assert!(written(&again).is_empty(), "both have the same already");
    assert!(written(&copy::copy(&context, &mongo, empty, &|_| ()).await.unwrap()).is_empty());

    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(mongo);
    assert_eq!((count(&over_mongo, acme).await, count(&over_mongo, empty).await), (450, 0));
    // What is there is replaced: one more, and one that differs.
    let mut tx = context.db.begin(acme).await.unwrap();
    let mut documents = of(&context, &mut tx);
    documents.insert(FLAGS, Uuid::from_u128(9999), json!({ "kind": "flag" }), NOW, None).await.unwrap();
    let mut first = documents.get::<Value>(FLAGS, Uuid::from_u128(0)).await.unwrap().unwrap();
    first.body = json!({});
    documents.replace(FLAGS, &mut first, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let back = copy::copy(&over_mongo, &Documents::in_postgres(), acme, &|_| ()).await.unwrap();
    assert_eq!(written(&back), [("feature_flags", 450)]);
    assert_eq!(count(&context, acme).await, 450);
    let sums = |copied: &[copy::Copied]| copied.iter().map(|one| one.sha256.clone()).collect::<Vec<_>>();
    assert_eq!(sums(&back), sums(&copied));
}

#[tokio::test]
async fn a_copy_to_a_mongodb_that_is_away_says_so() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    let soon =
        Patience { connect: Duration::from_millis(100), answer: Duration::from_millis(200), ..Patience::default() };
    let nowhere = Documents::open("mongodb://127.0.0.1:1/none", soon).unwrap();
    let refused = copy::copy(&context, &nowhere, acme, &|_| ()).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn what_has_expired_is_removed_from_every_active_tenant() {
    let installation = TestInstallation::new().await;
    let (acme, other) = (installation.tenant("acme").await.id, installation.tenant("other").await.id);
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 1200).await;
    fill(&context, other, 3).await;
    assert_eq!(expiry::expire(&context).await.unwrap(), 0);
    let later = Context::repeatable(installation.db.clone(), NOW + KEPT + Duration::from_hours(1), 2);
    assert_eq!(expiry::expire(&later).await.unwrap(), 1203);
    assert_eq!((count(&context, acme).await, count(&context, other).await), (0, 0));
}

#[tokio::test]
async fn companies_at_rest_are_copied_too() {
    let installation = TestInstallation::new().await;
    let tenants = [installation.tenant("acme").await.id, installation.tenant("globex").await.id];
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    for tenant in tenants {
        fill(&context, tenant, 5).await;
    }
    rest(&installation, tenants[0], "suspended").await;
    rest(&installation, tenants[1], "archived").await;
    let mongo = open(&database);
    for tenant in tenants {
        assert_eq!(written(&copy::copy(&context, &mongo, tenant, &|_| ()).await.unwrap()), [("feature_flags", 5)]);
    }
    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(mongo);
    for tenant in tenants {
        rest(&installation, tenant, "active").await;
        let mut tx = context.db.begin(tenant).await.unwrap();
        of(&context, &mut tx).clear(FLAGS).await.unwrap();
        tx.commit().await.unwrap();
        rest(&installation, tenant, "suspended").await;
        let back = copy::copy(&over_mongo, &Documents::in_postgres(), tenant, &|_| ()).await.unwrap();
        assert_eq!(written(&back), [("feature_flags", 5)]);
    }
}

async fn rest(installation: &TestInstallation, tenant: TenantId, status: &str) {
    let sql = "UPDATE public.tenants SET status = $2 WHERE id = $1";
    let update = sqlx::query(sql).bind(tenant.uuid()).bind(status);
    update.execute(&mut installation.superuser().await).await.unwrap();
}

#[tokio::test]
async fn a_copy_that_is_cut_off_anywhere_is_completed_by_the_next() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 2500).await;
    let database = MongoDatabase::new();
    let mongo = open(&database);
    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(open(&database));
    for to_mongo in [true, false] {
        let postgres = Documents::in_postgres();
        let (from, to) = if to_mongo { (&context, &mongo) } else { (&over_mongo, &postgres) };
        for pages in 0..=2 {
            // There is something to write each time.
            let mut tx = context.db.begin(acme).await.unwrap();
            if to_mongo {
                mongo.apart(tx.document_home()).unwrap().clear(FLAGS).await.unwrap();
            } else {
                of(&context, &mut tx).clear(FLAGS).await.unwrap();
            }
            tx.commit().await.unwrap();
            cut_off(from, to, acme, pages).await;
            let copied = copy::copy(from, to, acme, &|_| ()).await.unwrap();
            assert_eq!(written(&copied), [("feature_flags", 2500)], "cut off after {pages} pages");
            let again = copy::copy(from, to, acme, &|_| ()).await.unwrap();
            assert!(written(&again).is_empty(), "cut off after {pages} pages: {again:?}");
        }
    }
    assert_eq!((count(&context, acme).await, count(&over_mongo, acme).await), (2500, 2500));
}

/// Begins to copy, and leaves it as it is after some pages.
async fn cut_off(from: &Context, to: &Documents, tenant: TenantId, pages: usize) {
    let written = AtomicUsize::new(0);
    let on_page = |_| {
        written.fetch_add(1, Ordering::Relaxed);
    };
    let mut copying = Box::pin(copy::copy(from, to, tenant, &on_page));
    poll_fn(|context| match copying.as_mut().poll(context) {
        Poll::Pending if written.load(Ordering::Relaxed) < pages => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}
