//! What goes on beside a backup or a restore.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenure_backup::{Maker, Restorer, Target};
use tenure_core::ids::TenantId;
use tenure_db::archive::Loading;
use tenure_db::migrate::MigrationSet;
use tenure_db::{backups, tenants};
use tenure_testkit::{NOW, act};

use crate::{Bed, PATIENCE, designation};

/// One transaction that leaves an even number of designations as it was even.
async fn add_pair(bed: &Bed, tenant: TenantId, number: usize) {
    let mut tx = bed.installation.db.begin(tenant).await.unwrap();
    for half in ["a", "b"] {
        let insert = designation(&format!("'{number}{half}'"), "'{}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Adds pairs until it is told to stop; how many.
async fn keep_adding(bed: &Bed, tenant: TenantId, stop: &AtomicBool) -> usize {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        add_pair(bed, tenant, number).await;
        number += 1;
    }
    number
}

async fn count(tx: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM designations").fetch_one(tx).await.unwrap()
}

#[tokio::test]
async fn what_is_written_meanwhile_is_in_the_archive_as_whole_transactions_or_not_at_all() {
    let bed = Bed::new().await;
    let stop = AtomicBool::new(false);
    let backups = async {
        let made = tokio::join!(bed.create(), bed.create());
        stop.store(true, Ordering::Relaxed);
        made
    };
    let ((one, other), _) = tokio::join!(backups, keep_adding(&bed, bed.tenant.id, &stop));
    for backup in [one, other] {
        bed.restore(backup.id).await.unwrap();
        let mut tx = bed.installation.db.begin(bed.tenant.id).await.unwrap();
        assert_eq!(count(&mut tx).await % 2, 0);
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_migration_meanwhile_waits_or_comes_first() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let (backup, ()) = tokio::join!(bed.create(), bed.migrate_down_to(8));
    let db = &bed.installation.db;
    assert_eq!(tenants::by_id(db, bed.tenant.id).await.unwrap().schema_version, 8);
    bed.verify(backup.id).await.unwrap();
    bed.restore(backup.id).await.unwrap();
    let restored = tenants::by_id(db, bed.tenant.id).await.unwrap();
    assert_eq!(restored.schema_version, MigrationSet::tenant().latest());
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
}

#[tokio::test]
async fn other_tenants_notice_nothing_of_a_restore() {
    let bed = Bed::new().await;
    let globex = bed.installation.tenant("globex").await;
    let backup = bed.create().await;
    let stop = AtomicBool::new(false);
    let restores = async {
        for _ in 0..3 {
            bed.restore(backup.id).await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    };
    // Each of these would panic where it failed.
    let ((), first, second) = tokio::join!(restores, keep_adding(&bed, globex.id, &stop), async {
        let mut reads = 0;
        while !stop.load(Ordering::Relaxed) {
            bed.titles(globex.id).await;
            reads += 1;
        }
        reads
    });
    assert!(first > 0 && second > 0);
    assert_eq!(bed.titles(globex.id).await.len(), 2 * first);
}

/// Until somebody waits for a lock of this kind.
async fn until_waiting(bed: &Bed, of: &str) {
    let mut superuser = bed.installation.superuser().await;
    let waiting = format!(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
         WHERE NOT granted AND datname = current_database() AND {of}"
    );
    let count = async |superuser: &mut PgConnection| {
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(waiting.clone())).fetch_one(superuser).await.unwrap()
    };
    while count(&mut superuser).await == 0 {
        tokio::task::yield_now().await;
    }
}

fn on(schema: &str, table: &str) -> String {
    format!("relation = '\"{schema}\".{table}'::regclass")
}

#[tokio::test]
async fn what_is_read_from_the_moment_of_the_exchange_on_is_what_was_restored() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let backup = bed.create().await;
    bed.run(&designation("'Later'", "'{}'")).await;
    // Holds up the restore when it has all tables but the last.
    let mut reader = bed.installation.superuser().await;
    let last = MigrationSet::tenant().tables_at(MigrationSet::tenant().latest()).pop().unwrap();
    let schema = bed.tenant.schema.as_str();
    let mut held = reader.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("LOCK TABLE \"{schema}\".{last} IN ACCESS SHARE MODE")))
        .execute(&mut *held)
        .await
        .unwrap();
    let others = async {
        until_waiting(&bed, &format!("{} AND mode = 'AccessExclusiveLock'", on(schema, last))).await;
        let reading = async {
            let mut tx = bed.installation.db.begin_snapshot(bed.tenant.id).await.unwrap();
            let found = crate::titles(&mut tx).await;
            tx.rollback().await.unwrap();
            found
        };
        let going_on = async {
            until_waiting(&bed, "mode = 'AccessShareLock'").await;
            held.rollback().await.unwrap();
        };
        tokio::join!(reading, going_on).0
    };
    let (restored, found) = tokio::join!(bed.restore(backup.id), others);
    restored.unwrap();
    assert_eq!(found, ["Clerk"]);
}

