//! The chain of the audit log as transactions make it.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use sqlx::Row;
use tenure_core::audit::{Fault, Walk};
use tenure_core::ids::TenantId;
use tenure_db::Database;
use tenure_db::audit::{Actor, Entry, chain, record, record_each};
use tenure_db::migrate::{self, MigrationSet, RunOptions};
use tenure_testkit::{NOW, TestInstallation, act, new_id};
use uuid::Uuid;

/// A text whose form has to survive: quotes, a backslash, letters beyond ASCII; and a number with a zero at its end.
fn odd() -> serde_json::Value {
    json!({ "name": "Łukasz \"the\" \\ 😀", "a": [1.50, null, true], "": {} })
}

fn entry(id: Uuid, actor: &Actor) -> Entry<'_> {
    Entry {
        id,
        now: NOW.checked_add(SignedDuration::from_micros(1)).unwrap(),
        actor,
        action: "thing.changed",
        entity: "thing",
        entity_id: Some(new_id()),
        before: None,
        after: Some(odd()),
        request_id: Some("test"),
    }
}

async fn write(db: &Database, tenant: TenantId) {
    let mut tx = db.begin(tenant).await.unwrap();
    record(&mut tx, &entry(new_id(), &Actor::System)).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many links and entries there are, and what is wrong.
async fn examine(db: &Database, tenant: TenantId) -> (usize, i64, Vec<Fault>) {
    let mut tx = db.begin_snapshot(tenant).await.unwrap();
    let links = chain::links(&mut tx, 0).await.unwrap();
    let (mut walk, mut faults) = (Walk::new(None), Vec::new());
    for link in &links {
        faults.extend(walk.step(link));
    }
    let entries = chain::compare_entries(&mut tx, (1, i64::MAX), &mut |fault| faults.push(fault)).await.unwrap();
    chain::find_unlinked(&mut tx, &mut |fault| faults.push(fault)).await.unwrap();
    faults.extend(walk.end(chain::head(&mut tx).await.unwrap()));
    tx.commit().await.unwrap();
    (links.len(), entries, faults)
}

#[tokio::test]
async fn a_transaction_that_writes_entries_adds_a_link_and_another_none() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    let db = &installation.db;
    assert_eq!(examine(db, tenant).await, (0, 0, vec![]));
    db.begin(tenant).await.unwrap().commit().await.unwrap();
    assert_eq!(examine(db, tenant).await, (0, 0, vec![]));
    let mut tx = db.begin(tenant).await.unwrap();
    record(&mut tx, &entry(new_id(), &Actor::System)).await.unwrap();
    let ids = [new_id(), new_id()];
    record_each(&mut tx, &entry(new_id(), &Actor::Operator("Żaneta".to_owned())), &ids, &ids).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(examine(db, tenant).await, (1, 3, vec![]));
    let mut undone = db.begin(tenant).await.unwrap();
    record(&mut undone, &entry(new_id(), &Actor::System)).await.unwrap();
    undone.rollback().await.unwrap();
    assert_eq!(examine(db, tenant).await, (1, 3, vec![]));
}

#[tokio::test]
async fn fifty_writers_at_once_make_one_whole_chain() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    join_all((0..50).map(|_| write(&installation.db, tenant))).await;
    assert_eq!(examine(&installation.db, tenant).await, (50, 50, vec![]));
}

#[tokio::test]
async fn a_transaction_of_very_many_entries_is_sealed_too() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    let ids: Vec<Uuid> = (0..60_000).map(|_| new_id()).collect();
    let mut tx = installation.db.begin(tenant).await.unwrap();
    record_each(&mut tx, &entry(new_id(), &Actor::System), &ids, &ids).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(examine(&installation.db, tenant).await, (2, 60_000, vec![]));
}

#[tokio::test]
async fn entries_that_are_older_than_the_chain_are_its_first_link() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let db = &installation.db;
    for _ in 0..3 {
        write(db, tenant.id).await;
    }
    let options = |target, down| RunOptions {
        target,
        down,
        only: Vec::new(),
        canary: 0,
        parallelism: 1,
        lock_timeout: std::time::Duration::from_secs(5),
        retries: 0,
    };
    let set = MigrationSet::tenant();
    for options in [options(7, true), options(set.latest(), false)] {
        let report = migrate::run(db, set, &options, &act, &|_, _| ()).await.unwrap();
        assert!(report.failed.is_empty(), "{report:?}");
    }
    assert_eq!(examine(db, tenant.id).await, (1, 3, vec![]));
    write(db, tenant.id).await;
    assert_eq!(examine(db, tenant.id).await, (2, 4, vec![]));
}

/// Anybody can compute the hashes from what docs/data-model.md says of them.
#[tokio::test]
async fn the_hashes_are_of_the_form_that_is_written_down() {
    use sha2::{Digest, Sha256};

    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await.id;
    let (id, actor) = (new_id::<Uuid>(), Actor::System);
    let written = entry(id, &actor);
    let mut tx = installation.db.begin(tenant).await.unwrap();
    record(&mut tx, &written).await.unwrap();
    tx.commit().await.unwrap();
    let micros = written.now.as_microsecond();
    let row = format!(
        r#"["{id}", {micros}, "system", null, "tenure", "thing.changed", "thing", "{}", null, {}, "test"]"#,
        written.entity_id.unwrap(),
        r#"{"": {}, "a": [1.5, null, true], "name": "Łukasz \"the\" \\ 😀"}"#,
    );
    let entry_hash = Sha256::digest(row.as_bytes());
    let link = [
        &1_i64.to_be_bytes()[..],
        &Sha256::digest(b""),
        &1_i64.to_be_bytes(),
        id.as_bytes(),
        &entry_hash,
        &micros.to_be_bytes(),
    ];
    let mut tx = installation.db.begin(tenant).await.unwrap();
    let stored = sqlx::query("SELECT entry_hashes[1], hash FROM audit_chain").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(stored.get::<Vec<u8>, _>(0), entry_hash.to_vec());
    assert_eq!(stored.get::<Vec<u8>, _>(1), Sha256::digest(link.concat()).to_vec());
}
