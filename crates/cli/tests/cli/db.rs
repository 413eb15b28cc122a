//! `tenure db …`, against a real PostgreSQL that the program starts itself.

use jiff::Timestamp;
use tempfile::TempDir;
use tenure_app::{Context, tenants};
use tenure_db::audit::Actor;
use tenure_db::migrate::{MigrationSet, migrate_platform};
use tenure_db::{Database, Settings};
use tenure_embedded::{Durability, Installation, Login, Running};

use crate::{folder_with, run, shown, tenure};

#[test]
fn without_a_database_the_error_names_both_ways_to_one() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(shown(&mut tenure(folder.path(), &["db", "url"])));
}

#[test]
fn the_url_of_either_login_is_printed_whole() {
    let folder =
        folder_with("[database]\nurl = \"postgres://app:a@db/tenure\"\nowner_url = \"postgres://own:o@db/tenure\"\n");
    let printed = |arguments: &[&str]| String::from_utf8(run(&mut tenure(folder.path(), arguments)).stdout).unwrap();
    assert_eq!(printed(&["db", "url"]), "postgres://app:a@db/tenure\n");
    assert_eq!(printed(&["db", "url", "--owner"]), "postgres://own:o@db/tenure\n");
    assert_eq!(printed(&["--json", "db", "url"]), "{\n  \"url\": \"postgres://app:a@db/tenure\"\n}\n");
}

#[test]
fn a_failing_psql_fails_the_command() {
    let folder = folder_with("[database]\nurl = \"postgres://nobody@127.0.0.1:1/tenure\"\n");
    let output = run(&mut tenure(folder.path(), &["db", "shell"]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.ends_with("error: psql failed (exit status: 2)\n"), "{stderr}");
}

fn installation() -> (TempDir, Installation, Running) {
    let folder = tempfile::tempdir().unwrap();
    let installation = Installation::at(&folder.path().join(".tenure"));
    let running = installation.open(Durability::Disposable).unwrap();
    (folder, installation, running)
}

/// What psql prints when it is opened so and asked this.
fn answer(folder: &TempDir, options: &[&str], query: &str) -> String {
    let arguments = [&["db", "shell"], options, &["--", "-XAtc", query]].concat();
    let output = run(&mut tenure(folder.path(), &arguments));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_installation_in_the_folder_is_found_started_and_stopped() {
    let (folder, installation, running) = installation();
    let url = run(&mut tenure(folder.path(), &["db", "url", "--owner"]));
    assert_eq!(String::from_utf8(url.stdout).unwrap().trim_end(), running.url(Login::Owner).as_str());

    running.close().unwrap();
    assert_eq!(answer(&folder, &[], "SELECT current_user, current_database()"), "tenure_app|tenure\n");
    assert_eq!(answer(&folder, &["--owner"], "SELECT current_user"), "tenure_owner\n");
    assert!(installation.running_url(Login::Owner).unwrap().is_none(), "the last command left the server running");
}

#[tokio::test]
async fn a_shell_for_a_tenant_works_in_its_schema_by_its_role() {
    let (folder, _installation, running) = installation();
    let (application, owner) = (running.url(Login::Application), running.url(Login::Owner));
    let db = Database::new(&Settings::for_urls(application.as_str(), owner.as_str()).unwrap());
    let context = Context::repeatable(db, Timestamp::UNIX_EPOCH, 1);
    migrate_platform(&context.db, MigrationSet::platform(), context.now()).await.unwrap();
    let input = tenants::Create {
        slug: "acme".parse().unwrap(),
        name: "Acme".parse().unwrap(),
        owner_email: "owner@acme.example".to_owned(),
    };
    let acme = tenants::create(&context, &Actor::System, input).await.unwrap();

    let query = "SELECT current_user, current_schema(), count(*) FROM users";
    let expected = format!("{0}|{0}|1\n", acme.schema);
    assert_eq!(answer(&folder, &["--tenant", "acme"], query), expected);
    assert_eq!(answer(&folder, &["--tenant", &acme.id.to_string()], query), expected);
    insta::assert_snapshot!(shown(&mut tenure(folder.path(), &["db", "shell", "--tenant", "globex"])));
}