#[tokio::test]
async fn a_restore_waits_for_a_backup_that_is_read_and_does_nothing_if_that_takes_too_long() {
    let bed = Bed::new().await;
    let backup = bed.create().await;
    bed.run(&designation("'Live'", "'{}'")).await;
    let db = &bed.installation.db;
    let (_, mut reading) = bed.running("backups/x").await;
    let impatient = Restorer { patience: Duration::from_millis(1), ..bed.restorer() };
    let refused = impatient.restore(backup.id, &Target::Same(bed.tenant.id), &act()).await.unwrap_err().to_string();
    assert!(refused.contains("acme is still being read for a backup"), "{refused}");
    assert_eq!(bed.titles(bed.tenant.id).await, ["Live"]);
    let ending = async {
        until_waiting(&bed, "locktype = 'advisory'").await;
        reading.rows_are_read().await.unwrap();
    };
    let (restored, ()) = tokio::join!(bed.restore(backup.id), ending);
    restored.unwrap();
    assert!(bed.titles(bed.tenant.id).await.is_empty());
    // Its files are still being copied, which nobody waits for.
    assert_eq!(backups::abandon_dead(db, NOW).await.unwrap(), 0);
    reading.failed("ended", true, NOW).await.unwrap();
}

#[tokio::test]
async fn a_backup_waits_for_a_restore_and_fails_if_that_takes_too_long() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let db = &bed.installation.db;
    let version = MigrationSet::tenant().latest();
    let loading = Loading::replacing(db, bed.tenant.id, version, &act(), PATIENCE).await.unwrap();
    let impatient = Maker { patience: Duration::from_millis(1), ..bed.maker() };
    let refused = impatient.create(bed.tenant.id).await.unwrap_err().to_string();
    assert!(refused.contains("is being restored"), "{refused}");
    let ending = async {
        until_waiting(&bed, "locktype = 'advisory'").await;
        loading.discard().await.unwrap();
    };
    let (backup, ()) = tokio::join!(bed.create(), ending);
    bed.verify(backup.id).await.unwrap();
}

#[tokio::test]
async fn a_backup_whose_locks_cross_those_of_a_migration_begins_again() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let tables = MigrationSet::tenant().tables_at(MigrationSet::tenant().latest());
    let (first, last) = (tables[0], tables[tables.len() - 1]);
    let schema = bed.tenant.schema.as_str();
    let mut migration = bed.installation.superuser().await;
    let mut tx = migration.begin().await.unwrap();
    let lock = |table: &str| AssertSqlSafe(format!("LOCK TABLE \"{schema}\".{table} IN ACCESS EXCLUSIVE MODE"));
    // So that it is the backup that has to give way.
    sqlx::raw_sql("SET LOCAL deadlock_timeout = '1h'").execute(&mut *tx).await.unwrap();
    sqlx::raw_sql(lock(last)).execute(&mut *tx).await.unwrap();
    let crossing = async {
        until_waiting(&bed, &on(schema, last)).await;
        sqlx::raw_sql(lock(first)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (backup, ()) = tokio::join!(bed.create(), crossing);
    bed.verify(backup.id).await.unwrap();
}
