//! What goes on beside a backup or a restore.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgConnection;
use tenure_core::ids::TenantId;
use tenure_db::migrate::MigrationSet;
use tenure_db::tenants;

use crate::{Bed, designation};

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

#[tokio::test]
async fn a_replica_is_read_where_there_is_one() {
    let bed = Bed::new().await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let bed = Bed { installation: bed.installation.with_frozen_replica().await, ..bed };
    bed.run(&designation("'Later'", "'{}'")).await;
    let backup = bed.create().await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
}
