//! Tenants whose documents lie in MongoDB: in the archive as rows, and back where documents are to lie.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use tenure_backup::{Error, Target, verify_deep};
use tenure_core::document_address::DocumentAddress;
use tenure_core::ids::TenantId;
use tenure_db::TenantTx;
use tenure_db::archive::{self, Leftover};
use tenure_db::tenants::documents_at;
use tenure_store::documents::{Collection, Documents, Find, Patience, Record, TenantDocuments, Work, id_of};
use tenure_testkit::{MongoDatabase, NOW, act, new_id};
use uuid::Uuid;

use crate::Bed;

pub(crate) const FLAGS: Collection = Collection::FeatureFlags;

/// However busy the machine is.
pub(crate) const PATIENT: Patience = Patience {
    connect: Duration::from_secs(30),
    answer: Duration::from_secs(30),
    avoided: Duration::ZERO,
    connections: 5,
};

/// A bed whose documents lie in MongoDB.
async fn bed() -> (Bed, MongoDatabase) {
    let database = MongoDatabase::new();
    let documents = Documents::open(database.url(), PATIENT).unwrap();
    documents.prepare().await.unwrap();
    (Bed { documents, ..Bed::new().await }, database)
}

impl Bed {
    /// Puts a flag, as a change of the application does: its entry of the audit log goes before it.
    pub(crate) async fn put(&self, key: &str, value: Value) {
        let mut tx = self.installation.db.begin(self.tenant.id).await.unwrap();
        let mut work = Work::default();
        log(&mut tx).await;
        self.insert(&mut tx, &mut work, key, value).await;
        self.commit(tx, work).await;
    }

    async fn insert(&self, tx: &mut TenantTx, work: &mut Work, key: &str, value: Value) {
        let mut documents = self.documents.within(&tx.documents_at().clone(), tx, work);
        let body = json!({ "kind": "flag", "key": key, "value": value });
        documents.insert(FLAGS, id_of(&[key]), body, NOW, None).await.unwrap();
    }

    async fn commit(&self, mut tx: TenantTx, work: Work) {
        assert!(tx.is_at_home().await.unwrap());
        let record = Record { id: new_id(), tenant: self.tenant.id, created_at: NOW, entries: "[]".to_owned() };
        self.documents.commit(tx.documents_at(), work, &record).await.unwrap();
        tx.commit().await.unwrap();
        self.documents.settle(record.id).await.unwrap();
    }

    /// The flags of a tenant, by their keys.
    pub(crate) async fn flags(&self, tenant: TenantId) -> Vec<String> {
        let mut tx = self.installation.db.begin_read(tenant).await.unwrap();
        let mut documents = self.documents.of(&tx.documents_at().clone(), &mut tx);
        keys(&mut documents).await
    }

    async fn home(&self) -> DocumentAddress {
        documents_at(&self.installation.db, self.tenant.id).await.unwrap()
    }

    async fn is_empty(&self, home: &DocumentAddress) -> bool {
        keys(&mut self.documents.apart(home).unwrap().unwrap()).await.is_empty()
    }

    /// Removes what is left over, and gives how many homes that were.
    async fn remove_leftovers(&self) -> usize {
        let mut homes = 0;
        while let Some(leftover) = Leftover::next(&self.installation.db, &self.documents.places()).await.unwrap() {
            self.documents.remove(&leftover.address).await.unwrap();
            leftover.is_gone().await.unwrap();
            homes += 1;
        }
        homes
    }
}

async fn log(tx: &mut TenantTx) {
    let entry = "INSERT INTO audit_log (id, actor_kind, actor, action, entity, entity_id, created_at)
                 VALUES (gen_random_uuid(), 'system', 'system', 'flag.created', 'flag', gen_random_uuid(), now())";
    sqlx::query(entry).execute(&mut **tx).await.unwrap();
}

