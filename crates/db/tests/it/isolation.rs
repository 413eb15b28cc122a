//! Attacks on the wall between tenants.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, Row, raw_sql};
use tenure_core::tenant::Transition;
use tenure_db::tenants::{self, Tenant};
use tenure_db::{Error, TenantTx};
use tenure_testkit::{TestInstallation, act, new_id};
use uuid::Uuid;

async fn insert_department(tx: &mut TenantTx, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO departments (id, name, created_at, updated_at) VALUES ($1, $2, now(), now())")
        .bind(new_id::<Uuid>())
        .bind(name)
        .execute(&mut **tx)
        .await
        .map(drop)
}

async fn departments(tx: &mut TenantTx) -> Vec<String> {
    sqlx::query_scalar("SELECT name FROM departments ORDER BY name").fetch_all(&mut **tx).await.unwrap()
}

fn sqlstate(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .unwrap_or_else(|| panic!("no SQLSTATE in {error:?}"))
        .into_owned()
}

/// Two tenants, of which the second has a department to be stolen.
async fn two_tenants() -> (TestInstallation, Tenant, Tenant) {
    let installation = TestInstallation::new().await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    let mut tx = installation.db.begin(b.id).await.unwrap();
    insert_department(&mut tx, "Secret").await.unwrap();
    tx.commit().await.unwrap();
    (installation, a, b)
}

#[tokio::test]
async fn qualified_reads_and_writes_of_another_tenant_are_refused() {
    let (installation, a, b) = two_tenants().await;
    let schema = &b.schema;
    let attacks = [
        format!("SELECT name FROM \"{schema}\".departments"),
        format!(
            "INSERT INTO \"{schema}\".departments (id, name, created_at, updated_at) VALUES (gen_random_uuid(), 'x', now(), now())"
        ),
        format!("UPDATE \"{schema}\".departments SET name = 'x'"),
        format!("DELETE FROM \"{schema}\".departments"),
        format!("TRUNCATE \"{schema}\".departments"),
        format!("DROP TABLE \"{schema}\".departments"),
        format!("CREATE TABLE \"{schema}\".mine ()"),
        format!("SELECT count(*) FROM \"{schema}\".employees"),
        format!("GRANT SELECT ON \"{schema}\".departments TO \"{}\"", a.schema),
    ];
    for attack in attacks {
        let mut tx = installation.db.begin(a.id).await.unwrap();
        let error = tx.execute(raw_sql(AssertSqlSafe(attack.clone()))).await.expect_err(&attack);
        assert_eq!(sqlstate(&error), "42501", "{attack}: {error}");
    }
    let mut tx = installation.db.begin(b.id).await.unwrap();
    assert_eq!(departments(&mut tx).await, ["Secret"]);
}

#[tokio::test]
async fn platform_tables_and_changes_of_the_own_schema_are_out_of_a_tenants_reach() {
    let (installation, a, _) = two_tenants().await;
    let attacks = [
        "SELECT slug FROM public.tenants",
        "UPDATE public.tenants SET status = 'active'",
        "DELETE FROM public.tenant_audit",
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "ALTER TABLE departments ADD COLUMN mine text",
        "DROP TABLE departments",
        "DELETE FROM audit_log",
        "UPDATE audit_log SET action = 'x.y'",
        "DELETE FROM audit_chain",
        "UPDATE audit_chain SET position = 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (position, hash) VALUES (0, sha256(''))",
        "DELETE FROM leave_ledger",
        "CREATE ROLE mine",
        "COPY departments TO PROGRAM 'true'",
    ];
    for attack in attacks {
        let mut tx = installation.db.begin(a.id).await.unwrap();
        let error = tx.execute(raw_sql(attack)).await.expect_err(attack);
        assert_eq!(sqlstate(&error), "42501", "{attack}: {error}");
    }
}

#[tokio::test]
async fn a_tenants_role_by_its_own_rights_cannot_become_another() {
    let (installation, a, b) = two_tenants().await;
    let mut connection = installation.superuser().await;
    let become_a = format!("SET SESSION AUTHORIZATION \"{}\"", a.schema);
    connection.execute(raw_sql(AssertSqlSafe(become_a))).await.unwrap();
    for target in [b.schema.as_str(), installation.db.application_login()] {
        let error =
            connection.execute(raw_sql(AssertSqlSafe(format!("SET ROLE \"{target}\"")))).await.expect_err(target);
        assert_eq!(sqlstate(&error), "42501", "{target}: {error}");
    }
}

#[tokio::test]
async fn the_applications_login_inherits_nothing_from_tenants() {
    let (installation, _, b) = two_tenants().await;
    let read = format!("SELECT name FROM \"{}\".departments", b.schema);
    let error = installation.db.application_pool().execute(raw_sql(AssertSqlSafe(read))).await.unwrap_err();
    assert_eq!(sqlstate(&error), "42501", "{error}");
}

#[tokio::test]
async fn sql_without_a_tenant_fails_instead_of_finding_a_table() {
    let (installation, ..) = two_tenants().await;
    for pool in [installation.db.application_pool(), installation.db.owner_pool()] {
        let error = pool.execute(raw_sql("SELECT name FROM departments")).await.unwrap_err();
        assert_eq!(sqlstate(&error), "42P01", "{error}");
    }
}

