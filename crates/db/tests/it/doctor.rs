//! What the doctor finds, in health and in sickness.

use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tenure_db::doctor::{Check, State, examine};
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::{Database, Settings};
use tenure_testkit::{NOW, TestInstallation};

#[expect(clippy::disallowed_methods, reason = "the server's clock does not stand still either")]
async fn checks(db: &Database) -> Vec<Check> {
    examine(db, MigrationSet::tenant(), jiff::Timestamp::now, 10).await
}

fn state(checks: &[Check], name: &str) -> State {
    checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no {name} in {checks:#?}")).state
}

#[tokio::test]
async fn a_healthy_installation_has_no_findings() {
    let installation = TestInstallation::new().await;
    installation.tenant("acme").await;
    let checks = checks(&installation.db).await;
    // How soon it answers says something of the machine.
    let is_healthy = |check: &Check| check.state == State::Ok || check.name.ends_with("reachable");
    assert!(checks.iter().all(is_healthy), "{checks:#?}");
}

#[tokio::test]
async fn what_is_sick_is_found() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let mut superuser = installation.superuser().await;
    let login = installation.db.application_login();
    for change in [
        format!("ALTER ROLE \"{login}\" SUPERUSER"),
        format!("ALTER ROLE \"{login}\" SET search_path = 'public'"),
        format!("DROP INDEX \"{}\".employees_manager_id_idx", tenant.schema),
        format!("UPDATE public.tenants SET schema_version = 1 WHERE id = '{}'", installation.tenant("beta").await.id),
    ] {
        superuser.execute(raw_sql(AssertSqlSafe(change))).await.unwrap();
    }
    let checks = checks(&installation.db).await;
    assert_eq!(state(&checks, "application: rights"), State::Failed);
    assert_eq!(state(&checks, "application: search path"), State::Failed);
    assert_eq!(state(&checks, "drift"), State::Failed);
    assert_eq!(state(&checks, "migrations"), State::Warning);
    assert_eq!(state(&checks, "owner: rights"), State::Ok);
}

#[tokio::test]
async fn a_changed_platform_migration_is_found() {
    let installation = TestInstallation::new().await;
    let change = "UPDATE public.platform_migrations SET checksum = 'other' WHERE version = 1";
    installation.superuser().await.execute(change).await.unwrap();
    assert_eq!(state(&checks(&installation.db).await, "migrations"), State::Failed);
}

#[tokio::test]
async fn a_platform_migration_that_was_lost_from_the_record_is_found_and_ends_a_migration() {
    let installation = TestInstallation::new().await;
    installation.superuser().await.execute("DELETE FROM public.platform_migrations WHERE version = 3").await.unwrap();
    assert_eq!(state(&checks(&installation.db).await, "migrations"), State::Failed);
    let refused = migrate_platform(&installation.db, MigrationSet::platform(), NOW).await.unwrap_err().to_string();
    assert!(refused.contains("the row of migration 0003"), "{refused}");
}

#[tokio::test]
async fn one_login_for_everything_is_warned_of() {
    let installation = TestInstallation::new().await;
    let mut settings = installation.settings.clone();
    settings.application = settings.owner.clone();
    let checks = checks(&Database::new(&settings)).await;
    assert_eq!(state(&checks, "application: rights"), State::Warning);
}

#[tokio::test]
async fn an_unreachable_server_is_one_finding_with_its_cause() {
    let settings =
        Settings::for_urls("postgres://a:secret@127.0.0.1:1/x", "postgres://a:secret@127.0.0.1:1/x").unwrap();
    let checks = checks(&Database::new(&settings)).await;
    assert_eq!(state(&checks, "application: reachable"), State::Failed);
    let detail = &checks[0].detail;
    assert!(detail.contains("Connection refused") && !detail.contains("secret"), "{detail}");
}

#[tokio::test]
async fn rights_on_the_platform_that_are_missing_or_too_many_are_named() {
    let installation = TestInstallation::new().await;
    let tenant = installation.tenant("acme").await;
    let login = installation.db.application_login();
    let mut superuser = installation.superuser().await;
    let mut then = async |change: String| {
        superuser.execute(raw_sql(AssertSqlSafe(change))).await.unwrap();
        let found = checks(&installation.db).await;
        let check = found.iter().find(|check| check.name == "platform: rights").unwrap();
        (check.state, check.detail.clone())
    };
    let (sick, detail) = then(format!("REVOKE SELECT ON public.operators FROM \"{login}\"")).await;
    assert_eq!(sick, State::Failed);
    assert!(detail.ends_with(&format!("GRANT SELECT ON public.operators TO \"{login}\"")), "{detail}");
    let (healed, detail) = then(format!("GRANT SELECT ON public.operators TO \"{login}\"")).await;
    assert_eq!(healed, State::Ok, "{detail}");
    let (warned, detail) = then(format!("GRANT DELETE ON public.tenants TO \"{login}\"")).await;
    assert_eq!(
        (warned, detail),
        (State::Warning, format!("more than Tenure gives: {login} has DELETE on public.tenants"))
    );
    for open in [
        format!("GRANT SELECT ON public.tenants TO \"{}\"", tenant.schema),
        format!("REVOKE ALL ON public.tenants FROM \"{}\"; GRANT USAGE ON SCHEMA public TO PUBLIC", tenant.schema),
    ] {
        let (sick, detail) = then(open).await;
        assert_eq!(sick, State::Failed, "{detail}");
    }
}
