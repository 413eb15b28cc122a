//! The binary as its users meet it: exit status, stdout and stderr.

#![expect(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// `tenure` in an empty folder, with nothing of the caller's environment but the path.
fn tenure(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// All that a run shows, for snapshots.
fn shown(command: &mut Command) -> String {
    let output = run(command);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = output.status.code().unwrap();
    format!("status {status}\nstdout:\n{}stderr:\n{}", text(output.stdout), text(output.stderr))
}

fn folder_with(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tenure.toml"), config).unwrap();
    folder
}

#[test]
fn wrong_arguments_end_with_status_2_and_say_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let lines: &[&[&str]] =
        &[&["config", "shwo"], &["config", "show", "--jsn"], &["--config"], &["db"], &["db", "url", "x"]];
    let all: Vec<_> = lines
        .iter()
        .map(|line| format!("$ tenure {}\n{}", line.join(" "), shown(&mut tenure(folder.path(), line))))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn every_configuration_problem_is_an_error_line_and_a_hint() {
    let folder = folder_with("[server]\nprot = 80\n[log]\nlevel = \"inof\"\n");
    let mut command = tenure(folder.path(), &["config", "check"]);
    insta::assert_snapshot!(shown(command.env("TENURE_SERVER_PORT", "80")));
}

#[test]
fn a_configuration_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(shown(&mut tenure(folder.path(), &["config", "check", "--config", "missing.toml"])));
}

#[test]
fn the_options_in_force_are_shown_with_their_origin_and_without_passwords() {
    let folder = folder_with("[server]\nport = 8080\n");
    let mut text = tenure(folder.path(), &["config", "show"]);
    let mut json = tenure(folder.path(), &["config", "show", "--json"]);
    for command in [&mut text, &mut json] {
        command.env("TENURE_DATABASE__URL", "postgres://app:s3cret@db/tenure");
    }
    insta::assert_snapshot!("config_show", shown(&mut text));
    insta::assert_snapshot!("config_show_json", shown(&mut json));
}

#[test]
fn the_default_file_can_be_saved_and_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&mut tenure(folder.path(), &["config", "default"]));
    assert!(output.status.success(), "{output:?}");
    fs::write(folder.path().join("tenure.toml"), output.stdout).unwrap();
    insta::assert_snapshot!(shown(&mut tenure(folder.path(), &["config", "check"])));
}

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
fn a_reader_that_leaves_early_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = tenure(folder.path(), &["config", "default"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
