//! One tenant's archive.

use std::fs;

use jiff::SignedDuration;
use tenure_backup::{Error, Identities, Recipients, Target, new_identity, restore_table, verify_deep};
use tenure_core::ids::TenantId;
use tenure_db::archive;
use tenure_db::backups;
use tenure_db::migrate::{MigrationSet, verify as verify_schemas};
use tenure_db::tenants;
use tenure_testkit::{NOW, act, new_id};
use uuid::Uuid;

use crate::{Bed, designation};

/// A department whose head works in it: references in a circle.
const CIRCLE: &str = "
    INSERT INTO departments (id, name, created_at, updated_at)
    VALUES ('0198f3c2-0000-7000-8000-000000000001', 'Sales', now(), now());
    INSERT INTO employees (id, employee_number, first_name, last_name, status, hired_on, department_id, created_at, updated_at)
    VALUES ('0198f3c2-0000-7000-8000-000000000002', '1', 'Ada', 'Byron', 'active', '2020-01-01',
            '0198f3c2-0000-7000-8000-000000000001', now(), now());
    UPDATE departments SET head_id = '0198f3c2-0000-7000-8000-000000000002';";

#[tokio::test]
async fn what_was_there_comes_back_and_what_came_after_is_gone() {
    let bed = Bed::new().await;
    bed.run(CIRCLE).await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    // The connection that reads keeps its prepared statement over the restore.
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
    let backup = bed.create().await;
    assert_eq!(backup.state, "good");
    bed.run(&designation("'Later'", "'{}'")).await;
    bed.run("DELETE FROM user_roles").await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
    bed.run(&designation("'After'", "'{}'")).await;
    let heads = "DO $$ BEGIN ASSERT (SELECT count(*) = 1 FROM departments JOIN employees ON employees.id = head_id);
                 ASSERT (SELECT count(*) = 1 FROM user_roles); END $$";
    bed.run(heads).await;
    let db = &bed.installation.db;
    let tenant = tenants::by_id(db, bed.tenant.id).await.unwrap();
    let drift = verify_schemas(db, MigrationSet::tenant(), &[tenant]).await.unwrap();
    assert!(drift.iter().all(|tenant| tenant.drift.is_empty()));
}

#[tokio::test]
async fn a_restore_can_be_undone_and_the_undoing_too() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    bed.run(&designation("'Later'", "'{}'")).await;
    bed.restore(backup.id).await.unwrap();
    let db = &bed.installation.db;
    archive::undo(db, bed.tenant.id, &act()).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Later"]);
    bed.run(&designation("'More'", "'{}'")).await;
    archive::undo(db, bed.tenant.id, &act()).await.unwrap();
    assert!(bed.titles(bed.tenant.id).await.is_empty());
    let before = async |moment| archive::replaced_before(db, moment).await.unwrap();
    assert_eq!(before(NOW - SignedDuration::from_secs(1)).await, []);
    assert_eq!(before(NOW).await, [bed.tenant.id]);
    archive::drop_kept_schema(db, bed.tenant.id, &act()).await.unwrap();
    archive::undo(db, bed.tenant.id, &act()).await.unwrap_err();
}

#[tokio::test]
async fn odd_values_are_equal_after_the_round_trip() {
    let bed = Bed::new().await;
    let odd = r"jsonb_build_object('tab', E'a\tb\\N\n\\.', 'zero', '\u0000', 'emoji', '🦀👩‍👩‍👧', 'big', 1e300::numeric)";
    bed.run(&designation(r"'\N \. \\x00 🦀'", odd)).await;
    bed.run(&designation("'Large'", "jsonb_build_object('text', repeat('x', 10000000))")).await;
    bed.run("UPDATE designations SET deleted_at = 'infinity', created_at = '-infinity' WHERE title = 'Large'").await;
    let backup = bed.create().await;
    let verified = verify_deep(&bed.installation.db, &bed.objects, &bed.identities, backup.id, (new_id(), NOW));
    assert!(verified.await.unwrap().deep);
    let sums = "SELECT string_agg(md5(d::text), ',' ORDER BY id) FROM designations d";
    let sum = async || {
        let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
        let sum: String = sqlx::query_scalar(sums).fetch_one(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        sum
    };
    let before = sum().await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(sum().await, before);
}

#[tokio::test]
async fn a_backup_can_become_another_tenant() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let backup = bed.create().await;
    let id = TenantId::from(Uuid::from_u128(u128::from_be_bytes(*new_id::<Uuid>().as_bytes()).rotate_left(64)));
    let target = Target::New { id, slug: "copy".parse().unwrap(), name: "Copy".parse().unwrap() };
    let restored = bed.restorer().restore(backup.id, &target, &act()).await.unwrap();
    assert_eq!(restored.tenant.unwrap().slug.as_str(), "copy");
    bed.run(&designation("'Later'", "'{}'")).await;
    assert_eq!(bed.titles(id).await, ["Clerk"]);
}

