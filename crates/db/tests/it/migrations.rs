//! Migrating tenants, together and each for itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_core::ids::TenantId;
use tenure_db::migrate::{self, MigrationSet, Report, RunOptions, migrate_platform, platform_down};
use tenure_db::tenants::{self, Tenant};
use tenure_db::{Database, Error, Result};
use tenure_testkit::{NOW, TestInstallation, act};

fn options(target: i32) -> RunOptions {
    RunOptions {
        target,
        down: false,
        only: Vec::new(),
        canary: 0,
        parallelism: 4,
        lock_timeout: Duration::from_millis(100),
        retries: 0,
    }
}

async fn run(db: &Database, set: &MigrationSet, options: &RunOptions) -> Result<Report> {
    migrate::run(db, set, options, &act, &|_, _| ()).await
}

async fn version(db: &Database, tenant: TenantId) -> i32 {
    tenants::by_id(db, tenant).await.unwrap().schema_version
}

fn slugs(outcomes: &[migrate::Outcome]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome.slug.as_str()).collect()
}

/// The compiled-in set and one column more.
fn with_nickname() -> MigrationSet {
    MigrationSet::tenant().clone().with_next(
        "nickname",
        "ALTER TABLE employees ADD COLUMN nickname text",
        "ALTER TABLE employees DROP COLUMN nickname",
    )
}

async fn three_tenants() -> (TestInstallation, [Tenant; 3]) {
    let installation = TestInstallation::new().await;
    let tenants =
        [installation.tenant("alpha").await, installation.tenant("beta").await, installation.tenant("gamma").await];
    (installation, tenants)
}

#[tokio::test]
async fn a_new_migration_reaches_every_tenant_and_a_second_run_has_nothing_to_do() {
    let (installation, tenants) = three_tenants().await;
    let set = with_nickname();
    let seen = AtomicUsize::new(0);
    let on_done = |_: &migrate::Outcome, total: usize| {
        assert_eq!(total, 3);
        seen.fetch_add(1, Ordering::Relaxed);
    };
    let report = migrate::run(&installation.db, &set, &options(set.latest()), &act, &on_done).await.unwrap();
    assert_eq!((report.migrated.len(), report.failed.len()), (3, 0), "{report:?}");
    assert_eq!(seen.into_inner(), 3);
    for tenant in &tenants {
        assert_eq!(version(&installation.db, tenant.id).await, set.latest());
        let trail = tenants::audit_trail(&installation.db, tenant.id, None, 1).await.unwrap();
        assert_eq!(trail[0].action, "migrated");
    }
    let again = run(&installation.db, &set, &options(set.latest())).await.unwrap();
    assert!(again.migrated.is_empty() && again.failed.is_empty(), "{again:?}");
}

