use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::{Config, ConfigError, DEFAULT_FILE, Problem, Source};

fn assemble(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, text)| (OsString::from(name), OsString::from(text)));
    Config::assemble(file.map(|text| (Path::new("etc/tenure.toml"), text)), variables)
}

/// What is wrong, a line each, with its hint if it has one.
fn problems(file: Option<&str>, variables: &[(&str, &str)]) -> String {
    match assemble(file, variables) {
        Err(ConfigError::Invalid(problems)) => problems.iter().map(line).collect(),
        Err(other) => panic!("{other}"),
        Ok(config) => panic!("accepted: {:?}", config.entries),
    }
}

fn line(problem: &Problem) -> String {
    let hint = problem.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{problem}{hint}\n")
}

fn variable(key: &str) -> String {
    format!("TENURE_{}", key.replace('.', "__").to_uppercase())
}

#[test]
fn the_defaults_alone_are_a_whole_configuration() {
    let config = assemble(None, &[]).unwrap();
    assert!(config.settings.database.url.is_none());
    assert_eq!(config.settings.server.listen.to_string(), "127.0.0.1:7700");
    assert!(config.entries.iter().all(|entry| entry.source == Source::Default), "{:?}", config.entries);
}

#[test]
fn the_printed_defaults_are_a_file_that_changes_nothing() {
    let plain: Vec<_> = assemble(None, &[]).unwrap().entries.into_iter().map(|entry| (entry.key, entry.text)).collect();
    let copied = assemble(Some(DEFAULT_FILE), &[]).unwrap();
    assert_eq!(copied.entries.into_iter().map(|entry| (entry.key, entry.text)).collect::<Vec<_>>(), plain);
}

#[test]
fn every_documented_option_is_read_and_checked_from_the_environment() {
    let keys: Vec<_> = assemble(None, &[]).unwrap().entries.into_iter().map(|entry| entry.key).collect();
    for key in keys {
        let name = variable(&key);
        let problems = problems(None, &[(&name, "=nonsense=")]);
        assert!(problems.starts_with(&format!("{name}: {key}: ")), "{problems}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[server]\nport = 8000\nrequest_timeout = \"7s\"\n";
    let config =
        assemble(Some(file), &[("TENURE_SERVER__PORT", "9000"), ("HOME", "/"), ("TENURE_PG_BIN", "/x")]).unwrap();
    assert_eq!(config.settings.server.listen.port(), 9000);
    assert_eq!(config.settings.server.request_timeout.as_secs(), 7);

    let sources: BTreeMap<_, _> =
        config.entries.iter().map(|entry| (entry.key.as_str(), entry.source.to_string())).collect();
    assert_eq!(sources["server.port"], "TENURE_SERVER__PORT");
    assert_eq!(sources["server.request_timeout"], "etc/tenure.toml line 3");
    assert_eq!(sources["server.address"], "default");
}

#[test]
fn unknown_keys_are_named_with_their_place_and_the_nearest_known_one() {
    let file = "loglevel = 1\n[server]\n# a comment\nprot = 1\n[database.pool]\nsize = 3\n";
    let variables = [("TENURE_SERVER_PORT", "1"), ("TENURE_DATABASE__URI", "x")];
    insta::assert_snapshot!(problems(Some(file), &variables), @"
    etc/tenure.toml line 1: unknown key loglevel; the nearest known key is log.level
    etc/tenure.toml line 4: unknown key server.prot; the nearest known key is server.port
    etc/tenure.toml line 5: unknown key database.pool; the nearest known key is database.url
    TENURE_DATABASE__URI: unknown key database.uri; the nearest known variable is TENURE_DATABASE__URL
    TENURE_SERVER_PORT: unknown key server_port; the nearest known variable is TENURE_SERVER__PORT
    ");
}

#[test]
fn wrong_types_and_values_are_all_found_in_one_run() {
    let file = "[server]\nport = \"80\"\naddress = 1\nbody_limit = true\nrequest_timeout = \"soon\"\n\
                [database]\nmax_connections = 0\nowner_url = \"postgres://o@db/tenure\"\n[log]\nformat = \"xml\"\n";
    insta::assert_snapshot!(problems(Some(file), &[("TENURE_MIGRATE__RETRIES", "-1")]), @r#"
    etc/tenure.toml line 2: server.port must be a whole number, not a text in quotes
    etc/tenure.toml line 3: server.address must be a text in quotes, not a whole number
    etc/tenure.toml line 4: server.body_limit must be a text in quotes, not true or false
    etc/tenure.toml line 5: server.request_timeout: "soon" is not a duration; write it like 250ms, 5s, 10m or 1h
    etc/tenure.toml line 7: database.max_connections: "0" is not a whole number from 1 to 1000
    etc/tenure.toml line 8: database.owner_url: it is set, but database.url is not
    etc/tenure.toml line 10: log.format: "xml" is not a log format; write text or json
    TENURE_MIGRATE__RETRIES: migrate.retries: "-1" is not a whole number from 0 to 100
    "#);
}

#[test]
fn a_file_that_is_not_toml_is_refused_without_repeating_it() {
    let problems = problems(Some("[database]\nurl = postgres://app:s3cret@db/tenure\n"), &[]);
    assert!(problems.starts_with("etc/tenure.toml line 2: not TOML: "), "{problems}");
    assert!(!problems.contains("s3cret"), "{problems}");
}

#[test]
fn passwords_are_in_no_entry_and_no_debug_output() {
    let config = assemble(None, &[("TENURE_DATABASE__URL", "postgres://app:s3cret@db/tenure")]).unwrap();
    let shown = format!("{:?} {:?}", config.entries, config.settings);
    assert!(shown.contains("postgres://app:***@db/tenure") && !shown.contains("s3cret"), "{shown}");
    assert_eq!(config.settings.database.url.unwrap().expose(), "postgres://app:s3cret@db/tenure");
}

#[test]
fn an_empty_url_takes_back_the_one_below() {
    let file = "[database]\nurl = \"postgres://app@db/tenure\"\n";
    assert!(assemble(Some(file), &[("TENURE_DATABASE__URL", "")]).unwrap().settings.database.url.is_none());
}

#[test]
fn a_secret_key_in_the_wrong_place_is_refused_and_not_repeated() {
    let (file, recipient) = tenure_backup::new_identity();
    let secret = file.lines().last().unwrap().to_owned();
    for key in ["backup.recipients", "backup.identity_file", "backup.passphrase_file"] {
        for text in [&secret, &secret.to_lowercase(), &format!("{recipient},{secret}")] {
            let told = problems(None, &[(&variable(key), text)]);
            assert!(told.contains("secret key"), "{told}");
            assert!(!told.to_lowercase().contains("secret-key-1"), "{told}");
            let file = format!("[backup]\n{} = \"{text}\"\n", key.trim_start_matches("backup."));
            assert!(!problems(Some(&file), &[]).to_lowercase().contains("secret-key-1"));
        }
    }
}
