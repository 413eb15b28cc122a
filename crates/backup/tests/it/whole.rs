//! The whole platform, in an empty database of another cluster.
#![expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]

use std::fs;

use jiff::Timestamp;
use tenure_backup::{AllOptions, AllRestored, Restorer, make_all};
use tenure_core::backups::RunKind;
use tenure_core::ids::TenantId;
use tenure_core::tenant::Transition;
use tenure_db::migrate::{MigrationSet, verify as verify_schemas};
use tenure_db::{backups, outbox, tenants};
use tenure_testkit::{TestInstallation, act, new_id};
use uuid::Uuid;

use crate::{Bed, designation, mail, titles};

const OPTIONS: AllOptions = AllOptions { at_once: 2, keeps_access: false };

/// Roles belong to the cluster, and tests have but one: another one is where these roles are not yet.
async fn forget_roles(bed: &Bed) {
    let mut superuser = bed.installation.superuser().await;
    for tenant in tenants::list(&bed.installation.db, None, &tenants::Page { after: None, limit: 9 }).await.unwrap() {
        let drop = format!("DROP SCHEMA {0} CASCADE; DROP ROLE {0}", tenant.schema);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut superuser).await.unwrap();
    }
}

async fn restored(bed: &Bed, into: &TestInstallation) -> AllRestored {
    Restorer { db: &into.db, ..bed.restorer() }.restore_all(OPTIONS, &act).await.unwrap()
}

#[tokio::test]
async fn all_tenants_come_back_in_an_empty_database() {
    let bed = Bed::new().await;
    let globex = bed.installation.tenant("globex").await;
    bed.run(&designation("'Clerk'", "'{}'")).await;
    mail::tell(&bed, "1").await;
    tenants::change_status(&bed.installation.db, globex.id, Transition::Suspend, &act()).await.unwrap();
    let made = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    forget_roles(&bed).await;
    let other = TestInstallation::new().await;
    let all = restored(&bed, &other).await;
    assert_eq!((all.platform, all.restored.len(), all.failed.len()), (made.platform, 2, 0));
    let mut tx = other.db.begin(bed.tenant.id).await.unwrap();
    assert_eq!(titles(&mut tx).await, ["Clerk"]);
    tx.commit().await.unwrap();
    let due = outbox::claim(&other.db, (Timestamp::now(), Timestamp::MAX), 10).await.unwrap();
    assert!(due.is_empty(), "it may have been sent since");
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
    assert_eq!((all.restored.len(), all.older.len(), all.failed.len()), (1, 0, 1));
    assert_eq!(all.failed[0].tenant.as_ref().unwrap().as_str(), "acme");
    fs::write(bed.file(&backup), &whole).unwrap();
    assert_eq!(restored(&bed, &other).await.restored, [bed.tenant.id]);
}

async fn titles_in(installation: &TestInstallation, tenant: TenantId) -> Vec<String> {
    let mut tx = installation.db.begin(tenant).await.unwrap();
    let titles = titles(&mut tx).await;
    tx.commit().await.unwrap();
    titles
}

fn cut(bed: &Bed, key: &str) {
    let file = bed.folder.path().join(key);
    let mut content = fs::read(&file).unwrap();
    content.truncate(content.len() / 2);
    fs::write(file, content).unwrap();
}

#[tokio::test]
async fn where_the_newest_are_damaged_older_ones_are_taken_and_that_is_said() {
    let bed = Bed::new().await;
    bed.run(&designation("'Older'", "'{}'")).await;
    let older = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    bed.run(&designation("'Newer'", "'{}'")).await;
    let newer = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    let last = make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    for id in [newer.made[0], last.platform.unwrap()] {
        cut(&bed, &backups::by_id(&bed.installation.db, id).await.unwrap().object_key);
    }
    forget_roles(&bed).await;
    let other = TestInstallation::new().await;
    let all = restored(&bed, &other).await;
    assert_eq!((all.platform, all.restored.len(), all.failed.len()), (newer.platform, 1, 0));
    let from: Vec<Uuid> = all.older.iter().map(|older| older.backup).collect();
    assert_eq!(from, [newer.platform.unwrap(), older.made[0]]);
    assert_eq!(titles_in(&other, bed.tenant.id).await, ["Older"]);
}