#[tokio::test]
async fn a_transaction_dropped_in_the_middle_leaves_neither_rows_nor_a_tenant_behind() {
    let installation = TestInstallation::with(|settings| settings.max_connections = 1).await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    let mut tx = installation.db.begin(a.id).await.unwrap();
    insert_department(&mut tx, "Half done").await.unwrap();
    drop(tx);
    // The pool has one connection, so this would be the same one if it had been kept.
    let error = installation.db.application_pool().execute(raw_sql("SELECT name FROM departments")).await.unwrap_err();
    assert_eq!(sqlstate(&error), "42P01", "{error}");
    for tenant in [&a, &b] {
        let mut tx = installation.db.begin(tenant.id).await.unwrap();
        assert!(departments(&mut tx).await.is_empty());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_request_cancelled_in_the_middle_of_a_query_leaves_nothing_behind() {
    let installation = TestInstallation::with(|settings| settings.max_connections = 1).await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    let db = installation.db.clone();
    let (started, waits) = tokio::sync::oneshot::channel();
    let request = tokio::spawn(async move {
        let mut tx = db.begin(a.id).await.unwrap();
        insert_department(&mut tx, "Cancelled").await.unwrap();
        started.send(()).unwrap();
        tx.execute(raw_sql("SELECT pg_sleep(2)")).await.unwrap();
        tx.commit().await.unwrap();
    });
    waits.await.unwrap();
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    for tenant in [a.id, b.id] {
        let mut tx = installation.db.begin(tenant).await.unwrap();
        assert!(departments(&mut tx).await.is_empty());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_panic_in_the_middle_leaves_nothing_behind() {
    let installation = TestInstallation::with(|settings| settings.max_connections = 1).await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    let db = installation.db.clone();
    let handler = tokio::spawn(async move {
        let mut tx = db.begin(a.id).await.unwrap();
        insert_department(&mut tx, "Panicked").await.unwrap();
        panic!("a bug in a handler");
    });
    assert!(handler.await.unwrap_err().is_panic());
    for tenant in [a.id, b.id] {
        let mut tx = installation.db.begin(tenant).await.unwrap();
        assert!(departments(&mut tx).await.is_empty());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_statement_followed_by_commit_is_reported_and_keeps_nothing() {
    let (installation, a, _) = two_tenants().await;
    let mut tx = installation.db.begin(a.id).await.unwrap();
    insert_department(&mut tx, "Kept?").await.unwrap();
    tx.execute(raw_sql("SELECT 1/0")).await.unwrap_err();
    let error = tx.commit().await.expect_err("a transaction that cannot be committed");
    assert!(error.to_string().contains("rolled back"), "{error}");
}

#[tokio::test]
async fn suspended_and_purged_tenants_and_unknown_versions_are_not_served() {
    let (installation, a, b) = two_tenants().await;
    let db = &installation.db;
    tenants::change_status(db, a.id, Transition::Suspend, &act()).await.unwrap();
    assert!(matches!(db.begin(a.id).await, Err(Error::NotServed(_))));
    tenants::purge(db, a.id, &act()).await.unwrap();
    assert!(matches!(db.begin(a.id).await, Err(Error::NotFound { .. })));
    for version in [0, 99] {
        let set = format!("UPDATE public.tenants SET schema_version = {version} WHERE id = '{}'", b.id);
        db.owner_pool().execute(raw_sql(AssertSqlSafe(set))).await.unwrap();
        let error = db.begin(b.id).await.expect_err("an unknown version");
        assert!(matches!(error, Error::SchemaVersion { found, .. } if found == version), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tenants_under_a_thousand_interleaved_requests_each_see_their_own_rows_only() {
    let installation = TestInstallation::with(|settings| settings.max_connections = 4).await;
    let mut tenants = Vec::new();
    for number in 0..50 {
        let tenant = installation.tenant(&format!("tenant{number}x")).await;
        let mut tx = installation.db.begin(tenant.id).await.unwrap();
        insert_department(&mut tx, tenant.slug.as_str()).await.unwrap();
        tx.commit().await.unwrap();
        tenants.push(tenant);
    }
    let tenants = Arc::new(tenants);
    let requests = (0..1_000).map(|number| {
        let (db, tenants) = (installation.db.clone(), Arc::clone(&tenants));
        tokio::spawn(async move {
            // A stride that is coprime to 50, so that neighbours in time are of different tenants.
            let tenant = &tenants[number * 7 % tenants.len()];
            let mut tx = db.begin(tenant.id).await.unwrap();
            insert_department(&mut tx, &format!("{} {number}", tenant.slug)).await.unwrap();
            let seen = departments(&mut tx).await;
            tx.commit().await.unwrap();
            let own = |name: &&String| {
                name.as_str() == tenant.slug.as_str() || name.starts_with(&format!("{} ", tenant.slug))
            };
            assert!(seen.iter().all(|name| own(&name)), "{} saw {seen:?}", tenant.slug);
            assert!(seen.len() >= 2, "{} saw {seen:?}", tenant.slug);
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    for tenant in tenants.iter() {
        let mut tx = installation.db.begin(tenant.id).await.unwrap();
        let row = tx.fetch_one(raw_sql("SELECT count(*) FROM departments")).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), 21, "{}", tenant.slug);
        tx.commit().await.unwrap();
    }
}
