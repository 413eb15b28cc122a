//! `tenure migrate …` against a real database.

use std::process::Stdio;

use serde_json::json;

use crate::installation::{Installation, execute};

#[tokio::test(flavor = "multi_thread")]
async fn up_then_down_then_up_ends_where_it_began() {
    let tenure = Installation::new().await;
    for slug in ["alpha", "bravo"] {
        tenure.done(&["tenant", "create", slug]);
    }
    let latest = tenure.json(&["migrate", "status"], 0)["latest"].as_i64().unwrap();
    tenure.fails(&["migrate", "down", "--to", "0"], 1);
    let down = tenure.json(&["migrate", "down", "--to", "0", "--yes"], 0);
    assert_eq!(down["migrated"].as_array().unwrap().len(), 2, "{down}");
    let plan = tenure.done(&["migrate", "plan"]);
    assert!(plan.starts_with("-- tenant migration 0001_hr_core, for 2 tenants\nCREATE TABLE departments ("), "{plan}");
    let up = tenure.json(&["migrate", "up"], 0);
    assert_eq!(up["migrated"].as_array().unwrap().len(), 2, "{up}");
    let status = tenure.json(&["migrate", "status"], 0);
    assert_eq!((&status["versions"], &status["pending"]), (&json!([{"version": latest, "tenants": 2}]), &json!([])));
    assert_eq!(tenure.done(&["migrate", "verify"]), "2 tenants compared, 0 differ\n");
    assert_eq!(tenure.done(&["migrate", "plan"]), "-- nothing to do\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenants_failure_leaves_the_others_done_and_ends_with_status_3() {
    let tenure = Installation::new().await;
    for slug in ["alpha", "bravo", "charlie"] {
        tenure.done(&["tenant", "create", slug]);
    }
    let schema = tenure.json(&["tenant", "show", "bravo"], 0)["schema"].as_str().unwrap().to_owned();
    tenure.done(&["migrate", "down", "--to", "1", "--yes"]);
    let mut superuser = tenure.superuser().await;
    execute(&mut superuser, &format!("CREATE TABLE {schema}.api_tokens ()")).await;
    let output = tenure.run(&["migrate", "up"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("tenants: 2 migrated, 1 failed, 0 not started\nfailed: bravo (at version 1): 0003_"),
        "{said}"
    );
    let history = tenure.done(&["migrate", "history", "--tenant", "bravo", "--limit", "1"]);
    assert!(history.contains("failed") && history.contains("already exists"), "{history}");
    execute(&mut superuser, &format!("DROP TABLE {schema}.api_tokens")).await;
    assert_eq!(tenure.done(&["migrate", "up"]), "tenants: 1 migrated, 0 failed, 0 not started\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_killed_in_the_middle_is_taken_up_again() {
    let tenure = Installation::new().await;
    for slug in ["alpha", "bravo", "charlie"] {
        tenure.done(&["tenant", "create", slug]);
    }
    let schema = tenure.json(&["tenant", "show", "bravo"], 0)["schema"].as_str().unwrap().to_owned();
    tenure.done(&["migrate", "down", "--to", "1", "--yes"]);
    let mut blocker = tenure.superuser().await;
    execute(&mut blocker, &format!("BEGIN; LOCK TABLE {schema}.employees IN ACCESS EXCLUSIVE MODE")).await;
    let mut runner = tenure.command(&["migrate", "up", "--parallel", "1"]);
    runner.env("TENURE_MIGRATE__LOCK_TIMEOUT", "10m");
    let mut runner = runner.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tenure.until_blocked(&mut runner).await;
    runner.kill().unwrap();
    runner.wait().unwrap();
    execute(&mut blocker, "ROLLBACK").await;
    tenure.until_quiet().await;
    let behind = tenure.json(&["migrate", "status"], 0)["pending"].as_array().unwrap().len();
    assert_eq!(behind, 2, "alpha was done, bravo was not, charlie was not begun");
    assert_eq!(tenure.done(&["migrate", "up"]), "tenants: 2 migrated, 0 failed, 0 not started\n");
    assert_eq!(tenure.done(&["migrate", "verify"]), "3 tenants compared, 0 differ\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_listed_and_ends_with_status_1() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    let schema = tenure.json(&["tenant", "show", "acme"], 0)["schema"].as_str().unwrap().to_owned();
    let mut superuser = tenure.superuser().await;
    execute(&mut superuser, &format!("DROP INDEX {schema}.employees_manager_id_idx")).await;
    execute(&mut superuser, &format!("ALTER TABLE {schema}.employees ADD COLUMN shoe_size text")).await;
    execute(&mut superuser, &format!("GRANT DELETE ON {schema}.audit_log TO {schema}")).await;
    let output = tenure.run(&["migrate", "verify", "--tenant", "acme"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_do_not_exist_are_wrong_usage() {
    let tenure = Installation::new().await;
    tenure.fails(&["migrate", "up", "--to", "9999"], 2);
    tenure.fails(&["migrate", "down", "--to", "9999", "--yes"], 2);
    tenure.fails(&["migrate", "up", "--tenant", "nobody"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_migration_gets_the_next_number_and_no_file_is_overwritten() {
    let tenure = Installation::new().await;
    let folder = tenure.folder().join("migrations/tenant");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("0007_old.up.sql"), "").unwrap();
    let made = tenure.json(&["migrate", "new", "add_cost_centres"], 0);
    assert_eq!(made["up"], "migrations/tenant/0008_add_cost_centres.up.sql");
    assert!(folder.join("0008_add_cost_centres.down.sql").is_file());
    tenure.fails(&["migrate", "new", "Add cost; centres"], 2);
}
