//! What a new installation is like.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Holder, Scratch, is_root, psql, sql};
use tenure_embedded::{Durability, Error, Installation, Login};

#[test]
fn the_owner_provisions_and_the_application_only_connects() {
    let scratch = Scratch::new();
    let running = scratch.open();
    let (owner, application) = (running.url(Login::Owner), running.url(Login::Application));
    sql(
        &owner,
        "CREATE SCHEMA tenant_acme_01234567; CREATE ROLE tenant_acme_01234567 NOLOGIN; GRANT tenant_acme_01234567 TO tenure_app",
    );
    assert_eq!(sql(&application, "SET ROLE tenant_acme_01234567; SELECT current_user"), "tenant_acme_01234567");
    for forbidden in ["CREATE SCHEMA mine", "CREATE TABLE public.mine (id int)", "CREATE ROLE another"] {
        assert!(!psql(&application, forbidden).status.success(), "the application could {forbidden}");
    }
    let rights = "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname LIKE 'tenure%' ORDER BY 1";
    assert_eq!(sql(&owner, rights), "tenure_app|f|f|f|f\ntenure_owner|f|t|f|t");
    assert_eq!(sql(&running.url(Login::Superuser), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), "t");
}

#[test]
fn no_login_gets_in_without_its_password() {
    let scratch = Scratch::new();
    let running = scratch.open();
    for login in [Login::Owner, Login::Application, Login::Superuser] {
        let url = running.url(login);
        let (_, after_role) = url.as_str().split_once(&format!("//{}:", login.role())).unwrap();
        let (password, _) = after_role.split_once('@').unwrap();
        let wrong = url.as_str().replace(password, "wrong");
        let refused = std::process::Command::new("psql").args(["-Xw", &wrong, "-c", "SELECT 1"]).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("password authentication failed"), "{login:?}: {said}");
    }
}

#[test]
fn the_database_is_utf8_in_utc_with_checksums_and_many_locks() {
    let scratch = Scratch::new();
    let running = scratch.open();
    let url = running.url(Login::Application);
    let shown = ["server_encoding", "timezone", "data_checksums", "max_locks_per_transaction"];
    let values = shown.map(|name| sql(&url, &format!("SELECT current_setting('{name}', true)")));
    assert_eq!(values, ["UTF8", "UTC", "on", "1024"]);
    assert_eq!(sql(&url, "SELECT lower('ÄÖÉ') || upper('ñ')"), "äöéÑ");
}

#[test]
fn a_second_start_keeps_data_and_passwords() {
    let scratch = Scratch::new();
    let first = scratch.open();
    let url = first.url(Login::Owner);
    sql(&url, "CREATE TABLE public.kept AS SELECT 42 AS answer");
    first.close().unwrap();
    let second = scratch.open();
    assert_eq!(second.url(Login::Owner), url);
    assert_eq!(sql(&url, "SELECT answer FROM public.kept"), "42");
}

#[test]
fn a_folder_that_was_moved_is_found_again() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    let moved = scratch.root().join("moved");
    fs::rename(scratch.folder(), &moved).unwrap();
    let running = Installation::at(&moved).open(Durability::Disposable).unwrap();
    assert_eq!(sql(&running.url(Login::Owner), "SELECT 1"), "1");
}

#[test]
fn a_path_too_long_for_a_socket_is_served_on_loopback() {
    let scratch = Scratch::new();
    let deep = scratch.root().join("d".repeat(90)).join(".tenure");
    let running = Installation::at(&deep).open(Durability::Disposable).unwrap();
    let url = running.url(Login::Owner);
    assert!(url.as_str().contains("@127.0.0.1:"), "{}", url.as_str());
    assert_eq!(sql(&url, "SELECT 1"), "1");
    let also = Installation::at(&deep).open(Durability::Disposable).unwrap();
    assert_eq!(also.url(Login::Owner), url);
}

#[test]
fn odd_characters_in_the_path_do_no_harm() {
    let scratch = Scratch::new();
    let odd = scratch.root().join("it's, \"a\" %41 ü\\;$(x)").join(".tenure");
    let running = Installation::at(&odd).open(Durability::Disposable).unwrap();
    assert_eq!(sql(&running.url(Login::Owner), "SELECT 1"), "1");
}

#[test]
fn strangers_can_read_nothing() {
    let scratch = Scratch::new();
    let _running = scratch.open();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = scratch.folder().join("postgres");
    // Run by root, the folders of root let the server's group pass, but not look.
    let passage = if is_root() { 0o710 } else { 0o700 };
    assert_eq!(mode(&scratch.folder()), passage);
    assert_eq!(mode(&home), passage);
    assert_eq!(mode(&home.join("logins")), 0o600);
    for private in ["data", "socket", "log"] {
        assert_eq!(mode(&home.join(private)), 0o700, "{private}");
    }
    assert!(!home.join("superuser").exists(), "the password that initdb read is still there");
}

#[test]
fn a_folder_that_the_servers_user_cannot_reach_keeps_its_data_elsewhere() {
    if !is_root() {
        // Whoever is not root runs the server as oneself and reaches what one makes.
        return;
    }
    let scratch = Scratch::new();
    fs::set_permissions(scratch.root(), fs::Permissions::from_mode(0o700)).unwrap();
    let first = scratch.open();
    let away = fs::read_link(scratch.folder().join("postgres")).unwrap();
    assert!(away.starts_with("/var/lib/tenure"), "{}", away.display());
    sql(&first.url(Login::Owner), "CREATE TABLE public.kept AS SELECT 42 AS answer");
    first.close().unwrap();
    assert_eq!(sql(&scratch.open().url(Login::Owner), "SELECT answer FROM public.kept"), "42");
}

#[test]
fn a_folder_without_a_server_is_refused_by_name() {
    let scratch = Scratch::new();
    let mut command = Holder::command(&scratch.folder());
    let output = command.env("TENURE_PG_BIN", scratch.root()).stderr(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("TENURE_PG_BIN is {}", scratch.root().display())), "{said}");
}

#[test]
fn data_of_a_version_that_is_not_installed_are_refused_with_what_to_install() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    fs::write(scratch.data().join("PG_VERSION"), "14\n").unwrap();
    let error = scratch.installation().open(Durability::Disposable).unwrap_err();
    assert!(matches!(error, Error::OtherVersion { major: 14, .. }), "{error}");
    assert!(error.to_string().contains("apt-get install postgresql-14"), "{error}");
}

#[test]
fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    fs::remove_file(scratch.data().join("global/pg_control")).unwrap();
    let error = scratch.installation().open(Durability::Disposable).unwrap_err().to_string();
    assert!(error.contains("pg_control"), "{error}");
}
