//! The moment that an archive is of, which MongoDB no longer keeps before all is read.

use std::cell::Cell;
use std::fs;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tenure_backup::{Error, make_all, verify_deep};
use tenure_core::backups::RunKind;
use tenure_db::backups::{self, Backup};
use tenure_store::documents::{self, Collection, Documents, Find};
use tenure_testkit::{NOW, TestMongo, new_id};
use uuid::Uuid;

use crate::Bed;
use crate::on_mongo::{FLAGS, PATIENT};

const SETTING: &str = "minSnapshotHistoryWindowInSeconds";
/// Read after all other documents, when a part of the archive is on its way.
const LAST_READ: &str = Collection::SettingsAudit.name();
/// What MongoDB answers when it kept the moment, and no longer does.
const TOO_OLD: i32 = 239;
/// What it answers when it never had it.
const UNAVAILABLE: i32 = 246;

/// A bed with a MongoDB of its own, and a flag in it.
async fn bed() -> (Bed, TestMongo) {
    let mongo = TestMongo::start();
    let documents = Documents::open(&mongo.url(), PATIENT).unwrap();
    documents.prepare().await.unwrap();
    let bed = Bed { documents, ..Bed::new().await };
    bed.put("flag", json!(true)).await;
    (bed, mongo)
}

impl Bed {
    async fn listed(&self) -> Vec<Backup> {
        backups::list(&self.installation.db, Some(self.tenant.id), None, 10).await.unwrap()
    }

    /// How many objects of the tenant's archives there are.
    fn objects(&self) -> usize {
        let folder = self.folder.path().join(format!("backups/{}", self.tenant.id));
        fs::read_dir(folder).map_or(0, Iterator::count)
    }
}

#[tokio::test]
async fn an_archive_begins_once_more_and_is_of_one_moment_again() {
    let (bed, mongo) = bed().await;
    mongo.refuse_reads(LAST_READ, TOO_OLD, Some(1));
    // Each change has an entry of the audit log, in PostgreSQL, and a flag, in MongoDB.
    let is_over = Cell::new(false);
    let changing = async {
        while !is_over.get() {
            bed.put(&new_id::<Uuid>().to_string(), json!(true)).await;
        }
    };
    let making = async {
        let backup = bed.create().await;
        is_over.set(true);
        backup
    };
    let (backup, ()) = tokio::join!(making, changing);
    let listed = bed.listed().await;
    let states: Vec<&str> = listed.iter().map(|backup| backup.state.as_str()).collect();
    assert_eq!((listed[0].id, states), (backup.id, vec!["good", "failed"]));
    assert!(listed[1].error.as_ref().unwrap().contains(SETTING), "{listed:?}");
    assert_eq!(bed.objects(), 1, "nothing is left of the first");
    verify_deep(&bed.installation.db, &bed.objects, &bed.identities, backup.id, (new_id(), NOW)).await.unwrap();
    bed.restore(backup.id).await.unwrap();
    let mut tx = bed.installation.db.begin_read(bed.tenant.id).await.unwrap();
    let entries = "SELECT count(*) FROM audit_log WHERE action = 'flag.created'";
    let entries: i64 = sqlx::query_scalar(entries).fetch_one(&mut *tx).await.unwrap();
    drop(tx);
    assert_eq!(bed.flags(bed.tenant.id).await.len(), usize::try_from(entries).unwrap());
}

#[tokio::test]
async fn an_archive_whose_moment_is_lost_each_time_fails_with_the_setting_and_nothing_is_good() {
    let (bed, mongo) = bed().await;
    mongo.refuse_reads(LAST_READ, UNAVAILABLE, None);
    let error = bed.try_create().await.unwrap_err();
    assert!(matches!(error, Error::Documents(documents::Error::TooOld)), "{error:?}");
    assert!(error.to_string().contains(SETTING), "{error}");
    let states: Vec<String> = bed.listed().await.into_iter().map(|backup| backup.state).collect();
    assert_eq!((states, bed.objects()), (vec!["failed".to_owned(); 2], 0));
    mongo.answer_reads();
    let backup = bed.create().await;
    bed.verify(backup.id).await.unwrap();
}

#[tokio::test]
async fn a_tenant_whose_moment_is_lost_while_it_is_compared_gets_a_new_archive() {
    let (bed, mongo) = bed().await;
    bed.create().await;
    mongo.refuse_reads(LAST_READ, TOO_OLD, Some(1));
    let later = || NOW + SignedDuration::from_hours(1);
    let run = make_all(bed.maker_at(&later), RunKind::All, 1, &|_| ()).await.unwrap();
    assert_eq!((run.made.len(), run.unchanged.len(), run.failed.len()), (1, 0, 0), "{run:?}");
}

#[tokio::test]
async fn a_moment_that_mongodb_no_longer_keeps_is_said_with_the_setting() {
    let (bed, mongo) = bed().await;
    mongo.keep_moments_for(0);
    let mut tx = bed.installation.db.begin_read(bed.tenant.id).await.unwrap();
    let address = tx.documents_at().clone();
    let mut moment = bed.documents.moment(&address).await.unwrap().unwrap();
    let error = loop {
        bed.put(&new_id::<Uuid>().to_string(), json!(true)).await;
        let mut then = bed.documents.within(&address, &mut tx, &mut moment);
        match then.find::<Value>(FLAGS, &Find { limit: 500, ..Find::default() }).await {
            Ok(found) => assert_eq!(found.documents.len(), 1, "it is still that moment"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, documents::Error::TooOld), "{error:?}");
    assert!(error.to_string().contains(SETTING));
}
