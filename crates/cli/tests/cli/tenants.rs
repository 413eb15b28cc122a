//! `tenure tenant …` and `tenure token …` against a real database.

use std::process::Stdio;

use serde_json::json;

use crate::installation::{Installation, execute, rows};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_lives_from_creation_to_purge() {
    let tenure = Installation::new().await;
    let made = tenure.json(&["tenant", "create", "acme", "--name", "Acme Ltd"], 0);
    assert_eq!((&made["slug"], &made["name"], &made["status"]), (&json!("acme"), &json!("Acme Ltd"), &json!("active")));
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["schema"], format!("tenant_acme_{}", id.split('-').next().unwrap()));
    assert_eq!(tenure.json(&["tenant", "show", "acme"], 0), made);

    assert_eq!(tenure.json(&["tenant", "rename", "acme", "acme-group"], 0)["slug"], "acme-group");
    assert_eq!(tenure.json(&["tenant", "suspend", "acme-group"], 0)["status"], "suspended");
    assert_eq!(tenure.json(&["tenant", "list", "--status", "suspended"], 0)["tenants"][0]["id"], id);
    assert_eq!(tenure.json(&["tenant", "resume", "acme-group"], 0)["status"], "active");
    let refused = tenure.fails(&["tenant", "purge", "acme-group", "--yes"], 1);
    assert_eq!(refused, "error: a tenant that is active cannot be purged; suspend or archive it first\n");
    assert_eq!(tenure.json(&["tenant", "archive", "acme-group"], 0)["status"], "archived");
    let unasked = tenure.fails(&["tenant", "purge", "acme-group"], 1);
    assert!(unasked.contains("hint: --yes does it without asking"), "{unasked}");
    assert_eq!(tenure.json(&["tenant", "purge", "acme-group", "--yes"], 0)["status"], "purged");
    assert_eq!(tenure.fails(&["tenant", "show", "acme-group"], 1), "error: there is no tenant acme-group\n");

    let trail = tenure.json(&["tenant", "audit", id], 0);
    let actions: Vec<_> = trail["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["purged", "archived", "resumed", "suspended", "renamed", "created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages() {
    let tenure = Installation::new().await;
    for slug in ["alpha", "bravo", "charlie"] {
        tenure.done(&["tenant", "create", slug]);
    }
    let first = tenure.json(&["tenant", "list", "--limit", "2"], 0);
    assert_eq!((first["tenants"].as_array().unwrap().len(), &first["next"]), (2, &json!("bravo")));
    let second = tenure.json(&["tenant", "list", "--limit", "2", "--after", "bravo"], 0);
    assert_eq!((&second["tenants"][0]["slug"], &second["next"]), (&json!("charlie"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn features_are_json_or_text() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme"]);
    tenure.done(&["tenant", "feature", "set", "acme", "payroll"]);
    tenure.done(&["tenant", "feature", "set", "acme", "limits", r#"{"people": 500}"#]);
    let set = tenure.json(&["tenant", "feature", "set", "acme", "region", "eu west"], 0);
    let values: Vec<_> = set["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| (feature["key"].clone(), feature["value"].clone()))
        .collect();
    let expected = [("limits", json!({"people": 500})), ("payroll", json!(true)), ("region", json!("eu west"))];
    assert_eq!(values, expected.map(|(key, value)| (json!(key), value)));
    tenure.done(&["tenant", "feature", "unset", "acme", "region"]);
    assert_eq!(
        tenure.fails(&["tenant", "feature", "unset", "acme", "region"], 1),
        "error: there is no feature region\n"
    );
    tenure.fails(&["tenant", "feature", "set", "acme", "Region!"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_creations_at_once_one_wins_and_the_other_gets_a_conflict() {
    let tenure = Installation::new().await;
    let start =
        || tenure.command(&["tenant", "create", "acme"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let outputs = [start(), start()].map(|child| child.wait_with_output().unwrap());
    let mut statuses = outputs.each_ref().map(|output| output.status.code());
    statuses.sort_unstable();
    assert_eq!(statuses, [Some(0), Some(1)], "{outputs:?}");
    let loser = outputs.iter().find(|output| !output.status.success()).unwrap();
    assert_eq!(String::from_utf8_lossy(&loser.stderr), "error: there is already a tenant acme\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_killed_in_the_middle_leaves_nothing_and_can_be_run_again() {
    let tenure = Installation::new().await;
    let mut blocker = tenure.superuser().await;
    execute(&mut blocker, "BEGIN; LOCK TABLE public.tenant_migrations IN ACCESS EXCLUSIVE MODE").await;
    let mut creation = tenure.command(&["tenant", "create", "acme"]).stderr(Stdio::null()).spawn().unwrap();
    tenure.until_blocked(&mut creation).await;
    creation.kill().unwrap();
    creation.wait().unwrap();
    execute(&mut blocker, "ROLLBACK").await;
    tenure.until_quiet().await;
    let remains =
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant\\_%' UNION SELECT slug FROM public.tenants";
    assert!(rows(&mut blocker, remains).await.is_empty());
    tenure.done(&["tenant", "create", "acme"]);
    assert_eq!(tenure.json(&["migrate", "verify"], 0)["tenants"][0]["drift"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_shown_once_listed_without_their_secret_and_revoked() {
    let tenure = Installation::new().await;
    tenure.done(&["tenant", "create", "acme", "--owner-email", "ada@acme.example"]);
    let made =
        tenure.json(&["token", "create", "--tenant", "acme", "--name", "payroll export", "--valid-for", "90d"], 0);
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("tnr_"), "{token}");
    let listed = tenure.done(&["token", "list", "--tenant", "acme"]);
    let secret = token.rsplit('_').next().unwrap();
    assert!(
        listed.contains("ada@acme.example") && listed.contains("payroll export") && !listed.contains(secret),
        "{listed}"
    );
    let id = made["id"].as_str().unwrap();
    tenure.done(&["token", "revoke", "--tenant", "acme", id]);
    let again = tenure.fails(&["token", "revoke", "--tenant", "acme", id], 1);
    assert!(again.starts_with("error: there is no token in use"), "{again}");
    let stranger = tenure.fails(&["token", "create", "--tenant", "acme", "--user", "eve@acme.example"], 1);
    assert_eq!(stranger, "error: there is no user eve@acme.example\n");
    tenure.fails(&["token", "create", "--tenant", "acme", "--valid-for", "-1d"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_named_with_its_cause() {
    let tenure = Installation::new().await;
    let mut command = tenure.command(&["tenant", "list"]);
    command.env("TENURE_DATABASE__URL", "postgres://ada:secret@127.0.0.1:1/tenure");
    let output = crate::run(&mut command);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("Connection refused") && !said.contains("secret"), "{said}");
    assert!(tenure.folder().read_dir().unwrap().next().is_none(), "the command left files behind");
}
