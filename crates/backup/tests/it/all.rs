//! Archives of every tenant and of the platform, and their drill.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;

use jiff::Timestamp;
use tenure_backup::{AllMade, Error, Identities, Recipients, drill, make_all, new_identity};
use tenure_core::backups::RunKind;
use tenure_db::backups::{self, begin_run};
use tenure_testkit::{act, new_id};
use uuid::Uuid;

use crate::{Bed, designation};

/// What tells of a tenant's moments is PostgreSQL's clock, so that of the runs moves with it.
fn now() -> Timestamp {
    Timestamp::now()
}

async fn run(bed: &Bed, kind: RunKind) -> AllMade {
    make_all(bed.maker_at(&now), kind, 2, &|_| ()).await.unwrap()
}

#[tokio::test]
async fn an_unchanged_tenant_is_referred_to_and_a_changed_one_is_copied() {
    let bed = Bed::new().await;
    bed.installation.tenant("globex").await;
    let first = run(&bed, RunKind::All).await;
    assert_eq!((first.made.len(), first.unchanged.len(), first.failed.len()), (2, 0, 0));
    let second = run(&bed, RunKind::All).await;
    assert_eq!((second.made.len(), second.unchanged.len()), (0, 2));
    let db = &bed.installation.db;
    let referred = backups::by_id(db, second.unchanged[0]).await.unwrap();
    assert!(first.made.contains(&referred.id));
    assert!(referred.unchanged_until > referred.snapshot_at);
    // Behind the audit log's back, as only an operator can.
    bed.run("UPDATE roles SET description = 'other' WHERE key = 'owner'").await;
    let third = run(&bed, RunKind::All).await;
    assert_eq!((third.made.len(), third.unchanged.len()), (1, 1));
    // Each run makes an archive of the platform's tables, which the runs themselves change.
    assert_ne!(second.platform, third.platform);
}

#[tokio::test]
async fn an_archive_for_other_recipients_or_without_its_object_is_not_referred_to() {
    let mut bed = Bed::new().await;
    let first = run(&bed, RunKind::All).await;
    bed.recipients = Recipients::parse(&new_identity().1).unwrap();
    assert_eq!(run(&bed, RunKind::All).await.made.len(), 1);
    let again = run(&bed, RunKind::All).await.unchanged;
    let file = bed.file(&backups::by_id(&bed.installation.db, again[0]).await.unwrap());
    fs::remove_file(file).unwrap();
    let last = run(&bed, RunKind::All).await;
    assert_eq!((last.made.len(), last.unchanged.len()), (1, 0));
    assert_ne!(first.made, last.made);
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_taken_up_and_only_one_goes_at_a_time() {
    let bed = Bed::new().await;
    bed.installation.tenant("globex").await;
    let db = &bed.installation.db;
    let cut_off = begin_run(db, RunKind::All, new_id(), now()).await.unwrap();
    let other = make_all(bed.maker_at(&now), RunKind::Critical, 2, &|_| ()).await;
    assert!(matches!(other, Err(Error::Database(tenure_db::Error::Refused(_)))));
    bed.maker_at(&now).create(bed.tenant.id).await.unwrap();
    drop(cut_off);
    bed.until_unlocked().await;
    let taken_up = run(&bed, RunKind::All).await;
    assert!(taken_up.is_taken_up);
    assert_eq!((taken_up.made.len(), taken_up.unchanged.len()), (1, 0));
    assert!(!run(&bed, RunKind::All).await.is_taken_up);
}

#[tokio::test]
async fn a_tenant_that_fails_stops_no_other() {
    let bed = Bed::new().await;
    bed.installation.tenant("globex").await;
    let mut superuser = bed.installation.superuser().await;
    let drop_table = format!("DROP TABLE {}.first_answers", bed.tenant.schema);
    sqlx::query(sqlx::AssertSqlSafe(drop_table)).execute(&mut superuser).await.unwrap();
    let all = run(&bed, RunKind::All).await;
    assert_eq!(all.made.len(), 1);
    assert_eq!(all.failed.len(), 1);
    assert_eq!(all.failed[0].tenant.as_ref().unwrap().as_str(), "acme");
    assert!(all.platform.is_some());
}

#[tokio::test]
async fn only_the_critical_are_copied_every_hour() {
    let bed = Bed::new().await;
    bed.installation.tenant("globex").await;
    assert!(run(&bed, RunKind::Critical).await.made.is_empty());
    let (key, value) = ("backup.critical".parse().unwrap(), true.into());
    let db = &bed.installation.db;
    tenure_db::tenants::set_feature(db, bed.tenant.id, &key, &value, &act()).await.unwrap();
    let all = run(&bed, RunKind::Critical).await;
    assert_eq!((all.made.len(), all.platform), (1, None));
    assert_eq!(backups::by_id(db, all.made[0]).await.unwrap().tenant_id, Some(bed.tenant.id));
}

#[tokio::test]
async fn a_drill_restores_compares_and_finds_what_is_damaged() {
    let bed = Bed::new().await;
    let globex = bed.installation.tenant("globex").await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    run(&bed, RunKind::All).await;
    let drilled = drill(bed.maker_at(&now), &bed.identities, 1).await.unwrap();
    assert_eq!((drilled.whole.len(), drilled.failed.len()), (1, 0));
    let (_, damaged): (_, Uuid) = backups::tenants_to_check(&bed.installation.db)
        .await
        .unwrap()
        .into_iter()
        .find(|(tenant, _)| *tenant == globex.id)
        .unwrap();
    let file = bed.file(&backups::by_id(&bed.installation.db, damaged).await.unwrap());
    let mut content = fs::read(&file).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&file, content).unwrap();
    let drilled = drill(bed.maker_at(&now), &bed.identities, 9).await.unwrap();
    assert_eq!((drilled.whole.len(), drilled.failed.len()), (1, 1));
    let error = &drilled.failed[0].error;
    assert!(error.contains("damaged"), "{error}");
    let none = Identities::parse(&new_identity().0).unwrap();
    // What is known to be damaged is not tried again.
    assert_eq!(drill(bed.maker_at(&now), &none, 9).await.unwrap().failed.len(), 1);
}
