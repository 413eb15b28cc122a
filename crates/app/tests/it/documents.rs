//! Documents move between the back ends and stay the same; what has expired goes.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tenure_app::documents::{self, Collection, Documents, Patience, copy, expiry, of};
use tenure_app::{Actor, Context, Error, tenants};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_testkit::{MongoDatabase, NOW, TestInstallation};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;

const FLAGS: Collection = Collection::FeatureFlags;
/// How long what ends is kept: past the present day, for MongoDB removes by its own clock.
const KEPT: Duration = Duration::from_hours(24 * 365 * 100);

/// For a MongoDB that is not there.
const SOON: Patience = Patience {
    connect: Duration::from_millis(100),
    answer: Duration::from_millis(200),
    avoided: Duration::ZERO,
    connections: 1,
};

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
    let copied = copy::copy(&context, &Actor::System, &mongo, acme, &|_| ()).await.unwrap();
    assert_eq!(written(&copied), [("feature_flags", 450)]);
    assert!(written(&copy::copy(&context, &Actor::System, &mongo, empty, &|_| ()).await.unwrap()).is_empty());

    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(mongo);
    assert_eq!((count(&over_mongo, acme).await, count(&over_mongo, empty).await), (450, 0));
    let again = copy::copy(&over_mongo, &Actor::System, &open(&database), acme, &|_| ()).await.unwrap();
    assert!(again.is_empty(), "they lie there already");
    // What the move has left in the schema is replaced when they come back: one more, and one that differs.
    let mut tx = context.db.begin(acme).await.unwrap();
    let spoil = "INSERT INTO feature_flags SELECT gen_random_uuid(), version, created_at, updated_at, expires_at, '{}' FROM feature_flags LIMIT 1";
    sqlx::query(spoil).execute(&mut *tx).await.unwrap();
    sqlx::query("UPDATE feature_flags SET body = '{}' WHERE id = $1")
        .bind(Uuid::nil())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let back = copy::copy(&over_mongo, &Actor::System, &Documents::in_postgres(), acme, &|_| ()).await.unwrap();
    assert_eq!(written(&back), [("feature_flags", 450)]);
    assert_eq!(count(&context, acme).await, 450);
    let sums = |copied: &[copy::Copied]| copied.iter().map(|one| one.sha256.clone()).collect::<Vec<_>>();
    assert_eq!(sums(&back), sums(&copied));
}

#[tokio::test]
async fn each_company_is_served_from_where_its_documents_lie_and_nowhere_else() {
    let installation = TestInstallation::new().await;
    let (acme, globex) = (installation.tenant("acme").await.id, installation.tenant("globex").await.id);
    let database = MongoDatabase::new();
    let before = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&before, acme, 3).await;
    fill(&before, globex, 5).await;
    let both = open(&database).with_former(Documents::in_postgres()).unwrap();
    let during = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(both);
    assert_eq!((count(&during, acme).await, count(&during, globex).await), (3, 5));
    copy::copy(&during, &Actor::System, &open(&database), acme, &|_| ()).await.unwrap();
    assert_eq!((count(&during, acme).await, count(&during, globex).await), (3, 5));

    // A program that was told of the new place alone finds the schemas, and one that was not told of it does not find it.
    let after = Context::repeatable(installation.db.clone(), NOW, 3).with_documents(open(&database));
    documents::settle(&during).await.unwrap();
    assert_eq!((count(&before, globex).await, count(&after, acme).await, count(&after, globex).await), (5, 3, 5));
    let mut tx = before.db.begin(acme).await.unwrap();
    let refused = of(&before, &mut tx).count(FLAGS, &[("kind", "flag")]).await.unwrap_err();
    assert!(refused.to_string().contains("mongodb/test_"), "{refused}");
    assert!(matches!(Error::from(refused), Error::Unavailable(_)));
    tx.rollback().await.unwrap();
    let third = Documents::open("mongodb://127.0.0.1:1/third", SOON).unwrap();
    let refused = copy::copy(&before, &Actor::System, &third, acme, &|_| ()).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let elsewhere = documents::elsewhere(&before, 10).await.unwrap();
    assert_eq!(elsewhere.iter().map(|(slug, _)| slug.as_str()).collect::<Vec<_>>(), ["acme"]);
    assert!(documents::elsewhere(&during, 10).await.unwrap().is_empty());
    let same = open(&database).with_former(open(&database));
    assert!(matches!(same, Err(documents::DocumentsError::SamePlace(_))));
}

