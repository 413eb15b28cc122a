//! The whole platform, in an empty database of another cluster.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;

use jiff::Timestamp;
use tenure_backup::{AllRestored, Restorer, make_all};
use tenure_core::backups::RunKind;
use tenure_core::tenant::Transition;
use tenure_db::migrate::{MigrationSet, verify as verify_schemas};
use tenure_db::tenants;
use tenure_testkit::{TestInstallation, act};

use crate::{Bed, designation, titles};

/// Roles belong to the cluster, and tests have but one: another one is where these roles are not yet.
async fn forget_roles(bed: &Bed) {
    let mut superuser = bed.installation.superuser().await;
    for tenant in tenants::list(&bed.installation.db, None, &tenants::Page { after: None, limit: 9 }).await.unwrap() {
        let drop = format!("DROP SCHEMA {0} CASCADE; DROP ROLE {0}", tenant.schema);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut superuser).await.unwrap();
    }
}

async fn restored(bed: &Bed, into: &TestInstallation) -> AllRestored {
    Restorer { db: &into.db, ..bed.restorer() }.restore_all(2, &act).await.unwrap()
}

#[tokio::test]
async fn all_tenants_come_back_in_an_empty_database() {
    let bed = Bed::new().await;
    let globex = bed.installation.tenant("globex").await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    tenants::change_status(&bed.installation.db, globex.id, Transition::Suspend, &act()).await.unwrap();
    let made = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    forget_roles(&bed).await;
    let other = TestInstallation::new().await;
    let all = restored(&bed, &other).await;
    assert_eq!((all.platform, all.restored.len(), all.failed.len()), (made.platform, 2, 0));
    let mut tx = other.db.begin(bed.tenant.id).await.unwrap();
    assert_eq!(titles(&mut tx).await, ["Clerk"]);
    tx.commit().await.unwrap();
    let both = tenants::list(&other.db, None, &tenants::Page { after: None, limit: 9 }).await.unwrap();
    let as_it_was = tenants::by_id(&bed.installation.db, globex.id).await.unwrap();
    assert!(both.contains(&as_it_was));
    let drift = verify_schemas(&other.db, MigrationSet::tenant(), &both).await.unwrap();
    assert!(drift.iter().all(|tenant| tenant.drift.is_empty()));
    // Again, and there is nothing to do.
    let again = restored(&bed, &other).await;
    assert_eq!((again.platform, again.restored.len(), again.failed.len()), (None, 0, 0));
}

#[tokio::test]
async fn a_tenant_without_a_whole_archive_is_reported_and_comes_back_once_it_has_one() {
    let bed = Bed::new().await;
    bed.installation.tenant("globex").await;
    make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    let backup = tenure_db::backups::list(&bed.installation.db, Some(bed.tenant.id), None, 1).await.unwrap().remove(0);
    let whole = fs::read(bed.file(&backup)).unwrap();
    fs::write(bed.file(&backup), &whole[..whole.len() / 2]).unwrap();
    forget_roles(&bed).await;
    let other = TestInstallation::new().await;
    let all = restored(&bed, &other).await;
    assert_eq!((all.restored.len(), all.failed.len()), (1, 1));
    assert_eq!(all.failed[0].tenant.as_ref().unwrap().as_str(), "acme");
    fs::write(bed.file(&backup), &whole).unwrap();
    assert_eq!(restored(&bed, &other).await.restored, [bed.tenant.id]);
}