#[tokio::test]
async fn a_damaged_archive_is_refused_and_nothing_is_touched() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    let whole = fs::read(bed.file(&backup)).unwrap();
    bed.run(&designation("'Live'", "'{}'")).await;
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for damaged in [flipped, whole[..whole.len() / 2].to_vec(), whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(bed.file(&backup), damaged).unwrap();
        assert!(matches!(bed.verify(backup.id).await, Err(Error::Damaged(_))));
        assert!(matches!(bed.restore(backup.id).await, Err(Error::Damaged(_))));
    }
    assert_eq!(bed.titles(bed.tenant.id).await, ["Live"]);
    fs::write(bed.file(&backup), whole).unwrap();
    bed.verify(backup.id).await.unwrap();
}

#[tokio::test]
async fn another_key_opens_nothing() {
    let mut bed = Bed::new().await;
    let backup = bed.create().await;
    bed.identities = Identities::parse(&new_identity().0).unwrap();
    assert!(matches!(bed.verify(backup.id).await, Err(Error::WrongKey)));
    assert!(matches!(bed.restore(backup.id).await, Err(Error::WrongKey)));
}

#[tokio::test]
async fn what_a_dead_run_left_is_cleared_by_the_next_and_never_counts() {
    let bed = Bed::new().await;
    let db = &bed.installation.db;
    let key = "backups/dead.tar.zst.age";
    let (dead, running) = bed.running(key).await;
    // A maker that dies lets go of its transaction without an end.
    drop(running);
    fs::create_dir_all(bed.folder.path().join("backups")).unwrap();
    let half = bed.folder.path().join(format!("{key}#1"));
    fs::write(&half, "half").unwrap();
    bed.until_unlocked().await;
    let (_, alive) = bed.running("backups/alive").await;
    bed.create().await;
    let state = backups::by_id(db, dead).await.unwrap().state;
    assert_eq!(state, "failed");
    assert!(!half.exists());
    assert!(bed.verify(dead).await.is_err());
    alive.failed("ended", true, NOW).await.unwrap();
}

#[tokio::test]
async fn what_is_just_being_begun_is_not_taken_for_dead() {
    let bed = Bed::new().await;
    let db = &bed.installation.db;
    for _ in 0..50 {
        let ((_, begun), cleared) = tokio::join!(bed.running("backups/begun"), backups::abandon_dead(db, NOW));
        assert_eq!(cleared.unwrap(), 0);
        begun.failed("ended", true, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_backup_says_why_and_leaves_nothing() {
    let bed = Bed::new().await;
    fs::write(bed.folder.path().join("backups"), "in the way").unwrap();
    bed.try_create().await.unwrap_err();
    let listed = backups::list(&bed.installation.db, Some(bed.tenant.id), None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].state, "failed");
    assert!(listed[0].error.is_some());
}

#[tokio::test]
async fn a_purge_takes_what_a_restore_kept() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    bed.restore(backup.id).await.unwrap();
    let db = &bed.installation.db;
    tenants::change_status(db, bed.tenant.id, tenure_core::tenant::Transition::Archive, &act()).await.unwrap();
    tenants::purge(db, bed.tenant.id, &act()).await.unwrap();
    let mut superuser = bed.installation.superuser().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'before\\_%'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_passphrase_opens_what_it_closed() {
    let mut bed = Bed::new().await;
    bed.recipients = Recipients::passphrase("correct horse".to_owned());
    bed.identities = Identities::passphrase("correct horse".to_owned());
    let backup = bed.create().await;
    bed.verify(backup.id).await.unwrap();
    bed.identities = Identities::passphrase("wrong".to_owned());
    assert!(matches!(bed.verify(backup.id).await, Err(Error::WrongKey)));
}

#[tokio::test]
async fn one_table_comes_back_beside_the_tenant() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let backup = bed.create().await;
    bed.run(&designation("'Later'", "'{}'")).await;
    let table = async |table| {
        let wanted = (backup.id, table);
        restore_table(&bed.installation.db, &bed.objects, &bed.identities, wanted, new_id()).await
    };
    let beside = table("designations").await.unwrap();
    assert_eq!(beside.rows, 1);
    let mut superuser = bed.installation.superuser().await;
    let titles = format!("SELECT title FROM {}.designations", beside.schema);
    let titles: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(titles)).fetch_all(&mut superuser).await.unwrap();
    assert_eq!(titles, ["Clerk"]);
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = $1")
        .bind(&beside.schema)
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(tables, 1);
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk", "Later"]);
    assert!(matches!(table("pg_class").await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn an_archive_of_an_older_version_is_restored_and_taken_forward() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    bed.migrate_down_to(8).await;
    let backup = bed.create().await;
    assert_eq!(backup.schema_version, Some(8));
    bed.restore(backup.id).await.unwrap();
    let db = &bed.installation.db;
    let tenant = tenants::by_id(db, bed.tenant.id).await.unwrap();
    assert_eq!(tenant.schema_version, MigrationSet::tenant().latest());
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
    let drift = verify_schemas(db, MigrationSet::tenant(), &[tenant]).await.unwrap();
    assert!(drift.iter().all(|tenant| tenant.drift.is_empty()));
}