#[tokio::test]
async fn of_two_who_move_a_company_at_once_one_finds_it_moved() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 300).await;
    let both = Context::repeatable(installation.db.clone(), NOW, 2);
    let both = both.with_documents(open(&database).with_former(Documents::in_postgres()).unwrap());
    let (mongo, page) = (open(&database), |_| ());
    let (first, second) = tokio::join!(
        copy::copy(&both, &Actor::System, &mongo, acme, &page),
        copy::copy(&both, &Actor::System, &mongo, acme, &page)
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    let mut written = [written(&first), written(&second)];
    written.sort_unstable();
    assert_eq!(written, [vec![], vec![("feature_flags", 300)]]);
    assert_eq!(count(&both, acme).await, 300);
}

/// Does something when the first page of a copy is written.
fn at_the_first_page(doing: impl AsyncFn() + Sync) -> impl Fn(usize) + Sync {
    let (pages, runtime) = (AtomicUsize::new(0), Handle::current());
    move |_| {
        if pages.fetch_add(1, Ordering::Relaxed) == 0 {
            block_in_place(|| runtime.block_on(doing()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_while_documents_are_copied_is_copied_too() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 300).await;
    let change = at_the_first_page(async || {
        let mut tx = context.db.begin(acme).await.unwrap();
        let late = vec![(Uuid::from_u128(1000), json!({ "kind": "flag", "key": "late" }))];
        of(&context, &mut tx).insert_each(FLAGS, late, NOW, None).await.unwrap();
        assert!(tx.is_at_home().await.unwrap(), "it waits for nobody");
        tx.commit().await.unwrap();
    });
    let copied = copy::copy(&context, &Actor::System, &open(&database), acme, &change).await.unwrap();
    assert_eq!(written(&copied), [("feature_flags", 301)]);
    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(open(&database));
    assert_eq!(count(&over_mongo, acme).await, 301);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_the_turn_to_move_a_company_moves_nothing() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    fill(&context, acme, 300).await;
    let cut = at_the_first_page(async || {
        let turn =
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let cut = sqlx::query(turn).execute(&mut installation.superuser().await).await.unwrap();
        assert_eq!(cut.rows_affected(), 1);
    });
    let refused = copy::copy(&context, &Actor::System, &open(&database), acme, &cut).await;
    assert!(matches!(refused, Err(Error::DatabaseAway(_))), "{refused:?}");
    let address = tenure_db::tenants::documents_at(&installation.db, acme).await.unwrap();
    assert_eq!(address.place, None, "it is where it was");
    assert_eq!(count(&context, acme).await, 300);
}

#[tokio::test]
async fn a_new_company_says_where_its_documents_lie_and_a_purged_one_leaves_none_anywhere() {
    let installation = TestInstallation::new().await;
    let database = MongoDatabase::new();
    let both = open(&database).with_former(Documents::in_postgres()).unwrap();
    // Names of roles are made of the moment, and one server holds the roles of all tests.
    let moment = Timestamp::from_second(rand::random_range(0..4_000_000_000)).unwrap();
    let context = Context::repeatable(installation.db.clone(), moment, 1).with_documents(both);
    let (slug, name) = ("initech".parse().unwrap(), "Initech".parse().unwrap());
    let input = tenants::Create { slug, name, owner_email: "owner@initech.example".to_owned() };
    let initech = tenants::create(&context, &Actor::System, input).await.unwrap().id;
    let address = tenure_db::tenants::documents_at(&installation.db, initech).await.unwrap();
    assert_eq!(address.place.as_ref(), Some(open(&database).place()));
    // It goes on in PostgreSQL, and MongoDB has what the move has left.
    let mongo = open(&database);
    let raw = DocumentAddress { place: None, ..address };
    let in_schema = Context::repeatable(installation.db.clone(), NOW, 2);
    lie_in(&installation, initech, "postgres").await;
    fill(&in_schema, initech, 7).await;
    copy::copy(&in_schema, &Actor::System, &mongo, initech, &|_| ()).await.unwrap();
    copy::copy(&context, &Actor::System, &Documents::in_postgres(), initech, &|_| ()).await.unwrap();
    let left = async || mongo.apart(&raw).unwrap().unwrap().digest(FLAGS, NOW).await.unwrap().documents;
    assert_eq!(left().await, 7);
    assert_eq!(documents::remove(&context, initech).await.unwrap(), 7);
    assert_eq!(left().await, 0);
}

/// Says where the documents of a company lie, as if they had been moved.
async fn lie_in(installation: &TestInstallation, tenant: TenantId, place: &str) {
    let sql = "UPDATE public.tenants SET document_place = $2 WHERE id = $1";
    let update = sqlx::query(sql).bind(tenant.uuid()).bind(place);
    update.execute(&mut installation.superuser().await).await.unwrap();
}

#[tokio::test]
async fn a_copy_to_a_mongodb_that_is_away_says_so() {
    let installation = TestInstallation::new().await;
    let acme = installation.tenant("acme").await.id;
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    let nowhere = Documents::open("mongodb://127.0.0.1:1/none", SOON).unwrap();
    let refused = copy::copy(&context, &Actor::System, &nowhere, acme, &|_| ()).await;
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
async fn what_has_expired_is_removed_where_the_place_does_not_do_it_by_itself() {
    let installation = TestInstallation::new().await;
    let (acme, other) = (installation.tenant("acme").await.id, installation.tenant("other").await.id);
    let database = MongoDatabase::new();
    let context = Context::repeatable(installation.db.clone(), NOW, 1);
    for tenant in [acme, other] {
        fill(&context, tenant, 3).await;
    }
    copy::copy(&context, &Actor::System, &open(&database), acme, &|_| ()).await.unwrap();
    documents::settle(&context).await.unwrap();
    let later = Context::repeatable(installation.db.clone(), NOW + KEPT + Duration::from_hours(1), 2);
    let later = later.with_documents(open(&database));
    assert_eq!(expiry::expire(&later).await.unwrap(), 3, "of the other");
    assert_eq!((count(&later, acme).await, count(&later, other).await), (3, 0), "MongoDB has a clock of its own");
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
        assert_eq!(
            written(&copy::copy(&context, &Actor::System, &mongo, tenant, &|_| ()).await.unwrap()),
            [("feature_flags", 5)]
        );
    }
    let over_mongo = Context::repeatable(installation.db.clone(), NOW, 2).with_documents(mongo);
    for tenant in tenants {
        rest(&installation, tenant, "active").await;
        let mut tx = context.db.begin(tenant).await.unwrap();
        sqlx::query("DELETE FROM feature_flags").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        rest(&installation, tenant, "suspended").await;
        let back = copy::copy(&over_mongo, &Actor::System, &Documents::in_postgres(), tenant, &|_| ()).await.unwrap();
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
            let source = from.documents().place().as_str();
            lie_in(&installation, acme, source).await;
            let mut tx = context.db.begin(acme).await.unwrap();
            if to_mongo {
                let there = DocumentAddress { place: None, ..tx.documents_at().clone() };
                mongo.apart(&there).unwrap().unwrap().clear(FLAGS).await.unwrap();
            } else {
                sqlx::query("DELETE FROM feature_flags").execute(&mut *tx).await.unwrap();
            }
            tx.commit().await.unwrap();
            cut_off(from, to, acme, pages).await;
            assert_eq!(count(from, acme).await, 2500, "cut off after {pages} pages, it goes on where it was");
            let copied = copy::copy(from, &Actor::System, to, acme, &|_| ()).await.unwrap();
            assert_eq!(written(&copied), [("feature_flags", 2500)], "cut off after {pages} pages");
            // As if it had been cut off before it said so.
            lie_in(&installation, acme, source).await;
            let again = copy::copy(from, &Actor::System, to, acme, &|_| ()).await.unwrap();
            assert_eq!(again.len(), Collection::ALL.len());
            assert!(written(&again).is_empty(), "cut off after {pages} pages: {again:?}");
        }
    }
    assert_eq!(count(&context, acme).await, 2500);
}

/// Begins to copy, and leaves it as it is after some pages.
async fn cut_off(from: &Context, to: &Documents, tenant: TenantId, pages: usize) {
    let written = AtomicUsize::new(0);
    let on_page = |_| {
        written.fetch_add(1, Ordering::Relaxed);
    };
    let mut copying = Box::pin(copy::copy(from, &Actor::System, to, tenant, &on_page));
    poll_fn(|context| match copying.as_mut().poll(context) {
        Poll::Pending if written.load(Ordering::Relaxed) < pages => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}
