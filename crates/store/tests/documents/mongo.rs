//! What MongoDB alone has: its indexes, records of changes, and transactions that may be missing.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tenure_core::document_address::DocumentAddress;
use tenure_store::documents::{Collection, Documents, Error, Find, Record, Work};
use tenure_testkit::{MongoDatabase, NOW, TestInstallation, TestMongo, new_id};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::{Bench, FLAGS, Flag, PATIENT};

#[tokio::test]
async fn several_servers_make_the_indexes_at_once_and_differences_are_named() {
    let database = MongoDatabase::new();
    let open = || Documents::open(database.url(), PATIENT).unwrap();
    let (one, two, three) = (open(), open(), open());
    let (first, second, third) = tokio::join!(one.prepare(), two.prepare(), three.prepare());
    first.and(second).and(third).unwrap();
    assert_eq!(one.differences().await.unwrap(), [""; 0]);
    let client = mongodb::Client::with_uri_str(database.url()).await.unwrap();
    let flags = client.default_database().unwrap().collection::<mongodb::bson::Document>(FLAGS.name());
    flags.drop_index("tenant_kind_key_idx").await.unwrap();
    assert_eq!(
        two.differences().await.unwrap(),
        ["feature_flags has no index tenant_kind_key_idx: `tenure serve` and `tenure worker` make it when they start"]
    );
    let keys = mongodb::bson::doc! { "tenant_id": 1, "body.key": 1 };
    let mut options = mongodb::options::IndexOptions::default();
    options.name = Some("tenant_kind_key_idx".to_owned());
    flags.create_index(mongodb::IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    flags.drop_index("tenant_idx").await.unwrap();
    assert_eq!(two.differences().await.unwrap().len(), 2);
    // At its start a server makes what is missing, also beside one that differs.
    open().prepare().await.unwrap();
    let found = two.differences().await.unwrap();
    assert!(
        found.len() == 1 && found[0].starts_with("the index tenant_kind_key_idx of feature_flags is on"),
        "{found:?}"
    );
    assert!(found[0].contains("db.feature_flags.dropIndex(\"tenant_kind_key_idx\")"), "{found:?}");
    flags.drop_index("tenant_kind_key_idx").await.unwrap();
    open().prepare().await.unwrap();
    assert_eq!(two.differences().await.unwrap(), [""; 0], "mended as it was said");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_had_sent_and_arrives_late_is_replaced() {
    let bench = Bench::mongo().await;
    let tenant = bench.tenant("acme").await;
    let (mut from_tx, mut to_tx) =
        (bench.installation.db.begin(tenant).await.unwrap(), bench.installation.db.begin(tenant).await.unwrap());
    let home = from_tx.documents_at().home;
    let there = DocumentAddress { place: Some(bench.documents.place().clone()), home };
    let schemas = Documents::in_postgres();
    let mut source = schemas.of(&DocumentAddress::in_schema(home), &mut from_tx);
    let flag = |number: u128| (Uuid::from_u128(number), json!({ "kind": "flag", "key": number.to_string() }));
    source.insert_each(FLAGS, (0..2500).map(flag).collect(), NOW, None).await.unwrap();
    let mut target = bench.documents.of(&there, &mut to_tx);
    target.copy_from(&mut source, FLAGS, &|_| ()).await.unwrap();

    let client = mongodb::Client::with_uri_str(bench.database.as_ref().unwrap().url()).await.unwrap();
    let flags = client.default_database().unwrap().collection::<mongodb::bson::Document>(FLAGS.name());
    let last = mongodb::bson::doc! { "id": Uuid::from_u128(2499).to_string() };
    let mut late = flags.find_one_and_delete(last).await.unwrap().unwrap();
    late.insert("version", 7);
    // All was removed by then, and the last page is still to come.
    let (is_first, runtime) = (AtomicBool::new(true), Handle::current());
    let on_page = |_| {
        if is_first.swap(false, Ordering::Relaxed) {
            block_in_place(|| runtime.block_on(flags.insert_one(&late).into_future())).unwrap();
        }
    };
    target.copy_from(&mut source, FLAGS, &on_page).await.unwrap();
    assert!(!is_first.load(Ordering::Relaxed));
    assert_eq!(target.digest(FLAGS, NOW).await.unwrap(), source.digest(FLAGS, NOW).await.unwrap());
}

#[tokio::test]
async fn what_has_expired_is_removed_where_the_server_does_not_do_so() {
    let bench = Bench::mongo().await;
    let client = mongodb::Client::with_uri_str(bench.database.as_ref().unwrap().url()).await.unwrap();
    let flags = client.default_database().unwrap().collection::<mongodb::bson::Document>(FLAGS.name());
    // As a server has it that takes no time for an index.
    let mut options = mongodb::options::IndexOptions::default();
    options.name = Some("expires_at_idx".to_owned());
    let keys = mongodb::bson::doc! { "expires_at": 1 };
    flags.create_index(mongodb::IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    assert!(bench.documents.places_to_sweep().await.unwrap().contains(&bench.documents.place()));
    let (tenant, other) = (bench.tenant("acme").await, bench.tenant("globex").await);
    for tenant in [tenant, other] {
        let mut change = bench.begin(tenant).await;
        for ends in [Some(NOW), Some(NOW + std::time::Duration::from_secs(1)), None] {
            change.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, ends).await.unwrap();
        }
        change.commit().await;
    }
    let mut change = bench.begin(tenant).await;
    assert_eq!(change.documents().expire(NOW, 1).await.unwrap(), 1);
    assert_eq!(change.documents().count(FLAGS, &[]).await.unwrap(), 2);
    change.rollback().await;
    let mut change = bench.begin(other).await;
    assert_eq!(change.documents().count(FLAGS, &[]).await.unwrap(), 3);
    change.rollback().await;
}

#[tokio::test]
async fn without_snapshots_a_moment_is_that_of_a_transaction() {
    let mongo = TestMongo::start();
    let documents = Documents::open(&mongo.url(), PATIENT).unwrap();
    let bench = Bench { installation: TestInstallation::new().await, documents, database: None };
    let tenant = bench.tenant("acme").await;
    bench.documents.prepare().await.unwrap();
    let client = mongodb::Client::with_uri_str(mongo.url()).await.unwrap();
    // The next one is the question whether there are snapshots.
    let refusal = mongodb::bson::doc! {
        "configureFailPoint": "failCommand", "mode": { "times": 1 }, "data": { "failCommands": ["find"], "errorCode": 72 },
    };
    client.database("admin").run_command(refusal).await.unwrap();
    let mut change = bench.begin(tenant).await;
    let address = change.tx.documents_at().clone();
    let mut moment = bench.documents.moment(&address).await.unwrap().unwrap();
    change.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, None).await.unwrap();
    change.commit().await;
    let mut tx = bench.installation.db.begin(tenant).await.unwrap();
    let mut read = Vec::new();
    read.push(bench.documents.within(&address, &mut tx, &mut moment).count(FLAGS, &[]).await.unwrap());
    read.push(bench.documents.of(&address, &mut tx).count(FLAGS, &[]).await.unwrap());
    assert_eq!(read, [0, 1], "of that moment, and of now");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn a_search_is_one_scan_of_its_index() {
    let bench = Bench::mongo().await;
    let tenant = bench.tenant("acme").await;
    let mut change = bench.begin(tenant).await;
    let flags = (0..3000).map(|number| (new_id(), Flag::new(&format!("{number:05}")))).collect();
    change.documents().insert_each(FLAGS, flags, NOW, None).await.unwrap();
    change.commit().await;
    let mut change = bench.begin(tenant).await;
    let mut documents = bench.documents.of(&change.tx.documents_at().clone(), &mut change.tx);
    let find = Find { equal: &[("kind", "flag")], by: Some("key"), limit: 50, ..Find::default() };
    let first = documents.find::<Flag>(FLAGS, &find).await.unwrap();
    for find in [find.clone(), Find { after: first.next.as_ref(), ..find.clone() }, Find { descending: true, ..find }] {
        let plan = documents.explain(FLAGS, &find).await.unwrap();
        assert!(plan.contains("\"tenant_kind_key_idx\""), "{plan}");
        assert!(!plan.contains("\"SORT\"") && !plan.contains("\"COLLSCAN\""), "{plan}");
    }
    change.rollback().await;
}

#[tokio::test]
async fn the_forms_of_a_cycle_and_state_are_found_by_one_index() {
    let bench = Bench::mongo().await;
    let tenant = bench.tenant("acme").await;
    let mut change = bench.begin(tenant).await;
    let form = |number: usize| {
        let state = ["not_started", "completed", "self_draft", "acknowledged"][number % 4];
        let (cycle, person) = (format!("c{}", number % 20), format!("e{number}"));
        (new_id(), json!({ "kind": "form", "cycle_id": cycle, "employee_id": person, "state": state }))
    };
    let forms = (0..4000).map(form).collect();
    change.documents().insert_each(Collection::AppraisalForms, forms, NOW, None).await.unwrap();
    change.commit().await;
    let mut change = bench.begin(tenant).await;
    let mut documents = bench.documents.of(&change.tx.documents_at().clone(), &mut change.tx);
    for by in [None, Some("state")] {
        let whole = [("kind", "form"), ("cycle_id", "c8")];
        let in_state = [("kind", "form"), ("cycle_id", "c8"), ("state", "not_started")];
        let equal = if by.is_some() { whole.as_slice() } else { &in_state };
        let find = Find { equal, by, limit: 50, ..Find::default() };
        let plan = documents.explain(Collection::AppraisalForms, &find).await.unwrap();
        assert!(plan.contains("\"tenant_kind_cycle_id_state_idx\""), "{plan}");
        assert!(!plan.contains("\"SORT\"") && !plan.contains("\"COLLSCAN\""), "{plan}");
        // One more than the page tells whether there is another.
        assert!(plan.contains("\"totalDocsExamined\": 51"), "{plan}");
    }
    change.rollback().await;
}

#[tokio::test]
async fn documents_come_with_the_record_of_their_change_and_both_go_with_the_tenant() {
    let bench = Bench::mongo().await;
    let tenant = bench.tenant("acme").await;
    let record = Record { id: new_id(), tenant, created_at: NOW, entries: "[1]".to_owned() };
    let mut change = bench.begin(tenant).await;
    change.documents().insert(FLAGS, new_id(), Flag::new("beta"), NOW, None).await.unwrap();
    let later = NOW + std::time::Duration::from_secs(1);
    assert!(bench.documents.pending(later, 10).await.unwrap().is_empty());
    let address = change.tx.documents_at().clone();
    bench.documents.commit(&address, std::mem::take(&mut change.work), &record).await.unwrap();
    assert!(bench.documents.pending(NOW, 10).await.unwrap().is_empty(), "it is not older than itself");
    assert_eq!(bench.documents.pending(later, 10).await.unwrap(), [record]);
    assert_eq!(bench.documents.remove(&address).await.unwrap(), 1);
    bench.documents.forget(tenant).await.unwrap();
    assert!(bench.documents.pending(later, 10).await.unwrap().is_empty());
    assert_eq!(change.documents().count(FLAGS, &[]).await.unwrap(), 0);
    change.rollback().await;
}

#[tokio::test]
async fn outside_of_a_change_nothing_is_written() {
    let bench = Bench::mongo().await;
    let tenant = bench.tenant("acme").await;
    let mut change = bench.begin(tenant).await;
    let mut reading = bench.documents.of(&change.tx.documents_at().clone(), &mut change.tx);
    let written = reading.insert(FLAGS, new_id(), Flag::new("beta"), NOW, None).await;
    assert!(matches!(written, Err(Error::ReadOnly)));
    assert!(!Work::default().has_written());
    change.rollback().await;
}

#[test]
fn a_url_that_names_no_database_is_refused_without_repeating_it() {
    for url in ["mongodb://app:s3cret@host", "mongodb+srv://app:s3cret@host/hr", "http://app:s3cret@host", ""] {
        let refused = Documents::place_of(url).unwrap_err().to_string();
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}