async fn keys(documents: &mut TenantDocuments<'_>) -> Vec<String> {
    let find = Find { equal: &[("kind", "flag")], by: Some("key"), limit: 500, ..Find::default() };
    let found = documents.find::<Map<String, Value>>(FLAGS, &find).await.unwrap().documents;
    found.iter().map(|flag| flag.body.get("key").and_then(Value::as_str).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn documents_come_back_with_the_rows_and_go_with_them_when_that_is_undone() {
    let (bed, _database) = bed().await;
    let odd = json!({ "tab": "a\tb\\N\n\\.", "emoji": "🦀", "numbers": [1, -7, 0.25, i64::MAX], "b": 1, "aa": null });
    bed.put("before", odd.clone()).await;
    for number in 0..450 {
        bed.put(&format!("many-{number:03}"), json!(number)).await;
    }
    let backup = bed.create().await;
    let db = &bed.installation.db;
    let verified = verify_deep(db, &bed.objects, &bed.identities, backup.id, (new_id(), NOW)).await.unwrap();
    let rows = verified.manifest.sums.iter().find(|sum| sum.table == FLAGS.name()).unwrap().rows;
    assert_eq!(rows, 451, "of three pages");
    bed.put("later", json!(true)).await;
    let (before, later) = (bed.home().await, bed.flags(bed.tenant.id).await);
    bed.restore(backup.id).await.unwrap();
    let restored = bed.flags(bed.tenant.id).await;
    assert_eq!((restored.len(), restored[0].as_str()), (451, "before"));
    let mut tx = db.begin_read(bed.tenant.id).await.unwrap();
    let stored =
        bed.documents.of(&tx.documents_at().clone(), &mut tx).get::<Value>(FLAGS, id_of(&["before"])).await.unwrap();
    let stored = stored.unwrap();
    assert_eq!((&stored.body["value"], stored.version, stored.created_at), (&odd, 1, NOW));
    let rows = "SELECT count(*) FROM feature_flags";
    assert_eq!(sqlx::query_scalar::<_, i64>(rows).fetch_one(&mut *tx).await.unwrap(), 0, "none in the schema");
    drop(tx);

    let after = bed.home().await;
    assert_ne!(after, before);
    archive::undo(db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!((bed.home().await, bed.flags(bed.tenant.id).await), (before.clone(), later));
    archive::undo(db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!((bed.home().await, bed.flags(bed.tenant.id).await.len()), (after.clone(), 451));
    assert_eq!(bed.remove_leftovers().await, 0, "both are needed");
    archive::drop_kept_schema(db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!(bed.remove_leftovers().await, 1);
    assert!(bed.is_empty(&before).await && !bed.is_empty(&after).await);
}

#[tokio::test]
async fn another_restore_and_a_purge_leave_nothing() {
    let (bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let backup = bed.create().await;
    let mut homes = vec![bed.home().await];
    for _ in 0..2 {
        bed.restore(backup.id).await.unwrap();
        homes.push(bed.home().await);
    }
    assert_eq!(bed.remove_leftovers().await, 1, "of the first");
    let db = &bed.installation.db;
    tenure_db::tenants::change_status(db, bed.tenant.id, tenure_core::tenant::Transition::Archive, &act())
        .await
        .unwrap();
    bed.documents.remove(&bed.home().await).await.unwrap();
    tenure_db::tenants::purge(db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!(bed.remove_leftovers().await, 1, "of what the last restore kept");
    for home in homes {
        assert!(bed.is_empty(&home).await, "{home:?}");
    }
}

#[tokio::test]
async fn an_archive_goes_from_one_back_end_to_the_other() {
    let (mut bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let of_mongo = bed.create().await;
    let mongo = std::mem::replace(&mut bed.documents, Documents::in_postgres());
    assert!(bed.flags(bed.tenant.id).await.is_empty());
    bed.restore(of_mongo.id).await.unwrap();
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag"]);
    let of_postgres = bed.create().await;
    bed.documents = mongo;
    let id = TenantId::from(Uuid::from_u128(new_id::<Uuid>().as_u128().rotate_left(64)));
    let target = Target::New { id, slug: "copy".parse().unwrap(), name: "Copy".parse().unwrap() };
    bed.restorer().restore(of_postgres.id, &target, &act()).await.unwrap();
    assert_eq!(bed.flags(id).await, ["flag"]);
    assert_eq!(bed.remove_leftovers().await, 0);
}

#[tokio::test]
async fn what_lies_where_nobody_looks_is_not_archived_as_nothing() {
    let (mut bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let db = bed.installation.db.clone();
    assert_eq!(tenure_db::tenants::settle_documents(&db, bed.documents.place()).await.unwrap(), 1);
    let mongo = std::mem::replace(&mut bed.documents, Documents::in_postgres());
    let refused = bed.try_create().await;
    assert!(matches!(&refused, Err(Error::Documents(tenure_store::documents::Error::Elsewhere(_)))), "{refused:?}");

    // A program that moves them looks in both places, and puts down what it restores in the new one.
    bed.documents = Documents::in_postgres().with_former(mongo).unwrap();
    let backup = bed.create().await;
    bed.put("later", json!(true)).await;
    bed.restore(backup.id).await.unwrap();
    assert!(bed.home().await.is_in_schema());
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag"]);
    archive::undo(&db, bed.tenant.id, &act()).await.unwrap();
    assert!(!bed.home().await.is_in_schema());
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag", "later"]);
    archive::undo(&db, bed.tenant.id, &act()).await.unwrap();
    archive::drop_kept_schema(&db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!(bed.remove_leftovers().await, 1, "in the former place");
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag"]);
}

#[tokio::test]
async fn a_restore_that_fails_leaves_over_what_it_put_down() {
    let (bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let backup = bed.create().await;
    // Somebody reads for longer than the restore waits.
    let mut reading = bed.installation.db.begin_read(bed.tenant.id).await.unwrap();
    sqlx::query("SELECT FROM feature_flags").execute(&mut *reading).await.unwrap();
    let refused = bed.restore(backup.id).await;
    assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
    reading.rollback().await.unwrap();
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag"]);
    // Its transaction ends when the connection is back in the pool, and holds what it has put down until then.
    let removed = loop {
        match bed.remove_leftovers().await {
            0 => tokio::task::yield_now().await,
            removed => break removed,
        }
    };
    assert_eq!(removed, 1);
    assert_eq!(bed.flags(bed.tenant.id).await, ["flag"]);
}

#[tokio::test]
async fn an_archive_waits_for_a_change_that_is_about_to_end() {
    let (bed, _database) = bed().await;
    let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    let mut work = Work::default();
    log(&mut tx).await;
    bed.insert(&mut tx, &mut work, "half", json!(true)).await;
    // Its documents are there first, and its rows would be missing.
    let ending = async {
        until_waiting(&bed).await;
        bed.commit(tx, work).await;
    };
    let (backup, ()) = tokio::join!(bed.create(), ending);
    bed.put("later", json!(true)).await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.flags(bed.tenant.id).await, ["half"]);
    let mut tx = bed.installation.db.begin_read(bed.tenant.id).await.unwrap();
    let entries = "SELECT count(*) FROM audit_log WHERE action = 'flag.created'";
    assert_eq!(sqlx::query_scalar::<_, i64>(entries).fetch_one(&mut *tx).await.unwrap(), 1);
}

/// Until somebody waits for a lock on the audit log.
async fn until_waiting(bed: &Bed) {
    let mut superuser = bed.installation.superuser().await;
    let waiting = format!(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '\"{}\".audit_log'::regclass",
        bed.tenant.schema
    );
    loop {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(waiting.clone())).fetch_one(&mut superuser).await.unwrap();
        if count > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_change_that_has_asked_for_its_place_before_a_restore_sees_that_it_moved() {
    let (bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let backup = bed.create().await;
    let mut late = bed.installation.db.begin(bed.tenant.id).await.unwrap();
    bed.restore(backup.id).await.unwrap();
    assert!(!late.is_at_home().await.unwrap());
    late.rollback().await.unwrap();
}

#[tokio::test]
async fn documents_are_read_first() {
    let (bed, _database) = bed().await;
    bed.put("flag", json!(true)).await;
    let backup = bed.create().await;
    let verified = verify_deep(&bed.installation.db, &bed.objects, &bed.identities, backup.id, (new_id(), NOW));
    let tables = verified.await.unwrap().manifest.header.tables;
    let is_document =
        |table: &tenure_db::archive::Table| Collection::ALL.iter().any(|collection| collection.name() == table.name);
    assert!(tables.is_sorted_by_key(|table| !is_document(table)), "{tables:?}");
    assert_eq!(tables.iter().filter(|table| is_document(table)).count(), Collection::ALL.len());
}
