//! Making tenants, also when it goes wrong.

use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_db::migrate::{MigrationSet, platform_down};
use tenure_db::{Database, Error, tenants};
use tenure_testkit::{TestInstallation, act, new_tenant};

/// Schemas, roles and rows that belong to tenants in this database.
async fn remains(db: &Database) -> (i64, i64, i64) {
    let count = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(db.owner_pool()).await.unwrap();
    (
        count("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'").await,
        count(
            "SELECT count(*) FROM pg_roles r WHERE rolname LIKE 'tenant\\_%' AND (rolname IN (SELECT nspname FROM pg_namespace)
             OR EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.grantor = current_user::regrole))",
        )
        .await,
        count("SELECT count(*) FROM public.tenants").await,
    )
}

#[tokio::test]
async fn a_new_tenant_has_schema_role_tables_owner_and_an_audit_row() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let id = tenant.id.to_string();
    assert_eq!(tenant.schema.as_str(), format!("tenant_acme_{}", id.split('-').next().unwrap()));
    assert_eq!(tenant.schema_version, MigrationSet::tenant().latest());
    let mut tx = installation.db.begin(tenant.id).await.unwrap();
    let owner: (String, String) = sqlx::query_as(
        "SELECT u.email, r.key FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(owner, ("owner@acme.example".to_owned(), "owner".to_owned()));
    let roles: i64 = sqlx::query_scalar("SELECT count(*) FROM roles WHERE built_in").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(roles, 7);
    let trail = tenants::audit_trail(&installation.db, tenant.id, None, 10).await.unwrap();
    assert_eq!(trail.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["created"]);
}

#[tokio::test]
async fn a_taken_slug_is_a_conflict_and_leaves_nothing() {
    let installation = TestInstallation::new().await;
    installation.tenant("acme").await;
    let before = remains(&installation.db).await;
    let error =
        tenants::create(&installation.db, MigrationSet::tenant(), &new_tenant("acme"), &act()).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    assert_eq!(error.to_string(), "there is already a tenant acme");
    assert_eq!(remains(&installation.db).await, before);
}

#[tokio::test]
async fn of_two_creations_at_once_with_one_slug_one_wins_and_the_other_gets_a_conflict() {
    let installation = TestInstallation::new().await;
    let (one, other) = (new_tenant("acme"), new_tenant("acme"));
    let (act_one, act_other) = (act(), act());
    let (first, second) = tokio::join!(
        tenants::create(&installation.db, MigrationSet::tenant(), &one, &act_one),
        tenants::create(&installation.db, MigrationSet::tenant(), &other, &act_other),
    );
    let results = [first, second];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().any(|result| matches!(result, Err(Error::Conflict(_)))), "{results:?}");
    assert_eq!(remains(&installation.db).await, (1, 1, 1));
}

#[tokio::test]
async fn a_creation_that_fails_at_any_statement_leaves_nothing_behind_and_can_be_run_again() {
    let installation = TestInstallation::new().await;
    let statements = MigrationSet::tenant().baseline().len();
    let broken = MigrationSet::tenant().clone().with_next("broken", "SELECT 1; SELECT 1/0", "SELECT 1");
    assert!(broken.baseline().len() > statements);
    let error = tenants::create(&installation.db, &broken, &new_tenant("acme"), &act()).await.unwrap_err();
    assert_eq!(error.sqlstate().as_deref(), Some("22012"), "{error}");
    assert_eq!(remains(&installation.db).await, (0, 0, 0));
    installation.tenant("acme").await;
}

#[tokio::test]
async fn a_creation_whose_connection_is_killed_leaves_nothing_behind_and_can_be_run_again() {
    let installation = TestInstallation::new().await;
    let slow = MigrationSet::tenant().clone().with_next("slow", "SELECT pg_sleep(30)", "SELECT 1");
    let db = installation.db.clone();
    let creation = tokio::spawn(async move { tenants::create(&db, &slow, &new_tenant("acme"), &act()).await });
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND datname = current_database()";
    while installation.db.owner_pool().fetch_all(raw_sql(kill)).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    creation.await.unwrap().expect_err("a creation cut off");
    assert_eq!(remains(&installation.db).await, (0, 0, 0));
    installation.tenant("acme").await;
}

#[tokio::test]
async fn an_odd_login_name_is_quoted() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let member = format!(
        "SELECT pg_has_role('{}', '{}', 'MEMBER')",
        installation.db.application_login().replace('\'', "''"),
        tenant.schema
    );
    let member: bool = sqlx::query_scalar(AssertSqlSafe(member)).fetch_one(installation.db.owner_pool()).await.unwrap();
    assert!(member);
}

#[tokio::test]
async fn on_a_platform_that_is_behind_the_way_out_is_named() {
    let installation = TestInstallation::new().await;
    platform_down(&installation.db, MigrationSet::platform(), 1).await.unwrap();
    let refused = tenants::create(&installation.db, MigrationSet::tenant(), &new_tenant("acme"), &act()).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("at version 1 of") && words.contains("tenure migrate up"), "{words}");
    assert_eq!(remains(&installation.db).await, (0, 0, 0));
}
