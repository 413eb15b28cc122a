//! Archives from a streaming replica.

use std::time::Duration;

use tenure_db::migrate::MigrationSet;

use crate::{Bed, PATIENCE, designation};

const SHORT: Duration = Duration::from_millis(300);

async fn bed(wait: Duration) -> Bed {
    let bed = Bed::new().await;
    Bed { installation: bed.installation.with_replica(wait).await, ..bed }
}

/// Whether a snapshot of the tenant is taken on the replica, and how many designations it shows.
async fn looked(bed: &Bed) -> (bool, i64) {
    let mut snapshot = bed.installation.db.snapshot(MigrationSet::tenant(), bed.tenant.id).await.unwrap();
    let looked = "SELECT pg_is_in_recovery(), (SELECT count(*) FROM designations)";
    let looked = sqlx::query_as(looked).fetch_one(snapshot.connection()).await.unwrap();
    snapshot.end().await.unwrap();
    looked
}

#[tokio::test]
async fn a_replica_is_read_once_it_has_what_the_primary_has() {
    let bed = bed(PATIENCE).await;
    for number in 1..=3 {
        bed.run(&designation(&format!("'Clerk {number}'"), "'{}'")).await;
        assert_eq!(looked(&bed).await, (true, number));
    }
    bed.installation.let_replica_follow(false).await;
    bed.run(&designation("'Later'", "'{}'")).await;
    let (looked, ()) = tokio::join!(looked(&bed), bed.installation.let_replica_follow(true));
    assert_eq!(looked, (true, 4));
    let backup = bed.create().await;
    bed.verify(backup.id).await.unwrap();
}

#[tokio::test]
async fn one_that_is_behind_or_away_is_not_read() {
    let mut bed = bed(SHORT).await;
    bed.installation.let_replica_follow(false).await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    assert_eq!(looked(&bed).await, (false, 1));
    let backup = bed.create().await;
    bed.installation.let_replica_follow(true).await;
    bed.run("DELETE FROM designations").await;
    bed.restore(backup.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Clerk"]);
    // A copy that follows nobody, as one that was promoted.
    bed.installation = bed.installation.with_frozen_replica().await;
    bed.run(&designation("'Later'", "'{}'")).await;
    assert_eq!(looked(&bed).await, (false, 2));
}
