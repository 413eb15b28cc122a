//! `tenure config …`

use std::fs;

use crate::{folder_with, run, shown, tenure};

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
