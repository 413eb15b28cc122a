//! How connections are kept and let go.

use sqlx::{Executor, Row, raw_sql};
use tenure_core::ids::TenantId;
use tenure_db::credentials::{self, Presented};
use tenure_db::{Database, Error};
use tenure_testkit::{NOW, TestInstallation};

async fn backend_of(db: &Database, tenant: TenantId) -> i32 {
    let mut tx = db.begin(tenant).await.unwrap();
    let row = tx.fetch_one(raw_sql("SELECT pg_backend_pid()")).await.unwrap();
    tx.commit().await.unwrap();
    row.get(0)
}

#[tokio::test]
async fn a_connection_is_replaced_when_it_has_served_its_bound_of_tenants() {
    let installation = TestInstallation::with(|settings| {
        settings.max_connections = 1;
        settings.tenants_per_connection = 2;
    })
    .await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    let first = backend_of(&installation.db, a.id).await;
    assert_eq!(backend_of(&installation.db, a.id).await, first, "the same tenant again");
    assert_eq!(backend_of(&installation.db, b.id).await, first, "the second tenant, which reaches the bound");
    assert_ne!(backend_of(&installation.db, b.id).await, first, "the bound was reached");
}

#[tokio::test]
async fn one_of_the_owners_connections_is_replaced_after_so_many_uses() {
    let installation = TestInstallation::with(|settings| {
        settings.owner_max_connections = 1;
        settings.tenants_per_connection = 3;
    })
    .await;
    let mut backends = Vec::new();
    for _ in 0..4 {
        let backend = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
        backends.push(backend.fetch_one(installation.db.owner_pool()).await.unwrap());
    }
    backends.dedup();
    assert_eq!(backends.len(), 2, "four uses reach the bound of three once");
}

#[tokio::test]
async fn the_statements_of_every_request_have_a_plan_for_each_tenant() {
    let installation = TestInstallation::with(|settings| settings.max_connections = 1).await;
    let (a, b) = (installation.tenant("alpha").await, installation.tenant("beta").await);
    for tenant in [a.id, b.id, a.id, b.id] {
        let mut tx = installation.db.begin(tenant).await.unwrap();
        let presented = Presented { hash: [0; 32], is_session: false, now: NOW, idle_since: NOW };
        assert!(credentials::bearer(&mut tx, &presented).await.unwrap().is_none());
        tx.commit().await.unwrap();
    }
    let used = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements
                WHERE statement LIKE '%FROM api_tokens%' ORDER BY prepare_time";
    let used: Vec<(String, i64)> =
        sqlx::query_as(used).persistent(false).fetch_all(installation.db.application_pool()).await.unwrap();
    let [(of_a, uses_of_a), (of_b, uses_of_b)] = used.as_slice() else { panic!("{used:#?}") };
    assert!(of_a.contains(&a.id.uuid().simple().to_string()) && of_b.contains(&b.id.uuid().simple().to_string()));
    assert_eq!((*uses_of_a, *uses_of_b), (2, 2), "each tenant's statement served that tenant");
}

#[tokio::test]
async fn a_statement_that_runs_too_long_is_stopped() {
    let installation =
        TestInstallation::with(|settings| settings.statement_timeout = std::time::Duration::from_secs(1)).await;
    let tenant = installation.tenant("acme").await;
    let mut tx = installation.db.begin(tenant.id).await.unwrap();
    let error = Error::from(tx.execute(raw_sql("SELECT pg_sleep(30)")).await.unwrap_err());
    assert_eq!(error.sqlstate().as_deref(), Some("57014"), "{error}");
}

#[tokio::test]
async fn a_pool_that_is_used_up_answers_unavailable_in_time() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let mut settings = installation.settings.clone();
    settings.max_connections = 1;
    // Long enough for the first connection to be made on a busy machine.
    settings.acquire_timeout = std::time::Duration::from_secs(3);
    let db = Database::new(&settings);
    let _held = db.begin(tenant.id).await.unwrap();
    let error = db.begin(tenant.id).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    let settings =
        tenure_db::Settings::for_urls("postgres://nobody@127.0.0.1:1/none", "postgres://nobody@127.0.0.1:1/none")
            .unwrap();
    let db = Database::new(&settings);
    let tenant = tenure_testkit::new_id();
    assert!(matches!(db.begin(tenant).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_login_that_is_not_let_in_is_unavailable_and_told_in_postgresqls_words_alone() {
    let installation = TestInstallation::with(|settings| {
        settings.application = settings.application.clone().database("none");
    })
    .await;
    let error = installation.db.begin(tenure_testkit::new_id()).await.unwrap_err();
    assert_eq!(error.to_string(), "PostgreSQL is not available: database \"none\" does not exist");
}