#[tokio::test]
async fn archives_and_tenants_that_came_after_the_list_are_found_in_the_store() {
    let bed = Bed::new().await;
    make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
    bed.run(&designation("'Clerk'", "'{}'")).await;
    let globex = bed.installation.tenant("globex").await;
    let after = bed.create().await;
    let of_globex = bed.maker().create(globex.id).await.unwrap();
    // Half a one, newer than all, and one of another tenant in the wrong folder.
    let newest = bed.create().await;
    cut(&bed, &newest.object_key);
    fs::copy(bed.file(&of_globex), bed.file(&after).with_file_name(format!("{}.tar.zst.age", new_id::<Uuid>())))
        .unwrap();
    forget_roles(&bed).await;
    let other = TestInstallation::new().await;
    let all = restored(&bed, &other).await;
    assert_eq!((all.restored.len(), all.failed.len(), all.older.len()), (2, 0, 0));
    assert_eq!(titles_in(&other, bed.tenant.id).await, ["Clerk"]);
    let listed = backups::by_id(&other.db, after.id).await.unwrap();
    assert_eq!((listed.state.as_str(), listed.checksum, listed.size_bytes), ("good", after.checksum, after.size_bytes));
    assert_eq!(tenants::by_id(&other.db, globex.id).await.unwrap().slug, globex.slug);
}

#[tokio::test]
async fn a_tenant_whose_schema_was_dropped_comes_back_from_any_of_its_archives() {
    let bed = Bed::new().await;
    bed.run(&designation("'Older'", "'{}'")).await;
    let older = bed.create().await;
    bed.run(&designation("'Newer'", "'{}'")).await;
    bed.create().await;
    let mut superuser = bed.installation.superuser().await;
    let drop = format!("DROP SCHEMA {} CASCADE", bed.tenant.schema);
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut superuser).await.unwrap();
    bed.restore(older.id).await.unwrap();
    assert_eq!(bed.titles(bed.tenant.id).await, ["Older"]);
    let tenant = tenants::by_id(&bed.installation.db, bed.tenant.id).await.unwrap();
    let drift = verify_schemas(&bed.installation.db, MigrationSet::tenant(), &[tenant]).await.unwrap();
    assert!(drift.iter().all(|tenant| tenant.drift.is_empty()), "{drift:?}");
}

#[tokio::test]
async fn after_the_database_was_lost_nobody_is_let_in_by_what_may_have_been_withdrawn() {
    const TOKEN: &str = "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at)
        SELECT gen_random_uuid(), id, 'x', sha256('x'), now() FROM users";
    for (keeps_access, works) in [(false, 0), (true, 1)] {
        let bed = Bed::new().await;
        bed.run(TOKEN).await;
        let operator = "INSERT INTO public.operators (id, name, token_hash, created_at) VALUES (gen_random_uuid(), 'x', sha256('x'), now())";
        sqlx::raw_sql(operator).execute(&mut bed.installation.superuser().await).await.unwrap();
        make_all(bed.maker_at(&Timestamp::now), RunKind::All, 2, &|_| ()).await.unwrap();
        forget_roles(&bed).await;
        let other = TestInstallation::new().await;
        let options = AllOptions { keeps_access, ..OPTIONS };
        let restorer = Restorer { db: &other.db, ..bed.restorer() };
        assert!(restorer.restore_all(options, &act).await.unwrap().failed.is_empty());
        let mut tx = other.db.begin(bed.tenant.id).await.unwrap();
        let open = "SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL";
        assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&mut *tx).await.unwrap(), works);
        tx.commit().await.unwrap();
        let open = "SELECT count(*) FROM public.operators WHERE revoked_at IS NULL";
        assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&mut other.superuser().await).await.unwrap(), works);
    }
}