#[tokio::test]
async fn down_takes_back_what_up_did_and_up_brings_it_again() {
    let installation = TestInstallation::new().await;
    let set = MigrationSet::tenant();
    let tenant = installation.tenant("acme").await;
    for target in [1, 0] {
        let down = RunOptions { down: true, ..options(target) };
        let report = run(&installation.db, set, &down).await.unwrap();
        assert!(report.failed.is_empty(), "{report:?}");
        assert_eq!(version(&installation.db, tenant.id).await, target);
    }
    let tables = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1";
    let left: i64 =
        sqlx::query_scalar(tables).bind(tenant.schema.as_str()).fetch_one(installation.db.owner_pool()).await.unwrap();
    assert_eq!(left, 0, "objects left after going down to 0");
    let report = run(&installation.db, set, &options(set.latest())).await.unwrap();
    assert!(report.failed.is_empty(), "{report:?}");
    let tenant = tenants::by_id(&installation.db, tenant.id).await.unwrap();
    let drift = migrate::verify(&installation.db, set, &[tenant]).await.unwrap();
    assert!(drift[0].drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn one_tenants_failure_is_recorded_and_the_others_are_done() {
    let (installation, [alpha, beta, gamma]) = three_tenants().await;
    let add = format!("ALTER TABLE \"{}\".employees ADD COLUMN nickname text", beta.schema);
    installation.db.owner_pool().execute(raw_sql(AssertSqlSafe(add))).await.unwrap();
    let set = with_nickname();
    let report = run(&installation.db, &set, &options(set.latest())).await.unwrap();
    assert_eq!(slugs(&report.failed), ["beta"]);
    let reason = report.failed[0].error.as_deref().unwrap();
    assert!(reason.contains("nickname") && reason.contains("already exists"), "{reason}");
    assert_eq!(version(&installation.db, alpha.id).await, set.latest());
    assert_eq!(version(&installation.db, gamma.id).await, set.latest());
    assert_eq!(version(&installation.db, beta.id).await, set.latest() - 1);
    let history = migrate::history(&installation.db, Some(beta.id), 10).await.unwrap();
    let failed: Vec<_> = history.iter().filter(|entry| entry.state == "failed").collect();
    assert_eq!((failed.len(), failed[0].version), (1, set.latest()));

    let repair = format!("ALTER TABLE \"{}\".employees DROP COLUMN nickname", beta.schema);
    installation.db.owner_pool().execute(raw_sql(AssertSqlSafe(repair))).await.unwrap();
    let report = run(&installation.db, &set, &options(set.latest())).await.unwrap();
    assert_eq!(slugs(&report.migrated), ["beta"]);
    let history = migrate::history(&installation.db, Some(beta.id), 10).await.unwrap();
    assert!(history.iter().all(|entry| entry.state == "applied"), "{history:?}");
}

#[tokio::test]
async fn a_failed_canary_leaves_the_others_untouched() {
    let (installation, [alpha, ..]) = three_tenants().await;
    let add = format!("ALTER TABLE \"{}\".employees ADD COLUMN nickname text", alpha.schema);
    installation.db.owner_pool().execute(raw_sql(AssertSqlSafe(add))).await.unwrap();
    let set = with_nickname();
    let report = run(&installation.db, &set, &RunOptions { canary: 1, ..options(set.latest()) }).await.unwrap();
    assert_eq!(slugs(&report.failed), ["alpha"]);
    assert!(report.migrated.is_empty(), "{report:?}");
    let not_started: Vec<_> = report.not_started.iter().map(tenure_core::tenant::Slug::as_str).collect();
    assert_eq!(not_started, ["beta", "gamma"]);
}

#[tokio::test]
async fn only_the_tenants_that_were_asked_for_are_migrated() {
    let (installation, [alpha, beta, _]) = three_tenants().await;
    let set = with_nickname();
    let only = RunOptions { only: vec![beta.id], ..options(set.latest()) };
    let report = run(&installation.db, &set, &only).await.unwrap();
    assert_eq!(slugs(&report.migrated), ["beta"]);
    assert_eq!(version(&installation.db, alpha.id).await, set.latest() - 1);
}

#[tokio::test]
async fn a_long_query_delays_its_own_tenant_alone() {
    let (installation, [alpha, beta, gamma]) = three_tenants().await;
    let mut query = installation.db.begin(alpha.id).await.unwrap();
    query.execute(raw_sql("SELECT count(*) FROM employees")).await.unwrap();
    let set = with_nickname();
    let report =
        run(&installation.db, &set, &RunOptions { parallelism: 1, retries: 1, ..options(set.latest()) }).await.unwrap();
    assert_eq!(slugs(&report.migrated), ["beta", "gamma"]);
    assert_eq!(slugs(&report.failed), ["alpha"]);
    let reason = report.failed[0].error.as_deref().unwrap();
    assert!(reason.contains("holds a lock"), "{reason}");
    for tenant in [&beta, &gamma] {
        assert_eq!(version(&installation.db, tenant.id).await, set.latest());
    }
    query.commit().await.unwrap();
    let report = run(&installation.db, &set, &options(set.latest())).await.unwrap();
    assert_eq!(slugs(&report.migrated), ["alpha"]);
}

#[tokio::test]
async fn a_lock_that_is_given_up_in_time_is_only_a_delay() {
    let (installation, [alpha, ..]) = three_tenants().await;
    let mut query = installation.db.begin(alpha.id).await.unwrap();
    query.execute(raw_sql("SELECT count(*) FROM employees")).await.unwrap();
    let set = with_nickname();
    let patient = RunOptions { retries: 50, ..options(set.latest()) };
    let others_done = tokio::sync::Semaphore::new(0);
    let on_done = |_: &migrate::Outcome, _: usize| others_done.add_permits(1);
    let (report, ()) = tokio::join!(migrate::run(&installation.db, &set, &patient, &act, &on_done), async {
        others_done.acquire_many(2).await.unwrap().forget();
        query.commit().await.unwrap();
    });
    assert_eq!(report.unwrap().migrated.len(), 3);
}

#[tokio::test]
async fn two_runners_at_once_apply_each_migration_once() {
    let (installation, tenants) = three_tenants().await;
    let set = with_nickname();
    let patient = RunOptions { lock_timeout: Duration::from_secs(20), ..options(set.latest()) };
    let (one, other) = tokio::join!(run(&installation.db, &set, &patient), run(&installation.db, &set, &patient));
    assert!(one.unwrap().failed.is_empty());
    assert!(other.unwrap().failed.is_empty());
    for tenant in &tenants {
        let trail = tenants::audit_trail(&installation.db, tenant.id, None, 10).await.unwrap();
        let migrated = trail.iter().filter(|entry| entry.action == "migrated").count();
        assert_eq!(migrated, 1, "{}", tenant.slug);
    }
}

#[tokio::test]
async fn a_worker_replaces_its_connection_after_so_many_tenants() {
    let installation = TestInstallation::with(|settings| settings.tenants_per_connection = 2).await;
    let mut tenants = Vec::new();
    for slug in ["alpha", "beta", "gamma", "delta"] {
        tenants.push(installation.tenant(slug).await);
    }
    let set = MigrationSet::tenant().clone().with_next(
        "backend",
        "CREATE TABLE backend (id integer PRIMARY KEY); INSERT INTO backend (id) VALUES (pg_backend_pid())",
        "DROP TABLE backend",
    );
    run(&installation.db, &set, &RunOptions { parallelism: 1, ..options(set.latest()) }).await.unwrap();
    let mut uses = BTreeMap::<i32, usize>::new();
    for tenant in tenants {
        let query = format!("SELECT id FROM {}.backend", tenant.schema);
        let query = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(installation.db.owner_pool()).await;
        *uses.entry(query.unwrap()).or_default() += 1;
    }
    assert_eq!(uses.into_values().collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn a_run_that_is_cut_off_goes_on_where_it_was() {
    let (installation, [alpha, beta, gamma]) = three_tenants().await;
    let slow = MigrationSet::tenant().clone().with_next("slow", "SELECT pg_sleep(60)", "SELECT 1");
    let db = installation.db.clone();
    let only_alpha = RunOptions { only: vec![alpha.id], ..options(slow.latest()) };
    let cut_off = tokio::spawn(async move { run(&db, &slow, &only_alpha).await });
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND datname = current_database()";
    while installation.db.owner_pool().fetch_all(raw_sql(kill)).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let report = cut_off.await.unwrap().unwrap();
    assert_eq!(slugs(&report.failed), ["alpha"]);
    let set = with_nickname();
    // Who was cut off is told so before its locks are free.
    let patient = RunOptions { lock_timeout: Duration::from_mins(1), ..options(set.latest()) };
    let report = run(&installation.db, &set, &patient).await.unwrap();
    assert_eq!(report.migrated.len(), 3, "{report:?}");
    for tenant in [alpha, beta, gamma] {
        assert_eq!(version(&installation.db, tenant.id).await, set.latest());
    }
}

#[tokio::test]
async fn a_changed_migration_is_refused_and_named() {
    let (installation, _) = three_tenants().await;
    let forge = "UPDATE public.tenant_migrations SET checksum = 'forged' WHERE version = 2";
    installation.db.owner_pool().execute(raw_sql(forge)).await.unwrap();
    let error = run(&installation.db, &with_nickname(), &options(5)).await.unwrap_err();
    let name = &MigrationSet::tenant().get(2).unwrap().name;
    assert!(
        error.to_string().contains(&format!("0002_{name} was changed after it was applied to 3 tenants")),
        "{error}"
    );
    let forge = "UPDATE public.platform_migrations SET checksum = 'forged'";
    installation.db.owner_pool().execute(raw_sql(forge)).await.unwrap();
    let error = migrate_platform(&installation.db, MigrationSet::platform(), NOW).await.unwrap_err();
    assert!(error.to_string().contains("platform migration 0001_platform was changed"), "{error}");
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_refused() {
    let (installation, _) = three_tenants().await;
    let newer = with_nickname();
    run(&installation.db, &newer, &options(newer.latest())).await.unwrap();
    let error = migrate::overview(&installation.db, MigrationSet::tenant()).await.unwrap_err();
    assert!(matches!(error, Error::Migration(_)) && error.to_string().contains("use a newer tenure"), "{error}");
    let ahead = "INSERT INTO public.platform_migrations VALUES (99, 'future', 'x', now())";
    installation.db.owner_pool().execute(raw_sql(ahead)).await.unwrap();
    let error = migrate_platform(&installation.db, MigrationSet::platform(), NOW).await.unwrap_err();
    assert!(error.to_string().contains("use a newer tenure"), "{error}");
}

#[tokio::test]
async fn the_platform_goes_down_and_up_again_but_not_from_under_its_tenants() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let error = platform_down(&installation.db, MigrationSet::platform(), 0).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    tenants::change_status(&installation.db, tenant.id, tenure_core::tenant::Transition::Archive, &act())
        .await
        .unwrap();
    tenants::purge(&installation.db, tenant.id, &act()).await.unwrap();
    platform_down(&installation.db, MigrationSet::platform(), 0).await.unwrap();
    assert!(matches!(migrate::overview(&installation.db, MigrationSet::tenant()).await, Err(Error::NotSetUp)));
    migrate_platform(&installation.db, MigrationSet::platform(), NOW).await.unwrap();
    installation.tenant("acme").await;
}
