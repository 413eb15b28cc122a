//! Archives that are no longer kept.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;

use jiff::{SignedDuration, Timestamp};
use tenure_backup::{Error, Pruned, export, prune};
use tenure_core::backups::Retention;
use tenure_db::backups;
use tenure_testkit::new_id;
use uuid::Uuid;

use crate::Bed;

const NOTHING: Retention = Retention { days: 0, daily: 0, weekly: 0, monthly: 0 };

/// The archives' moments are PostgreSQL's, so their age is set by the clock of the pruning.
async fn pruned(bed: &Bed, policy: Retention, is_dry_run: bool) -> Pruned {
    let now = Timestamp::now() + SignedDuration::from_hours(24);
    prune(&bed.installation.db, &bed.objects, policy, is_dry_run, now).await.unwrap()
}

async fn state(bed: &Bed, id: Uuid) -> String {
    backups::by_id(&bed.installation.db, id).await.unwrap().state
}

#[tokio::test]
async fn old_ones_go_and_the_newest_stays() {
    let bed = Bed::new().await;
    let (old, new) = (bed.create().await, bed.create().await);
    assert!(pruned(&bed, Retention { days: 7, ..NOTHING }, false).await.pruned.is_empty());
    assert_eq!(pruned(&bed, NOTHING, true).await.pruned, [old.id]);
    assert!(bed.file(&old).exists());
    assert_eq!(pruned(&bed, NOTHING, false).await.pruned, [old.id]);
    assert!(!bed.file(&old).exists());
    assert_eq!((state(&bed, old.id).await, state(&bed, new.id).await), ("pruned".to_owned(), "good".to_owned()));
    assert!(pruned(&bed, NOTHING, false).await.pruned.is_empty());
    bed.restore(new.id).await.unwrap();
    assert!(matches!(bed.restore(old.id).await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn nothing_goes_while_the_newest_is_missing_or_an_older_one_alone_was_read_through() {
    let bed = Bed::new().await;
    let (known, old, new) = (bed.create().await, bed.create().await, bed.create().await);
    bed.verify(known.id).await.unwrap();
    let away = bed.folder.path().join("away");
    fs::rename(bed.file(&new), &away).unwrap();
    let none = pruned(&bed, NOTHING, false).await;
    assert_eq!((none.pruned.len(), none.newest_is_missing), (0, vec![Some(bed.tenant.id)]));
    fs::rename(&away, bed.file(&new)).unwrap();
    assert_eq!(pruned(&bed, NOTHING, false).await.pruned, [old.id]);
    bed.verify(new.id).await.unwrap();
    assert_eq!(pruned(&bed, NOTHING, false).await.pruned, [known.id]);
}

#[tokio::test]
async fn what_a_pruning_that_was_cut_off_left_goes_with_the_next() {
    let bed = Bed::new().await;
    let (old, _) = (bed.create().await, bed.create().await);
    backups::prune(&bed.installation.db, &[old.id]).await.unwrap();
    assert!(bed.file(&old).exists());
    assert!(pruned(&bed, NOTHING, false).await.pruned.is_empty());
    assert!(!bed.file(&old).exists());
}

#[tokio::test]
async fn an_export_is_the_archive_and_a_damaged_one_is_none() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.tar.zst.age");
    let db = &bed.installation.db;
    export(db, &bed.objects, backup.id, &file).await.unwrap();
    assert_eq!(fs::read(&file).unwrap(), fs::read(bed.file(&backup)).unwrap());
    assert!(matches!(export(db, &bed.objects, backup.id, &file).await, Err(Error::Refused(_))));
    fs::write(bed.file(&backup), "x").unwrap();
    let other = folder.path().join("other");
    assert!(matches!(export(db, &bed.objects, backup.id, &other).await, Err(Error::Damaged(_))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(export(db, &bed.objects, new_id(), &other).await.is_err());
}
