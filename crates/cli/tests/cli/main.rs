//! The binary as its users meet it: exit status, stdout and stderr.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot start has failed")]

mod audit;
mod backup;
mod cache;
mod certificates;
mod config;
mod db;
mod demo;
mod documents;
mod files;
mod flags;
mod import;
mod installation;
mod killed;
mod mail;
mod migrations;
mod operations;
mod process;
mod serve;
mod sign_in;
mod tenants;
mod tls;
mod tokens;
mod users;

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
fn a_reader_that_leaves_early_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = tenure(folder.path(), &["config", "default"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
