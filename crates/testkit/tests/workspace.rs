//! Rules that hold for the workspace as a whole, checked on what cargo says about it.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

/// Which crates of the workspace a crate may use: dependencies run one way. `tenure-testkit` is for tests and benchmarks
/// alone.
const MAY_USE: &[(&str, &[&str])] = &[
    ("tenure-core", &[]),
    ("tenure-embedded", &[]),
    ("tenure-store", &["tenure-core"]),
    ("tenure-db", &["tenure-core"]),
    ("tenure-backup", &["tenure-core", "tenure-db", "tenure-store"]),
    ("tenure-app", &["tenure-core", "tenure-db", "tenure-store"]),
    ("tenure-api", &["tenure-core", "tenure-app"]),
    ("tenure-jobs", &["tenure-core", "tenure-db", "tenure-app"]),
    (
        "tenure-cli",
        &[
            "tenure-core",
            "tenure-db",
            "tenure-store",
            "tenure-backup",
            "tenure-app",
            "tenure-api",
            "tenure-jobs",
            "tenure-embedded",
        ],
    ),
    ("tenure-testkit", &["tenure-core", "tenure-db", "tenure-app", "tenure-embedded"]),
    (
        "tenure-bench",
        &[
            "tenure-core",
            "tenure-db",
            "tenure-store",
            "tenure-backup",
            "tenure-app",
            "tenure-embedded",
            "tenure-testkit",
        ],
    ),
];

/// What would bring I/O, a clock or chance into the rules.
const NOT_PURE: &[&str] = &["axum", "rand", "reqwest", "sqlx", "tempfile", "tokio", "tracing"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // What is built for other systems is not downloaded, and is not shipped.
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &target])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The licences that `deny.toml` allows.
fn licences() -> BTreeSet<String> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deny.toml")).unwrap();
    let deny: toml::Table = text.parse().unwrap();
    deny["licenses"]["allow"].clone().try_into().unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The crates of this workspace.
fn members(metadata: &Value) -> Vec<&Value> {
    let ids: BTreeSet<_> = list(metadata, "workspace_members").iter().map(Value::as_str).collect();
    list(metadata, "packages").iter().filter(|package| ids.contains(&package["id"].as_str())).collect()
}

/// Name and kind of each direct dependency; the kind is empty for those that are built into the crate.
fn dependencies(package: &Value) -> impl Iterator<Item = (&str, &str)> {
    list(package, "dependencies").iter().map(|dependency| (text(dependency, "name"), text(dependency, "kind")))
}

#[test]
fn dependencies_between_crates_run_one_way() {
    let allowed: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in members(&metadata) {
        let name = text(package, "name");
        let Some(allowed) = allowed.get(name) else {
            wrong.push(format!("{name} has no line in MAY_USE"));
            continue;
        };
        for (used, kind) in dependencies(package).filter(|(used, _)| used.starts_with("tenure-")) {
            let is_for_tests = kind == "dev" && used == "tenure-testkit";
            if !is_for_tests && !allowed.contains(&used) {
                wrong.push(format!("{name} may not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rules_use_nothing_that_reads_or_writes() {
    let metadata = metadata();
    let members = members(&metadata);
    let core = members.iter().find(|package| text(package, "name") == "tenure-core").unwrap();
    let wrong: Vec<_> = dependencies(core).filter(|(used, kind)| kind.is_empty() && NOT_PURE.contains(used)).collect();
    assert!(wrong.is_empty(), "tenure-core uses {wrong:?}");
}

#[test]
fn every_dependency_comes_from_crates_io_under_a_licence_that_is_allowed() {
    let metadata = metadata();
    let licences = licences();
    // Of the packages, those that are built for this platform.
    let built: BTreeSet<_> = list(&metadata["resolve"], "nodes").iter().map(|node| text(node, "id")).collect();
    let mut wrong = Vec::new();
    for package in list(&metadata, "packages").iter().filter(|package| built.contains(text(package, "id"))) {
        let name = format!("{} {}", text(package, "name"), text(package, "version"));
        let licence = text(package, "license");
        if !is_allowed(licence, &licences) {
            wrong.push(format!("{name}: licence {licence:?}"));
        }
        let source = package["source"].as_str();
        if source.is_some_and(|source| source != CRATES_IO) {
            wrong.push(format!("{name}: from {source:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_agree_on_the_version_of_each_library() {
    let metadata = metadata();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in members(&metadata) {
        for dependency in list(package, "dependencies") {
            versions.entry(text(dependency, "name")).or_default().insert(text(dependency, "req"));
        }
    }
    versions.retain(|name, versions| !name.starts_with("tenure-") && versions.len() > 1);
    assert!(versions.is_empty(), "take these from [workspace.dependencies]: {versions:#?}");
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    let metadata = metadata();
    for package in members(&metadata) {
        let manifest = fs::read_to_string(text(package, "manifest_path")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} sets lints of its own", text(package, "name"));
    }
}

/// Whether an SPDX expression can be met. In `A OR B` one must be allowed, in `A AND B` both; older crates write `A/B` for the former.
fn is_allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    if let Some((left, right)) = split_outside_brackets(expression, " AND ") {
        return is_allowed(left, licences) && is_allowed(right, licences);
    }
    if let Some((left, right)) = split_outside_brackets(expression, " OR ") {
        return is_allowed(left, licences) || is_allowed(right, licences);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner, licences),
        None => licences.contains(expression),
    }
}

/// Here `AND` binds loosest, unlike in SPDX: read so, an expression without brackets asks for more, never for less.
fn split_outside_brackets<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let is_outside = |before: &str| before.matches('(').count() == before.matches(')').count();
    let mut splits = text.match_indices(word).map(|(at, _)| text.split_at(at));
    let (left, rest) = splits.find(|(left, _)| is_outside(left))?;
    Some((left, rest.strip_prefix(word)?))
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let licences = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into();
    for allowed in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "(MIT)"] {
        assert!(is_allowed(allowed, &licences), "{allowed}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 AND (MIT OR Apache-2.0)", "AGPL-3.0 OR SSPL-1.0"] {
        assert!(!is_allowed(refused, &licences), "{refused}");
    }
}
