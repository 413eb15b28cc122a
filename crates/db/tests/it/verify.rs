//! Drift: what the catalogue holds against what the migrations make.

use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_db::migrate::{self, Drift, MigrationSet};
use tenure_db::tenants::Tenant;
use tenure_testkit::TestInstallation;

async fn drift(installation: &TestInstallation, tenant: &Tenant) -> Vec<Drift> {
    let mut report =
        migrate::verify(&installation.db, MigrationSet::tenant(), std::slice::from_ref(tenant)).await.unwrap();
    report.remove(0).drift
}

#[tokio::test]
async fn the_baseline_equals_all_migrations_together() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let drift = drift(&installation, &tenant).await;
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn every_kind_of_drift_is_found_and_named() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let cases = [
        ("DROP INDEX {s}.employees_manager_id_idx", "index employees_manager_id_idx"),
        ("ALTER TABLE {s}.employees ADD COLUMN shoe_size text", "column employees.shoe_size"),
        ("GRANT DELETE ON {s}.audit_log TO {s}", "right table audit_log to tenant"),
        ("GRANT SELECT ON {s}.users TO PUBLIC", "right table users to everyone"),
        ("GRANT UPDATE (action) ON {s}.audit_log TO {s}", "right column audit_log.action to tenant"),
        ("GRANT CREATE ON SCHEMA {s} TO {s}", "right schema to tenant"),
        ("ALTER TABLE {s}.users ALTER COLUMN email DROP NOT NULL", "column users.email"),
        ("ALTER TABLE {s}.users ALTER COLUMN display_name SET DEFAULT 'x'", "column users.display_name"),
        (
            "ALTER TABLE {s}.employees DROP CONSTRAINT employees_status_known",
            "constraint employees.employees_status_known",
        ),
        ("CREATE TABLE {s}.extra (id int)", "table extra"),
        ("CREATE VIEW {s}.leak AS SELECT 1 AS one", "table leak"),
        ("CREATE FUNCTION {s}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function f()"),
        ("ALTER TABLE {s}.users ENABLE ROW LEVEL SECURITY", "table users"),
    ];
    for (change, object) in cases {
        let mut tx = installation.db.owner_pool().begin().await.unwrap();
        let sql = change.replace("{s}", &format!("\"{}\"", tenant.schema));
        tx.execute(raw_sql(AssertSqlSafe(sql))).await.unwrap_or_else(|error| panic!("{change}: {error}"));
        tx.commit().await.unwrap();
        let found = drift(&installation, &tenant).await;
        assert!(found.iter().any(|drift| drift.object == object), "{change} should show as {object}: {found:#?}");
    }
}

#[tokio::test]
async fn tenants_at_different_versions_are_each_held_against_their_own() {
    let installation = TestInstallation::new().await;
    let set = MigrationSet::tenant();
    let newest = installation.tenant("newest").await;
    let older = installation.tenant("older").await;
    let down = migrate::RunOptions {
        target: 1,
        down: true,
        only: vec![older.id],
        canary: 0,
        parallelism: 1,
        lock_timeout: std::time::Duration::from_secs(2),
        retries: 0,
    };
    migrate::run(&installation.db, set, &down, &tenure_testkit::act, &|_, _| ()).await.unwrap();
    let older = tenure_db::tenants::by_id(&installation.db, older.id).await.unwrap();
    let report = migrate::verify(&installation.db, set, &[newest, older]).await.unwrap();
    assert_eq!(report.iter().map(|tenant| tenant.version).collect::<Vec<_>>(), [set.latest(), 1]);
    assert!(report.iter().all(|tenant| tenant.drift.is_empty()), "{report:#?}");
}
